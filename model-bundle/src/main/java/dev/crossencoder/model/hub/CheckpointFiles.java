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
 * Knows which files of a repository belong to a checkpoint: the configuration, the files of the
 * tokenizer, and weights in safetensors format. Pickled weights and the formats of other frameworks
 * are never downloaded.
 */
final class CheckpointFiles {
  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** The configuration of a PEFT adapter. */
  static final String ADAPTER = "adapter_config.json";

  /** The weights of a PEFT adapter. */
  private static final Pattern ADAPTER_WEIGHTS =
      Pattern.compile("adapter_model\\.(safetensors|bin)");

  /** Files of which a tokenizer needs at least one. */
  private static final List<String> TOKENIZERS =
      List.of("tokenizer.json", "vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model");

  /** All files but the weights, in the order of their download. */
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
          ModuleFiles.CHAIN,
          "golden.jsonl");

  /** The largest file without weights. A tokenizer with 250,000 pieces takes about 20 MB. */
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
   * Checks that a file name is a relative path without special segments.
   *
   * @throws HubException if it is not
   */
  static void checkName(HubModelId id, String name) throws HubException {
    if (!FILE.matcher(name).matches()) {
      throw new HubException(
          Kind.INCOMPLETE,
          "Cannot use the file \"%s\" of %s, its path must consist of plain names separated by slashes."
              .formatted(name, id));
    }
  }

  /** The largest allowed size of a file, in bytes. It bounds files whose size the hub omits. */
  static long maxBytes(String name) {
    return isWeights(name) ? MAX_WEIGHT_BYTES : MAX_SMALL_BYTES;
  }

  /**
   * Checks that the size of a file is within {@link #maxBytes}.
   *
   * @throws HubException if the file is larger
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
   * Checks that a repository contains a checkpoint.
   *
   * @param names the names of its files
   * @throws HubException if something is missing, or the repository has an adapter
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
    if (TOKENIZERS.stream().noneMatch(names::contains)) {
      throw incomplete(id, "it has none of " + String.join(", ", TOKENIZERS));
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
   * Returns the names of the weight files (shards) in an index.
   *
   * @throws HubException if the file is not an index, or a name contains a path
   */
  static List<String> shards(HubModelId id, Path index) throws IOException {
    JsonNode map;
    try {
      if (Files.size(index) > MAX_SMALL_BYTES) {
        throw damagedIndex(id, "it has more than %d bytes".formatted(MAX_SMALL_BYTES));
      }
      map = MAPPER.readTree(Files.readAllBytes(index)).path("weight_map");
    } catch (JsonProcessingException e) {
      throw damagedIndex(id, "it is not valid JSON");
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

  /** Returns the files that a snapshot lacks to be a checkpoint. */
  static List<String> missing(HubModelId id, Path snapshot) throws IOException {
    List<String> missing = new ArrayList<>();
    if (!isThere(snapshot, CONFIG)) {
      missing.add(CONFIG);
    }
    if (TOKENIZERS.stream().noneMatch(name -> isThere(snapshot, name))) {
      missing.add(TOKENIZERS.get(0));
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
