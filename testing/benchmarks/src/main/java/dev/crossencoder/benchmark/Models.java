package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.crossencoder.benchmark.PreparedModel.Export;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.checkpoint.RandomCheckpoint;
import dev.crossencoder.benchmark.worker.PairFile;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.util.FileUtils;

/**
 * Prepares models in the work folder. Checkpoints and exports are reused by later runs. Bundles are
 * compiled by each run, because the compiler may have changed.
 */
final class Models {
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * The standard deviation to which logits are scaled, so that a difference of 1e-4 is significant.
   */
  private static final double SPREAD = 2;

  private static final int SPREAD_PAIRS = 128;

  private final BenchmarkOptions options;
  private final Launcher launcher;
  private final Map<ModelSize, PreparedModel> prepared = new LinkedHashMap<>();

  Models(BenchmarkOptions options, Launcher launcher) {
    this.options = options;
    this.launcher = launcher;
  }

  /** Returns a model, and prepares it at the first call. */
  PreparedModel prepare(ModelSize size) throws IOException {
    PreparedModel model = prepared.get(size);
    if (model == null) {
      System.out.printf("Preparing %s …%n", size.key());
      model = prepareAnew(size);
      prepared.put(size, model);
    }
    return model;
  }

  private PreparedModel prepareAnew(ModelSize size) throws IOException {
    Path folder = options.work().resolve("models").resolve(size.key());
    Path pairs = folder.resolve("preparation.jsonl");
    PairFile.write(pairs, Dl19Pairs.evenlySpaced(Workload.DL19.read(options.data()), SPREAD_PAIRS));
    Path checkpoint = folder.resolve("checkpoint");
    if (!Files.exists(checkpoint.resolve("model.safetensors"))) {
      writeCheckpoint(size, pairs, folder, checkpoint);
    }
    Map<String, String> absent = new LinkedHashMap<>();
    Map<String, Path> bundles = new LinkedHashMap<>();
    bundles.put(
        PreparedModel.FP32,
        bundle(checkpoint, folder, PreparedModel.FP32, Precision.FP32, Engine.PYTORCH));
    bundles.put(
        PreparedModel.FP32_ONNX,
        bundle(checkpoint, folder, PreparedModel.FP32_ONNX, Precision.FP32, Engine.ONNXRUNTIME));
    bundles.put(
        PreparedModel.INT8,
        bundle(checkpoint, folder, PreparedModel.INT8, Precision.INT8, Engine.ONNXRUNTIME));
    Path peers = folder.resolve("peers");
    List<Export> exports = List.of();
    if (!options.exports()) {
      absent.put(
          "ONNX Runtime and OpenVINO with exported models",
          "this size was measured with -Dbenchmark.exports=false");
    } else if (options.python().isPresent()) {
      exports = exports(size, checkpoint, pairs, peers, absent);
    }
    return new PreparedModel(size, checkpoint, bundles, peers, exports, absent);
  }

  /**
   * Writes the checkpoint twice: the factors of the logits are known after the first one has been
   * scored.
   */
  private void writeCheckpoint(ModelSize size, Path pairs, Path folder, Path checkpoint)
      throws IOException {
    RandomCheckpoint writer = new RandomCheckpoint(options.data());
    double[] scales = new double[writer.labels(size)];
    Arrays.fill(scales, 1);
    Path draft = folder.resolve("draft");
    writer.write(size, scales, draft);
    Path bundle = bundle(draft, folder, "draft-bundle", Precision.FP32, Engine.PYTORCH);
    try (WorkerProcess worker = launcher.crossEncoder("preparation", bundle)) {
      worker.awaitReady();
      JsonNode logits = worker.ask(Launcher.request("score", pairs)).path("logits");
      for (int i = 0; i < scales.length; i++) {
        scales[i] = SPREAD / deviation(logits, i);
      }
    }
    FileUtils.deleteDirectoryQuietly(draft.toFile());
    writer.write(size, scales, checkpoint);
  }

  private static double deviation(JsonNode logits, int column) {
    double sum = 0;
    double squares = 0;
    for (JsonNode row : logits) {
      double logit = row.path(column).doubleValue();
      sum += logit;
      squares += logit * logit;
    }
    double mean = sum / logits.size();
    return Math.sqrt(squares / logits.size() - mean * mean);
  }

  /** Compiles a checkpoint into a folder of the model, anew. */
  private static Path bundle(
      Path checkpoint, Path folder, String name, Precision precision, Engine engine)
      throws IOException {
    Path bundle = folder.resolve("bundle-" + name);
    FileUtils.deleteDirectoryQuietly(bundle.toFile());
    BundleBuilder.fromCheckpoint(checkpoint).precision(precision).engine(engine).build(bundle);
    return bundle;
  }

  /** The list of exports is the last file to be written, so an interrupted export is repeated. */
  private List<Export> exports(
      ModelSize size, Path checkpoint, Path pairs, Path peers, Map<String, String> absent)
      throws IOException {
    Path list = peers.resolve("exports.json");
    if (!Files.exists(list)) {
      FileUtils.deleteDirectoryQuietly(peers.toFile());
      ArrayNode replies = MAPPER.createArrayNode();
      try (WorkerProcess export =
          launcher.export("export-" + size.key(), checkpoint, pairs, peers)) {
        JsonNode reply = export.reply();
        while (!reply.has("done")) {
          System.out.printf("  %s%n", reply);
          replies.add(reply);
          reply = export.reply();
        }
      }
      Files.writeString(list, MAPPER.writeValueAsString(replies));
    }
    List<Export> exports = new ArrayList<>();
    for (JsonNode reply : MAPPER.readTree(list.toFile())) {
      String name = reply.path("name").textValue();
      if (reply.has("reason")) {
        absent.put(name, reply.path("reason").textValue());
      } else {
        exports.add(
            new Export(name, reply.path("backend").textValue(), reply.path("file").textValue()));
      }
    }
    return exports;
  }
}
