package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.job.HostileRecords;
import dev.crossencoder.operator.InvalidRecordException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * What holds for every record. Generated records come from {@link HostileRecords} by their seed.
 */
class PairReaderPropertyTest {
  private static final String SEED = "20260131";
  private static final byte[] NAME = bytes("\"cross_encoder\"");
  private static final byte[] VALUE = bytes("{\"score\":0.5}");
  private static final String SECRET = "SeCrEt";

  /** Reads what JSON allows but for the deepest nesting, which a tree cannot compare. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final PairReader keeping = new PairReader(PairFields.DEFAULTS, "cross_encoder", false);
  private final PairReader overwriting = new PairReader(PairFields.DEFAULTS, "cross_encoder", true);

  @Property(tries = 2000, seed = SEED)
  void anyBytesAreReadOrRefused(@ForAll byte[] value) {
    read(keeping, value);
    read(overwriting, value);
  }

  @Property(tries = 2000, seed = SEED)
  void anyHostileValueIsReadOrRefused(@ForAll long seed) {
    byte[] value = new HostileRecords(seed).next();

    read(keeping, value);
    read(overwriting, value);
  }

  @Property(tries = 1000, seed = SEED)
  void withoutTheMemberTheBytesAreTheInput(@ForAll long seed) {
    byte[] input = new HostileRecords(seed).object();
    Optional<PairRecord> read = read(keeping, input);
    Assume.that(read.isPresent());

    byte[] spliced = read.get().place().splice(input, NAME, VALUE);

    int start = read.get().place().insertAt();
    int added = 1 + NAME.length + 1 + VALUE.length;
    byte[] rest = Arrays.copyOf(spliced, input.length);
    System.arraycopy(spliced, start + added, rest, start, input.length - start);
    assertThat(rest).isEqualTo(input);
  }

  @Property(tries = 2000, seed = SEED)
  void thePlaceIsFoundFromTheEndAsItIsByReading(@ForAll long seed) throws InvalidRecordException {
    byte[] value = new HostileRecords(seed).next();
    Optional<PairRecord> read = read(keeping, value);
    Assume.that(read.isPresent());

    assertThat(keeping.place(value)).isEqualTo(read.get().place());
  }

  @Property(tries = 1000, seed = SEED)
  void theResultIsTheInputWithTheMember(@ForAll long seed) throws IOException {
    byte[] input = new HostileRecords(seed).object();
    Optional<PairRecord> read = read(overwriting, input);
    Assume.that(read.isPresent());
    JsonNode expected;
    try {
      expected = tree(input);
    } catch (IOException | ArithmeticException | NumberFormatException e) {
      // Too deep or too large a number for a tree, though not for the job.
      Assume.that(false);
      throw e;
    }
    ((ObjectNode) expected).set("cross_encoder", MAPPER.readTree(VALUE));

    JsonNode result = tree(read.get().place().splice(input, NAME, VALUE));

    assertThat(result.equals(expected)).isTrue();
    TextsOf texts = TextsOf.tree(expected);
    assertThat(read.get().pair().text()).isEqualTo(texts.first());
    assertThat(read.get().pair().textPair()).isEqualTo(texts.second());
  }

  @Property(tries = 2000, seed = SEED)
  void messagesHoldNothingOfTheRecord(@ForAll long seed, @ForAll int place) {
    byte[] valid =
        bytes("{\"%1$s\":\"%1$s\",\"query\":{\"%1$s\":%1$s},\"passage\":1}".formatted(SECRET));
    HostileRecords hostile = new HostileRecords(seed);
    byte[] tail = hostile.next();
    int cut = Math.floorMod(place, valid.length);
    byte[] value = Arrays.copyOf(valid, cut + tail.length);
    System.arraycopy(tail, 0, value, cut, tail.length);

    assertThat(message(value)).doesNotContainIgnoringCase(SECRET);
  }

  private record TextsOf(String first, String second) {
    static TextsOf tree(JsonNode tree) {
      return tree.has("query") && tree.has("passage")
          ? new TextsOf(tree.path("query").asText(), tree.path("passage").asText())
          : new TextsOf(tree.path("premise").asText(), tree.path("hypothesis").asText());
    }
  }

  private static JsonNode tree(byte[] json) throws IOException {
    int start = json[0] == (byte) 0xEF ? 3 : 0;
    return MAPPER.readTree(json, start, json.length - start);
  }

  private static Optional<PairRecord> read(PairReader reader, byte[] value) {
    try {
      return Optional.of(reader.read(value));
    } catch (InvalidRecordException e) {
      return Optional.empty();
    }
  }

  private String message(byte[] value) {
    try {
      keeping.read(value);
      return "";
    } catch (InvalidRecordException e) {
      return e.getMessage();
    }
  }
}
