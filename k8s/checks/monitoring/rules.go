package main

import (
	"errors"
	"fmt"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

type rules struct {
	groups []monitoringv1.RuleGroup
}

// readRules reads a PrometheusRule. Every rule in it must be an alert that says how severe it is and what to do.
func readRules(path string) (rules, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return rules{}, err
	}
	var object monitoringv1.PrometheusRule
	if err := yaml.UnmarshalStrict(content, &object); err != nil {
		return rules{}, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if object.Kind != monitoringv1.PrometheusRuleKind {
		return rules{}, fmt.Errorf("cannot read %s: its kind is %q, not %s", path, object.Kind, monitoringv1.PrometheusRuleKind)
	}
	read := rules{object.Spec.Groups}
	var problems []error
	for _, alert := range read.alerts() {
		missing := map[string]string{
			"alert":                   alert.Alert,
			"labels.severity":         alert.Labels["severity"],
			"annotations.summary":     alert.Annotations["summary"],
			"annotations.description": alert.Annotations["description"],
		}
		for _, field := range []string{"alert", "labels.severity", "annotations.summary", "annotations.description"} {
			if missing[field] == "" {
				problems = append(problems, fmt.Errorf("%s: the rule %q with the expression %q has no %s", path, alert.Alert, alert.Expr.String(), field))
			}
		}
	}
	if len(read.alerts()) == 0 {
		problems = append(problems, fmt.Errorf("%s has no rule", path))
	}
	return read, errors.Join(problems...)
}

func (r rules) alerts() []monitoringv1.Rule {
	var alerts []monitoringv1.Rule
	for _, group := range r.groups {
		alerts = append(alerts, group.Rules...)
	}
	return alerts
}

// plain is the file that Prometheus reads.
func (r rules) plain() ([]byte, error) {
	return yaml.Marshal(map[string]any{"groups": r.groups})
}

// selectors are the selectors of series in an expression, each once, as they are now: without offset.
func selectors(expression string) ([]string, error) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		return nil, err
	}
	var found []string
	seen := map[string]bool{}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			current := parser.VectorSelector{Name: selector.Name, LabelMatchers: selector.LabelMatchers}
			if text := current.String(); !seen[text] {
				seen[text] = true
				found = append(found, text)
			}
		}
		return nil
	})
	return found, nil
}
