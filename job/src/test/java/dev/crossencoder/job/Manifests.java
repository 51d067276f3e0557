package dev.crossencoder.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;

/** The Kubernetes objects of one file that kustomize built. */
record Manifests(String name, List<JsonNode> objects) {
  static final Path K8S = Path.of("..", "k8s");

  /** The folder of {@code k8s/check}, else the files that are kept. */
  private static final Path BUILT =
      Path.of(System.getProperty("kubernetes.built", K8S.resolve("rendered").toString()));

  private static final String OPTIONS_FILE = "/etc/cross-encoder/job.yaml";

  static Stream<Manifests> all() throws IOException {
    try (Stream<Path> files = Files.list(BUILT)) {
      return files.sorted().map(Manifests::read).toList().stream();
    }
  }

  static Manifests rendered(String name) {
    return read(K8S.resolve("rendered").resolve(name + ".yaml"));
  }

  private static Manifests read(Path file) {
    try (MappingIterator<JsonNode> documents =
        new YAMLMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
      return new Manifests(file.getFileName().toString(), documents.readAll());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + file, e);
    }
  }

  List<JsonNode> ofKind(String kind) {
    return objects.stream().filter(object -> object.path("kind").asText().equals(kind)).toList();
  }

  JsonNode deployment() {
    return ofKind("FlinkDeployment").get(0);
  }

  /** The data of the ConfigMap whose name starts so, before the hash of its content. */
  JsonNode configMap(String name) {
    return ofKind("ConfigMap").stream()
        .filter(map -> map.at("/metadata/name").asText().matches(name + "-[a-z0-9]{10}"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("No ConfigMap " + name + " in " + this.name))
        .path("data");
  }

  /** The job's arguments, in application mode or of the submission to a session cluster. */
  List<String> jobArguments() {
    JsonNode job = deployment().at("/spec/job");
    if (!job.isMissingNode()) {
      return texts(job.path("args"));
    }
    List<String> submission =
        ofKind("Job").stream()
            .filter(candidate -> candidate.at("/metadata/name").asText().endsWith("-submit"))
            .map(candidate -> texts(candidate.at("/spec/template/spec/containers/0/args")))
            .findFirst()
            .orElseThrow();
    return submission.subList(submission.indexOf(jobJar()) + 1, submission.size());
  }

  /** The arguments with the file of options in the place where it is mounted. */
  List<String> jobArguments(Path optionsFile) {
    return jobArguments().stream()
        .map(argument -> argument.replace(OPTIONS_FILE, optionsFile.toString()))
        .toList();
  }

  /** The job jar, as a path in the image. */
  String jobJar() {
    return deployment()
        .at("/spec/job/jarURI")
        .asText("local:///opt/flink/usrlib/flink-cross-encoder-job.jar")
        .replace("local://", "");
  }

  /** Flink's options, with what the operator makes of the rest of the specification. */
  Map<String, String> flinkOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> option :
        deployment().at("/spec/flinkConfiguration").properties()) {
      options.put(option.getKey(), option.getValue().asText());
    }
    options.put(
        "taskmanager.memory.process.size",
        deployment().at("/spec/taskManager/resource/memory").asText());
    options.put(
        "jobmanager.memory.process.size",
        deployment().at("/spec/jobManager/resource/memory").asText());
    return options;
  }

  Configuration flinkConfiguration() {
    return Configuration.fromMap(flinkOptions());
  }

  /** The images of all containers. */
  List<String> images() {
    List<String> images = new ArrayList<>();
    objects.stream()
        .filter(object -> !object.path("apiVersion").asText().startsWith("kafka.strimzi.io/"))
        .forEach(object -> images.addAll(object.findValuesAsText("image")));
    return images;
  }

  /** Flink's container in the template of {@code jobManager} or {@code taskManager}. */
  JsonNode mainContainer(String role) {
    for (JsonNode container :
        deployment().path("spec").path(role).at("/podTemplate/spec/containers")) {
      if (container.path("name").asText().equals("flink-main-container")) {
        return container;
      }
    }
    return MissingNode.getInstance();
  }

  /** Whether a NetworkPolicy lets Flink's pods reach a TCP port of any host. */
  boolean letsOut(int port) {
    for (JsonNode policy : ofKind("NetworkPolicy")) {
      for (JsonNode rule : policy.at("/spec/egress")) {
        for (JsonNode range : rule.path("ports")) {
          int first = range.path("port").asInt();
          if (rule.path("to").isMissingNode()
              && range.path("protocol").asText().equals("TCP")
              && first <= port
              && port <= range.path("endPort").asInt(first)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  @Override
  public String toString() {
    return name;
  }
}
