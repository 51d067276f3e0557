package dev.crossencoder.cli;

import dev.crossencoder.job.JobArguments;
import dev.crossencoder.job.JobOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
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

        <!-- Generated from the options. After changing one, write this page anew with
             ./mvnw verify -Dtest=ConfigurationPageTest -Dconfiguration-page.write -Dsurefire.failIfNoSpecifiedTests=false -pl cli -am -DskipITs -->

        Every option has a key, for YAML files and `Configuration` objects, and a flag, for `flink run` and
        `cross-encoder job`. Flags win over the file that `--config` names.

        ## The operator

        Options of `CrossEncoderFunction`, for one's own jobs and for the Kafka job.

        """);
    options(page, CrossEncoderFunctionOptions.all());
    page.append(
        """

        ## The Kafka job

        """);
    options(page, JobOptions.all());
    page.append(positions());
    page.append(
        """

        ## Kafka's own options

        `kafka.*` in the file and `--kafka KEY=VALUE` on the command line go to every Kafka client of the job: source,
        sinks, and the look at the cluster before submission. Secrets are never written there. Write a reference, which
        each client resolves where it runs: `${env:NAME}` for an environment variable, `${file:/path/file.properties:key}`
        for a key of a properties file, `${directory:/path:file}` for a file of a mounted secret.

        ## Dead letters

        A dead letter is the record as it was read, key, value and headers, with these headers behind its own:

        | header | |
        |---|---|
        | `cross-encoder.reason` | one of the codes below |
        | `cross-encoder.message` | a sentence, without any of the record's text |
        | `cross-encoder.topic`, `.partition`, `.offset`, `.timestamp` | where the record was read, and its timestamp in milliseconds, -1 if it has none; the dead letter's own timestamp is that of its writing |
        | `cross-encoder.omitted` | which of key, headers and value were left out, because the dead-letter topic does not take a record of that size |

        | reason | |
        |---|---|
        | `null_value` | the value is null, and `input.tombstones` is `dead-letter` |
        | `invalid_utf8`, `malformed_json` | no JSON object in UTF-8, or another frame than `input.framing` says |
        | `too_deep` | arrays and objects are nested more than 1,000 deep |
        | `missing_field`, `not_text` | the texts are not where `input.text` and `input.text-pair` say, or are no texts |
        | `field_exists` | the record has `output.field` already, and `output.overwrite` is `false` |
        | `oversized_result` | with its result the record is larger than `output.max-record-size` |
        | `invalid_timestamp` | the output topic refuses the record's timestamp, see `output.timestamp` |
        | `missing_key` | the record has no key, and the output topic is compacted |
        | `skipped` | `skip` names it |
        | `non_finite_score` | the model computed NaN or an infinite score |
        | `device_out_of_memory`, `tokenisation_failed` | the pair alone is too much for the device, or its text for the tokeniser |
        | `timeout` | `cross-encoder.timeout` is over, and `cross-encoder.on-timeout` is `dead-letter` |

        What the output topic refuses is known from its settings, which are read at submission and when a job restarts. The
        dead-letter topic may be neither compacted nor have narrow limits of time or size: it is refused at submission.
        """);
    page.append(flinkSettings());
    return page.toString();
  }

  private static String positions() {
    return """

        ### Where a run starts and ends

        Checkpoints and savepoints hold a position for each partition. `from` is for partitions that have none.

        | state | `from` | start of a partition |
        |---|---|---|
        | none | `committed` | the group's offset; without one, the earliest record |
        | none | `earliest` | the earliest record |
        | none | `latest` | the end when the job starts |
        | none | a time | the first record of that time or later; without one, the end when the job starts |
        | a checkpoint or savepoint | any value | its position there; of a partition that was added since, the first record that it ever had |

        A position is compared with what is in the topic when a run starts, is resumed or restarts, and whenever the brokers refuse it, such as when
        retention overtakes a slow job:

        | position | outcome |
        |---|---|
        | in the topic, or at its end | The job goes on there. Offsets without a record (compaction, ends of transactions) are normal. |
        | before the topic's beginning | Kafka has deleted records that were not read. The job ends and does not restart; with `input.out-of-range: earliest` it goes on at the beginning, logs an error and counts the offsets between in `offsetsSkipped`. |
        | beyond the topic's end, or in a partition that does not exist | The topic was made anew, or its brokers have lost records. The job ends and does not restart, whatever `input.out-of-range` says. |
        | in a topic that was made anew and has this offset again | Not noticed: the connector's state has offsets, but not the topic's id. Start without state after you have made a topic anew. |
        | in the state of another topic | The job ends and does not restart. Name the same `input.topic`, or start without the state. |

        `until` is looked up once, at submission, and holds for all partitions, restored or not, and after every restart:

        | `until` | without state, or with that of a run that had no end | with the state of a run that had an end |
        |---|---|---|
        | `never` | It runs on. | It runs on; partitions that were at that end are read on from there. |
        | `latest` | It ends at the end that each partition had at submission. | The same; partitions that were at the earlier end are read on from there. |
        | a time | It ends before the first record of that time or later; without one, at the end at submission. A partition whose position is beyond that is not read. | The same. |
        | `committed` | It ends at the group's offsets at submission. A partition without one is not read; a group without any is refused. A run with the same group that is resumed ends at once: its positions are not before the group's. | The same. |

        A savepoint with `--drain`, and a checkpoint that was taken after a run had read everything, restore tasks that have finished: Flink then ends the
        job at once. Start without it, with `from: committed`. A run with an end is refused when it is resumed and the brokers cannot be reached at submission.
        """;
  }

  private static String flinkSettings() {
    return """

        ## Flink's own options

        The job sets some options of Flink itself, since it would otherwise lose or repeat results, or could not be resumed. It logs a warning where the
        cluster or the command line says otherwise.

        | option of Flink | with this job |
        |---|---|
        | `execution.runtime-mode` | Set to `STREAMING`, also for a run with an end. A batch has no checkpoints: one transaction for the whole run, and a failure starts it anew. |
        | `execution.checkpointing.mode` | Set to `EXACTLY_ONCE` with `delivery: exactly-once`, since records that are rebalanced would otherwise come twice. Left with `at-least-once`. |
        | `execution.checkpointing.checkpoints-after-tasks-finish` | Set to `true`: it commits the last results of a run with an end. |
        | `execution.state-recovery.approximate-local-recovery` | Set to `false`: it gives up records that are between tasks. |
        | `pipeline.generic-types`, `pipeline.force-kryo`, `pipeline.force-avro`, `pipeline.auto-generate-uids` | Set to `false`: the types and names of the state stay the same. |
        | `pipeline.object-reuse` | Set to `true`: records are immutable. |
        | `execution.checkpointing.externalized-checkpoint-retention` | `RETAIN_ON_CANCELLATION` unless it is set: a job that ends with a reason is resumed from its last checkpoint, which Flink would delete by default. It needs `execution.checkpointing.dir`. Delete what you no longer need. |
        | `execution.checkpointing.timeout` | With exactly-once half of `transaction.longest-outage`, from 1 min to Flink's 10 min, unless it is set: a transaction is open during two checkpoints. A warning if it is set to more. |
        | `execution.buffer-timeout.interval` | 5 ms unless it is set. |
        | `execution.checkpointing.interval` | Needed with exactly-once, unless `checkpoint.interval` is set. The longer of it and `execution.checkpointing.min-pause` is part of the transactions' timeout. |
        | `restart-strategy.type` | Left. `none` is warned of: the first failure of a machine ends the job. |
        | `pipeline.max-parallelism` | Left. Flink refuses a savepoint that was taken with another value; without the option it takes the savepoint's. |
        | `execution.checkpointing.unaligned.enabled`, `.max-concurrent-checkpoints`, `.tolerable-failed-checkpoints` | Left; results are the same. A checkpoint that fails and is tolerated keeps its transaction open until the next one. |
        | savepoints of the canonical or native format | Both are restored. |
        | `jobmanager.scheduler` | Left; the default and the adaptive scheduler are tested. |
        | `pipeline.operator-chaining.enabled`, `pipeline.auto-watermark-interval`, `execution.buffer-timeout.enabled`, `execution.batch.*` | Left; they change the speed at most. The job has no watermarks and is no batch. |
        """;
  }

  private static void options(StringBuilder page, List<ConfigOption<?>> options) {
    page.append("| key | flag | type | default | description |\n|---|---|---|---|---|\n");
    for (ConfigOption<?> option : options) {
      page.append(
          "| `%s` | `%s` | %s | %s | %s |%n"
              .formatted(
                  option.key(),
                  JobArguments.flag(option.key()),
                  type(option),
                  defaultValue(option),
                  new HtmlFormatter().format(option.description()).replace("|", "\\|")));
    }
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
