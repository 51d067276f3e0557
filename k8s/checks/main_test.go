package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: here
  labels:
    pod-security.kubernetes.io/enforce: restricted
---
`

const job = `apiVersion: batch/v1
kind: Job
metadata:
  name: job
  namespace: here
spec:
  template:
    spec:
      restartPolicy: Never
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: main
          image: image
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}
`

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {type: integer, maximum: 3}
              x-kubernetes-validations:
                - rule: self.size != 2
                  message: two is no size
`

const thing = `apiVersion: example.com/v1
kind: Thing
metadata:
  name: thing
  namespace: here
spec:
  size: 1
`

func TestWhatIsRightIsAccepted(t *testing.T) {
	if problems := problems(t, namespace+job+"---\n"+thing); len(problems) > 0 {
		t.Fatal(problems)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	for name, test := range map[string]struct{ from, to, expected string }{
		"an unknown field of a type":         {"restartPolicy: Never", "restartPolicy: Never\n      restartPolcy: Never", `unknown field "spec.template.spec.restartPolcy"`},
		"a field of a wrong type":            {"name: tmp\n          emptyDir: {}", "name: tmp\n          emptyDir: yes", "bool"},
		"a key that is there twice":          {"  size: 1", "  size: 1\n  size: 1", `"size" already set`},
		"an unknown field of a schema":       {"  size: 1", "  size: 1\n  colour: red", "unknown field spec.colour"},
		"an unknown field of the metadata":   {"  name: thing", "  name: thing\n  colour: red", "unknown field metadata.colour"},
		"a value that a schema refuses":      {"  size: 1", "  size: 4", "should be less than or equal to 3"},
		"a value that a rule refuses":        {"  size: 1", "  size: 2", "two is no size"},
		"a field that is missing":            {"spec:\n  size: 1", "spec: {}", "spec.size: Required value"},
		"a version without a schema":         {"example.com/v1", "example.com/v2", "neither a type nor a schema"},
		"a mount without a volume":           {"- name: tmp\n          emptyDir", "- name: temp\n          emptyDir", "mounts tmp, which is no volume"},
		"a ConfigMap that is not there":      {"emptyDir: {}", "configMap: {name: absent}", "there is no ConfigMap absent"},
		"a pod that its namespace refuses":   {"runAsNonRoot: true", "runAsNonRoot: false", "not a pod of level restricted"},
		"a root file system that is written": {"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "is not read-only"},
		"an object that is there twice":      {"", "", "it is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			content := namespace + job + "---\n" + thing
			if test.from == "" {
				content += "---\n" + thing
			} else if content = strings.Replace(content, test.from, test.to, 1); !strings.Contains(content, test.to) {
				t.Fatalf("there is no %q to replace", test.from)
			}
			if found := strings.Join(problems(t, content), "\n"); !strings.Contains(found, test.expected) {
				t.Fatalf("expected %q, found %q", test.expected, found)
			}
		})
	}
}

func problems(t *testing.T, content string) []string {
	t.Helper()
	folder := t.TempDir()
	crds := filepath.Join(folder, "crds")
	if err := os.Mkdir(crds, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{filepath.Join(crds, "thing.yaml"): crd, filepath.Join(folder, "built.yaml"): content} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	schemas, err := readSchemas(crds)
	if err != nil {
		t.Fatal(err)
	}
	_, found := check(filepath.Join(folder, "built.yaml"), schemas, nil, map[string]int{})
	return found
}
