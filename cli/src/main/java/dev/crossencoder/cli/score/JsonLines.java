package dev.crossencoder.cli.score;

import dev.crossencoder.job.record.JsonScorer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * JSON Lines, read and written with the code of the Kafka job. Lines end with a line feed; a
 * preceding carriage return is JSON whitespace. Blank lines are skipped.
 */
final class JsonLines implements PairFile<JsonLines.Line> {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final JsonScorer<?> scorer;
  private long number;

  /** Creates an instance that reads from a buffered stream. */
  JsonLines(InputStream in, JsonScorer<?> scorer) {
    this.in = in;
    this.scorer = scorer;
  }

  /**
   * A line without its terminator.
   *
   * @param number the line number, from 1
   */
  record Line(long number, byte[] value) {}

  @Override
  public Line read() throws IOException {
    byte[] line = nextLine();
    while (line != null && isBlank(line)) {
      line = nextLine();
    }
    return line == null ? null : new Line(number, line);
  }

  private byte[] nextLine() throws IOException {
    int b = in.read();
    if (b < 0) {
      return null;
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (b >= 0 && b != '\n') {
      line.write(b);
      b = in.read();
    }
    number++;
    byte[] bytes = line.toByteArray();
    return number == 1 ? withoutByteOrderMark(bytes) : bytes;
  }

  private static byte[] withoutByteOrderMark(byte[] line) {
    int length = BYTE_ORDER_MARK.length;
    return line.length >= length && Arrays.equals(line, 0, length, BYTE_ORDER_MARK, 0, length)
        ? Arrays.copyOfRange(line, length, line.length)
        : line;
  }

  /** Returns whether a line contains only JSON whitespace. */
  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<Refused> score(List<Line> lines, OutputStream out) throws IOException {
    List<JsonScorer.Outcome> outcomes = scorer.score(lines.stream().map(Line::value).toList());
    List<Refused> refused = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      JsonScorer.Outcome outcome = outcomes.get(i);
      if (outcome.failure() != null) {
        refused.add(
            new Refused(
                lines.get(i).number(), outcome.failure().code(), outcome.failure().message()));
      } else if (!outcome.filtered()) {
        out.write(outcome.value());
        out.write('\n');
      }
    }
    return refused;
  }

  @Override
  public void finish(OutputStream out) {}
}
