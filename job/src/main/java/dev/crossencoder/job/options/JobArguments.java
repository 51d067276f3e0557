package dev.crossencoder.job.options;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The job's command line. It has one flag for each option of the job and of the operator, generated
 * from the options, {@code --kafka} for the options of Kafka's clients, and {@code --config} for a
 * YAML file. Flags take precedence over the file.
 */
@Internal
public final class JobArguments {
  private static final String CONFIG = "--config";
  static final String KAFKA = "--kafka";
  private static final ConfigOption<?> MODELS = CrossEncoderFunctionOptions.MODELS;

  /** The characters of a key of a client option. */
  private static final Pattern CLIENT_KEY = Pattern.compile("[A-Za-z0-9._-]+");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JobArguments() {}

  /** All options that have a flag of their own. */
  public static List<ConfigOption<?>> options() {
    return Stream.concat(CrossEncoderFunctionOptions.all().stream(), JobOptions.all().stream())
        .toList();
  }

  /**
   * Adds the job's flags to a command.
   *
   * @see #read
   */
  public static void addTo(CommandSpec command) {
    command.usageMessage().abbreviateSynopsis(true).sortOptions(false);
    // A mistyped flag is no value of the flag before it, which would be repeated in a message.
    command.parser().unmatchedOptionsAllowedAsOptionParameters(false);
    command.addOption(
        OptionSpec.builder(CONFIG)
            .paramLabel("FILE")
            .type(Path.class)
            .description(
                "A YAML file with any of these options by their keys; flags take precedence.")
            .build());
    for (ConfigOption<?> option : options()) {
      command.addOption(option.equals(MODELS) ? models() : flagOf(option));
    }
    command.addOption(
        OptionSpec.builder(KAFKA)
            .paramLabel("KEY=VALUE")
            // No map: picocli repeats what has no equals sign.
            .type(List.class)
            .auxiliaryTypes(String.class)
            // picocli reads a dollar sign before a brace as a variable, two as one.
            .description(
                "Any option of Kafka's clients, such as security.protocol=SASL_SSL; repeat for more. In the file: properties.KEY. Secrets are given as references: $${env:NAME}, $${file:/path/file.properties:key} or $${directory:/path:file}.")
            .build());
  }

  private static OptionSpec models() {
    return OptionSpec.builder(JobOptions.flag(MODELS))
        .paramLabel("NAME.OPTION=VALUE")
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(describe(MODELS) + " Repeat for more.")
        .build();
  }

  private static OptionSpec flagOf(ConfigOption<?> option) {
    OptionSpec.Builder flag =
        OptionSpec.builder(JobOptions.flag(option))
            .type(String.class)
            .paramLabel("VALUE")
            .description(describe(option));
    if (option.defaultValue() instanceof Boolean) {
      flag.arity("0..1").fallbackValue("true").paramLabel("true|false");
    }
    return flag.build();
  }

  private static String describe(ConfigOption<?> option) {
    String text = new HtmlFormatter().format(option.description());
    Object fallback =
        option.defaultValue() instanceof Duration duration
            ? TimeUtils.formatWithHighestUnit(duration)
            : option.defaultValue();
    boolean hasDefault = fallback != null && !(fallback instanceof List<?> list && list.isEmpty());
    String key = "[" + option.key() + (hasDefault ? ", default " + fallback : "") + "]";
    // picocli would read a percent sign as a format.
    return (text + " " + key).replace("%", "%%");
  }

  /**
   * Reads the options from a parsed command line.
   *
   * @throws CommandLine.ParameterException naming the key, the value and what to do
   */
  public static Configuration read(CommandLine.ParseResult arguments) {
    CommandLine command = arguments.commandSpec().commandLine();
    Map<String, String> values = new LinkedHashMap<>();
    Path file = arguments.matchedOptionValue(CONFIG, null);
    if (file != null) {
      values.putAll(readFile(file, command));
    }
    values.putAll(modelOptions(arguments, command));
    for (ConfigOption<?> option : options()) {
      if (option.equals(MODELS)) {
        continue;
      }
      String value = arguments.matchedOptionValue(JobOptions.flag(option), null);
      if (value != null) {
        if (value.startsWith("--")) {
          // A mistyped flag after one whose value may be left out.
          throw new CommandLine.ParameterException(
              command,
              "Invalid %s: the next word looks like an option, but there is no such option."
                  .formatted(JobOptions.flag(option)));
        }
        values.put(option.key(), value);
      }
    }
    Map<String, String> kafka = clientOptions(arguments, command);
    kafka.forEach((key, value) -> values.put(JobOptions.PROPERTIES_PREFIX + key, value));
    Set<String> providers = KafkaSecrets.providers(JobOptions.clientOptions(values));
    kafka.forEach(
        (key, value) -> {
          if (KafkaSecrets.isPlainSecret(key, value, providers)) {
            throw new CommandLine.ParameterException(command, plainSecret(key));
          }
        });
    return Configuration.fromMap(values);
  }

  /** Returns the options of {@code --models}, by their whole keys. */
  private static Map<String, String> modelOptions(
      CommandLine.ParseResult arguments, CommandLine command) {
    Map<String, String> models = new LinkedHashMap<>();
    String flag = JobOptions.flag(MODELS);
    List<String> assignments = arguments.matchedOptionValue(flag, List.of());
    for (String assignment : assignments) {
      int end = assignment.indexOf('=');
      if (end < 0) {
        throw new CommandLine.ParameterException(
            command,
            "Invalid %s: %s. It must be NAME.OPTION=VALUE, such as en.model=demo-rank."
                .formatted(flag, assignment));
      }
      models.put(MODELS.key() + "." + assignment.substring(0, end), assignment.substring(end + 1));
    }
    return models;
  }

  private static String plainSecret(String key) {
    return "Invalid %s %s: every user of the machine can read a secret in an argument. Write a reference and nothing else in the place of the secret, ${env:NAME}, ${file:/path/file.properties:key} or ${directory:/path:file}, in a login line such as password=\"${env:NAME}\"."
        .formatted(KAFKA, key);
  }

  /**
   * Returns the options of {@code --kafka}. If a key occurs several times, the last value is used.
   */
  private static Map<String, String> clientOptions(
      CommandLine.ParseResult arguments, CommandLine command) {
    Map<String, String> kafka = new LinkedHashMap<>();
    List<String> assignments = arguments.matchedOptionValue(KAFKA, List.of());
    for (int i = 0; i < assignments.size(); i++) {
      String assignment = assignments.get(i);
      int end = assignment.indexOf('=');
      if (end < 0 || !CLIENT_KEY.matcher(assignment.substring(0, end)).matches()) {
        throw new CommandLine.ParameterException(
            command,
            "Invalid %s, number %d of %d: %s. It must be KEY=VALUE, such as security.protocol=SASL_SSL, in single quotes if the value has spaces."
                .formatted(KAFKA, i + 1, assignments.size(), KafkaSecrets.HIDDEN));
      }
      kafka.put(assignment.substring(0, end), assignment.substring(end + 1));
    }
    return kafka;
  }

  private static Map<String, String> readFile(Path file, CommandLine command) {
    JsonNode root;
    try {
      root = YAML.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      // The parser's own message quotes the file, which may hold secrets.
      throw new CommandLine.ParameterException(
          command,
          "Cannot read %s %s, it is not valid YAML at line %d, or it repeats a key or begins a second document there."
              .formatted(CONFIG, file, e.getLocation() == null ? 1 : e.getLocation().getLineNr()));
    } catch (IOException e) {
      throw new CommandLine.ParameterException(
          command, "Cannot read %s %s: %s".formatted(CONFIG, file, e), e);
    }
    Map<String, String> values = new LinkedHashMap<>();
    try {
      flatten("", root, values);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          command, "Cannot read %s %s, %s.".formatted(CONFIG, file, e.getMessage()), e);
    }
    for (String key : values.keySet()) {
      checkKnown(key, file, command);
    }
    return values;
  }

  /**
   * Joins nested keys with dots: {@code input: {topic: pairs}} becomes {@code input.topic}.
   *
   * @throws IllegalArgumentException if a key has two values
   */
  private static void flatten(String prefix, JsonNode node, Map<String, String> values) {
    if (node == null || node.isNull() || node.isMissingNode()) {
      return;
    }
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        String key = prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey();
        flatten(key, field.getValue(), values);
      }
    } else if (node.isArray()) {
      List<String> elements = new ArrayList<>();
      node.forEach(element -> elements.add(element.asText()));
      put(prefix, String.join(";", elements), values);
    } else {
      put(prefix, node.asText(), values);
    }
  }

  private static void put(String key, String value, Map<String, String> values) {
    if (values.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("it has the key %s twice".formatted(shown(key)));
    }
  }

  /**
   * Returns the part of a key that may be shown. The rest may be a value whose colon is missing.
   */
  private static String shown(String key) {
    Matcher known = CLIENT_KEY.matcher(key);
    if (!known.lookingAt()) {
      return KafkaSecrets.HIDDEN;
    }
    return known.end() == key.length() ? key : known.group() + " " + KafkaSecrets.HIDDEN;
  }

  private static void checkKnown(String key, Path file, CommandLine command) {
    boolean known =
        (JobOptions.isClientOption(key) && CLIENT_KEY.matcher(key).matches())
            // What follows is checked with the model.
            || key.startsWith(MODELS.key() + ".")
            || options().stream()
                .anyMatch(option -> CrossEncoderFunctionOptions.keys(option).contains(key));
    if (!known) {
      throw new CommandLine.ParameterException(
          command,
          "Invalid key in %s: %s. Known keys: %s, and properties.* for Kafka's clients."
              .formatted(
                  file,
                  key.isEmpty() ? "(no mapping)" : shown(key),
                  options().stream().map(ConfigOption::key).collect(Collectors.joining(", "))));
    }
  }
}
