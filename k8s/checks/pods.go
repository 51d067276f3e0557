package main

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

const enforceLabel = "pod-security.kubernetes.io/enforce"

// pod is a pod that an object leads to.
type pod struct {
	owner    object
	metadata metav1.ObjectMeta
	spec     corev1.PodSpec
}

func podsOf(o object, value runtime.Object) []pod {
	if job, ok := value.(*batchv1.Job); ok {
		return []pod{{o, job.Spec.Template.ObjectMeta, job.Spec.Template.Spec}}
	}
	return nil
}

// podsOfFlink returns the pods of JobManager and TaskManager: the operator lays a template of theirs over the common one, and merges
// what has a name by name, as the configuration must ask it to.
func podsOfFlink(o object) ([]pod, error) {
	const mergeByName = "kubernetes.operator.pod-template.merge-arrays-by-name"
	if merge, _, _ := unstructured.NestedString(o.fields, "spec", "flinkConfiguration", mergeByName); merge != "true" {
		return nil, fmt.Errorf("spec.flinkConfiguration must set %s to \"true\"", mergeByName)
	}
	var pods []pod
	for _, role := range []string{"jobManager", "taskManager"} {
		var template corev1.PodTemplateSpec
		for _, path := range [][]string{{"spec", "podTemplate"}, {"spec", role, "podTemplate"}} {
			fields, found, err := unstructured.NestedMap(o.fields, path...)
			if err != nil {
				return nil, err
			}
			if !found {
				continue
			}
			var layer corev1.PodTemplateSpec
			if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(fields, &layer, true); err != nil {
				return nil, fmt.Errorf("%v: %w", path, err)
			}
			merge(&template, layer)
		}
		pods = append(pods, pod{o, template.ObjectMeta, template.Spec})
	}
	return pods, nil
}

// merge knows the fields that the templates here use.
func merge(template *corev1.PodTemplateSpec, layer corev1.PodTemplateSpec) {
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	for key, value := range layer.Labels {
		template.Labels[key] = value
	}
	if layer.Spec.SecurityContext != nil {
		template.Spec.SecurityContext = layer.Spec.SecurityContext
	}
	template.Spec.Volumes = append(template.Spec.Volumes, layer.Spec.Volumes...)
	template.Spec.InitContainers = append(template.Spec.InitContainers, layer.Spec.InitContainers...)
	for _, container := range layer.Spec.Containers {
		known := false
		for i := range template.Spec.Containers {
			if template.Spec.Containers[i].Name == container.Name {
				known = true
				mine := &template.Spec.Containers[i]
				mine.VolumeMounts = append(mine.VolumeMounts, container.VolumeMounts...)
				mine.EnvFrom = append(mine.EnvFrom, container.EnvFrom...)
				mine.Env = append(mine.Env, container.Env...)
				if container.SecurityContext != nil {
					mine.SecurityContext = container.SecurityContext
				}
			}
		}
		if !known {
			template.Spec.Containers = append(template.Spec.Containers, container)
		}
	}
}

// check says what is wrong with a pod, seen beside the other objects of its file.
func (p pod) check(objects []object) []string {
	var problems []string
	add := func(format string, arguments ...any) {
		problems = append(problems, p.owner.String()+": "+fmt.Sprintf(format, arguments...))
	}
	volumes := map[string]bool{}
	for _, volume := range p.spec.Volumes {
		if volumes[volume.Name] {
			add("the volume %s is there twice", volume.Name)
		}
		volumes[volume.Name] = true
		if volume.ConfigMap != nil && !p.has(objects, "ConfigMap", volume.ConfigMap.Name) {
			add("there is no ConfigMap %s for the volume %s", volume.ConfigMap.Name, volume.Name)
		}
		if claim := volume.PersistentVolumeClaim; claim != nil && !p.has(objects, "PersistentVolumeClaim", claim.ClaimName) {
			add("there is no PersistentVolumeClaim %s for the volume %s", claim.ClaimName, volume.Name)
		}
	}
	containers := append(append([]corev1.Container{}, p.spec.InitContainers...), p.spec.Containers...)
	for _, container := range containers {
		paths := map[string]bool{}
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				add("the container %s mounts %s, which is no volume", container.Name, mount.Name)
			}
			if paths[mount.MountPath] {
				add("the container %s mounts two volumes at %s", container.Name, mount.MountPath)
			}
			paths[mount.MountPath] = true
		}
		for _, source := range container.EnvFrom {
			if source.ConfigMapRef != nil && !p.has(objects, "ConfigMap", source.ConfigMapRef.Name) {
				add("there is no ConfigMap %s for the environment of %s", source.ConfigMapRef.Name, container.Name)
			}
		}
		if context := container.SecurityContext; context == nil || context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
			add("the root file system of the container %s is not read-only", container.Name)
		}
	}
	return append(problems, p.checkSecurity(objects)...)
}

func (p pod) has(objects []object, kind, name string) bool {
	for _, o := range objects {
		if o.kind.Kind == kind && o.name == name && o.namespace == p.owner.namespace {
			return true
		}
	}
	return false
}

func (p pod) checkSecurity(objects []object) []string {
	level := ""
	for _, o := range objects {
		if o.kind.Kind == "Namespace" && o.name == p.owner.namespace {
			level, _, _ = unstructured.NestedString(o.fields, "metadata", "labels", enforceLabel)
		}
	}
	parsed, err := api.ParseLevel(level)
	if err != nil || parsed == api.LevelPrivileged {
		return []string{fmt.Sprintf("%s: its namespace does not enforce a pod security standard: %s is %q", p.owner, enforceLabel, level)}
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: parsed, Version: api.LatestVersion()}, &p.metadata, &p.spec) {
		if !result.Allowed {
			problems = append(problems, fmt.Sprintf("%s: not a pod of level %s: %s, %s", p.owner, parsed, result.ForbiddenReason, result.ForbiddenDetail))
		}
	}
	return problems
}
