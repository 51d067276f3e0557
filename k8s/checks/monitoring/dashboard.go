package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// rateInterval is what Grafana would put in the place of $__rate_interval: four scrapes at least, here of one second.
const rateInterval = "10s"

var (
	reference   = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))`)
	labelValues = regexp.MustCompile(`^label_values\((.+), *(\w+)\)$`)
)

// board is what a dashboard asks of a Prometheus.
type board struct {
	variables []variable
	panels    []panel
}

// variable has the values of a label as its own.
type variable struct {
	name, selector, label string
}

type panel struct {
	row, title string
	queries    []string
}

func (b board) queries() int {
	count := 0
	for _, panel := range b.panels {
		count += len(panel.queries)
	}
	return count
}

// readDashboard reads a dashboard into Grafana's own types. Every panel must say what it shows.
func readDashboard(path string) (board, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return board{}, err
	}
	plugins.RegisterDefaultPlugins()
	parsed, err := decode(content)
	if err != nil {
		return board{}, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if err := parsed.Validate(); err != nil {
		return board{}, fmt.Errorf("cannot read %s: %w", path, err)
	}
	read := board{}
	var problems []error
	for _, model := range parsed.Templating.List {
		variable, err := readVariable(model)
		if err != nil {
			problems = append(problems, err)
		} else if variable != nil {
			read.variables = append(read.variables, *variable)
		}
	}
	ids := map[uint32]string{}
	row := ""
	add := func(source *dashboard.Panel) {
		panel, err := readPanel(row, source)
		problems = append(problems, err)
		if source.Id != nil {
			if other, taken := ids[*source.Id]; taken {
				problems = append(problems, fmt.Errorf("%s: it has the id of %s", panel, other))
			}
			ids[*source.Id] = panel.String()
		}
		read.panels = append(read.panels, panel)
	}
	for _, either := range parsed.Panels {
		if either.RowPanel != nil {
			row = value(either.RowPanel.Title)
			for i := range either.RowPanel.Panels {
				add(&either.RowPanel.Panels[i])
			}
		} else {
			add(either.Panel)
		}
	}
	if len(read.panels) == 0 {
		problems = append(problems, errors.New("it has no panel"))
	}
	if err := errors.Join(problems...); err != nil {
		return board{}, fmt.Errorf("cannot use %s: %w", path, err)
	}
	return read, nil
}

// decode refuses unknown fields. Release 0.0.22 of the types has an empty list of mistakes where there is none, and then leaves out the
// panels: so what is strict decides, and what is not strict has the values.
func decode(content []byte) (dashboard.Dashboard, error) {
	var mistakes cog.BuildErrors
	var strict, parsed dashboard.Dashboard
	if err := strict.UnmarshalJSONStrict(content); err != nil && (!errors.As(err, &mistakes) || len(mistakes) > 0) {
		return parsed, err
	}
	err := json.Unmarshal(content, &parsed)
	return parsed, err
}

// readVariable returns nil for the one that chooses among data sources.
func readVariable(model dashboard.VariableModel) (*variable, error) {
	switch model.Type {
	case dashboard.VariableTypeDatasource:
		return nil, nil
	case dashboard.VariableTypeQuery:
		text := ""
		if model.Query != nil {
			text = value(model.Query.String)
		}
		parts := labelValues.FindStringSubmatch(text)
		if parts == nil {
			return nil, fmt.Errorf("the variable %s has the query %q, and only label_values(SELECTOR, LABEL) is known here", model.Name, text)
		}
		return &variable{model.Name, parts[1], parts[2]}, nil
	default:
		return nil, fmt.Errorf("the variable %s has the type %s, which is not known here", model.Name, model.Type)
	}
}

func readPanel(row string, source *dashboard.Panel) (panel, error) {
	read := panel{row: row, title: value(source.Title)}
	unit := ""
	if source.FieldConfig != nil {
		unit = value(source.FieldConfig.Defaults.Unit)
	}
	var problems []error
	if read.title == "" || value(source.Description) == "" {
		problems = append(problems, fmt.Errorf("%s: it has no title or no description", read))
	}
	if unit == "" && source.Type != "table" {
		problems = append(problems, fmt.Errorf("%s: it has no unit", read))
	}
	if len(source.Targets) == 0 {
		problems = append(problems, fmt.Errorf("%s: it has no query", read))
	}
	for _, target := range source.Targets {
		switch target := target.(type) {
		case prometheus.Dataquery:
			read.queries = append(read.queries, target.Expr)
		case *prometheus.Dataquery:
			read.queries = append(read.queries, target.Expr)
		default:
			problems = append(problems, fmt.Errorf("%s: a query is not one of Prometheus but a %T", read, target))
		}
	}
	return read, errors.Join(problems...)
}

func (p panel) String() string {
	return fmt.Sprintf("panel %q of row %q", p.title, p.row)
}

// substitute puts values in the place of variables, as Grafana does where several are chosen.
func substitute(text string, values map[string][]string) (string, error) {
	var problems []error
	result := reference.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${}")
		if name == "__rate_interval" {
			return rateInterval
		}
		chosen, known := values[name]
		if !known {
			problems = append(problems, fmt.Errorf("there is no variable %s", found))
			return found
		}
		if len(chosen) == 1 {
			return regexp.QuoteMeta(chosen[0])
		}
		quoted := make([]string, len(chosen))
		for i, value := range chosen {
			quoted[i] = regexp.QuoteMeta(value)
		}
		return "(" + strings.Join(quoted, "|") + ")"
	})
	return result, errors.Join(problems...)
}

func value(pointer *string) string {
	if pointer == nil {
		return ""
	}
	return *pointer
}
