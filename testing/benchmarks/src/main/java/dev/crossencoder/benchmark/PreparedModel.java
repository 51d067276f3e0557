package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.checkpoint.ModelSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model in the file formats of all engines.
 *
 * @param bundles compiled from the checkpoint, by {@link #FP32}, {@link #FP32_ONNX} and {@link
 *     #INT8}
 * @param peers the folder that {@code peers.py export} wrote
 * @param exports what it wrote
 * @param absent the reasons why precisions or exports are missing, by name
 */
record PreparedModel(
    ModelSize size,
    Path checkpoint,
    Map<String, Path> bundles,
    Path peers,
    List<Export> exports,
    Map<String, String> absent) {
  static final String FP32 = "fp32";
  static final String FP32_ONNX = "fp32-onnxruntime";
  static final String INT8 = "int8";

  /**
   * A model file of a peer.
   *
   * @param name such as {@code onnx int8 avx2}
   * @param backend of sentence-transformers
   * @param file below {@link #peers}
   */
  record Export(String name, String backend, String file) {}

  Path fp32() {
    return bundles.get(FP32);
  }

  Path fp32Onnx() {
    return bundles.get(FP32_ONNX);
  }
}
