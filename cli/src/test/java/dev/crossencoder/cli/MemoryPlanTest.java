package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {
  /** The memory that Flink's own config.yaml has. */
  private static final String STOCK =
      """
      jobmanager:
        bind-host: localhost
        memory:
          process:
            size: 1600m
      taskmanager:
        bind-host: localhost
        host: localhost
        numberOfTaskSlots: 1
        memory:
          process:
            size: 1728m
      parallelism:
        default: 1
      """;

  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  @ParameterizedTest
  @CsvSource({"demo-qa,1", "demo-qa,2", "demo-nli,16"})
  void flinkTakesTheLinesAfterThoseItComesWith(String model, int slots) throws IOException {
    assertThat(cli.run("job", "--print-memory", "--model", model, "--slots=" + slots))
        .as(cli.err())
        .isZero();

    Configuration configuration = configuration(STOCK + cli.out());
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    assertThat(spec.getNumSlots()).isEqualTo(slots);
    assertThat(spec.getTaskOffHeapSize()).isGreaterThan(MemorySize.ofMebiBytes(448));
    assertThat(spec.getTaskHeapSize())
        .isGreaterThanOrEqualTo(MemorySize.ofMebiBytes(128 + 192L * slots));
    assertThat(spec.getManagedMemorySize()).isEqualTo(MemorySize.ZERO);
    assertThat(spec.getNetworkMemSize())
        .isBetween(
            MemorySize.ofMebiBytes(64), MemorySize.ofMebiBytes(64 + 32L * Math.max(0, slots - 2)));
    assertThat(cli.out())
        .contains("%,d MB: Kafka's".formatted(spec.getTaskHeapSize().getMebiBytes()));
    assertThat(
            JobManagerProcessUtils.processSpecFromConfig(configuration).getTotalProcessMemorySize())
        .isEqualTo(MemorySize.ofMebiBytes(1600));
    assertThat(configuration.get(CoreOptions.FLINK_TM_JVM_OPTIONS))
        .isEqualTo("-XX:+UseG1GC -XX:MaxNewSize=%dm", 64 * slots);
    assertThat(configuration.get(CoreOptions.FLINK_JM_JVM_OPTIONS))
        .isEqualTo("-XX:+UseG1GC -XX:MaxNewSize=64m");
    assertThat(MemorySize.ofMebiBytes(64L * slots)).isLessThan(spec.getTaskHeapSize().divide(2));
  }

  @Test
  void aCascadeNeedsTheMemoryOfBothModels() {
    cli.run("job", "--print-memory", "--model=demo-qa", "--cascade-model=demo-nli");

    assertThat(cli.out())
        .containsPattern("# Flink's memory for demo-qa \\(\\w+\\) and demo-nli \\(\\w+\\) with ");
  }

  @Test
  void ofSeveralModelsThoseThatTheSlotsMayLoadNeedMemory() {
    String[] models = {
      "job",
      "--print-memory",
      "--models=a.model=demo-qa",
      "--models=b.model=demo-rank",
      "--models=c.model=demo-nli",
      "--models=d.model=demo-qa"
    };
    cli.run(models);
    assertThat(cli.out())
        .containsPattern(
            "for demo-qa \\(\\w+\\)(,| and) demo-rank \\(\\w+\\) and demo-nli \\(\\w+\\) with one slot");

    List<String> one = new ArrayList<>(List.of(models));
    one.add("--models-max-loaded=1");
    cli.run(one.toArray(String[]::new));
    assertThat(cli.out()).containsPattern("for demo-nli \\(\\w+\\) with one slot");

    one.add("--slots=2");
    cli.run(one.toArray(String[]::new));
    assertThat(cli.out()).containsPattern("for demo-nli \\(\\w+\\) and demo-qa \\(\\w+\\) with 2");
  }

  @Test
  void theLargestSizeOfLoadedModelsLimitsTheirMemory() {
    List<String> models =
        new ArrayList<>(
            List.of(
                "job", "--print-memory", "--models=a.model=demo-qa", "--models=b.model=demo-nli"));
    assertThat(cli.run(models.toArray(String[]::new))).as(cli.err()).isZero();
    assertThat(cli.out()).doesNotContain("outside the heap: 70 MB");
    models.add("--models-max-size=70mb");
    assertThat(cli.run(models.toArray(String[]::new))).as(cli.err()).isZero();
    assertThat(cli.out()).contains("outside the heap: 70 MB");

    models.set(models.size() - 1, "--models-max-size=1mb");
    assertThat(cli.run(models.toArray(String[]::new))).isEqualTo(2);
    assertThat(cli.err()).contains("--models-max-size: 1 mb. The largest model alone has ");

    models.set(models.size() - 1, "--models-max-size=" + Long.MAX_VALUE);
    models.add("--slots=2");
    assertThat(cli.run(models.toArray(String[]::new))).as(cli.err()).isZero();
  }

  @Test
  void everyLineIsAKeyWithAValueOrAComment() {
    cli.run("job", "--print-memory", "--model=demo-qa", "--cpu-threads=4");

    assertThat(cli.out().lines())
        .allMatch(
            line ->
                line.isEmpty()
                    || line.matches("# .*|[a-zA-Z.-]+: (-XX:\\+UseG1GC -XX:MaxNewSize=)?\\d+m?"));
    assertThat(cli.out()).contains("64 MB for forward passes").contains("MALLOC_ARENA_MAX=2");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,64", "8,8", "64,128"})
  void memoryGrowsWithTheWeightsAndTheSlots(int slots, int cores) throws IOException {
    Bundle small = ModelRepository.shared().resolve("demo-qa");
    Path large = Files.createDirectory(folder.resolve("large"));
    for (String file : new String[] {"bundle.json", "tokenizer.json", "model.pt"}) {
      Files.copy(small.folder().resolve(file), large.resolve(file));
    }
    try (var weights = new java.io.RandomAccessFile(large.resolve("model.pt").toFile(), "rw")) {
      // Without blocks on the disk.
      weights.setLength(2_300L << 20);
    }
    MemoryPlan few = MemoryPlan.of(small, slots, cores, false);
    MemoryPlan many = MemoryPlan.of(Bundle.read(large), slots, cores, false);
    MemoryPlan gpu = MemoryPlan.of(small, slots, cores, true);

    assertThat(many.spec().getTaskOffHeapSize().subtract(few.spec().getTaskOffHeapSize()))
        .isGreaterThan(MemorySize.ofMebiBytes(2_200));
    assertThat(many.spec().getTotalProcessMemorySize())
        .isGreaterThan(few.spec().getTotalProcessMemorySize());
    assertThat(gpu.spec().getTaskOffHeapSize()).isGreaterThan(MemorySize.ofMebiBytes(3_500));
    for (MemoryPlan plan : new MemoryPlan[] {few, many, gpu}) {
      TaskExecutorProcessUtils.processSpecFromConfig(configuration(STOCK + plan.lines()));
      assertThat(plan.spec().getTaskOffHeapSize())
          .isGreaterThanOrEqualTo(plan.weights().add(plan.engine()).add(plan.activations()));
    }
  }

  @Test
  void whatIsNeededIsAskedFor() {
    assertThat(cli.run("job", "--print-memory")).isEqualTo(2);
    assertThat(cli.run("job", "--print-memory", "--model=demo-qa", "--slots=0")).isEqualTo(2);
    assertThat(cli.err())
        .contains("Missing --model: the memory is computed for one.")
        .contains("Invalid --slots: 0. It must be from 1 to 1024.");
  }

  private Configuration configuration(String yaml) throws IOException {
    Path conf = Files.createTempDirectory(folder, "conf");
    Files.writeString(conf.resolve("config.yaml"), yaml);
    return GlobalConfiguration.loadConfiguration(conf.toString());
  }
}
