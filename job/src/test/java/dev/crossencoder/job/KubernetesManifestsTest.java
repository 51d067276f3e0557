package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * What the job, Flink and the build say to the Kubernetes manifests. Of a schema of Kubernetes
 * nothing is known here: that is for {@code k8s/check}.
 */
class KubernetesManifestsTest {
  /** Room for libtorch and for the activations of scoring threads. */
  private static final long NATIVE_BYTES = MemorySize.parse("500mb").getBytes();

  /** What CUDA's libraries take of the host's memory is not known; less would be careless. */
  private static final long CUDA_BYTES = MemorySize.parse("4gb").getBytes();

  /** {@code transaction.max.timeout.ms} of a broker. */
  private static final Duration MAX_TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

  /** Groups of options that are named by the user, or belong to the operator or a plugin. */
  private static final Pattern FREE_OPTIONS =
      Pattern.compile(
          "kubernetes\\.operator\\..+|job\\.autoscaler\\..+|metrics\\.reporter\\.prometheus\\.(factory\\.class|port)|external-resource\\.gpu\\.(amount|driver-factory\\.class|kubernetes\\.config-key)|s3\\..+|fs\\.s3a\\..+");

  private static final List<Class<?>> FLINK_OPTIONS =
      List.of(
          BlobServerOptions.class,
          CheckpointingOptions.class,
          CoreOptions.class,
          ExternalResourceOptions.class,
          HighAvailabilityOptions.class,
          JobManagerOptions.class,
          NettyShuffleEnvironmentOptions.class,
          PipelineOptions.class,
          RestartStrategyOptions.class,
          TaskManagerOptions.class);

  @TempDir private Path folder;

  static Stream<Manifests> manifests() throws IOException {
    return Manifests.all();
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void theJobTakesItsArguments(Manifests manifests) throws Exception {
    JobConfig config = jobConfig(manifests);

    assertThat(config.delivery().checkpointInterval()).isNotNull();
    assertThat(config.delivery().checkpointInterval().plus(config.delivery().longestOutage()))
        .isLessThanOrEqualTo(MAX_TRANSACTION_TIMEOUT);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void theFileOfOptionsIsMountedWhereTheJobLooksForIt(Manifests manifests) {
    assertThat(manifests.jobArguments()).contains("--config=/etc/cross-encoder/job.yaml");
    assertThat(manifests.deployment().at("/spec/podTemplate/spec/volumes").toString())
        .contains("\"configMap\":{\"name\":\"cross-encoder-job-");
    assertThat(
            manifests
                .deployment()
                .at("/spec/podTemplate/spec/containers/0/volumeMounts")
                .toString())
        .contains("{\"mountPath\":\"/etc/cross-encoder\",\"name\":\"job\",\"readOnly\":true}");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void thePinnedDigestIsOfTheBundleThatTheModelIsCompiledInto(Manifests manifests)
      throws Exception {
    Bundle bundle = ModelRepository.shared().resolve("demo-qa");

    assertThat(jobConfig(manifests).operator().get(CrossEncoderFunctionOptions.MODEL_DIGEST))
        .isEqualTo(bundle.digest());
    assertThat(manifests.configMap("cross-encoder-model").path("MODEL").asText())
        .isEqualTo("demo-qa");
    assertThat(manifests.configMap("cross-encoder-model").path("MODEL_DIGEST").asText())
        .isEqualTo(bundle.digest());
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aModelThatIsMountedIsTheOneThatIsScoredWith(Manifests manifests) throws Exception {
    String mounts =
        manifests.deployment().at("/spec/podTemplate/spec/containers/0/volumeMounts").toString();

    if (mounts.contains("\"mountPath\":\"/models\"")) {
      assertThat(jobConfig(manifests).operator().get(CrossEncoderFunctionOptions.MODEL))
          .isEqualTo("/models/model");
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aTaskManagerHasRoomForHeapLibtorchAndModel(Manifests manifests) throws Exception {
    TaskExecutorProcessSpec memory =
        TaskExecutorProcessUtils.processSpecFromConfig(manifests.flinkConfiguration());

    long model = size(ModelRepository.shared().resolve("demo-qa").folder());
    boolean cuda = manifests.deployment().at("/spec/image").asText().endsWith("-cuda");
    assertThat(memory.getTaskOffHeapSize().getBytes())
        .isGreaterThanOrEqualTo(model + NATIVE_BYTES + (cuda ? CUDA_BYTES : 0));
    assertThat(memory.getTaskHeapSize().getMebiBytes()).isGreaterThanOrEqualTo(384);
    assertThat(memory.getManagedMemorySize()).isEqualTo(MemorySize.ZERO);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aJobManagerHasRoomForItsHeap(Manifests manifests) {
    JobManagerProcessSpec memory =
        JobManagerProcessUtils.processSpecFromConfig(manifests.flinkConfiguration());

    assertThat(memory.getJvmHeapMemorySize().getMebiBytes()).isGreaterThanOrEqualTo(512);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void flinkKnowsEveryOptionAndCanReadItsValue(Manifests manifests) throws Exception {
    Set<String> known = new HashSet<>();
    for (ConfigOption<?> option : flinkOptions()) {
      known.add(option.key());
      // Throws where the value is not one of the option's.
      manifests.flinkConfiguration().getOptional(option);
    }

    assertThat(manifests.flinkOptions().keySet())
        .allMatch(key -> known.contains(key) || FREE_OPTIONS.matcher(key).matches());
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void theYoungGenerationIsLimitedBySlots(Manifests manifests) {
    Map<String, String> options = manifests.flinkOptions();
    int slots = Integer.parseInt(options.get(TaskManagerOptions.NUM_TASK_SLOTS.key()));

    assertThat(options.get("env.java.opts.taskmanager").split(" ", -1))
        .contains("-XX:+UseG1GC", "-XX:MaxNewSize=%dm".formatted(64 * slots))
        .anyMatch(word -> word.startsWith("-Donnxruntime.native.path="));
    assertThat(options.get("env.java.opts.jobmanager"))
        .isEqualTo("-XX:+UseG1GC -XX:MaxNewSize=64m");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void nativeCodeIsLoadedByFlinksClassLoader(Manifests manifests) {
    assertThat(
            manifests
                .flinkConfiguration()
                .get(CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS_ADDITIONAL))
        .containsExactly("dev.crossencoder.model", "dev.crossencoder.operator", "ai.djl");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void imagesJarAndClassAreThoseOfTheBuild(Manifests manifests) throws Exception {
    String version = element("version", Path.of("..", "pom.xml"));
    String release = version.replace("-SNAPSHOT", "");

    assertThat(manifests.images())
        .isNotEmpty()
        .allMatch(image -> image.matches("(.*/)?flink-cross-encoder:" + release + "(-cuda)?"));
    assertThat(new HashSet<>(manifests.images())).hasSize(1);
    assertThat(manifests.jobJar())
        .isEqualTo("/opt/flink/usrlib/" + Path.of(jobJarOfTheBuild()).getFileName());
    String mainClass = manifests.deployment().at("/spec/job/entryClass").asText();
    assertThat(mainClass).isIn("", CrossEncoderJob.class.getName());
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void flinkIsTheOneThatTheBuildIsFor(Manifests manifests) {
    String[] version = EnvironmentInformation.getVersion().split("\\.", -1);

    assertThat(manifests.deployment().at("/spec/flinkVersion").asText())
        .isEqualTo("v%s_%s".formatted(version[0], version[1]));
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void theNetworkPolicyLetsOutWhatTheManifestsName(Manifests manifests) throws Exception {
    List<Integer> ports = new ArrayList<>();
    for (String server : jobConfig(manifests).kafka().get("bootstrap.servers").split(",", -1)) {
      ports.add(Integer.parseInt(server.substring(server.lastIndexOf(':') + 1).strip()));
    }
    String endpoint = manifests.flinkOptions().get("s3.endpoint");
    if (endpoint != null) {
      URI address = URI.create(endpoint);
      boolean isSecure = address.getScheme().equals("https");
      ports.add(address.getPort() < 0 ? (isSecure ? 443 : 80) : address.getPort());
    } else if (manifests.flinkOptions().get("execution.checkpointing.dir").startsWith("s3:")) {
      ports.add(443);
    }

    assertThat(ports).isNotEmpty().allMatch(port -> manifests.letsOut(port));
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void probesAskWhereFlinkListens(Manifests manifests) {
    int rest = manifests.flinkConfiguration().get(RestOptions.PORT);

    assertThat(manifests.mainContainer("jobManager").at("/readinessProbe/httpGet/port").asInt())
        .isEqualTo(rest);
    assertThat(manifests.mainContainer("jobManager").at("/livenessProbe/httpGet/port").asInt())
        .isEqualTo(rest);
    assertThat(manifests.mainContainer("taskManager").at("/readinessProbe/tcpSocket/port").asText())
        .isEqualTo(manifests.flinkConfiguration().get(TaskManagerOptions.RPC_PORT));
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aDisruptionBudgetCountsTaskManagersAlone(Manifests manifests) {
    for (JsonNode budget : manifests.ofKind("PodDisruptionBudget")) {
      JsonNode labels = budget.at("/spec/selector/matchLabels");

      // As Flink labels its pods: LABEL_COMPONENT_KEY and LABEL_COMPONENT_TASK_MANAGER of
      // flink-kubernetes.
      assertThat(labels.path("component").asText()).isEqualTo("taskmanager");
      assertThat(labels.path("app.kubernetes.io/name"))
          .isEqualTo(
              manifests
                  .deployment()
                  .at("/spec/podTemplate/metadata/labels")
                  .path("app.kubernetes.io/name"));
      // Anything else needs a controller that Kubernetes knows.
      assertThat(budget.at("/spec/minAvailable").isInt()).isTrue();
      assertThat(budget.at("/spec/maxUnavailable").isMissingNode()).isTrue();
    }
  }

  @Test
  void theImageIsBuiltOnTheFlinkAndTheLibtorchOfTheBuild() throws Exception {
    String dockerfile = Files.readString(Manifests.K8S.resolve("Dockerfile"));

    assertThat(dockerfile)
        .contains("FLINK_IMAGE=flink:" + EnvironmentInformation.getVersion() + "-java17\n")
        .contains("PYTORCH_VERSION=" + element("libtorch.version", Path.of("..", "pom.xml")) + " ");
  }

  /** Maven builds nothing where a module's pom is missing. */
  @Test
  void theImagesBuildHasThePomOfEveryModule() throws Exception {
    List<PathMatcher> letIn =
        Files.readAllLines(Manifests.K8S.resolve("Dockerfile.dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> FileSystems.getDefault().getPathMatcher("glob:" + line.substring(1)))
            .toList();
    List<Path> poms =
        Pattern.compile("<module>([^<]+)</module>")
            .matcher(Files.readString(Path.of("..", "pom.xml")))
            .results()
            .map(module -> Path.of(module.group(1), "pom.xml"))
            .toList();

    assertThat(poms)
        .isNotEmpty()
        .allMatch(pom -> letIn.stream().anyMatch(pattern -> pattern.matches(pom)));
  }

  private JobConfig jobConfig(Manifests manifests) throws IOException {
    Path options = folder.resolve("job.yaml");
    Files.writeString(options, manifests.configMap("cross-encoder-job").path("job.yaml").asText());
    CommandLine commandLine = new CommandLine(CrossEncoderJob.command("job"));
    String[] arguments = manifests.jobArguments(options).toArray(String[]::new);
    return JobConfig.from(JobArguments.read(commandLine.parseArgs(arguments)));
  }

  private static List<ConfigOption<?>> flinkOptions() throws IllegalAccessException {
    List<ConfigOption<?>> options = new ArrayList<>();
    for (Class<?> owner : FLINK_OPTIONS) {
      for (Field field : owner.getFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && field.get(null) instanceof ConfigOption<?> option) {
          options.add(option);
        }
      }
    }
    return options;
  }

  private static long size(Path bundle) throws IOException {
    try (Stream<Path> files = Files.list(bundle)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static String jobJarOfTheBuild() throws IOException {
    return element("job.jar", Path.of("pom.xml"));
  }

  /** The text of a pom's first element of that name. */
  private static String element(String name, Path pom) throws IOException {
    Matcher matcher =
        Pattern.compile("<%s>([^<]+)</".formatted(Pattern.quote(name)))
            .matcher(Files.readString(pom));
    assertThat(matcher.find()).as("%s in %s", name, pom).isTrue();
    return matcher.group(1);
  }
}
