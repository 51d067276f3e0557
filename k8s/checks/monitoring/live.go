package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// evaluatedWithin bounds the wait for the first evaluation of the rules.
const evaluatedWithin = 15 * time.Second

// live is a Prometheus that scrapes a job, and the time for which it has.
type live struct {
	api    prometheusv1.API
	window prometheusv1.Range
}

// dashboard asks every query of a dashboard. The error names the panel and the query of each that has no series.
func (l live) dashboard(ctx context.Context, board board) error {
	values := map[string][]string{}
	for _, variable := range board.variables {
		found, err := l.values(ctx, variable, values)
		if err != nil {
			return fmt.Errorf("variable %s: %w", variable.name, err)
		}
		values[variable.name] = found
	}
	var problems []error
	for _, panel := range board.panels {
		for _, query := range panel.queries {
			if err := l.query(ctx, query, values); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", panel, err))
			}
		}
	}
	return errors.Join(problems...)
}

func (l live) values(ctx context.Context, variable variable, known map[string][]string) ([]string, error) {
	selector, err := substitute(variable.selector, known)
	if err != nil {
		return nil, err
	}
	found, _, _, err := l.api.LabelValues(ctx, variable.label, []string{selector}, l.window.Start, l.window.End)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for the label %s of %s: %w", variable.label, selector, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no series of %s has a label %s", selector, variable.label)
	}
	values := make([]string, len(found))
	for i, value := range found {
		values[i] = string(value)
	}
	return values, nil
}

func (l live) query(ctx context.Context, query string, values map[string][]string) error {
	expression, err := substitute(query, values)
	if err != nil {
		return err
	}
	if isOptional(expression) {
		return nil
	}
	if err := l.hasSeries(ctx, expression); err != nil {
		return err
	}
	result, _, _, err := l.api.QueryRange(ctx, expression, l.window)
	if err != nil {
		return fmt.Errorf("cannot ask for the range of %s: %w", expression, err)
	}
	matrix, ok := result.(model.Matrix)
	if !ok || len(matrix) == 0 {
		return fmt.Errorf("no series over time: %s", expression)
	}
	for _, series := range matrix {
		for _, sample := range series.Values {
			if value := float64(sample.Value); !math.IsNaN(value) && !math.IsInf(value, 0) {
				return nil
			}
		}
	}
	return fmt.Errorf("no series has a number: %s", expression)
}

func (l live) hasSeries(ctx context.Context, expression string) error {
	result, _, _, err := l.api.Query(ctx, expression, l.window.End)
	if err != nil {
		return fmt.Errorf("cannot ask for %s: %w", expression, err)
	}
	if vector, ok := result.(model.Vector); !ok || len(vector) == 0 {
		return fmt.Errorf("no series: %s", expression)
	}
	return nil
}

// rules asks for the series that alerts are about, and what Prometheus says of the alerts.
func (l live) rules(ctx context.Context, rules rules) error {
	var problems []error
	for _, alert := range rules.alerts() {
		found, err := selectors(alert.Expr.String())
		if err != nil {
			problems = append(problems, fmt.Errorf("alert %s: %w", alert.Alert, err))
			continue
		}
		for _, selector := range found {
			if isOfAlerts(selector) || isOptional(selector) {
				continue
			}
			if err := l.hasSeries(ctx, selector); err != nil {
				problems = append(problems, fmt.Errorf("alert %s: %w", alert.Alert, err))
			}
		}
	}
	return errors.Join(append(problems, l.health(ctx, rules))...)
}

// isOfAlerts says whether a selector is of what Prometheus itself writes about alerts: while none is pending, there is nothing.
func isOfAlerts(selector string) bool {
	return strings.HasPrefix(selector, "ALERTS{") || strings.HasPrefix(selector, "ALERTS_FOR_STATE{")
}

// isOptional says whether an expression is of what the demo's job does not do: change models, compare a shadow, or know a reference.
// PrometheusITCase looks for these series.
func isOptional(expression string) bool {
	for _, name := range []string{"_modelChanges", "_shadow", "_scoreDrift"} {
		if strings.Contains(expression, name) {
			return true
		}
	}
	return false
}

// health waits until Prometheus has evaluated every alert once.
func (l live) health(ctx context.Context, rules rules) error {
	deadline := time.Now().Add(evaluatedWithin)
	for {
		known := map[string]prometheusv1.AlertingRule{}
		result, err := l.api.Rules(ctx, nil)
		if err != nil {
			return fmt.Errorf("cannot ask for the rules: %w", err)
		}
		for _, group := range result.Groups {
			for _, rule := range group.Rules {
				if alert, ok := rule.(prometheusv1.AlertingRule); ok {
					known[alert.Name] = alert
				}
			}
		}
		var problems []error
		waiting := false
		for _, alert := range rules.alerts() {
			rule, loaded := known[alert.Alert]
			switch {
			case !loaded:
				problems = append(problems, fmt.Errorf("alert %s: Prometheus does not have it", alert.Alert))
			case rule.Health != prometheusv1.RuleHealthGood:
				waiting = waiting || rule.Health == prometheusv1.RuleHealthUnknown
				problems = append(problems, fmt.Errorf("alert %s: Prometheus says that it is %s: %s", alert.Alert, rule.Health, rule.LastError))
			}
		}
		if !waiting || time.Now().After(deadline) {
			return errors.Join(problems...)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
