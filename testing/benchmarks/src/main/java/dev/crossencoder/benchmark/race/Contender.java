package dev.crossencoder.benchmark.race;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a user could run, and the settings among which the tuning chooses. The first setting is the
 * one without tuning.
 *
 * <p>{@code parallelism} is that of the job. {@code threads} are those of torch in each process or
 * subtask. {@code engine} is that of the bundle. {@code capacity} is that of Flink's asynchronous
 * operator.
 */
public enum Contender {
  /** The Kafka job of this project. */
  OURS(
      "this project, Kafka job",
      "parallelism=1, engine=pytorch",
      "parallelism=1, engine=onnxruntime"),

  /** The operator of this project. */
  DATASTREAM(
      "this project, operator in a DataStream",
      "parallelism=1, engine=pytorch",
      "parallelism=1, engine=onnxruntime"),

  /** The model provider of this project. */
  SQL(
      "this project, ML_PREDICT in Flink SQL",
      "parallelism=1, engine=pytorch",
      "parallelism=1, engine=onnxruntime"),

  /** A vectorized function of PyFlink in processes of its own. */
  PYFLINK_PROCESS(
      "PyFlink with sentence-transformers, process mode",
      "parallelism=1, threads=2, arrow-batch=64, bundle-millis=50, predict-batch=16",
      "parallelism=1, threads=2, arrow-batch=256, bundle-millis=50, predict-batch=16",
      "parallelism=2, threads=1, arrow-batch=64, bundle-millis=50, predict-batch=16",
      "parallelism=2, threads=1, arrow-batch=256, bundle-millis=50, predict-batch=16"),

  /** A function of PyFlink in the TaskManager, with one pair at a time. */
  PYFLINK_THREAD(
      "PyFlink with sentence-transformers, thread mode",
      "parallelism=1, threads=2",
      "parallelism=2, threads=1"),

  /** Asynchronous I/O to Infinity. */
  INFINITY(
      "async I/O to Infinity",
      "parallelism=1, servers=1, threads=2, batch=16, capacity=512, compile=no",
      "parallelism=1, servers=1, threads=2, batch=32, capacity=512, compile=no",
      "parallelism=1, servers=1, threads=2, batch=32, capacity=512, compile=yes",
      "parallelism=1, servers=2, threads=1, batch=16, capacity=512, compile=no"),

  /** Asynchronous I/O to a server of a few lines. */
  FASTAPI(
      "async I/O to FastAPI with sentence-transformers",
      "parallelism=1, servers=1, threads=2, backend=torch, batch=128, predict-batch=16, capacity=256",
      "parallelism=1, servers=1, threads=2, backend=openvino, batch=128, predict-batch=8, capacity=256",
      "parallelism=1, servers=1, threads=2, backend=torch, batch=32, predict-batch=32, capacity=64",
      "parallelism=1, servers=2, threads=1, backend=torch, batch=128, predict-batch=16, capacity=512"),

  /** DJL in a function. */
  DJL(
      "DJL's CrossEncoderTranslator in a function",
      "parallelism=1, threads=2, batch=1, wait-millis=0, graph-optimizer=false",
      "parallelism=1, threads=2, batch=1, wait-millis=0, graph-optimizer=true",
      "parallelism=2, threads=1, batch=1, wait-millis=0, graph-optimizer=false",
      "parallelism=1, threads=2, batch=16, wait-millis=20, graph-optimizer=false");

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // Lists and settings are unmodifiable.
  private final List<Setting> settings;

  Contender(String title, String... settings) {
    this.title = title;
    this.settings = Stream.of(settings).map(Setting::of).toList();
  }

  /** The name on the page. */
  public String title() {
    return title;
  }

  /** Whether it is a form of this project. */
  public boolean isOurs() {
    return this == OURS || this == DATASTREAM || this == SQL;
  }

  /** Whether it asks a server. */
  boolean asksServer() {
    return this == INFINITY || this == FASTAPI;
  }

  /** The name in options and files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  List<Setting> settings() {
    return settings;
  }

  /** All names. */
  public static List<String> keys() {
    return Arrays.stream(values()).map(Contender::key).toList();
  }

  /** Returns the contender with this name. */
  public static Contender parse(String key) {
    return Arrays.stream(values())
        .filter(contender -> contender.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid contender: %s. It must be one of %s."
                        .formatted(key, String.join(", ", keys()))));
  }
}
