package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.earlyexit.EarlyExitReport;
import dev.crossencoder.benchmark.earlyexit.ListScores;
import dev.crossencoder.benchmark.quality.HeldOutSet;
import dev.crossencoder.benchmark.quality.RankingSets;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Studies how much a cascade saves that stops as soon as the best documents of a list are known at
 * a stated confidence. Scores all documents with each model once and keeps the scores in {@code
 * benchmark.output}; the analysis takes seconds.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.results} (docs/studies).
 */
public final class EarlyExit {
  private static final int DL19_DEPTH = 100;
  private static final int CRANFIELD_DEPTH = 50;
  private static final int CRANFIELD_QUERIES = 150;
  private static final int CALL = 256;
  private static final int FEW_TOKENS = 64;

  private EarlyExit() {}

  /** A model that scores all documents. */
  private enum Scorer {
    MAIN("demo-rank", Precision.FP32, 0),
    SHORT("demo-rank", Precision.INT8, FEW_TOKENS),
    QA("demo-qa", Precision.INT8, 0);

    private final String model;
    private final Precision precision;
    private final int maxLength;

    Scorer(String model, Precision precision, int maxLength) {
      this.model = model;
      this.precision = precision;
      this.maxLength = maxLength;
    }

    CrossEncoder open() {
      CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;
      return CrossEncoder.open(
          ModelRepository.shared().resolve(model, precision, DownloadListener.SILENT),
          maxLength == 0 ? options : options.withMaxLength(maxLength));
    }
  }

  /** Scores what is not scored yet, and writes the results. */
  public static void main(String[] args) throws IOException {
    Path data = Path.of(System.getProperty(Dl19Pairs.FOLDER_PROPERTY, ""));
    String results = System.getProperty("benchmark.results", "");
    Path cache = Path.of(System.getProperty("benchmark.output", ".")).resolve("early-exit");
    ListScores dl19 = new ListScores(RankingSets.dl19(data), DL19_DEPTH);
    ListScores dl19Start = new ListScores(RankingSets.dl19(data), CRANFIELD_DEPTH);
    ListScores cranfield =
        new ListScores(
            HeldOutSet.evenlySpaced(
                RankingSets.cranfield(data, CRANFIELD_DEPTH), CRANFIELD_QUERIES),
            CRANFIELD_DEPTH);
    float[] dl19Main = scores(cache, "dl19", dl19, Scorer.MAIN);
    float[] cranfieldMain = scores(cache, "cranfield", cranfield, Scorer.MAIN);
    Map<String, float[][]> firsts = new LinkedHashMap<>();
    firsts.put("BM25", new float[][] {dl19.searchScores(), cranfield.searchScores()});
    firsts.put("`demo-rank` int8, 64 tokens", both(cache, dl19, cranfield, Scorer.SHORT));
    firsts.put("`demo-qa` int8", both(cache, dl19, cranfield, Scorer.QA));
    EarlyExitReport report = new EarlyExitReport();
    firsts.forEach(
        (name, scores) ->
            report.study(
                name,
                dl19.lists(scores[0], dl19Main),
                dl19Start.lists(scores[0], dl19Main),
                cranfield.lists(scores[1], cranfieldMain)));
    report.write(Path.of(results.isBlank() ? "docs/studies" : results));
    System.out.print(report.tables());
  }

  private static float[][] both(
      Path cache, ListScores dl19, ListScores cranfield, Scorer scorer) throws IOException {
    return new float[][] {
      scores(cache, "dl19", dl19, scorer), scores(cache, "cranfield", cranfield, scorer)
    };
  }

  /** Returns the logits of all pairs, from the cache if they are there. */
  private static float[] scores(Path cache, String set, ListScores lists, Scorer scorer)
      throws IOException {
    List<TextPair> pairs = lists.pairs();
    Path file = cache.resolve("%s-%s-%d".formatted(set, scorer, pairs.size()));
    if (!Files.exists(file)) {
      long start = System.nanoTime();
      float[] logits = new float[pairs.size()];
      try (CrossEncoder model = scorer.open()) {
        for (int from = 0; from < logits.length; from += CALL) {
          List<Score> some = model.score(pairs.subList(from, Math.min(from + CALL, logits.length)));
          for (int i = 0; i < some.size(); i++) {
            logits[from + i] = some.get(i).logits().get(0);
          }
        }
      }
      System.out.printf(
          "%s: %d pairs in %.0f s%n",
          file.getFileName(), logits.length, (System.nanoTime() - start) / 1e9);
      write(file, logits);
    }
    return read(file);
  }

  private static void write(Path file, float[] values) throws IOException {
    Files.createDirectories(file.getParent());
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.write(unfinished, bytes.array());
    Files.move(unfinished, file);
  }

  private static float[] read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    float[] values = new float[bytes.capacity() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
