package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ScoringOptions;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The second system of {@code --compare}: another model, or the same one with other options.
 *
 * @param model its model
 * @param options the options that differ from the first system, without their dashes
 */
record ComparedModel(String model, Map<String, String> options) {
  private static final String MODEL = "model";

  /** The options of a model, parsed apart from those of the command. */
  @Command(name = "--compare")
  private static final class Options {
    @Mixin private final ScoringOptions scoring = new ScoringOptions();
  }

  /**
   * Parses a value of {@code --compare}: a model, or options of scoring such as {@code
   * precision=int8,max-length=128}, of which one may be {@code model}.
   *
   * @param firstModel the model unless the value has another
   */
  static ComparedModel parse(String text, String firstModel) {
    if (!text.contains("=")) {
      return new ComparedModel(text, Map.of());
    }
    Map<String, String> options = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] option = part.split("=", 2);
      if (option.length < 2 || option[0].isBlank()) {
        throw new IllegalArgumentException(
            "Invalid --compare: %s. It must be a model, or options such as precision=int8,max-length=128."
                .formatted(text));
      }
      options.put(option[0].strip(), option[1]);
    }
    String model = options.remove(MODEL);
    return new ComparedModel(model == null ? firstModel : model, options);
  }

  /** The options as in {@code --compare}. */
  String text() {
    return options.entrySet().stream()
        .map(option -> option.getKey() + "=" + option.getValue())
        .collect(Collectors.joining(","));
  }

  /** The names of the options of a model, with dashes. */
  static Set<String> optionNames() {
    return new CommandLine(new Options()).getCommandSpec().optionsMap().keySet();
  }

  /**
   * Checks the options, before anything is read or opened.
   *
   * @param given the arguments of the command
   * @throws IllegalArgumentException if an option is unknown or invalid
   */
  void check(CommandLine.ParseResult given) {
    try {
      options(given).check();
    } catch (CommandFailedException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Invalid --compare: %s. %s".formatted(text(), e.getMessage()), e);
    }
  }

  /**
   * Opens the model with the options of the first system, except those that differ.
   *
   * @param given the arguments of the command
   * @throws IllegalArgumentException if an option is unknown or invalid
   */
  CrossEncoder open(CommandLine.ParseResult given) {
    return options(given).open(model, Optional.empty());
  }

  private ScoringOptions options(CommandLine.ParseResult given) {
    Options target = new Options();
    CommandLine parser = new CommandLine(target);
    Map<String, OptionSpec> known = parser.getCommandSpec().optionsMap();
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      if (known.containsKey(name) && !options.containsKey(name.substring(2))) {
        List<String> values = option.originalStringValues();
        arguments.add(values.isEmpty() ? name : name + "=" + values.get(0));
      }
    }
    options.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    try {
      parser.parseArgs(arguments.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return target.scoring;
  }
}
