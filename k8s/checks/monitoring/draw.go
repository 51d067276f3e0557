package main

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/prometheus/common/model"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	columns     = 1
	chartWidth  = 24 * vg.Centimeter
	chartHeight = 5 * vg.Centimeter
	legendWidth = 7 * vg.Centimeter
	gap         = 4 * vg.Millimeter

	// legendLength is how many characters there is room for.
	legendLength = 32
)

// pictured are the panels that are drawn, in the width in which a page shows a picture, so that a person can read it: one for each
// question that somebody who opens the dashboard has. Grafana shows the others.
var pictured = []string{
	"Throughput: Pairs scored",
	"Latency: where the time goes: Medians",
	"Kafka: Lag",
	"Capacity and back-pressure: Records in flight",
	"Failures: Dead letters by reason",
	"Checkpoints: Duration",
}

// chosen are the charts with these titles, in the order of the titles.
func chosen(charts []chart, titles []string) ([]chart, error) {
	var found []chart
	for _, title := range titles {
		index := slices.IndexFunc(charts, func(c chart) bool { return c.title == title })
		if index < 0 {
			return nil, fmt.Errorf("the dashboard has no panel %q to draw", title)
		}
		found = append(found, charts[index])
	}
	return found, nil
}

// scale is a unit that is read more easily than the one that Grafana scales by itself.
type scale struct {
	factor float64
	label  string
}

var scales = map[string]scale{
	"µs":          {1e-3, "ms"},
	"bytes":       {1e-3, "kB"},
	"percentunit": {100, "%"},
	"short":       {1, ""},
}

// picture is a chart as it is drawn: the legend has its place beside the lines.
type picture struct {
	plot   *plot.Plot
	legend plot.Legend
}

// drawCharts writes a picture of all charts, over seconds since the first sample of any.
func drawCharts(charts []chart, path string) error {
	start, end := seconds(charts)
	rows := (len(charts) + columns - 1) / columns
	canvas := vgimg.New(columns*chartWidth, vg.Length(rows)*chartHeight)
	tiles := draw.Tiles{
		Rows: rows, Cols: columns,
		PadX: gap, PadY: gap, PadTop: gap, PadBottom: gap, PadLeft: gap, PadRight: gap,
	}
	for i, chart := range charts {
		picture, err := pictureOf(chart, start, end)
		if err != nil {
			return fmt.Errorf("cannot draw %s: %w", chart.title, err)
		}
		tile := tiles.At(draw.New(canvas), i%columns, i/columns)
		picture.plot.Draw(draw.Crop(tile, 0, -legendWidth, 0, 0))
		left := tile.Max.X - tile.Min.X - legendWidth + gap
		picture.legend.Draw(draw.Crop(tile, left, 0, 0, -picture.plot.Title.TextStyle.Height(chart.title)))
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

func pictureOf(chart chart, start, end float64) (picture, error) {
	unit, known := scales[chart.unit]
	if !known {
		unit = scale{1, chart.unit}
	}
	result := picture{plot.New(), plot.NewLegend()}
	result.plot.Title.Text = chart.title
	result.plot.X.Label.Text = "seconds"
	result.plot.Y.Label.Text = unit.label
	result.plot.Add(plotter.NewGrid())
	result.legend.Top = true
	result.legend.Left = true
	result.legend.TextStyle.Font.Size = vg.Points(11)
	for i, series := range chart.lines {
		if len(series.values) == 0 {
			continue
		}
		points := make(plotter.XYs, len(series.values))
		for j, sample := range series.values {
			points[j] = plotter.XY{X: second(sample) - start, Y: float64(sample.Value) * unit.factor}
		}
		drawn, err := plotter.NewLine(points)
		if err != nil {
			return picture{}, err
		}
		drawn.Color = plotutil.Color(i)
		drawn.Dashes = plotutil.Dashes(i / len(plotutil.DefaultColors))
		drawn.Width = vg.Points(1.5)
		result.plot.Add(drawn)
		result.legend.Add(shorten(series.legend), drawn)
	}
	result.plot.X.Min, result.plot.X.Max = 0, math.Max(end-start, 1)
	result.plot.Y.Min = 0
	if result.plot.Y.Max *= 1.05; result.plot.Y.Max <= 0 {
		result.plot.Y.Max = 1
	}
	return result, nil
}

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= legendLength {
		return text
	}
	return string(runes[:legendLength-1]) + "…"
}

// seconds are those of the first and the last sample.
func seconds(charts []chart) (first, last float64) {
	first = math.Inf(1)
	for _, chart := range charts {
		for _, line := range chart.lines {
			for _, sample := range line.values {
				first = math.Min(first, second(sample))
				last = math.Max(last, second(sample))
			}
		}
	}
	return first, last
}

func second(sample model.SamplePair) float64 {
	return float64(sample.Timestamp) / 1000
}
