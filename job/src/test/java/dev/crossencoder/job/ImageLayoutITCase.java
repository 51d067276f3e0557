package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cluster.ServerPorts;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code k8s/image/layout} makes of the build, with Flink's jars beside it as in the official
 * image: it is read-only, belongs to another user, and scores. Environment, Flink's options,
 * memory, job jar and arguments are those of the Dockerfile and of the overlay {@code dev}.
 */
@Timeout(300)
@Tag("full")
class ImageLayoutITCase {
  /** What Flink's distribution has in its lib folder, as far as a DataStream job needs it. */
  private static final Pattern FLINK_JARS =
      Pattern.compile(
          "(flink-(annotations|clients|connector-datagen|core|datastream|file-sink|hadoop-fs|metrics|queryable|rpc|runtime|shaded|streaming).*"
              + "|commons-(cli|collections|compress|io|lang3|math3|text)-.*"
              + "|(async-profiler|javassist|jsr305|kryo|log4j|lz4-java|minlog|objenesis|reflectasm|slf4j-api|snakeyaml-engine|snappy-java)-.*)"
              + "(?<!-tests)\\.jar");

  private static final Pattern VARIABLE = Pattern.compile("\\b([A-Z_]+)=(\\S+)");
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final int RECORDS = 100;

  @TempDir static Path folder;
  private static Path image;
  private static Path writable;
  private static Manifests manifests;

  @BeforeAll
  static void layOut() throws Exception {
    assumeTrue(
        System.getProperty("os.name").equals("Linux"), "The image's tree is made on Linux only");
    // Of the other user too, unlike what JUnit makes.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    image = folder.resolve("image");
    Path flinkLib = Files.createDirectory(folder.resolve("flink-lib"));
    for (String entry :
        System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
      Path jar = Path.of(entry);
      if (FLINK_JARS.matcher(jar.getFileName().toString()).matches()) {
        Files.copy(jar, flinkLib.resolve(jar.getFileName()));
      }
    }
    run("../k8s/image/layout", "..", flinkLib.toString(), image.toString());
    run("cp", "-r", flinkLib + "/.", image.resolve("opt/flink/lib").toString());
    run("chmod", "-R", "a=rX", image.toString());
    writable = Files.createDirectory(folder.resolve("writable"));
    if (ImageProcess.isRoot()) {
      run("chown", ImageProcess.USER + ":" + ImageProcess.USER, writable.toString());
    }
    manifests = Manifests.rendered("dev");
  }

  @AfterAll
  static void makeRemovable() throws Exception {
    if (image != null && Files.isDirectory(image)) {
      run("chmod", "-R", "u+w", image.toString());
    }
  }

  @Test
  void aReadOnlyTreeOfAnotherUserScoresATopic() throws Exception {
    Map<String, String> before = contents();
    int port = ServerPorts.free();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"))) {
      new TestJobs(kafka).createTopics("pairs", 2);
      TestTopics topics = new TestTopics(kafka.bootstrapServers());
      topics.send(TestRecords.mixed("pairs", 0, RECORDS));
      Map<String, String> options = writeConfiguration(port);
      try (ImageProcess jobManager = startJobManager(options);
          ImageProcess taskManager = startTaskManager(options)) {
        awaitSlot(port, jobManager, taskManager);

        try (ImageProcess client = submit(kafka.bootstrapServers())) {
          assertThat(client.await(120)).as(() -> logs(client, jobManager, taskManager)).isZero();
        }

        assertThat(topics.countsByKey("pairs-scored", "pairs-dead"))
            .isEqualTo(
                IntStream.range(0, RECORDS)
                    .boxed()
                    .collect(Collectors.toMap(String::valueOf, id -> 1)));
        assertThat(loadedLibraries(taskManager))
            .anyMatch(library -> library.endsWith("libtorch_cpu.so"))
            .anyMatch(library -> library.endsWith("libtokenizers.so"))
            .allMatch(library -> library.startsWith(image + "/opt/cross-encoder/natives/"));
        if (ImageProcess.isRoot()) {
          assertThat(Files.readString(Path.of("/proc", "" + taskManager.pid(), "status")))
              .containsPattern("Uid:\\s+9999\\s+9999");
        }
      }
    }
    assertThat(contents()).isEqualTo(before);
    try (Stream<Path> files = Files.walk(writable)) {
      assertThat(files.filter(file -> file.toString().endsWith(".so"))).isEmpty();
    }
  }

  @Test
  void aModelIsBroughtOnceAndOnlyTheOneThatIsPinned() throws Exception {
    String target = writable.resolve("models/model").toString();
    String digest = manifests.configMap("cross-encoder-model").path("MODEL_DIGEST").asText();

    assertThat(prepareModel("demo-qa", target, digest, "fp32"))
        .isEqualTo("0 " + target + " holds demo-qa, " + digest);
    assertThat(prepareModel("no/hub@is-asked", target, digest, "fp32"))
        .isEqualTo("0 " + target + " holds demo-qa, " + digest);
    assertThat(prepareModel("demo-qa", target, "sha256:0", "fp32"))
        .startsWith("1 Cannot use " + target + " as demo-qa, its digest is " + digest);
    assertThat(prepareModel("demo-qa", target + "8", "", "int8"))
        .startsWith("1 Cannot compile demo-qa as int8: ");
  }

  @Test
  void theTreeForCudaLeavesRoomForItsLibtorch() throws Exception {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "DJL has CUDA libraries for x86_64 only");
    Path cuda = folder.resolve("cuda");

    run(
        "env",
        "MODEL=" + ModelRepository.shared().resolve("demo-qa").folder(),
        "../k8s/image/layout",
        "..",
        folder.resolve("flink-lib").toString(),
        cuda.toString(),
        "cuda");

    assertThat(cuda.resolve("opt/libtorch/lib/libdjl_torch.so")).isRegularFile();
    assertThat(cuda.resolve("opt/cross-encoder/natives/djl/pytorch")).doesNotExist();
    try (Stream<Path> jars = Files.list(cuda.resolve("opt/flink/lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .noneMatch(jar -> jar.startsWith("pytorch-native"))
          .as("the demo models are there only if one of them is asked for by its name")
          .noneMatch(jar -> jar.startsWith("cross-encoder-demo-models"))
          .anyMatch(jar -> jar.startsWith("pytorch-jni"));
    }
  }

  private static String prepareModel(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(image.resolve("opt/cross-encoder/bin/prepare-model").toString());
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile(folder, "prepare-model", ".log");
    try (ImageProcess process = ImageProcess.start(command, environment(), log)) {
      int exitCode = process.await(120);
      List<String> lines =
          process.output().lines().filter(line -> !line.contains(" INFO ")).toList();
      return exitCode + " " + lines.get(lines.size() - 1);
    }
  }

  /** What the Dockerfile sets, and what the official image does. */
  private static Map<String, String> environment() throws IOException {
    String dockerfile = Files.readString(Manifests.K8S.resolve("Dockerfile"));
    String block =
        dockerfile.substring(
            dockerfile.indexOf("FROM flink AS base"),
            dockerfile.indexOf("FROM base AS variant-cpu"));
    Map<String, String> environment = new HashMap<>();
    Matcher matcher = VARIABLE.matcher(block.substring(block.indexOf("ENV ")));
    while (matcher.find()) {
      environment.put(matcher.group(1), inImage(matcher.group(2)));
    }
    assertThat(environment).containsEntry("DJL_OFFLINE", "true").containsKey("DJL_CACHE_DIR");
    environment.put("FLINK_HOME", inImage("/opt/flink"));
    environment.put("HOME", inImage("/opt/flink"));
    environment.put("CROSS_ENCODER_HOME", inImage("/opt/cross-encoder"));
    environment.put("FLINK_CONF_DIR", folder.resolve("conf").toString());
    environment.put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
    environment.put("CLASSPATH", inImage("/opt/flink/lib/*"));
    return environment;
  }

  /** Where the test has what the image has at that path. */
  private static String inImage(String path) {
    return path.replaceFirst("^/tmp", writable.toString())
        .replaceFirst("^(.*=)?/(opt|models)", "$1" + image + "/$2");
  }

  private static Map<String, String> writeConfiguration(int port) throws IOException {
    Map<String, String> options = new TreeMap<>(manifests.flinkOptions());
    // Plugins and ports of a cluster, of which this is none.
    options
        .keySet()
        .removeIf(key -> key.matches("metrics\\..*|blob\\..*|taskmanager\\.(data|rpc)\\.port"));
    options.replaceAll((key, value) -> inImage(value));
    options.put("execution.checkpointing.dir", writable.resolve("checkpoints").toUri().toString());
    options.put("jobmanager.rpc.address", "127.0.0.1");
    options.put("jobmanager.rpc.port", String.valueOf(ServerPorts.free()));
    options.put("jobmanager.bind-host", "127.0.0.1");
    options.put("taskmanager.host", "127.0.0.1");
    options.put("taskmanager.bind-host", "127.0.0.1");
    options.put("rest.address", "127.0.0.1");
    options.put("rest.port", String.valueOf(port));
    StringBuilder yaml = new StringBuilder();
    options.forEach(
        (key, value) -> yaml.append("%s: '%s'%n".formatted(key, value.replace("'", "''"))));
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(conf.resolve("config.yaml"), yaml);
    Files.writeString(
        conf.resolve("log4j.properties"),
        """
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5level %logger{1} - %msg%n
        rootLogger.level = info
        rootLogger.appenderRef.console.ref = console
        """);
    return options;
  }

  private static ImageProcess startJobManager(Map<String, String> options) throws IOException {
    List<String> jvm = new ArrayList<>(List.of("-Xmx384m"));
    jvm.addAll(words(options.get("env.java.opts.jobmanager")));
    return java(
        "jobmanager",
        jvm,
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        List.of("--configDir", folder.resolve("conf").toString(), "--executionMode", "cluster"));
  }

  private static ImageProcess startTaskManager(Map<String, String> options) throws IOException {
    TaskExecutorProcessSpec memory =
        TaskExecutorProcessUtils.processSpecFromConfig(Configuration.fromMap(options));
    List<String> jvm = new ArrayList<>(words(ProcessMemoryUtils.generateJvmParametersStr(memory)));
    jvm.addAll(words(options.get("env.java.opts.taskmanager")));
    List<String> arguments =
        new ArrayList<>(List.of("--configDir", folder.resolve("conf").toString()));
    arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
    return java(
        "taskmanager", jvm, "org.apache.flink.runtime.taskexecutor.TaskManagerRunner", arguments);
  }

  private static ImageProcess submit(String bootstrapServers) throws IOException {
    Path options = folder.resolve("job.yaml");
    Files.writeString(
        options,
        manifests
            .configMap("cross-encoder-job")
            .path("job.yaml")
            .asText()
            .replaceAll("bootstrap-servers: .*", "bootstrap-servers: " + bootstrapServers)
            .replaceAll("output.topic: .*", "output.topic: pairs-scored")
            .replaceAll("dead-letter.topic: .*", "dead-letter.topic: pairs-dead"));
    List<String> arguments = new ArrayList<>(List.of("run", inImage(manifests.jobJar())));
    manifests.jobArguments(options).forEach(argument -> arguments.add(inImage(argument)));
    arguments.add("--until=latest");
    return java(
        "client", List.of("-Xmx256m"), "org.apache.flink.client.cli.CliFrontend", arguments);
  }

  private static ImageProcess java(
      String name, List<String> jvm, String mainClass, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("java"));
    command.add("-Djava.io.tmpdir=" + writable);
    command.add("-Dlog4j2.configurationFile=" + folder.resolve("conf/log4j.properties"));
    for (String opened : List.of("lang", "net", "io", "nio", "time", "util", "util.concurrent")) {
      command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
    }
    command.addAll(jvm);
    command.add(mainClass);
    command.addAll(arguments);
    return ImageProcess.start(command, environment(), folder.resolve(name + ".log"));
  }

  private static void awaitSlot(int port, ImageProcess... processes) {
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(300))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              for (ImageProcess process : processes) {
                assertThat(process.isAlive()).as(process.output()).isTrue();
              }
              URI overview = URI.create("http://127.0.0.1:" + port + "/overview");
              try (InputStream answer = overview.toURL().openStream()) {
                return new ObjectMapper().readTree(answer).path("slots-available").asInt() == 1;
              }
            });
  }

  /** The native libraries of the engine that a process has mapped into its memory. */
  private static List<String> loadedLibraries(ImageProcess process) throws IOException {
    return Files.readString(Path.of("/proc", "" + process.pid(), "maps"))
        .lines()
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .filter(path -> path.matches(".*/lib(torch|tokenizers|c10|djl|onnxruntime).*\\.so"))
        .distinct()
        .toList();
  }

  /** All files of the tree, with sizes and times. */
  private static Map<String, String> contents() throws IOException {
    try (Stream<Path> files = Files.walk(image)) {
      return files.collect(
          Collectors.toMap(
              Path::toString,
              file -> {
                try {
                  return Files.readAttributes(
                          file, "size,lastModifiedTime,isDirectory", LinkOption.NOFOLLOW_LINKS)
                      .toString();
                } catch (IOException e) {
                  throw new UncheckedIOException("Cannot look at " + file, e);
                }
              }));
    }
  }

  private static String logs(ImageProcess... processes) {
    return Stream.of(processes)
        .map(
            process -> {
              try {
                return process.output();
              } catch (IOException e) {
                return e.toString();
              }
            })
        .collect(Collectors.joining("\n----\n"));
  }

  private static List<String> words(String line) {
    return List.of(line.trim().split(" +"));
  }

  private static void run(String... command) throws Exception {
    Path output = Files.createTempFile(folder, "run", ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
  }
}
