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
