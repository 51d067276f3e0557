package dev.crossencoder.model.compiler;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.compiler.onnx.OnnxModelInfo;
import dev.crossencoder.model.compiler.onnx.OnnxType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An ONNX model file of a checkpoint, as exporters write it, which becomes a bundle's program
 * unchanged. Such programs take padded batches. A file whose inputs or outputs do not fit the
 * checkpoint is refused.
 */
public final class OnnxModelFile {
  private static final Set<String> INPUTS =
      Set.of(OnnxTensors.INPUT_IDS, OnnxTensors.ATTENTION_MASK, OnnxTensors.TOKEN_TYPE_IDS);
  private static final Set<String> RESERVED =
      Set.of(Engine.ONNXRUNTIME.modelFile(), Bundle.TOKENIZER, BundleManifest.FILE);

  private final Path file;
  private final OnnxModelInfo info;

  private OnnxModelFile(Path file, OnnxModelInfo info) {
    this.file = file;
    this.info = info;
  }

  /**
   * Reads the description of the graph in a file.
   *
   * @throws InvalidModelException if the file does not exist or is not an ONNX model
   */
  public static OnnxModelFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "Cannot use the ONNX file %s, there is no such file.".formatted(file));
    }
    OnnxModelFile model = new OnnxModelFile(file, OnnxModelInfo.read(file));
    model.checkDataFiles();
    return model;
  }

  /** The names of the files in the same folder that contain weights. */
  public Set<String> dataFiles() {
    return info.dataFiles();
  }

  /**
   * Checks the inputs and outputs, and copies the files into a bundle folder.
   *
   * @param labels the number of labels of the checkpoint
   * @param segments the number of segments that the model distinguishes
   * @throws InvalidModelException if the inputs or outputs do not fit the checkpoint, or a file is
   *     missing
   */
  ProgramFiles copyTo(Path folder, int labels, int segments) throws IOException {
    checkInputs(segments);
    checkLogits(labels);
    List<String> names = new ArrayList<>();
    names.add(Engine.ONNXRUNTIME.modelFile());
    Files.copy(file, folder.resolve(Engine.ONNXRUNTIME.modelFile()));
    for (String name : info.dataFiles()) {
      Path source = file.resolveSibling(name);
      if (!Files.isRegularFile(source)) {
        throw new InvalidModelException(
            "Cannot use %s, it lacks the file %s of its weights.".formatted(file, source));
      }
      Files.copy(source, folder.resolve(name));
      names.add(name);
    }
    return new ProgramFiles(Engine.ONNXRUNTIME, InputForm.PADDED, info.dtype(), names);
  }

  private void checkDataFiles() {
    for (String name : info.dataFiles()) {
      if (!BundleManifest.FILE_NAME.matcher(name).matches() || RESERVED.contains(name)) {
        throw new InvalidModelException(
            "Cannot use %s, it has weights in the file \"%s\". Such a file's name must be plain, without a path."
                .formatted(file, name));
      }
    }
  }

  private void checkInputs(int segments) {
    for (String needed : List.of(OnnxTensors.INPUT_IDS, OnnxTensors.ATTENTION_MASK)) {
      if (!info.inputs().containsKey(needed)) {
        throw invalid("it has no input " + needed);
      }
    }
    if (segments > 1 && !info.inputs().containsKey(OnnxTensors.TOKEN_TYPE_IDS)) {
      throw invalid(
          "it has no input token_type_ids, but config.json says type_vocab_size " + segments);
    }
    info.inputs()
        .forEach(
            (name, tensor) -> {
              if (!INPUTS.contains(name)) {
                throw invalid("it has the input %s, which is not known".formatted(name));
              }
              if (tensor.type() != OnnxType.INT64.number()) {
                throw invalid("its input %s is not int64".formatted(name));
              }
              if (tensor.shaped() && !isOfAnySize(tensor.dimensions())) {
                throw invalid(
                    "its input %s has the shape %s, it must be [batch, sequence] of any size"
                        .formatted(name, tensor.dimensions()));
              }
            });
  }

  private static boolean isOfAnySize(List<String> dimensions) {
    return dimensions.size() == 2 && dimensions.stream().noneMatch(size -> size.matches("[0-9]+"));
  }

  private void checkLogits(int labels) {
    OnnxModelInfo.Tensor logits = info.outputs().get(OnnxTensors.LOGITS);
    if (logits == null) {
      throw invalid("it has the outputs %s and no logits".formatted(info.outputs().keySet()));
    }
    if (logits.type() != OnnxType.FLOAT.number()) {
      throw invalid("its logits are not float32");
    }
    List<String> dimensions = logits.dimensions();
    boolean fits =
        dimensions.size() == 2
            && (!dimensions.get(1).matches("[0-9]+")
                || dimensions.get(1).equals(String.valueOf(labels)));
    if (logits.shaped() && !fits) {
      throw invalid(
          "its logits have the shape %s, config.json has %d labels".formatted(dimensions, labels));
    }
  }

  private InvalidModelException invalid(String reason) {
    return new InvalidModelException(
        "Cannot use %s as a cross-encoder, %s. It must take input_ids, attention_mask and, where there are segments, token_type_ids, and give logits."
            .formatted(file, reason));
  }
}
