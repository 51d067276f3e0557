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

/** Reads {@code vocab.txt}, {@code vocab.json} and {@code merges.txt} as transformers does. */
final class VocabularyFiles {
  private static final Pattern LINE_END = Pattern.compile("\r\n?");
  private static final Pattern LINE_FEED = Pattern.compile("\n", Pattern.LITERAL);
  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private VocabularyFiles() {}

  /** A BPE merge: two adjacent pieces that become one. */
  record Merge(String left, String right) {}

  /**
   * Reads a {@code vocab.txt}: one piece per line. The id of a piece is its line number, from 0;
   * the last line wins for a repeated piece.
   */
  static Map<String, Integer> readPieces(Path file) {
    List<String> lines = lines(file);
    // The text behind the last line end counts only if it is not empty.
    int size = lines.get(lines.size() - 1).isEmpty() ? lines.size() - 1 : lines.size();
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      vocabulary.put(lines.get(i), i);
    }
    return notEmpty(file, vocabulary);
  }

  /** Reads a {@code vocab.json}: an object from pieces to ids. Ids may have gaps. */
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
   * Reads a {@code merges.txt}: one merge per line, the highest priority first. As in transformers,
   * the first line is a version and the text behind the last line end is ignored.
   *
   * @param vocabulary must contain both parts and the result of each merge
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

  /** Splits at CR, LF and CRLF. The last element is the text behind the last line end. */
  private static List<String> lines(Path file) {
    byte[] bytes = JsonFiles.readBytes(file);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return List.of(LINE_FEED.split(LINE_END.matcher(text).replaceAll("\n"), -1));
    } catch (CharacterCodingException e) {
      throw new InvalidModelException("Cannot read %s, it is not UTF-8.".formatted(file), e);
    }
  }
}
