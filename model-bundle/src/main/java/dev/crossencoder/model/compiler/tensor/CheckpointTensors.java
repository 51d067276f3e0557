package dev.crossencoder.model.compiler.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The weights of a checkpoint by their Hugging Face names, from a single file or from shards. A
 * tensor is checked when it is requested; {@link #requireAll} reports all missing tensors together.
 * Older names of tensors are recognized. Owned by one thread.
 */
public final class CheckpointTensors implements AutoCloseable {
  public static final String SINGLE_FILE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** The name of a file or folder, without a path. */
  public static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

  private static final String PICKLED = "pytorch_model.bin";
  private static final int CHUNK_ELEMENTS = 1 << 15;
  private static final int LISTED_NAMES = 8;

  private final Path origin;
  private final Map<Path, SafetensorsFile> files = new LinkedHashMap<>();
  private final Map<String, Place> placeByTensor = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();
  private String optionalPrefix = "";

  /** The file of a tensor, and its name in the file. */
  private record Place(SafetensorsFile file, String name) {}

  private CheckpointTensors(Path origin) {
    this.origin = origin;
  }

  /**
   * Opens the weights of a checkpoint folder.
   *
   * @throws InvalidModelException if there are no weights, or a file does not fit its header or the
   *     index
   */
  public static CheckpointTensors open(Path checkpoint) throws IOException {
    Path single = checkpoint.resolve(SINGLE_FILE);
    Path index = checkpoint.resolve(INDEX);
    if (!Files.exists(single) && !Files.exists(index)) {
      throw noWeights(checkpoint);
    }
    CheckpointTensors tensors = new CheckpointTensors(Files.exists(single) ? single : index);
    try {
      if (Files.exists(single)) {
        tensors.add(single, "");
      } else {
        tensors.openShards(checkpoint, shardByTensor(index));
      }
      return tensors;
    } catch (Throwable t) {
      tensors.close();
      throw t;
    }
  }

  /**
   * Adds the tensors of another file.
   *
   * @param prefix put before the names of the file's tensors
   * @throws InvalidModelException if the file does not exist or does not fit its header
   */
  public void add(Path path, String prefix) throws IOException {
    SafetensorsFile file = open(path, "");
    file.names().forEach(name -> placeByTensor.put(prefix + name, new Place(file, name)));
  }

  /** The names of a checkpoint's weight files; {@code model.safetensors} if there are none. */
  public static List<String> files(Path checkpoint) {
    if (Files.exists(checkpoint.resolve(SINGLE_FILE)) || !Files.exists(checkpoint.resolve(INDEX))) {
      return List.of(SINGLE_FILE);
    }
    List<String> names = new ArrayList<>();
    names.add(INDEX);
    names.addAll(
        shardByTensor(checkpoint.resolve(INDEX)).values().stream().distinct().sorted().toList());
    return names;
  }

  private static Map<String, String> shardByTensor(Path index) {
    JsonNode weightMap = JsonFiles.readObject(index).path("weight_map");
    if (!weightMap.isObject() || weightMap.isEmpty()) {
      throw new InvalidModelException(
          "Cannot use %s, it has no weight_map from tensors to files.".formatted(index));
    }
    Map<String, String> shards = new TreeMap<>();
    for (Map.Entry<String, JsonNode> tensor : weightMap.properties()) {
      String shard = tensor.getValue().asText();
      if (!PLAIN_NAME.matcher(shard).matches()) {
        throw new InvalidModelException(
            "Cannot use %s, it places tensor %s into %s. A shard's name must be plain, without a path."
                .formatted(index, tensor.getKey(), tensor.getValue()));
      }
      shards.put(tensor.getKey(), shard);
    }
    return shards;
  }

  private void openShards(Path checkpoint, Map<String, String> shardByTensor) throws IOException {
    for (Map.Entry<String, String> tensor : shardByTensor.entrySet()) {
      SafetensorsFile file =
          open(checkpoint.resolve(tensor.getValue()), ", which %s names".formatted(origin));
      if (file.entry(tensor.getKey()) == null) {
        throw new InvalidModelException(
            "Cannot use %s, it places tensor %s into %s, which does not contain it."
                .formatted(origin, tensor.getKey(), tensor.getValue()));
      }
      placeByTensor.put(tensor.getKey(), new Place(file, tensor.getKey()));
    }
  }

  private SafetensorsFile open(Path path, String role) throws IOException {
    SafetensorsFile file = files.get(path);
    if (file == null) {
      if (!Files.exists(path)) {
        throw new InvalidModelException("Cannot find %s%s.".formatted(path, role));
      }
      file = SafetensorsFile.open(path);
      files.put(path, file);
    }
    return file;
  }

  private static InvalidModelException noWeights(Path checkpoint) {
    if (Files.exists(checkpoint.resolve(PICKLED))) {
      return new InvalidModelException(
          "Cannot use %s of %s, a pickle can run code when it is read. Save the model as %s: in Python, model.save_pretrained(folder, safe_serialization=True)."
              .formatted(PICKLED, checkpoint, SINGLE_FILE));
    }
    return new InvalidModelException(
        "Cannot find %s or %s in %s.".formatted(SINGLE_FILE, INDEX, checkpoint));
  }

  /** Sets the prefix of the encoder's tensors. Checkpoints saved without a head omit it. */
  public void allowMissingPrefix(String prefix) {
    optionalPrefix = prefix;
  }

  /**
   * Returns a tensor, which can be read until this object is closed. If the tensor is missing, it
   * cannot be read, and {@link #requireAll} throws.
   *
   * @throws InvalidModelException if the tensor has an unsupported type, or another shape than the
   *     configuration requires
   */
  public TensorData get(String name, Integer... shape) {
    String found = find(name);
    if (found == null) {
      missing.add(name);
      return TensorData.computed(
          () -> {
            throw new IllegalStateException("Cannot read tensor %s, it is missing".formatted(name));
          },
          shape);
    }
    Place place = placeByTensor.get(found);
    SafetensorsFile file = place.file();
    SafetensorsFile.Entry entry = file.entry(place.name());
    TensorType type =
        TensorType.find(entry.dtype())
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "Cannot read tensor %s of %s, its type is %s. Weights may be %s."
                            .formatted(
                                place.name(),
                                file.path(),
                                entry.dtype(),
                                Arrays.toString(TensorType.values()))));
    if (!entry.shape().equals(List.of(shape))) {
      throw new InvalidModelException(
          "Cannot use tensor %s of %s, its shape is %s, but config.json requires %s."
              .formatted(place.name(), file.path(), entry.shape(), Arrays.toString(shape)));
    }
    return new FileTensor(file, entry, type);
  }

  /** As {@link #get}, for the first of several names that exists. */
  public TensorData getAny(List<String> names, Integer... shape) {
    return get(
        names.stream().filter(name -> find(name) != null).findFirst().orElse(names.get(0)), shape);
  }

  /**
   * The name of a tensor in the files, or null: with or without the prefix, and with the old names
   * of layer norms.
   */
  private String find(String name) {
    String bare = name.startsWith(optionalPrefix) ? name.substring(optionalPrefix.length()) : name;
    for (String candidate : List.of(name, legacyName(name), bare, legacyName(bare))) {
      if (placeByTensor.containsKey(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** TensorFlow's names of a layer norm's weights, which checkpoints converted from it have. */
  private static String legacyName(String name) {
    return name.replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
  }

  /**
   * Throws an {@link InvalidModelException} if a requested tensor is missing.
   *
   * @param headClass the class name of a checkpoint with all tensors, for the message
   */
  public void requireAll(String headClass) {
    if (missing.isEmpty()) {
      return;
    }
    String listed = String.join(", ", missing.subList(0, Math.min(LISTED_NAMES, missing.size())));
    if (missing.size() > LISTED_NAMES) {
      listed += " and %d more".formatted(missing.size() - LISTED_NAMES);
    }
    throw new InvalidModelException(
        "Cannot compile %s, it lacks %d of the tensors of a %s: %s. A cross-encoder needs a checkpoint saved with its trained classification head."
            .formatted(origin, missing.size(), headClass, listed));
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private record FileTensor(SafetensorsFile file, SafetensorsFile.Entry entry, TensorType type)
      implements TensorData {
    @Override
    public List<Integer> shape() {
      return entry.shape();
    }

    @Override
    public void readTo(Sink sink) throws IOException {
      ByteBuffer source =
          ByteBuffer.allocate(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      float[] values = new float[CHUNK_ELEMENTS];
      long length = entry.end() - entry.begin();
      for (long offset = 0; offset < length; offset += source.capacity()) {
        source.clear().limit((int) Math.min(source.capacity(), length - offset));
        file.readFully(entry, offset, source);
        int count = source.remaining() / type.bytes();
        for (int i = 0; i < count; i++) {
          values[i] = type.read(source);
        }
        sink.accept(values, count);
      }
    }
  }
}
