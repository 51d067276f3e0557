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
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
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
  private static final int CRANFIELD_DEPTH = 30;
  private static final int CRANFIELD_QUERIES = 136;
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
    float[] dl19Short = scores(cache, "dl19", dl19, Scorer.SHORT);
    float[] dl19Qa = scores(cache, "dl19", dl19, Scorer.QA);
    float[] cranfieldMain = scores(cache, "cranfield", cranfield, Scorer.MAIN);
    float[] cranfieldShort = scores(cache, "cranfield", cranfield, Scorer.SHORT);
    float[] cranfieldQa = scores(cache, "cranfield", cranfield, Scorer.QA);
    Map<String, float[][]> firsts = new LinkedHashMap<>();
    firsts.put("BM25", new float[][] {dl19.searchScores(), cranfield.searchScores()});
    firsts.put("`demo-rank` int8, 64 tokens", new float[][] {dl19Short, cranfieldShort});
    firsts.put("`demo-qa` int8", new float[][] {dl19Qa, cranfieldQa});
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

  /**
   * Returns the logits of all pairs, from the cache as far as they are there. What is scored is
   * written after each call, so that an interrupted run goes on where it was.
   */
  private static float[] scores(Path cache, String set, ListScores lists, Scorer scorer)
      throws IOException {
    List<TextPair> pairs = lists.pairs();
    Path file = cache.resolve("%s-%s-%d".formatted(set, scorer, pairs.size()));
    float[] known = Files.exists(file) ? read(file) : new float[0];
    if (known.length == pairs.size()) {
      return known;
    }
    long start = System.nanoTime();
    float[] logits = Arrays.copyOf(known, pairs.size());
    try (CrossEncoder model = scorer.open()) {
      for (int from = known.length; from < logits.length; from += CALL) {
        int end = Math.min(from + CALL, logits.length);
        List<Score> some = model.score(pairs.subList(from, end));
        for (int i = 0; i < some.size(); i++) {
          logits[from + i] = some.get(i).logits().get(0);
        }
        write(file, Arrays.copyOf(logits, end));
      }
    }
    System.out.printf(
        "%s: %d pairs in %.0f s%n",
        file.getFileName(), logits.length - known.length, (System.nanoTime() - start) / 1e9);
    return logits;
  }

  private static void write(Path file, float[] values) throws IOException {
    Files.createDirectories(file.getParent());
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.write(unfinished, bytes.array());
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static float[] read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    float[] values = new float[bytes.capacity() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
