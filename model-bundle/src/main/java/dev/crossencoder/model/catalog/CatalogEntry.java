package dev.crossencoder.model.catalog;

import dev.crossencoder.model.Activation;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Published facts about one pretrained model.
 *
 * @param name the name on the Hugging Face hub, {@code owner/name}
 * @param formerNames earlier names, which the hub redirects
 * @param task the task that the model was trained for
 * @param architecture the {@code model_type} of its configuration
 * @param layers the number of transformer layers
 * @param hiddenSize the size of a token's hidden state
 * @param parameters the number of weights, head included
 * @param parametersSource where the number of weights comes from
 * @param labels the labels in the order of the logits
 * @param activation the default activation
 * @param maxLength the largest number of tokens of a pair, special tokens included
 * @param licence the licence in its model card
 * @param configurationSource where labels, activation and sizes come from
 * @param quality published metrics; the first one is for comparing models of a task
 * @param throughput published throughputs
 * @param note further remarks
 */
public record CatalogEntry(
    String name,
    List<String> formerNames,
    CatalogTask task,
    String architecture,
    int layers,
    int hiddenSize,
    long parameters,
    String parametersSource,
    List<String> labels,
    Activation activation,
    int maxLength,
    String licence,
    String configurationSource,
    List<PublishedQuality> quality,
    List<PublishedThroughput> throughput,
    Optional<String> note) {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*");

  public CatalogEntry {
    formerNames = List.copyOf(formerNames);
    labels = List.copyOf(labels);
    quality = List.copyOf(quality);
    throughput = List.copyOf(throughput);
    requireName(name);
    formerNames.forEach(CatalogEntry::requireName);
    requirePositive("layers", layers, name);
    requirePositive("hidden_size", hiddenSize, name);
    requirePositive("parameters", parameters, name);
    requirePositive("max_length", maxLength, name);
    requirePositive("number of labels", labels.size(), name);
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "Invalid name: %s. It must be an owner and a name, as in owner/name.".formatted(name));
    }
  }

  private static void requirePositive(String key, long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "Invalid %s of %s: %d. It must be positive.".formatted(key, name, value));
    }
  }
}
