package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

type schemas map[schema.GroupVersionKind]*crdSchema

// crdSchema is one version of a CustomResourceDefinition.
type crdSchema struct {
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
}

func readSchemas(folder string) (schemas, error) {
	all := schemas{}
	if folder == "" {
		return all, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); extension != ".yaml" && extension != ".yml" {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		if err := all.read(path); err != nil {
			return nil, fmt.Errorf("cannot use %s as a CustomResourceDefinition: %w", path, err)
		}
	}
	return all, nil
}

func (s schemas) read(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return err
	}
	if crd.Kind != "CustomResourceDefinition" {
		return fmt.Errorf("its kind is %q", crd.Kind)
	}
	for _, version := range crd.Spec.Versions {
		kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		var internal apiextensions.CustomResourceValidation
		if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil); err != nil {
			return err
		}
		structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		s[kind] = &crdSchema{structural, validator}
	}
	return nil
}

// validate does what an API server does with a custom resource, with fieldValidation=Strict.
func (s *crdSchema) validate(o object) []string {
	var problems []string
	add := func(errors field.ErrorList) {
		for _, err := range errors {
			problems = append(problems, err.Error())
		}
	}
	_, _, unknownMeta, err := objectmeta.GetObjectMetaWithOptions(o.fields, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, path := range unknownMeta {
		problems = append(problems, "unknown field "+path)
	}
	add(validation.ValidateCustomResource(nil, o.fields, s.validator))
	add(listtype.ValidateListSetsAndMaps(nil, s.structural, o.fields))
	if rules := cel.NewValidator(s.structural, true, math.MaxInt64); rules != nil {
		errors, _ := rules.Validate(context.Background(), nil, s.structural, o.fields, nil, math.MaxInt64)
		add(errors)
	}
	copied := runtime.DeepCopyJSON(o.fields)
	for _, path := range pruning.PruneWithOptions(copied, s.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}) {
		problems = append(problems, "unknown field "+path)
	}
	return problems
}
