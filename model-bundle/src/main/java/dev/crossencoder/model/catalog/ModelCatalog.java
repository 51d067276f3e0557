package dev.crossencoder.model.catalog;

import dev.crossencoder.model.io.EditDistance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Published facts about the most popular pretrained cross-encoders, for people who choose one.
 *
 * <p>The catalog is information only. Loading a model never reads it: everything about a model
 * comes from its own configuration. Immutable.
 */
public final class ModelCatalog {
  static final String RESOURCE = "catalog.json";

  private static final int MOST_SUGGESTIONS = 3;

  /** A name is a typo of another one if at most this part of its characters differs. */
  private static final double TYPO_PART = 1.0 / 3;

  private final List<CatalogEntry> entries;
  private final Map<String, CatalogEntry> byName;

  ModelCatalog(List<CatalogEntry> entries) {
    this.entries = List.copyOf(entries);
    this.byName = byName(entries);
  }

  private static Map<String, CatalogEntry> byName(List<CatalogEntry> entries) {
    Map<String, CatalogEntry> byName = new HashMap<>();
    for (CatalogEntry entry : entries) {
      names(entry)
          .forEach(
              name -> {
                if (byName.put(name, entry) != null) {
                  throw new IllegalArgumentException(
                      "Invalid catalog: the name %s occurs twice.".formatted(name));
                }
              });
    }
    return Map.copyOf(byName);
  }

  /** Reads the catalog in this library. */
  public static ModelCatalog load() {
    try (InputStream in = ModelCatalog.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "Cannot find %s beside the classes. Build the library again.".formatted(RESOURCE));
      }
      return new ModelCatalog(CatalogReader.read(RESOURCE, in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + RESOURCE, e);
    }
  }

  /** Returns the catalog in this library, which is read once. */
  public static ModelCatalog shared() {
    return Shared.CATALOG;
  }

  /** All models, by task in the order of {@link CatalogTask}, then in the order of the file. */
  public List<CatalogEntry> entries() {
    return entries;
  }

  /** Returns the model with a current or former name, {@code owner/name}. */
  public Optional<CatalogEntry> find(String nameOrFormerName) {
    return Optional.ofNullable(byName.get(nameOrFormerName));
  }

  /**
   * Returns the names of models for which a name may be a typo. Names are compared by edit
   * distance, as a whole and by the part after the slash, without case and hyphens.
   *
   * @return at most three current names, the closest first; empty if none is close
   */
  public List<String> suggestions(String name) {
    Map<String, Double> distances = new LinkedHashMap<>();
    for (CatalogEntry entry : entries) {
      double distance =
          names(entry)
              .mapToDouble(candidate -> distance(name, candidate))
              .min()
              .orElse(Double.POSITIVE_INFINITY);
      if (distance <= TYPO_PART) {
        distances.put(entry.name(), distance);
      }
    }
    return distances.entrySet().stream()
        .sorted(Comparator.comparingDouble(Map.Entry::getValue))
        .limit(MOST_SUGGESTIONS)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Stream<String> names(CatalogEntry entry) {
    return Stream.concat(Stream.of(entry.name()), entry.formerNames().stream());
  }

  /** The number of edits per character of the written name. */
  private static double distance(String written, String candidate) {
    return Math.min(
        edits(simplified(written), simplified(candidate)),
        edits(simplified(afterSlash(written)), simplified(afterSlash(candidate))));
  }

  private static double edits(String written, String candidate) {
    return (double) EditDistance.between(written, candidate) / Math.max(1, written.length());
  }

  private static String afterSlash(String name) {
    return name.substring(name.indexOf('/') + 1);
  }

  private static String simplified(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "");
  }

  /** Initialized on first use. */
  private static final class Shared {
    private static final ModelCatalog CATALOG = load();
  }
}
