package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

const aDashboard = `{
  "title": "a dashboard", "schemaVersion": 41, "annotations": {"list": []},
  "templating": {"list": [
    {"type": "datasource", "name": "datasource", "query": "prometheus"},
    {"type": "query", "name": "job", "query": "label_values(pairs, job_name)"}
  ]},
  "panels": [
    {"type": "row", "id": 1, "title": "Speed", "collapsed": false, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}, "panels": []},
    {"type": "timeseries", "id": 2, "title": "Pairs", "description": "How many.",
     "gridPos": {"x": 0, "y": 1, "w": 12, "h": 8},
     "datasource": {"type": "prometheus", "uid": "${datasource}"},
     "fieldConfig": {"defaults": {"unit": "pairs/s"}, "overrides": []},
     "targets": [{"datasource": {"type": "prometheus", "uid": "${datasource}"}, "refId": "A",
       "expr": "sum by (job_name) (rate(pairs{job_name=~\"$job\"}[$__rate_interval]))", "legendFormat": "{{job_name}} now"}]}
  ]
}`

const someRules = `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: rules
spec:
  groups:
    - name: group
      rules:
        - alert: Slow
          expr: sum(rate(pairs[1m])) < 1 and on () max(capacity offset 5m) > 0
          for: 5m
          labels:
            severity: warning
          annotations:
            summary: It is slow.
            description: Make it faster.
`

// fake is a Prometheus that has series for what is asked, unless the query contains without, and no number if it contains nan.
type fake struct {
	without, nan string
	health       string
	asked        []string
}

func (f *fake) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	query := request.FormValue("query")
	if query != "" {
		f.asked = append(f.asked, query)
	}
	has := f.without == "" || !strings.Contains(query, f.without)
	number := "1.5"
	if f.nan != "" && strings.Contains(query, f.nan) {
		number = "NaN"
	}
	var data string
	switch request.URL.Path {
	case "/api/v1/query":
		data = `{"resultType": "vector", "result": []}`
		if has {
			data = fmt.Sprintf(`{"resultType": "vector", "result": [{"metric": {"job_name": "a.b"}, "value": [1, %q]}]}`, number)
		}
	case "/api/v1/query_range":
		data = `{"resultType": "matrix", "result": []}`
		if has {
			data = fmt.Sprintf(`{"resultType": "matrix", "result": [{"metric": {"job_name": "a.b"}, "values": [[1, %q], [2, %q]]}]}`, number, number)
		}
	case "/api/v1/label/job_name/values":
		data = `["a.b", "c"]`
		if f.without == "label" {
			data = `[]`
		}
	case "/api/v1/rules":
		data = fmt.Sprintf(`{"groups": [{"name": "group", "file": "rules.yaml", "interval": 1, "rules": [{"type": "alerting", "name": "Slow",
			"query": "x", "duration": 0, "labels": {}, "annotations": {}, "alerts": [], "health": %q, "lastError": "many-to-many", "state": "inactive"}]}]}`, f.health)
	default:
		http.NotFound(writer, request)
		return
	}
	fmt.Fprintf(writer, `{"status": "success", "data": %s}`, data)
}

func TestWhatHasSeriesIsAccepted(t *testing.T) {
	prometheus := &fake{health: "ok"}

	if err := checkLive(t, prometheus, aDashboard, someRules); err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{`sum by (job_name) (rate(pairs{job_name=~"(a\.b|c)"}[10s]))`, "pairs", "capacity"} {
		if !slices.Contains(prometheus.asked, expected) {
			t.Errorf("expected %q among %q", expected, prometheus.asked)
		}
	}
}

func TestWhatHasNoSeriesIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		prometheus fake
		expected   []string
	}{
		"a panel":             {fake{without: "rate(pairs", health: "ok"}, []string{`panel "Pairs" of row "Speed"`, "no series: sum by (job_name)"}},
		"a panel's numbers":   {fake{nan: "rate(pairs", health: "ok"}, []string{`panel "Pairs" of row "Speed"`, "no series has a number: sum by (job_name)"}},
		"a variable":          {fake{without: "label", health: "ok"}, []string{"variable job", "no series of pairs has a label job_name"}},
		"an alert's selector": {fake{without: "capacity", health: "ok"}, []string{"alert Slow", "no series: capacity"}},
		"an alert that fails": {fake{health: "err"}, []string{"alert Slow", "err: many-to-many"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkLive(t, &test.prometheus, aDashboard, someRules)

			expectError(t, err, test.expected...)
		})
	}
}

func TestAnAlertThatPrometheusDoesNotHaveIsNamed(t *testing.T) {
	err := checkLive(t, &fake{health: "ok"}, aDashboard, strings.Replace(someRules, "Slow", "Slower", 1))

	expectError(t, err, "alert Slower: Prometheus does not have it")
}

func TestADashboardThatGrafanaWouldNotShowIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ from, to, expected string }{
		"an unknown field":             {`"title": "a dashboard"`, `"title": "a dashboard", "colour": "red"`, "colour"},
		"an unknown field of a panel":  {`"id": 2`, `"id": 2, "colour": "red"`, "colour"},
		"an unknown field of a query":  {`"refId": "A"`, `"refId": "A", "colour": "red"`, "colour"},
		"a field of a wrong type":      {`"id": 2`, `"id": "two"`, "id"},
		"an id that is there twice":    {"    {\"type\": \"timeseries\"", aPanel + "    {\"type\": \"timeseries\"", "has the id of"},
		"a panel without description":  {`"description": "How many."`, `"description": ""`, "no description"},
		"a panel without a unit":       {`"unit": "pairs/s"`, `"unit": ""`, "no unit"},
		"a variable that is not there": {`$job\"`, `$jobs\"`, "there is no variable $jobs"},
		"a variable of another form":   {`label_values(pairs, job_name)`, `query_result(pairs)`, "only label_values"},
	} {
		t.Run(name, func(t *testing.T) {
			content := replaced(t, aDashboard, test.from, test.to)

			err := checkLive(t, &fake{health: "ok"}, content, someRules)

			expectError(t, err, test.expected)
		})
	}
}

const aPanel = `{"type": "timeseries", "id": 2, "title": "Other", "description": "Other.",
  "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
  "targets": [{"refId": "A", "expr": "pairs"}]},
`

func TestRulesThatSayTooLittleAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ from, to, expected string }{
		"an unknown field":    {"for: 5m", "fore: 5m", `unknown field "fore"`},
		"no severity":         {"severity: warning", "urgency: warning", "no labels.severity"},
		"no description":      {"description: Make", "hint: Make", "no annotations.description"},
		"another kind":        {"kind: PrometheusRule", "kind: ConfigMap", `its kind is "ConfigMap"`},
		"an expression":       {"sum(rate(pairs[1m])) < 1", "sum(rate(pairs)) < 1", "expected type range vector"},
		"a rule that records": {"alert: Slow", "record: slow", "no alert"},
	} {
		t.Run(name, func(t *testing.T) {
			content := replaced(t, someRules, test.from, test.to)

			err := checkLive(t, &fake{health: "ok"}, aDashboard, content)

			expectError(t, err, test.expected)
		})
	}
}

func TestPlainRulesAreWhatIsUnderSpec(t *testing.T) {
	read, err := readRules(write(t, "rules.yaml", someRules))
	if err != nil {
		t.Fatal(err)
	}

	plain, err := read.plain()

	if err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{"groups:\n- name: group\n", "alert: Slow\n", "for: 5m\n", "severity: warning\n"} {
		if !strings.Contains(string(plain), expected) {
			t.Errorf("expected %q in %s", expected, plain)
		}
	}
}

func TestTheDashboardAndTheRulesOfTheComponentAreRead(t *testing.T) {
	component := filepath.Join("..", "..", "components", "monitoring")
	if _, err := readDashboard(filepath.Join(component, "dashboard.json")); err != nil {
		t.Error(err)
	}
	if _, err := readRules(filepath.Join(component, "rules.yaml")); err != nil {
		t.Error(err)
	}
}

func TestAlertsNeedNoSeriesOfAlerts(t *testing.T) {
	for selector, expected := range map[string]bool{
		`ALERTS{alertname="Stopped"}`:           true,
		`ALERTS_FOR_STATE{alertname="Stopped"}`: true,
		`ALERTS_OF_ANOTHER{job="x"}`:            false,
		`flink_jobmanager_job_numRestarts`:      false,
	} {
		if isOfAlerts(selector) != expected {
			t.Errorf("%s: expected %v", selector, expected)
		}
	}
}

func replaced(t *testing.T, content, from, to string) string {
	t.Helper()
	if !strings.Contains(content, from) {
		t.Fatalf("there is no %q to replace", from)
	}
	return strings.Replace(content, from, to, 1)
}

func checkLive(t *testing.T, prometheus *fake, dashboard, ruleFile string) error {
	t.Helper()
	if !json.Valid([]byte(dashboard)) {
		t.Fatalf("not JSON: %s", dashboard)
	}
	board, err := readDashboard(write(t, "dashboard.json", dashboard))
	if err != nil {
		return err
	}
	rules, err := readRules(write(t, "rules.yaml", ruleFile))
	if err != nil {
		return err
	}
	server := httptest.NewServer(prometheus)
	t.Cleanup(server.Close)
	client, err := api.NewClient(api.Config{Address: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	live := live{prometheusv1.NewAPI(client), prometheusv1.Range{Start: time.Unix(1, 0), End: time.Unix(2, 0), Step: time.Second}}
	if err := live.dashboard(context.Background(), board); err != nil {
		return err
	}
	return live.rules(context.Background(), rules)
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func expectError(t *testing.T, err error, expected ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("expected an error with %q", expected)
	}
	for _, text := range expected {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("expected %q in %q", text, err)
		}
	}
}
