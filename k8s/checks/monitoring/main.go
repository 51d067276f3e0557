// Command monitoring holds a dashboard and alerts against what a running job reports:
//
//	monitoring rules RULES
//	monitoring check -prometheus ADDRESS [-since DURATION] DASHBOARD RULES
//
// RULES is a PrometheusRule of the Prometheus operator, DASHBOARD a dashboard in Grafana's JSON; unknown fields are errors in both.
// The first form prints the rules as promtool and Prometheus read them. The second asks the Prometheus at ADDRESS, which has
// scraped a job for DURATION, and succeeds only if every query of every variable and panel has series with numbers, if every selector of
// every alert has series, and if Prometheus evaluates every alert without an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

const (
	usage = "Usage: monitoring rules RULES, or monitoring check -prometheus ADDRESS [-since DURATION] DASHBOARD RULES"

	// answerWithin bounds all questions together.
	answerWithin = 2 * time.Minute
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "rules":
		rules, err := readRules(arguments[1])
		if err != nil {
			return err
		}
		plain, err := rules.plain()
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(plain)
		return err
	case len(arguments) > 0 && arguments[0] == "check":
		return runCheck(arguments[1:])
	default:
		return errors.New(usage)
	}
}

func runCheck(arguments []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	address := flags.String("prometheus", "", "the address of a Prometheus, such as http://localhost:9090")
	since := flags.Duration("since", time.Minute, "for how long it has scraped the job")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() != 2 || *address == "" {
		return errors.New(usage)
	}
	panels, err := readDashboard(flags.Arg(0))
	if err != nil {
		return err
	}
	rules, err := readRules(flags.Arg(1))
	if err != nil {
		return err
	}
	client, err := api.NewClient(api.Config{Address: *address})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	now := time.Now()
	window := prometheusv1.Range{Start: now.Add(-*since), End: now, Step: time.Second}
	live := live{prometheusv1.NewAPI(client), window}

	if err := errors.Join(live.dashboard(ctx, panels), live.rules(ctx, rules)); err != nil {
		return err
	}
	fmt.Printf("%d queries of %d panels and %d alerts have series\n", panels.queries(), len(panels.panels), len(rules.alerts()))
	return nil
}
