package dev.crossencoder.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which files at the top of a repository make a checkpoint: the configuration, what tokenizers are
 * built from, and weights in safetensors format. Pickles and the formats of other runtimes are
 * never among them.
 */
final class CheckpointFiles {
  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** Says that there is an adapter of PEFT, with or without the weights that it changes. */
  static final String ADAPTER = "adapter_config.json";

  /** An adapter's own weights. */
  private static final Pattern ADAPTER_WEIGHTS =
      Pattern.compile("adapter_model\\.(safetensors|bin)");

  /** Each of them is enough to build a tokenizer from, or to begin with. */
  private static final List<String> TOKENISERS =
      List.of("tokenizer.json", "vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model");

  /** All but the weights, in the order in which they are read. */
  static final List<String> SMALL =
      List.of(
          CONFIG,
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "spm.model",
          "sentencepiece.bpe.model",
          ModuleFiles.MODEL,
          "sentence_bert_config.json",
          ModuleFiles.CHAIN);

  /** Tokenizers with a quarter of a million pieces take about 20 MB. */
  static final long MAX_SMALL_BYTES = 128L << 20;

  static final long MAX_WEIGHT_BYTES = 64L << 30;

  private static final Pattern PICKLE = Pattern.compile("pytorch_model.*\\.bin");
  private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*\\.safetensors");
  private static final Pattern FILE =
      Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private CheckpointFiles() {}

  static boolean isWeights(String name) {
    return name.endsWith(".safetensors") || name.endsWith(".onnx") || name.endsWith("_data");
  }

  /**
   * Checks that a file's name leads nowhere else.
   *
   * @throws HubException if it does
   */
  static void checkName(HubModelId id, String name) throws HubException {
    if (!FILE.matcher(name).matches()) {
      throw new HubException(
          Kind.INCOMPLETE,
          "Cannot use the file \"%s\" of %s, a file is named by plain names with slashes between them."
              .formatted(name, id));
    }
  }

  /** The most bytes that a file may have if the hub does not say how many it has. */
  static long maxBytes(String name) {
    return isWeights(name) ? MAX_WEIGHT_BYTES : MAX_SMALL_BYTES;
  }

  /**
   * Checks that a file is not absurdly large.
   *
   * @throws HubException if it is
   */
  static void checkSize(HubModelId id, RemoteFile file) throws HubException {
    long max = maxBytes(file.name());
    if (file.size().orElse(0) > max) {
      throw new HubException(
          Kind.UNEXPECTED_ANSWER,
          "Cannot use %s of %s, it has %d bytes, at most %d are allowed."
              .formatted(file.name(), id, file.size().getAsLong(), max));
    }
  }

  /**
   * Checks that a repository holds a checkpoint.
   *
   * @throws HubException saying what it lacks
   */
  static void check(HubModelId id, Set<String> names) throws HubException {
    boolean weights = names.contains(WEIGHTS) || names.contains(INDEX);
    if (names.contains(ADAPTER)
        || (!weights && names.stream().anyMatch(name -> ADAPTER_WEIGHTS.matcher(name).matches()))) {
      throw adapter(id);
    }
    if (!names.contains(CONFIG)) {
      throw incomplete(id, "it has no " + CONFIG);
    }
    if (TOKENISERS.stream().noneMatch(names::contains)) {
      throw incomplete(id, "it has none of " + String.join(", ", TOKENISERS));
    }
    if (!weights) {
      throw noWeights(id, names);
    }
  }

  private static HubException adapter(HubModelId id) {
    return new HubException(
        Kind.ADAPTER,
        "Cannot use the repository %s as a model, it has a PEFT adapter (%s), which is not applied here: its scores would be those of the model without it. Merge the adapter into the weights first, in Python: peft.AutoPeftModelForSequenceClassification.from_pretrained(\"%s\").merge_and_unload().save_pretrained(folder), and the tokenizer likewise; then name the folder."
            .formatted(id, ADAPTER, id.repository()));
  }

  private static HubException incomplete(HubModelId id, String why) {
    return new HubException(
        Kind.INCOMPLETE, "Cannot use the repository %s as a model, %s.".formatted(id, why));
  }

  private static HubException noWeights(HubModelId id, Set<String> names) {
    if (names.stream().noneMatch(name -> PICKLE.matcher(name).matches())) {
      return new HubException(
          Kind.NO_WEIGHTS,
          "Cannot use the repository %s as a model, it has neither %s nor %s."
              .formatted(id, WEIGHTS, INDEX));
    }
    return new HubException(
        Kind.NO_WEIGHTS,
        "Cannot use the repository %s as a model, its weights are a pickle (pytorch_model.bin), which can run code when it is read and is never read here; there is no %s. Convert it where that is safe, in Python: AutoModelForSequenceClassification.from_pretrained(\"%s\").save_pretrained(folder), and AutoTokenizer likewise; then name the folder. A pull request of the repository may have a conversion: %s@refs/pr/NUMBER."
            .formatted(id, WEIGHTS, id.repository(), id.repository()));
  }

  /**
   * Names the files of the weights that an index lists.
   *
   * @throws HubException if it is no index, or a name has a path
   */
  static List<String> shards(HubModelId id, Path index) throws IOException {
    JsonNode map;
    try {
      if (Files.size(index) > MAX_SMALL_BYTES) {
        throw damagedIndex(id, "it has more than %d bytes".formatted(MAX_SMALL_BYTES));
      }
      map = MAPPER.readTree(Files.readAllBytes(index)).path("weight_map");
    } catch (JsonProcessingException e) {
      throw damagedIndex(id, "it is no JSON");
    }
    if (!map.isObject() || map.isEmpty()) {
      throw damagedIndex(id, "it has no weight_map");
    }
    Set<String> names = new TreeSet<>();
    for (JsonNode name : map) {
      if (!name.isTextual() || !SHARD.matcher(name.textValue()).matches()) {
        throw damagedIndex(id, "it names the file %s".formatted(name));
      }
      names.add(name.textValue());
    }
    return List.copyOf(names);
  }

  private static HubException damagedIndex(HubModelId id, String why) {
    return new HubException(Kind.DAMAGED, "Cannot use %s of %s, %s.".formatted(INDEX, id, why));
  }

  /** Names what a snapshot lacks to be a checkpoint; empty if nothing. */
  static List<String> missing(HubModelId id, Path snapshot) throws IOException {
    List<String> missing = new ArrayList<>();
    if (!isThere(snapshot, CONFIG)) {
      missing.add(CONFIG);
    }
    if (TOKENISERS.stream().noneMatch(name -> isThere(snapshot, name))) {
      missing.add(TOKENISERS.get(0));
    } else if (isThere(snapshot, "vocab.json")
        && !isThere(snapshot, "merges.txt")
        && !isThere(snapshot, "tokenizer.json")) {
      missing.add("merges.txt");
    }
    for (String name : ModuleFiles.of(id, snapshot)) {
      if (!isThere(snapshot, name)) {
        missing.add(name);
      }
    }
    if (isThere(snapshot, WEIGHTS)) {
      return missing;
    }
    if (!isThere(snapshot, INDEX)) {
      missing.add(WEIGHTS);
      return missing;
    }
    for (String shard : shards(id, snapshot.resolve(INDEX))) {
      if (!isThere(snapshot, shard)) {
        missing.add(shard);
      }
    }
    return missing;
  }

  private static boolean isThere(Path snapshot, String name) {
    return Files.isRegularFile(snapshot.resolve(name));
  }
}
