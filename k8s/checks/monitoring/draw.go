package main

import (
	"fmt"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	columns     = 2
	chartWidth  = 16 * vg.Centimeter
	chartHeight = 7 * vg.Centimeter
	gap         = 4 * vg.Millimeter
)

// drawCharts writes a picture of all charts, over seconds since the first sample of any.
func drawCharts(charts []chart, path string) error {
	start := firstSecond(charts)
	rows := (len(charts) + columns - 1) / columns
	plots := make([][]*plot.Plot, rows)
	for i := range plots {
		plots[i] = make([]*plot.Plot, columns)
	}
	for i, chart := range charts {
		plot, err := plotOf(chart, start)
		if err != nil {
			return fmt.Errorf("cannot draw %s: %w", chart.title, err)
		}
		plots[i/columns][i%columns] = plot
	}
	canvas := vgimg.New(columns*chartWidth, vg.Length(rows)*chartHeight)
	tiles := draw.Tiles{
		Rows: rows, Cols: columns,
		PadX: gap, PadY: gap, PadTop: gap, PadBottom: gap, PadLeft: gap, PadRight: gap,
	}
	for i, row := range plot.Align(plots, tiles, draw.New(canvas)) {
		for j, tile := range row {
			if plots[i][j] != nil {
				plots[i][j].Draw(tile)
			}
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

func plotOf(chart chart, start float64) (*plot.Plot, error) {
	result := plot.New()
	result.Title.Text = chart.title
	result.X.Label.Text = "s"
	result.Y.Label.Text = chart.unit
	result.Y.Min = 0
	result.Legend.Top = true
	result.Add(plotter.NewGrid())
	for i, series := range chart.lines {
		points := make(plotter.XYs, len(series.values))
		for j, sample := range series.values {
			points[j] = plotter.XY{X: float64(sample.Timestamp)/1000 - start, Y: float64(sample.Value)}
		}
		if len(points) == 0 {
			continue
		}
		drawn, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		drawn.Color = plotutil.Color(i)
		drawn.Width = vg.Points(1.5)
		result.Add(drawn)
		result.Legend.Add(series.legend, drawn)
	}
	if result.Y.Max <= 0 {
		result.Y.Max = 1
	}
	return result, nil
}

func firstSecond(charts []chart) float64 {
	first := 0.0
	for _, chart := range charts {
		for _, line := range chart.lines {
			if len(line.values) > 0 {
				if second := float64(line.values[0].Timestamp) / 1000; first == 0 || second < first {
					first = second
				}
			}
		}
	}
	return first
}
