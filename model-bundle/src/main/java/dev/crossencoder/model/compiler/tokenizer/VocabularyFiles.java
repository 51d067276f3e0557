package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code vocab.txt}, {@code vocab.json} and {@code merges.txt} as {@code transformers} does.
 */
final class VocabularyFiles {
  private static final Pattern LINE_END = Pattern.compile("\r\n?");
  private static final Pattern LINE_FEED = Pattern.compile("\n", Pattern.LITERAL);
  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private VocabularyFiles() {}

  /** Two neighbours that become one piece. */
  record Merge(String left, String right) {}

  /**
   * Reads one piece a line; its line number, from 0, is its id. A piece that is there twice has the
   * id of its last line.
   */
  static Map<String, Integer> readPieces(Path file) {
    List<String> lines = lines(file);
    // What follows the last line's end is no line.
    int size = lines.get(lines.size() - 1).isEmpty() ? lines.size() - 1 : lines.size();
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      vocabulary.put(lines.get(i), i);
    }
    return notEmpty(file, vocabulary);
  }

  /** Reads an object of pieces with their ids; ids may have gaps. */
  static Map<String, Integer> readIds(Path file) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    Set<Integer> ids = new LinkedHashSet<>();
    JsonNode root = JsonFiles.readObject(file);
    root.properties()
        .forEach(
            entry -> {
              JsonNode id = entry.getValue();
              if (!id.isInt() || id.intValue() < 0 || !ids.add(id.intValue())) {
                throw new InvalidModelException(
                    "Invalid id of the piece %s in %s: %s. It must be a whole number from 0 that no other piece has."
                        .formatted(entry.getKey(), file, id));
              }
              vocabulary.put(entry.getKey(), id.intValue());
            });
    return notEmpty(file, vocabulary);
  }

  private static Map<String, Integer> notEmpty(Path file, Map<String, Integer> vocabulary) {
    if (vocabulary.isEmpty()) {
      throw new InvalidModelException("Cannot use %s, it has no pieces.".formatted(file));
    }
    return vocabulary;
  }

  /**
   * Reads one merge a line, the most important first. The first line is a version, whatever it
   * says, and what follows the last line end is dropped: so does {@code transformers}.
   *
   * @param vocabulary has both parts and the whole of every merge
   */
  static Collection<Merge> readMerges(Path file, Map<String, Integer> vocabulary) {
    List<String> lines = lines(file);
    Set<Merge> merges = new LinkedHashSet<>();
    for (int i = 1; i < lines.size() - 1; i++) {
      String[] parts = SPACES.split(lines.get(i).strip(), -1);
      if (parts.length != 2) {
        throw new InvalidModelException(
            "Cannot use %s, line %d is \"%s\". It must be two pieces with a space between them."
                .formatted(file, i + 1, lines.get(i)));
      }
      for (String piece : List.of(parts[0], parts[1], parts[0] + parts[1])) {
        if (!vocabulary.containsKey(piece)) {
          throw new InvalidModelException(
              "Cannot use %s, line %d is \"%s\", but the vocabulary has no piece %s."
                  .formatted(file, i + 1, lines.get(i), piece));
        }
      }
      merges.add(new Merge(parts[0], parts[1]));
    }
    return new ArrayList<>(merges);
  }

  /** Splits at line ends of all systems; the last element is what follows the last of them. */
  private static List<String> lines(Path file) {
    byte[] bytes = JsonFiles.readBytes(file);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return List.of(LINE_FEED.split(LINE_END.matcher(text).replaceAll("\n"), -1));
    } catch (CharacterCodingException e) {
      throw new InvalidModelException("Cannot read %s, it is no UTF-8.".formatted(file), e);
    }
  }
}
