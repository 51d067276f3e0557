package dev.crossencoder.benchmark;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Pairs per second that one thread encodes, by the script of the texts: a query of about 40 and a
 * passage of about 350 characters. Texts with a character that is not tokenized in Java, here a
 * symbol in each word, go to the native tokenizer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerBenchmark {
  private static final int MAX_LENGTH = 512;
  private static final int PASSAGE = 350;

  /** The texts. */
  @Param({"ASCII", "LATIN", "CYRILLIC", "CHINESE", "NATIVE"})
  public Script script;

  private PairEncoder encoder;
  private TextPair pair;

  /** What the texts consist of. */
  public enum Script {
    ASCII("When was the lighthouse at the river built?"),
    LATIN("Où l’été a-t-il été passé, à côté d’Orléans ? "),
    CYRILLIC("Когда построили маяк на берегу реки и кто? "),
    CHINESE("灯塔是什么时候建成的，又是谁建造了它呢？"),
    NATIVE("When😀 was😀 the😀 lighthouse😀 built😀? ");

    private final String sentence;

    Script(String sentence) {
      this.sentence = sentence;
    }
  }

  /** Runs JMH with this benchmark only. */
  public static void main(String[] args) throws RunnerException {
    new Runner(new OptionsBuilder().include(TokenizerBenchmark.class.getName()).build()).run();
  }

  /** Loads the tokenizer of demo-qa, whose vocabulary is a part of BERT's. */
  @Setup
  public void load() {
    Bundle bundle = ModelRepository.shared().resolve("demo-qa");
    encoder = PairEncoder.load(bundle.folder().resolve(Bundle.TOKENIZER), MAX_LENGTH);
    String sentence = script.sentence;
    pair =
        new TextPair(
            sentence,
            (sentence + " ").repeat(PASSAGE / sentence.length() + 1).substring(0, PASSAGE));
  }

  @TearDown
  public void close() {
    encoder.close();
  }

  @Benchmark
  public EncodedPair encode() {
    return encoder.encode(pair);
  }
}
