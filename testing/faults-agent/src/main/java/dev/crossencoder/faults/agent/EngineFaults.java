package dev.crossencoder.faults.agent;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The faults of the engine of a JVM with the agent, and the words that cause them. Immutable.
 *
 * <pre>{@code
 * String argument =
 *     EngineFaults.in(folder)
 *         .once("zqcrash", Kind.CRASH)
 *         .always("zqnan", Kind.NAN)
 *         .slow("zqslow", Duration.ofMillis(200))
 *         .jvmArgument();
 * options.put("env.java.opts.taskmanager", argument);
 * }</pre>
 *
 * <p>A pair is marked if one of its two texts contains the word (case-sensitive, before
 * truncation). A fault occurs in each forward pass that contains a marked pair. The agent throws
 * the exceptions of the engine's library at the place where the library would throw them. With
 * {@code once}, a fault occurs once for each pair of texts, even if the JVM is restarted: before it
 * occurs, the agent creates the file {@code WORD-SHA256} in the folder. Each fault prints a line to
 * standard error: {@code Injected fault zqoom=out-of-memory into a forward pass of 3 pairs, of a
 * batch of 8}.
 *
 * <p>The arguments of the agent, without whitespace:
 *
 * <pre>
 * -javaagent:JAR=once-folder=FOLDER{,WORD=FAULT[:once]}
 *
 * FAULT = out-of-memory        unless the pair is alone in its batch
 *       | out-of-memory-alone  also if it is alone
 *       | exception            an error of the engine
 *       | nan                  the logits of that pair are NaN
 *       | hang                 the pass never ends, and ignores interrupts
 *       | crash                the process ends with SIGSEGV
 *       | sleep:MILLISms       the pass takes that much longer
 * </pre>
 *
 * @param folder the folder for the files of faults that occur {@code once}
 * @param faults the faults in the order in which words are searched
 */
public record EngineFaults(Path folder, List<Fault> faults) {
  /** The system property with the path of the agent's jar. */
  public static final String JAR_PROPERTY = "engine-faults.jar";

  private static final String FOLDER = "once-folder=";
  private static final String HOLD_COMMITS = "hold-commits";

  /** The kinds of faults in a forward pass. */
  public enum Kind {
    /** The batch does not fit into memory, unless the pair is alone in it. */
    OUT_OF_MEMORY,
    /** The batch does not fit into memory, even if the pair is alone in it. */
    OUT_OF_MEMORY_ALONE,
    /** The engine throws another error. */
    EXCEPTION,
    /** The logits of the pair are NaN. */
    NAN,
    /** The pass never ends, and ignores interrupts. */
    HANG,
    /** The process ends with SIGSEGV. */
    CRASH,
    /** The pass takes longer. */
    SLEEP;

    /** The name in the agent's arguments: {@code out-of-memory-alone}. */
    String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Kind parse(String key) {
      return Arrays.stream(values())
          .filter(kind -> kind.key().equals(key))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "Invalid fault: %s. It must be one of %s."
                          .formatted(
                              key,
                              Arrays.stream(values())
                                  .map(Kind::key)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  public EngineFaults {
    requireNonNull(folder, "folder is null");
    faults = List.copyOf(faults);
    if (!folder.toString().matches("[^\\s,]+")) {
      throw new IllegalArgumentException(
          "Invalid folder: %s. White space and commas are not allowed in a JVM's arguments."
              .formatted(folder));
    }
    for (int i = 0; i < faults.size(); i++) {
      for (int j = 0; j < faults.size(); j++) {
        if (i != j && faults.get(j).word().contains(faults.get(i).word())) {
          throw new IllegalArgumentException(
              "Invalid words: %s and %s. None may be part of another."
                  .formatted(faults.get(i).word(), faults.get(j).word()));
        }
      }
    }
  }

  /** Returns an instance without faults. */
  public static EngineFaults in(Path folder) {
    return new EngineFaults(folder.toAbsolutePath(), List.of());
  }

  /** Adds a fault that occurs in each forward pass with a marked pair. */
  public EngineFaults always(String word, Kind kind) {
    return with(new Fault(word, kind, Duration.ZERO, false));
  }

  /** Adds a fault that occurs in the first forward pass of each marked pair. */
  public EngineFaults once(String word, Kind kind) {
    return with(new Fault(word, kind, Duration.ZERO, true));
  }

  /** Makes each forward pass with a marked pair longer. */
  public EngineFaults slow(String word, Duration duration) {
    return with(new Fault(word, Kind.SLEEP, duration, false));
  }

  private EngineFaults with(Fault fault) {
    List<Fault> more = new ArrayList<>(faults);
    more.add(fault);
    return new EngineFaults(folder, more);
  }

  /**
   * Returns the argument of a JVM, with the jar that the system property {@link #JAR_PROPERTY}
   * names.
   *
   * @throws IllegalStateException if it names none
   */
  public String jvmArgument() {
    Path jar = Path.of(System.getProperty(JAR_PROPERTY, ""));
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          "Cannot find the agent's jar, the system property %s is: %s. Set it to engine-faults-agent.jar, which `./mvnw package -pl testing/faults-agent -am` builds."
              .formatted(JAR_PROPERTY, jar));
    }
    return "-javaagent:%s=%s".formatted(jar.toAbsolutePath(), arguments());
  }

  /** Returns what {@link #parse} reads. */
  String arguments() {
    return Stream.concat(Stream.of(FOLDER + folder), faults.stream().map(Fault::argument))
        .collect(Collectors.joining(","));
  }

  /**
   * Reads the agent's arguments.
   *
   * @throws IllegalArgumentException naming the part that cannot be read
   */
  static EngineFaults parse(String arguments) {
    List<String> parts = List.of(requireNonNull(arguments, "arguments is null").split(",", -1));
    if (!parts.get(0).startsWith(FOLDER)) {
      throw new IllegalArgumentException(
          "Invalid arguments: %s. They must begin with %sFOLDER.".formatted(arguments, FOLDER));
    }
    return new EngineFaults(
        Path.of(parts.get(0).substring(FOLDER.length())),
        parts.stream().skip(1).map(Fault::parse).toList());
  }

  /**
   * Makes the sinks of all JVMs with these arguments wait before commits, until {@link #letCommit}.
   */
  public void holdCommits() throws IOException {
    Files.createDirectories(folder);
    Files.createFile(folder.resolve(HOLD_COMMITS));
  }

  /** Ends the effect of {@link #holdCommits}. */
  public void letCommit() throws IOException {
    Files.delete(folder.resolve(HOLD_COMMITS));
  }

  boolean holdsCommits() {
    return Files.exists(folder.resolve(HOLD_COMMITS));
  }

  /**
   * Returns the number of text pairs with this word whose fault, of those that occur once, has
   * occurred.
   */
  public long happened(String word) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(word + "-")).count();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + folder, e);
    }
  }
}
