package dev.crossencoder.model.io;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Computes the Levenshtein distance of two texts, and finds what a mistyped name may mean. */
public final class EditDistance {
  private static final int MAX_SUGGESTIONS = 3;

  private EditDistance() {}

  /**
   * Returns the candidates with the fewest typing errors, three at most and sorted; none if all
   * have more errors than two and a third of the name's letters.
   *
   * @param name a name that none of the candidates equals; hyphens before it count as no letters
   */
  public static List<String> nearest(String name, Collection<String> candidates) {
    int limit = Math.max(2, name.replaceFirst("^-+", "").length() / 3);
    TreeMap<Integer, List<String>> byDistance =
        candidates.stream()
            .collect(
                Collectors.groupingBy(
                    candidate -> between(name, candidate), TreeMap::new, Collectors.toList()));
    Map.Entry<Integer, List<String>> nearest = byDistance.firstEntry();
    return nearest == null || nearest.getKey() > limit
        ? List.of()
        : nearest.getValue().stream().sorted().limit(MAX_SUGGESTIONS).toList();
  }

  /**
   * Returns the smallest number of characters to insert, delete or replace that turns one text into
   * the other. The time is proportional to the product of the lengths.
   */
  public static int between(String one, String other) {
    int[] previous = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] current = new int[other.length() + 1];
      current[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[other.length()];
  }
}
