package dev.crossencoder.job.options;

import dev.crossencoder.model.io.EditDistance;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Describes what is wrong with a command line, and names the most similar option. It does not
 * repeat words that may be secret: if the shell has split the line incorrectly, any word may be a
 * part of a password. picocli's own messages repeat the words.
 */
@Internal
public final class UsageErrors {
  /** The part of a word that may be shown as the name of an option. */
  private static final Pattern OPTION = Pattern.compile("--?[A-Za-z][A-Za-z0-9.-]*");

  /** A word without characters that occur only in assignments or quoted texts. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");

  private UsageErrors() {}

  /**
   * Returns one or two sentences.
   *
   * @param refusal the exception of picocli or of a command; messages of commands are returned
   *     unchanged
   * @param arguments the whole command line
   */
  public static String message(ParameterException refusal, List<String> arguments) {
    if (refusal instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched, arguments);
    }
    if (refusal instanceof CommandLine.MissingParameterException missing) {
      return missing(missing, arguments);
    }
    return refusal.getMessage();
  }

  /**
   * Describes missing options. A missing option is often present with a typing error, which picocli
   * would report only afterwards.
   */
  private static String missing(
      CommandLine.MissingParameterException missing, List<String> arguments) {
    CommandSpec command = missing.getCommandLine().getCommandSpec();
    Optional<String> mistyped =
        arguments.stream()
            .filter(word -> word.startsWith("--") && !isKnown(word, command))
            .filter(word -> !EditDistance.nearest(optionName(word), options(command)).isEmpty())
            .findFirst();
    if (mistyped.isPresent()) {
      return unknownOption(mistyped.get(), command, arguments);
    }
    if (missing.getMessage().startsWith("Expected parameter")) {
      return "Missing value: %s is followed by another option.".formatted(name(missing));
    }
    return missing.getMessage();
  }

  private static Set<String> options(CommandSpec command) {
    return command.optionsMap().keySet();
  }

  private static String name(CommandLine.MissingParameterException missing) {
    return missing.getMissing().get(0) instanceof CommandLine.Model.OptionSpec option
        ? option.longestName()
        : missing.getMissing().get(0).paramLabel();
  }

  private static String unmatched(UnmatchedArgumentException refusal, List<String> arguments) {
    CommandSpec command = refusal.getCommandLine().getCommandSpec();
    if (command.parent() == null
        && !command.subcommands().isEmpty()
        && !arguments.isEmpty()
        && !arguments.get(0).startsWith("-")
        && !command.subcommands().containsKey(arguments.get(0))) {
      return unmatchedWord(arguments.get(0), command, arguments);
    }
    // Of a message without words, the line is all there is.
    List<String> words = refusal.getUnmatched().isEmpty() ? arguments : refusal.getUnmatched();
    String word =
        words.stream()
            .filter(w -> w.startsWith("-") && !isKnown(w, command))
            .findFirst()
            .orElse(words.get(0));
    return word.startsWith("-")
        ? unknownOption(word, command, arguments)
        : unmatchedWord(words.get(0), command, arguments);
  }

  private static boolean isKnown(String word, CommandSpec command) {
    return command.optionsMap().containsKey(optionName(word));
  }

  private static String unknownOption(String word, CommandSpec command, List<String> arguments) {
    String name = optionName(word);
    List<String> nearest = EditDistance.nearest(name, options(command));
    if (nearest.isEmpty() && (!OPTION.matcher(name).matches() || hasKafka(arguments))) {
      return hidden("Unknown option", word, arguments);
    }
    return "Unknown option: %s.%s".formatted(name, suggestion(nearest));
  }

  private static String unmatchedWord(String word, CommandSpec command, List<String> arguments) {
    boolean secrets = command.optionsMap().containsKey(JobArguments.KAFKA);
    if (secrets || !PLAIN.matcher(word).matches()) {
      return hidden("Unmatched argument", word, arguments);
    }
    String what = command.subcommands().isEmpty() ? "Unmatched argument" : "Unknown command";
    return "%s: %s.%s"
        .formatted(
            what, word, suggestion(EditDistance.nearest(word, command.subcommands().keySet())));
  }

  private static String hidden(String what, String word, List<String> arguments) {
    return "%s: word %d of the line %s. If it belongs to a value with spaces, put the whole value in single quotes."
        .formatted(what, arguments.indexOf(word) + 1, KafkaSecrets.HIDDEN);
  }

  /** Returns whether any word may be the rest of a client option that the shell has split. */
  private static boolean hasKafka(List<String> arguments) {
    return arguments.stream().anyMatch(word -> optionName(word).equals(JobArguments.KAFKA));
  }

  private static String optionName(String word) {
    int end = word.indexOf('=');
    return end < 0 ? word : word.substring(0, end);
  }

  private static String suggestion(List<String> nearest) {
    return nearest.isEmpty() ? "" : " Did you mean %s?".formatted(String.join(" or ", nearest));
  }
}
