package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
 * Pairs per second that one thread encodes, by the kind of the vocabulary and the script of the
 * texts: all pairs of TREC DL 2019 with the vocabularies of published models. Texts of other
 * scripts are those passages with other letters. So words are as frequent as in real texts, and
 * hardly any is in the vocabulary, which is the slow case.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TokenizerBenchmark {
  private static final int MAX_LENGTH = 512;
  private static final int SEGMENTS = 2;
  private static final int FIRST_CHINESE = 0x4E00;
  private static final int CHINESE_CHARACTERS = 2_000;
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  /** The kind of the vocabulary. */
  @Param public Vocabulary vocabulary;

  /** The texts. */
  @Param public Script script;

  private PairEncoder encoder;
  private TextPair[] pairs;
  private int next;

  /** The vocabularies of published models. */
  public enum Vocabulary {
    WORD_PIECE("bert-base-uncased", "bert"),
    BYTE_LEVEL("roberta-base", "roberta"),
    UNIGRAM("deberta-v3", "deberta-v2");

    private final String folder;
    private final String modelType;

    Vocabulary(String folder, String modelType) {
      this.folder = folder;
      this.modelType = modelType;
    }
  }

  /** What becomes of the passages. */
  public enum Script {
    /** Nothing: English. */
    ASCII {
      @Override
      String word(String english) {
        return english;
      }
    },
    /** Accents in a third of the words. */
    LATIN {
      @Override
      String word(String english) {
        return Math.floorMod(english.hashCode(), 3) == 0
            ? translated(english, "aceinouy", "àçéîñöüý")
            : english;
      }
    },
    /** Cyrillic letters. */
    CYRILLIC {
      @Override
      String word(String english) {
        return translated(english, "abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувшжуз");
      }
    },
    /** One or two Chinese characters for each word. */
    CHINESE {
      @Override
      String word(String english) {
        return chinese(english);
      }
    },
    /** A symbol behind each word, which only the native tokenizer knows. */
    NATIVE {
      @Override
      String word(String english) {
        return english + "😀";
      }
    };

    abstract String word(String english);

    private String text(String english) {
      return WORD.matcher(english).replaceAll((MatchResult match) -> word(match.group()));
    }

    private static String translated(String word, String from, String to) {
      StringBuilder text = new StringBuilder(word.length());
      word.chars()
          .forEach(
              c -> {
                int at = from.indexOf(Character.toLowerCase(c));
                text.append(at < 0 ? (char) c : to.charAt(at));
              });
      return text.toString();
    }

    private static String chinese(String word) {
      int hash = Math.floorMod(word.hashCode(), CHINESE_CHARACTERS * CHINESE_CHARACTERS);
      String first = Character.toString(FIRST_CHINESE + hash % CHINESE_CHARACTERS);
      return word.length() < 4
          ? first
          : first + Character.toString(FIRST_CHINESE + hash / CHINESE_CHARACTERS);
    }
  }

  /** Runs JMH with this benchmark only. */
  public static void main(String[] args) throws RunnerException {
    new Runner(new OptionsBuilder().include(TokenizerBenchmark.class.getName()).build()).run();
  }

  /** Loads the tokenizer, and makes the texts. */
  @Setup
  public void load() throws IOException {
    List<TextPair> english = Dl19Pairs.read();
    pairs =
        english.stream()
            .map(pair -> new TextPair(script.text(pair.text()), script.text(pair.textPair())))
            .toArray(TextPair[]::new);
    Path files = Path.of(System.getProperty(Dl19Pairs.FOLDER_PROPERTY), "vocab", vocabulary.folder);
    Path json = Files.createTempFile("tokenizer", ".json");
    try {
      new JsonMapper()
          .writeValue(
              json.toFile(),
              CheckpointTokenizer.read(
                      files,
                      JsonNodeFactory.instance.objectNode().put("model_type", vocabulary.modelType))
                  .json(SEGMENTS));
      encoder = PairEncoder.load(json, MAX_LENGTH);
    } finally {
      Files.delete(json);
    }
  }

  @TearDown
  public void close() {
    encoder.close();
  }

  @Benchmark
  public EncodedPair encode() {
    next = next + 1 == pairs.length ? 0 : next + 1;
    return encoder.encode(pairs[next]);
  }
}
