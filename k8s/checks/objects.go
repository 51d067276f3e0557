package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// typed has the Go types of Kubernetes and of the Prometheus operator.
var typed = runtime.NewScheme()

var codecs serializer.CodecFactory

func init() {
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, monitoringv1.AddToScheme} {
		if err := add(typed); err != nil {
			panic(err)
		}
	}
	codecs = serializer.NewCodecFactory(typed, serializer.EnableStrict)
}

// object is one document of a file.
type object struct {
	kind      schema.GroupVersionKind
	namespace string
	name      string
	json      []byte
	fields    map[string]any
}

func (o object) String() string {
	return fmt.Sprintf("%s %s/%s", o.kind.GroupKind(), o.namespace, o.name)
}

// parse reads the documents of a file; a key that is there twice is an error.
func parse(content []byte) ([]object, error) {
	var objects []object
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		json, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		var parsed unstructured.Unstructured
		if err := parsed.UnmarshalJSON(json); err != nil {
			return nil, err
		}
		if parsed.GetName() == "" {
			return nil, fmt.Errorf("%s has no metadata.name", parsed.GroupVersionKind())
		}
		objects = append(objects, object{
			kind:      parsed.GroupVersionKind(),
			namespace: parsed.GetNamespace(),
			name:      parsed.GetName(),
			json:      json,
			fields:    parsed.Object,
		})
	}
}

// decode returns the object as a value of its Go type.
func decode(o object) (runtime.Object, error) {
	value, _, err := codecs.UniversalDeserializer().Decode(o.json, nil, nil)
	return value, err
}
