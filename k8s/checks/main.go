// Command checks reads Kubernetes objects and refuses what an API server would refuse, and what its operators would ignore:
//
//	checks [-crds FOLDER] FILE...
//
// Each file is what kustomize built. Objects of Kubernetes and of the Prometheus operator are decoded into their Go types, objects
// of a CustomResourceDefinition that a file of FOLDER holds are validated against its schema with the code of the API server. Unknown
// and repeated fields are errors in both. Of pods it is also checked that they are of the kind that their namespace enforces, that what
// they mount is a volume and that what they name is there. Objects without a type or schema are errors, or, of the groups in -skip,
// are counted and named.
package main

import (
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
)

func main() {
	crds := flag.String("crds", "", "a folder with CustomResourceDefinitions, in files that end in .yaml or .yml")
	skip := flag.String("skip", "", "groups whose objects may go without a schema, separated by commas")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "checks: no file given.")
		os.Exit(2)
	}
	schemas, err := readSchemas(*crds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "checks:", err)
		os.Exit(2)
	}
	failed := false
	skipped := map[string]int{}
	for _, file := range flag.Args() {
		objects, problems := check(file, schemas, strings.Split(*skip, ","), skipped)
		for _, problem := range problems {
			fmt.Printf("%s: %s\n", file, problem)
		}
		if len(problems) > 0 {
			failed = true
		} else {
			fmt.Printf("%s: %d objects are valid\n", file, objects)
		}
	}
	var kinds []string
	for kind, count := range skipped {
		kinds = append(kinds, fmt.Sprintf("%d %s", count, kind))
	}
	if sort.Strings(kinds); len(kinds) > 0 {
		fmt.Printf("NOT VALIDATED, there is no schema: %s\n", strings.Join(kinds, ", "))
	}
	if failed {
		os.Exit(1)
	}
}

// check returns the number of objects of a file and what is wrong with them.
func check(file string, schemas schemas, skip []string, skipped map[string]int) (int, []string) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, []string{err.Error()}
	}
	objects, err := parse(content)
	if err != nil {
		return 0, []string{err.Error()}
	}
	var problems []string
	var pods []pod
	for _, object := range objects {
		var found []string
		switch {
		case typed.Recognizes(object.kind):
			value, err := decode(object)
			if err != nil {
				found = []string{err.Error()}
			} else {
				pods = append(pods, podsOf(object, value)...)
			}
		case schemas[object.kind] != nil:
			found = schemas[object.kind].validate(object)
			if object.kind.Kind == "FlinkDeployment" && len(found) == 0 {
				templates, err := podsOfFlink(object)
				if err != nil {
					found = []string{err.Error()}
				}
				pods = append(pods, templates...)
			}
		case contains(skip, object.kind.Group):
			skipped[object.kind.GroupKind().String()]++
		default:
			found = []string{"there is neither a type nor a schema for it"}
		}
		for _, problem := range found {
			problems = append(problems, object.String()+": "+problem)
		}
	}
	problems = append(problems, duplicates(objects)...)
	for _, pod := range pods {
		problems = append(problems, pod.check(objects)...)
	}
	if len(objects) == 0 {
		problems = append(problems, "it holds no object")
	}
	return len(objects), problems
}

func duplicates(objects []object) []string {
	var problems []string
	seen := map[string]bool{}
	for _, object := range objects {
		if seen[object.String()] {
			problems = append(problems, object.String()+": it is there twice")
		}
		seen[object.String()] = true
	}
	return problems
}

func contains(values []string, value string) bool {
	for _, candidate := range values {
		if candidate != "" && candidate == value {
			return true
		}
	}
	return false
}
