package dev.crossencoder.operator.change;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;

/**
 * The revisions of a job's models that score a record. Each change of a model makes a new tag, with
 * the next version. A record has the text of its tag from the source to the operator that scores
 * it, also in checkpoints, so that a restart does not change the revision that scores it.
 *
 * @param version counts the changes; 0 if there was none
 * @param models the revision of each model that is not the one of the options, by the model's name
 */
@Internal
public record ModelTag(long version, SortedMap<String, Entry> models) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The tag of records that the models of the options score. */
  public static final ModelTag NONE = new ModelTag(0, Collections.emptySortedMap());

  private static final String SEPARATOR = " ";
  private static final int WORDS_OF_AN_ENTRY = 5;

  /**
   * A revision in the place of a model of the options.
   *
   * @param revision the revision, with its digest
   * @param replaces the model that the options name
   */
  public record Entry(ModelRevision revision, String replaces) implements Serializable {
    private static final long serialVersionUID = 1L;

    public Entry {
      requireNonNull(revision.digest(), "digest is null");
      requireNonNull(replaces, "replaces is null");
    }

    /** Returns whether this is a revision of the model that the options name. */
    public boolean isOfOptions() {
      return revision.model().equals(replaces);
    }
  }

  public ModelTag {
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /** Returns the revision of a model; null for the model of the options. */
  public ModelRevision revision(String name) {
    Entry entry = models.get(name);
    return entry == null ? null : entry.revision();
  }

  /**
   * Returns the next tag.
   *
   * @param entry the new revision of the model; null for the model of the options
   */
  public ModelTag with(String name, Entry entry) {
    SortedMap<String, Entry> next = new TreeMap<>(models);
    if (entry == null) {
      next.remove(name);
    } else {
      next.put(name, entry);
    }
    return new ModelTag(version + 1, next);
  }

  /**
   * Returns what is left of the tag after the job was restored, with the same version: without
   * revisions that have replaced a model which the options name no more. New options count more
   * than an earlier change.
   *
   * @param options the models of the options, by their names
   */
  public ModelTag restored(SortedMap<String, String> options) {
    SortedMap<String, Entry> kept = new TreeMap<>(models);
    kept.entrySet()
        .removeIf(each -> !each.getValue().replaces().equals(options.get(each.getKey())));
    return new ModelTag(version, kept);
  }

  /** Returns a tag with the same revisions and the next version. */
  public ModelTag next() {
    return new ModelTag(version + 1, models);
  }

  /** Returns the text from which {@link #parse} makes the same tag. */
  public String text() {
    List<String> words = new ArrayList<>(List.of(String.valueOf(version)));
    models.forEach(
        (name, entry) -> {
          ModelRevision revision = entry.revision();
          words.add(encode(name));
          words.add(encode(revision.model()));
          words.add(encode(revision.digest()));
          words.add(encode(revision.folder() == null ? "" : revision.folder()));
          words.add(encode(entry.replaces()));
        });
    return String.join(SEPARATOR, words);
  }

  /**
   * Parses the text of a tag.
   *
   * @param text null for {@link #NONE}
   * @throws IllegalArgumentException if it is not the text of a tag
   */
  public static ModelTag parse(String text) {
    if (text == null) {
      return NONE;
    }
    String[] words = text.split(SEPARATOR, -1);
    if (words.length % WORDS_OF_AN_ENTRY != 1) {
      throw new IllegalArgumentException("Not the text of a tag: " + text);
    }
    SortedMap<String, Entry> models = new TreeMap<>();
    for (int i = 1; i < words.length; i += WORDS_OF_AN_ENTRY) {
      String folder = decode(words[i + 3]);
      models.put(
          decode(words[i]),
          new Entry(
              new ModelRevision(
                  decode(words[i + 1]), decode(words[i + 2]), folder.isEmpty() ? null : folder),
              decode(words[i + 4])));
    }
    return new ModelTag(Long.parseLong(words[0]), models);
  }

  private static String encode(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8);
  }

  private static String decode(String word) {
    return URLDecoder.decode(word, StandardCharsets.UTF_8);
  }
}
