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
    return page.toString();
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
