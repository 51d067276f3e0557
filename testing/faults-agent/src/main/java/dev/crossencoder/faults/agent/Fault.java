package dev.crossencoder.faults.agent;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.faults.agent.EngineFaults.Kind;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fault of the forward passes of marked pairs.
 *
 * @param word the word that marks a pair; letters, digits and underscores
 * @param duration the additional duration of a pass, in whole milliseconds; zero except for {@link
 *     Kind#SLEEP}
 * @param once whether the fault occurs only once for each pair of texts
 */
public record Fault(String word, Kind kind, Duration duration, boolean once) {
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Pattern ARGUMENT =
      Pattern.compile("(?<word>\\w+)=(?<kind>[a-z-]+)(:(?<millis>\\d{1,9})ms)?(?<once>:once)?");

  public Fault {
    requireNonNull(kind, "kind is null");
    requireNonNull(duration, "duration is null");
    if (!WORD.matcher(word).matches()) {
      throw new IllegalArgumentException(
          "Invalid word: %s. It must be of letters, digits and underscores.".formatted(word));
    }
    if ((kind == Kind.SLEEP) != (duration.toMillis() > 0)) {
      throw new IllegalArgumentException(
          "Invalid duration of %s: %s. Sleep takes a millisecond or more, all else none."
              .formatted(kind.key(), duration));
    }
  }

  /** Returns the text that {@link #parse} reads. */
  String argument() {
    return word
        + "="
        + kind.key()
        + (kind == Kind.SLEEP ? ":%dms".formatted(duration.toMillis()) : "")
        + (once ? ":once" : "");
  }

  static Fault parse(String argument) {
    Matcher matcher = ARGUMENT.matcher(argument);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Invalid fault: %s. It must be WORD=FAULT or WORD=FAULT:once, a sleep WORD=sleep:MILLISms."
              .formatted(argument));
    }
    String millis = matcher.group("millis");
    return new Fault(
        matcher.group("word"),
        Kind.parse(matcher.group("kind")),
        Duration.ofMillis(millis == null ? 0 : Long.parseLong(millis)),
        matcher.group("once") != null);
  }
}
