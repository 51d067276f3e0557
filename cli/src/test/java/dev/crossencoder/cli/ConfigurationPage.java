package dev.crossencoder.cli;

import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.sql.CrossEncoderModelOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;

/** Writes {@code docs/configuration.md} from the options themselves. */
final class ConfigurationPage {
  private ConfigurationPage() {}

  static String text() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Configuration

        <!-- Generated from the options. After changing one, regenerate this page with
             ./mvnw verify -Dtest=ConfigurationPageTest -Dconfiguration-page.write -Dsurefire.failIfNoSpecifiedTests=false -pl cli -am -DskipITs -->

        Every option has a key for YAML files and `Configuration` objects, and a flag for `flink run` and
        `cross-encoder job`. A flag takes precedence over the file that `--config` names.

        ## The operator

        These are the options of `CrossEncoderFunction`. They apply to the Kafka job and to your own jobs.

        """);
    options(page, CrossEncoderFunctionOptions.all());
    page.append(
        """

        ## Flink SQL

        These are the options of `CREATE MODEL … WITH ('provider' = 'cross-encoder', …)`. A statement with `ML_PREDICT` checks them when it
        is planned.

        | key | type | default | description |
        |---|---|---|---|
        """);
    sqlOptions(page);
    page.append(sqlSettings());
    page.append(
        """

        ## The Kafka job

        These options apply to the Kafka job only.

        """);
    options(page, JobOptions.all());
    page.append(positions());
    page.append(
        """

        ## Kafka's own options

        `properties.*` in the file and `--kafka KEY=VALUE` on the command line set properties of every Kafka client of the job: source,
        sinks, and the checks of the cluster before submission. The file may also say `kafka.*`; if it has both, `properties.*` is used.

        Do not write secrets there. Write a reference instead, which each client resolves on the machine where it runs:

        | reference | value |
        |---|---|
        | `${env:NAME}` | an environment variable |
        | `${file:/path/file.properties:key}` | a key of a properties file |
        | `${directory:/path:file}` | a file of a mounted secret |

        The job refuses these options, because they would break its guarantees:

        - `acks` other than `all`, and `enable.auto.commit=true`,
        - with exactly-once, `enable.idempotence=false` and `retries=0`,
        - serializers and deserializers of your own,
        - values that contradict each other, such as a `delivery.timeout.ms` below `linger.ms` plus `request.timeout.ms`.

        ## Dead letters

        A dead letter is a record that could not be scored, with the key, value and headers that were read. The job adds these headers
        after the record's own:

        | header | content |
        |---|---|
        | `cross-encoder.reason` | one of the codes below |
        | `cross-encoder.message` | a sentence that contains nothing of the record's text |
        | `cross-encoder.topic`, `.partition`, `.offset`, `.timestamp` | where the record was read, and its timestamp in milliseconds, or -1 if it has none; the timestamp of the dead letter itself is the time of writing |
        | `cross-encoder.omitted` | which of key, headers and value were omitted, because the dead-letter topic does not accept a record of that size |

        | reason | meaning |
        |---|---|
        | `null_value` | the value is null, and `input.tombstones` is `dead-letter` |
        | `invalid_utf8`, `malformed_json` | the value is not a JSON object in UTF-8, or has another frame than `input.framing` says |
        | `too_deep` | arrays and objects are nested more than 1,000 deep |
        | `missing_field`, `not_text` | there is no value where `input.text` or `input.text-pair` points, or it is not a string; or there is something else than a string where `route` points |
        | `not_array` | the value where `input.documents` points is not an array |
        | `too_many_documents` | the record has more documents than `cross-encoder.max-documents` |
        | `no_valid_document` | none of the documents has a text and a score; the message has the reason of the first one |
        | `field_exists` | the record already has a member `output.field`, and `output.overwrite` is `false` |
        | `oversized_result` | the record with its result is larger than `output.max-record-size` |
        | `invalid_timestamp` | the output topic refuses the record's timestamp, see `output.timestamp` |
        | `missing_key` | the record has no key, and the output topic is compacted |
        | `unknown_model` | the record names a model that is not one of `cross-encoder.models`, or none, and `cross-encoder.route.default` is not set |
        | `invalid_labels` | the record's own labels are empty, too many (`cross-encoder.max-documents`), blank, no strings, or twice the same |
        | `skipped` | `skip` names the record |
        | `non_finite_score` | the model computed NaN or an infinite score |
        | `device_out_of_memory`, `tokenisation_failed` | the pair alone does not fit into the device's memory, or the tokenizer fails on its text |
        | `pair_too_long` | the text that `cross-encoder.truncation` may shorten would be gone before the pair fits |
        | `timeout` | `cross-encoder.timeout` has passed, and `cross-encoder.on-timeout` is `dead-letter` |

        The job reads the settings of the output topic at submission and when it restarts, and thereby knows what the topic refuses. The
        dead-letter topic must not be compacted and must not have narrow limits for timestamps or sizes. Otherwise the job is refused
        at submission.
        """);
    page.append(flinkSettings());
    return page.toString();
  }

  private static String positions() {
    return """

        ### Where a run starts and ends

        Checkpoints and savepoints contain a position for each partition. `from` applies to partitions without a position.

        | state | `from` | start of a partition |
        |---|---|---|
        | none | `committed` | the group's offset; without one, the earliest record |
        | none | `earliest` | the earliest record |
        | none | `latest` | the end when the job starts |
        | none | a time | the first record of that time or later; without one, the end when the job starts |
        | a checkpoint or savepoint | any value | its position there; for a partition that was added since, the first record that it ever had |

        The job compares each position with the content of the topic when a run starts, is resumed or restarts, and whenever the brokers refuse a
        position, for example when retention overtakes a slow job:

        | position | outcome |
        |---|---|
        | in the topic, or at its end | The job continues there. Offsets without a record (compaction, ends of transactions) are normal. |
        | before the topic's beginning | Kafka has deleted records that were not read. The job ends and does not restart; with `input.out-of-range: earliest` it continues at the beginning, logs an error and counts the skipped offsets in `offsetsSkipped`. |
        | beyond the topic's end, or in a partition that does not exist | The topic was recreated, or its brokers have lost records. The job ends and does not restart, regardless of `input.out-of-range`. |
        | in a recreated topic that has this offset again | This is not detected, because the connector's state contains offsets but not the topic's id. Start without state after you have recreated a topic. |
        | in the state of another topic | The job ends and does not restart. Name the same `input.topic`, or start without the state. |

        `until` is resolved once, at submission. It applies to all partitions, restored or not, and after every restart:

        | `until` | without state, or with the state of an unbounded run | with the state of a bounded run |
        |---|---|---|
        | `never` | The job does not end. | The job does not end; partitions that had reached the earlier end are continued from there. |
        | `latest` | The job ends at the end that each partition had at submission. | The same; partitions that had reached the earlier end are continued from there. |
        | a time | The job ends before the first record of that time or later; if there is none, at the end at submission. A partition whose position is beyond that is not read. | The same. |
        | `committed` | The job ends at the group's offsets at submission. A partition without an offset is not read; a group without any offsets is refused. A resumed run with the same group ends at once, because its positions are not before the group's. | The same. |

        A savepoint with `--drain`, and a checkpoint that was taken after a run had read everything, restore tasks that have finished. Flink then ends the
        job at once. In this case, start without the savepoint or checkpoint, with `from: committed`.

        A bounded run cannot be resumed when the brokers cannot be reached at submission.
        """;
  }

  private static String flinkSettings() {
    return """

        ## Flink's own options

        The job sets some of Flink's options, because it would otherwise lose or repeat results, or could not be resumed. It logs a warning if the
        cluster or the command line sets another value.

        | option of Flink | behaviour of this job |
        |---|---|
        | `execution.runtime-mode` | Set to `STREAMING`, also for a bounded run. A batch job has no checkpoints: it would have one transaction for the whole run, and a failure would start it from the beginning. |
        | `execution.checkpointing.mode` | Set to `EXACTLY_ONCE` with `delivery: exactly-once`, because rebalanced records would otherwise be duplicated. Not changed with `at-least-once`. |
        | `execution.checkpointing.checkpoints-after-tasks-finish` | Set to `true`, because this checkpoint commits the last results of a bounded run. |
        | `execution.state-recovery.approximate-local-recovery` | Set to `false`, because it loses records that are between tasks. |
        | `pipeline.generic-types`, `pipeline.force-kryo`, `pipeline.force-avro`, `pipeline.auto-generate-uids` | Set to `false`, so that the types and names of the state stay the same. |
        | `pipeline.object-reuse` | Set to `true`, because records are immutable. |
        | `execution.checkpointing.externalized-checkpoint-retention` | Set to `RETAIN_ON_CANCELLATION` unless it is set. A job that ends with an error is resumed from its last checkpoint, which Flink would delete by default. This needs `execution.checkpointing.dir`. Delete checkpoints that you no longer need. |
        | `execution.checkpointing.timeout` | With exactly-once, set to half of `transaction.longest-outage`, from 1 min to Flink's 10 min, unless it is set. The reason is that a transaction is open during two checkpoints. The job logs a warning if it is set to more. |
        | `execution.buffer-timeout.interval` | Set to 5 ms unless it is set. |
        | `execution.checkpointing.interval` | Required with exactly-once, unless `checkpoint.interval` is set. The larger of this option and `execution.checkpointing.min-pause` is part of the transaction timeout. |
        | `restart-strategy.type` | Not changed. The job logs a warning for `none`, because the first failure of a machine then ends the job. |
        | `pipeline.max-parallelism` | Not changed. Flink refuses a savepoint that was taken with another value; without the option, it uses the savepoint's value. |
        | `execution.checkpointing.unaligned.enabled`, `.max-concurrent-checkpoints`, `.tolerable-failed-checkpoints` | Not changed; results are the same. After a failed checkpoint that is tolerated, its transaction stays open until the next checkpoint. |
        | savepoints of the canonical or native format | Both formats can be restored. |
        | `jobmanager.scheduler` | Not changed; the default and the adaptive scheduler are tested. |
        | `pipeline.operator-chaining.enabled`, `pipeline.auto-watermark-interval`, `execution.buffer-timeout.enabled`, `execution.batch.*` | Not changed; they affect only speed, if anything. The job has no watermarks and is not a batch job. |
        """;
  }

  private static void options(StringBuilder page, List<ConfigOption<?>> options) {
    page.append("| key | flag | type | default | description |\n|---|---|---|---|---|\n");
    for (ConfigOption<?> option : options) {
      page.append(
          "| `%s` | `%s` | %s | %s | %s |%n"
              .formatted(
                  option.key(),
                  JobOptions.flag(option),
                  type(option),
                  defaultValue(option),
                  description(option)));
    }
  }

  private static void sqlOptions(StringBuilder page) {
    for (ConfigOption<?> option : CrossEncoderModelOptions.all()) {
      page.append(
          "| `%s` | %s | %s | %s |%n"
              .formatted(option.key(), type(option), defaultValue(option), description(option)));
    }
  }

  private static String sqlSettings() {
    return """

        The columns of a model are known by their names and types:

        | input | output |
        |---|---|
        | two of type STRING (CHAR and VARCHAR, too) | any of `score FLOAT` or `DOUBLE`, `label STRING`, `scores MAP<STRING, FLOAT>`, `logits ARRAY<FLOAT>`, `truncated BOOLEAN`, `revision STRING`, `error STRING`; `label` and `scores` need a model with several labels |
        | one of type STRING and one of type ARRAY<STRING>: a query and its documents | one row per document, best first: any of `index INT`, `score FLOAT` or `DOUBLE`, `document STRING`, `truncated BOOLEAN`, `stage INT` (the model of a [cascade](rerank.md#two-models-a-cascade)), `revision STRING`, `error STRING` |
        | the same | one row per query: `results ARRAY<ROW<…>>` with any of `index INT`, `score FLOAT` or `DOUBLE`, `document STRING`, `truncated BOOLEAN` and `stage INT`, best first; and `revision STRING`, `error STRING` |
        | one of type STRING: a text to classify with `classify.labels` | any of `label STRING`, `score FLOAT` or `DOUBLE` (of that label), `scores MAP<STRING, FLOAT>`, `truncated BOOLEAN`, `revision STRING`, `error STRING` |

        With several models, there is one more input column, `route STRING`: the name of the row's model, or NULL for `route.default`.

        A row with NULL in a text or in place of its documents, or with an empty array, has one output row of NULLs. A document that is NULL has the score NULL
        and comes last. Therefore output columns must not be NOT NULL.

        `ML_PREDICT` has settings of Flink's own. Each is a key of the MAP that is its last argument, or an option of the session:

        | key | option of the session | default | description |
        |---|---|---|---|
        | `max-concurrent-operations` | `table.exec.async-ml-predict.max-concurrent-operations` | `10` | The largest number of rows in flight per subtask. The default does not fill the batches of pairs: set it to 128, and to more on a GPU. |
        | `timeout` | `table.exec.async-ml-predict.timeout` | `3 min` | A row that is not scored within nine tenths of it is treated as `error-handling-strategy` says. |
        | `output-mode` | `table.exec.async-ml-predict.output-mode` | `ORDERED` | With `ALLOW_UNORDERED`, a row that takes long does not delay the rows behind it. |
        | `async` | – | – | Leave it out: the provider is asynchronous, and Flink refuses `false`. |
        """;
  }

  private static String description(ConfigOption<?> option) {
    return new HtmlFormatter().format(option.description()).replace("|", "\\|");
  }

  private static String type(ConfigOption<?> option) {
    Class<?> type = optionType(option);
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(value -> "`" + value + "`")
          .collect(Collectors.joining(", "));
    }
    return switch (type.getSimpleName()) {
      case "Integer" -> "whole number";
      case "Float", "Double" -> "number";
      case "Map" -> "options by name";
      case "Boolean" -> "true or false";
      case "Duration" -> "duration (`10s`, `5 min`)";
      case "MemorySize" -> "size (`1mb`)";
      default -> "text";
    };
  }

  private static Class<?> optionType(ConfigOption<?> option) {
    try {
      var method = ConfigOption.class.getDeclaredMethod("getClazz");
      method.setAccessible(true);
      return (Class<?>) method.invoke(option);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read the type of " + option, e);
    }
  }

  private static String defaultValue(ConfigOption<?> option) {
    Object value = option.defaultValue();
    if (value == null || (value instanceof List<?> list && list.isEmpty())) {
      return "–";
    }
    return "`"
        + (value instanceof Duration duration
            ? TimeUtils.formatWithHighestUnit(duration)
            : String.valueOf(value))
        + "`";
  }
}
