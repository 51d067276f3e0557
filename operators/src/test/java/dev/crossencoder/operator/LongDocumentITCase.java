package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.EvidenceChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.LongDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pipelines with long and short passages, with an embedded model. */
@Timeout(300)
class LongDocumentITCase {
  private static final int COUNT = 24;
  private static final int MAX_LENGTH = 96;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(Pipelines.cluster(new Configuration()));

  private static CrossEncoder model;

  @BeforeAll
  static void open() {
    model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"),
            CrossEncoderOptions.DEFAULT
                .withMaxLength(MAX_LENGTH)
                .withChunking(Chunking.DEFAULT)
                .withEvidence(Evidence.SENTENCE));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Configuration options() {
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.MAX_LENGTH, MAX_LENGTH);
    options.set(CrossEncoderFunctionOptions.LONG_DOCUMENT, LongDocument.CHUNK);
    options.set(CrossEncoderFunctionOptions.EVIDENCE, EvidenceChoice.SENTENCE);
    return options;
  }

  /** Every third question has passages that do not fit. */
  private static List<String> passages(Question question) {
    return question.id() % 3 == 0
        ? question.passages().stream()
            .map(passage -> bread(0, 7) + passage + " " + bread(7, 10 + question.id() / 3))
            .toList()
        : question.passages();
  }

  /** Text without the same sentence twice: which of two equal chunks is best, rounding decides. */
  private static String bread(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj("Loaf %1$d is best stored in a linen bag. It keeps for %1$d days. "::formatted)
        .collect(Collectors.joining());
  }

  private static List<TextPair> pairs(Question question) {
    return passages(question).stream()
        .map(passage -> new TextPair(question.query(), passage))
        .toList();
  }

  @Test
  void longPassagesAreScoredAsTheLibraryScoresThem() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "relevance", LongDocumentITCase::pairs, options()));

    assertThat(results).hasSize(COUNT);
    int divided = 0;
    for (Scored<Question> scored : results) {
      List<Score> expected = model.score(pairs(scored.element()));
      List<Score> actual = new ArrayList<>(scored.scores());
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.size(); i++) {
        assertThat(actual.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5f));
        assertThat(actual.get(i).bestChunk()).isEqualTo(expected.get(i).bestChunk());
        assertThat(actual.get(i).evidence()).isEqualTo(expected.get(i).evidence()).isNotNull();
        divided += actual.get(i).bestChunk() == null ? 0 : 1;
      }
    }
    assertThat(divided).isGreaterThanOrEqualTo(COUNT / 3);
  }

  @Test
  void longDocumentsAreRankedAsTheLibraryRanksThem() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), COUNT);

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(
                questions,
                "rerank",
                question -> new RankRequest(question.query(), passages(question)),
                options()));

    assertThat(results).hasSize(COUNT);
    for (Ranked<Question> ranked : results) {
      Question question = ranked.element();
      List<RankedPassage> expected = model.rank(question.query(), passages(question), 10);
      assertThat(ranked.results())
          .extracting(document -> document.score().bestChunk())
          .isEqualTo(expected.stream().map(passage -> passage.score().bestChunk()).toList());
    }
  }
}
