package dev.crossencoder.faults.records;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Compares outputs with the records that were sent. Thread-safe.
 *
 * <p>Outputs of a partition must be noted in the order of their offsets.
 */
public final class Ledger {
  private static final int MAX_EXAMPLES = 10;
  private static final double SCORE_TOLERANCE = 1e-4;
  private static final byte[] MEMBER = Traffic.bytes(",\"cross_encoder\":");
  private static final String REASON = "cross-encoder.reason";
  private static final String INPUT_TOPIC = "cross-encoder.topic";
  private static final String INPUT_PARTITION = "cross-encoder.partition";
  private static final String INPUT_OFFSET = "cross-encoder.offset";
  private static final String INPUT_TIMESTAMP = "cross-encoder.timestamp";
  private static final String OMITTED = "cross-encoder.omitted";

  /** The headers that the job adds to a dead letter. */
  private static final Set<String> ADDED =
      Set.of(
          REASON,
          "cross-encoder.message",
          INPUT_TOPIC,
          INPUT_PARTITION,
          INPUT_OFFSET,
          INPUT_TIMESTAMP);

  /** Trailing tokens are an error: they show that a result was inserted twice. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Traffic traffic;
  private final Topics topics;
  private final Set<String> reasonsOfGoodRecords = new HashSet<>();
  private final BitSet seen = new BitSet();
  private final BitSet deleted = new BitSet();
  private final int[] highest = new int[Topics.PARTITIONS];
  private final List<List<Integer>> numbers = new ArrayList<>();
  private final Map<String, Integer> lastOfPartition = new HashMap<>();
  private final Map<String, Double> scoreOfPair = new HashMap<>();
  private final Set<String> revisions = new HashSet<>();

  /** The last revision in each partition of the results, and those before it. */
  private final Map<Integer, String> revisionOfPartition = new HashMap<>();

  private final Map<Integer, Set<String>> revisionsLeft = new HashMap<>();
  private final Map<String, Integer> reasons = new HashMap<>();
  private final List<String> examples = new ArrayList<>();
  private int numbered;
  private int results;
  private int deadLetters;
  private int duplicated;
  private int outOfOrder;
  private int altered;
  private int revisionsReturned;

  public Ledger(Traffic traffic, Topics topics) {
    this.traffic = traffic;
    this.topics = topics;
    Arrays.fill(highest, -1);
    for (int i = 0; i < Topics.PARTITIONS; i++) {
      numbers.add(new ArrayList<>());
    }
  }

  /** Permits dead letters with this reason for records that can be scored. */
  public synchronized void allow(String reason) {
    reasonsOfGoodRecords.add(reason);
  }

  /**
   * Excludes records from those that need an output, because Kafka deleted them before the job read
   * them.
   *
   * @param from the first offset in the partition of the input topic
   * @param to the offset after the last record
   * @return the number of records
   */
  public synchronized int deleted(int partition, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      deleted.set(numberAt(partition, (int) offset));
    }
    return (int) Math.max(0, to - from);
  }

  /** Adds a record of the output topic or the dead-letter topic. */
  public synchronized void note(ConsumerRecord<byte[], byte[]> output) {
    boolean scored = output.topic().equals(topics.output());
    if (scored) {
      results++;
    } else {
      deadLetters++;
      reasons.merge(text(output.headers().lastHeader(REASON)), 1, Integer::sum);
    }
    int number = number(output);
    if (number < 0) {
      altered++;
      example("a record of topic %s at %d is none that was sent", output.topic(), output.offset());
      return;
    }
    SentRecord sent = traffic.record(number);
    if (seen.get(number)) {
      duplicated++;
      example("record %d has another output, in %s", number, output.topic());
    } else {
      seen.set(number);
      String partition = output.topic() + "/" + output.partition();
      int last = lastOfPartition.getOrDefault(partition, -1);
      if (number < last) {
        outOfOrder++;
        example("record %d is behind %d in %s", number, last, partition);
      }
      lastOfPartition.put(partition, Math.max(last, number));
      highest[sent.partition()] = Math.max(highest[sent.partition()], number);
    }
    String difference = difference(sent, output, scored);
    if (!difference.isEmpty()) {
      altered++;
      example("record %d: %s", number, difference);
    }
  }

  /** Returns whether a record has an output. */
  public synchronized boolean has(int number) {
    return seen.get(number);
  }

  /** The number of records with an output. */
  public synchronized int seen() {
    return seen.cardinality();
  }

  /** The number of records that have an output or were deleted by Kafka. */
  public synchronized int settled() {
    return accounted().cardinality();
  }

  /** Returns whether each partition has an output of a record with this number or a higher one. */
  public synchronized boolean hasReached(int number) {
    return Arrays.stream(highest).allMatch(last -> last >= number);
  }

  /** The number of results. */
  public synchronized int results() {
    return results;
  }

  /** The number of different bundles that have scored records. */
  public synchronized int revisions() {
    return revisions.size();
  }

  /**
   * How often results of a partition returned to a bundle after others had scored, in the order of
   * the offsets.
   */
  public synchronized int revisionsReturned() {
    return revisionsReturned;
  }

  /** The number of dead letters by reason, as text. */
  public synchronized String reasons() {
    return new TreeMap<>(reasons).toString();
  }

  /** The number of dead letters with a reason. */
  public synchronized int deadLetters(String reason) {
    return reasons.getOrDefault(reason, 0);
  }

  /**
   * Returns the verdict on all outputs so far.
   *
   * @param inputs the number of records that were sent
   */
  public synchronized Verdict verdict(int inputs) {
    List<String> all = new ArrayList<>(examples);
    int late = seen.cardinality() - seen.get(0, inputs).cardinality();
    if (late > 0) {
      all.add("%d outputs are of records that were not sent".formatted(late));
    }
    BitSet accounted = accounted();
    for (int i = accounted.nextClearBit(0);
        i < inputs && all.size() < MAX_EXAMPLES;
        i = accounted.nextClearBit(i + 1)) {
      all.add("record %d has no output".formatted(i));
    }
    return new Verdict(
        inputs,
        results,
        deadLetters,
        inputs - accounted.get(0, inputs).cardinality(),
        duplicated,
        outOfOrder,
        altered + late,
        List.copyOf(all));
  }

  /** Returns the numbers of records that have an output or were deleted. */
  private BitSet accounted() {
    BitSet all = (BitSet) seen.clone();
    all.or(deleted);
    return all;
  }

  /** Returns the number of the input record of an output; negative if it is unknown. */
  private int number(ConsumerRecord<byte[], byte[]> output) {
    Header number = output.headers().lastHeader(Traffic.NUMBER);
    if (number != null) {
      return integer(number);
    }
    int partition = integer(output.headers().lastHeader(INPUT_PARTITION));
    int offset = integer(output.headers().lastHeader(INPUT_OFFSET));
    return partition < 0 || partition >= Topics.PARTITIONS || offset < 0
        ? -1
        : numberAt(partition, offset);
  }

  /**
   * Returns the number of the record at an offset. The producer wrote the records of each partition
   * at the offsets 0, 1, 2, …
   */
  private int numberAt(int partition, int offset) {
    List<Integer> ofPartition = numbers.get(partition);
    while (ofPartition.size() <= offset) {
      numbers.get(traffic.partition(numbered)).add(numbered);
      numbered++;
    }
    return ofPartition.get(offset);
  }

  private static int integer(Header header) {
    try {
      return header == null ? -1 : Integer.parseInt(text(header));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Returns the difference between an output and the expected one; empty if there is none. */
  private String difference(
      SentRecord sent, ConsumerRecord<byte[], byte[]> output, boolean scored) {
    if ((sent.fate() == Fate.SCORED) != scored
        && (scored || !reasonsOfGoodRecords.contains(text(output.headers().lastHeader(REASON))))) {
      return "it is on the wrong topic, " + output.topic();
    }
    if (output.partition() != sent.partition()) {
      return "it went from partition %d to %d".formatted(sent.partition(), output.partition());
    }
    String timestamp =
        scored
            ? String.valueOf(output.timestamp())
            : text(output.headers().lastHeader(INPUT_TIMESTAMP));
    if (!timestamp.equals(String.valueOf(sent.timestamp()))) {
      return "its timestamp is %s instead of %d".formatted(timestamp, sent.timestamp());
    }
    if (!Arrays.equals(output.key(), sent.key())) {
      return "its key differs";
    }
    if (scored) {
      List<Header> headers = Arrays.asList(output.headers().toArray());
      return headers.equals(sent.headers())
          ? differenceOfResult(sent, output)
          : "its headers are " + headers;
    }
    String wrong = differenceOfHeaders(sent, output, sent.headers());
    if (!wrong.isEmpty()) {
      return wrong;
    }
    boolean withValue = sent.fate() != Fate.DEAD_LETTER_WITHOUT_VALUE;
    if (!text(output.headers().lastHeader(OMITTED)).equals(withValue ? "" : "value")) {
      return "it says that it has no " + text(output.headers().lastHeader(OMITTED));
    }
    return Arrays.equals(output.value(), withValue ? sent.value() : null)
        ? ""
        : "its value differs";
  }

  private String differenceOfHeaders(
      SentRecord sent, ConsumerRecord<byte[], byte[]> output, List<Header> expected) {
    List<Header> kept = new ArrayList<>();
    Map<String, Header> added = new HashMap<>();
    for (Header header : output.headers()) {
      if (ADDED.contains(header.key())) {
        added.put(header.key(), header);
      } else if (!header.key().equals(OMITTED)) {
        kept.add(header);
      }
    }
    if (!kept.equals(expected)) {
      return "its headers are " + kept;
    }
    for (String name : ADDED) {
      if (!added.containsKey(name)) {
        return "it has no header " + name;
      }
    }
    int partition = integer(added.get(INPUT_PARTITION));
    int offset = integer(added.get(INPUT_OFFSET));
    boolean isFromThere =
        text(added.get(INPUT_TOPIC)).equals(topics.input())
            && partition == sent.partition()
            && offset >= 0
            && numberAt(partition, offset) == sent.number();
    return isFromThere
        ? ""
        : "it says that it is from partition %d, %d".formatted(partition, offset);
  }

  private String differenceOfResult(SentRecord sent, ConsumerRecord<byte[], byte[]> output) {
    byte[] value = output.value();
    int kept = sent.value().length - 1;
    boolean hasMember =
        value != null
            && value.length > kept + MEMBER.length
            && Arrays.equals(value, 0, kept, sent.value(), 0, kept)
            && Arrays.equals(value, kept, kept + MEMBER.length, MEMBER, 0, MEMBER.length)
            && value[value.length - 1] == '}';
    if (!hasMember) {
      return "its value is " + (value == null ? null : new String(value, StandardCharsets.UTF_8));
    }
    int start = kept + MEMBER.length;
    JsonNode member;
    try {
      member = MAPPER.readTree(Arrays.copyOfRange(value, start, value.length - 1));
    } catch (IOException e) {
      return "its result is not valid JSON, " + e.getMessage();
    }
    String revision = member.path("revision").asText();
    noteRevision(output.partition(), revision);
    int documents = traffic.documents(sent.pair());
    return documents == 0
        ? differenceOfScore(revision + "/" + sent.pair(), member.path("score"))
        : differenceOfRanking(revision + "/" + sent.pair(), documents, member.path("results"));
  }

  private void noteRevision(int partition, String revision) {
    revisions.add(revision);
    String last = revisionOfPartition.put(partition, revision);
    if (last == null || last.equals(revision)) {
      return;
    }
    Set<String> left = revisionsLeft.computeIfAbsent(partition, unused -> new HashSet<>());
    left.add(last);
    if (left.contains(revision)) {
      revisionsReturned++;
      example("partition %d returns to bundle %s", partition, revision);
    }
  }

  private String differenceOfRanking(String texts, int documents, JsonNode results) {
    Set<Integer> indexes = new HashSet<>();
    double best = Double.POSITIVE_INFINITY;
    for (JsonNode result : results) {
      int index = result.path("index").asInt(-1);
      indexes.add(index);
      JsonNode score = result.path("relevance_score");
      String difference = differenceOfScore(texts + "/" + index, score);
      if (!difference.isEmpty()) {
        return difference;
      }
      if (score.doubleValue() > best) {
        return "its results are not sorted";
      }
      best = score.doubleValue();
    }
    boolean all =
        results.size() == documents
            && indexes.size() == documents
            && indexes.stream().allMatch(index -> index >= 0 && index < documents);
    return all ? "" : "it has %d results for %d documents".formatted(results.size(), documents);
  }

  private String differenceOfScore(String texts, JsonNode score) {
    if (!score.isNumber()) {
      return "it has no score";
    }
    double first = scoreOfPair.computeIfAbsent(texts, pair -> score.doubleValue());
    return Math.abs(first - score.doubleValue()) <= SCORE_TOLERANCE
        ? ""
        : "its score is %s, another of the same texts had %s".formatted(score, first);
  }

  private void example(String format, Object... arguments) {
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(format.formatted(arguments));
    }
  }

  private static String text(Header header) {
    return header == null
        ? ""
        : new String(
            Objects.requireNonNullElse(header.value(), new byte[0]), StandardCharsets.UTF_8);
  }
}
