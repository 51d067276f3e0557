package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.evaluation.data.StrictUtf8;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.PairOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * CSV or TSV with a header, in UTF-8. The output has the input columns, followed by the columns of
 * the result. A byte order mark and the line separator are preserved; values are quoted only where
 * necessary.
 */
final class CsvPairs implements PairFile<CsvPairs.Row> {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final String MALFORMED = "malformed_csv";

  private final CSVFormat format;
  private final String file;
  private final CrossEncoder model;
  private final Columns columns;
  private final InputStream in;
  private CSVParser parser;
  private boolean hasByteOrderMark;
  private volatile CsvHeader header;
  private CSVPrinter printer;

  /**
   * The columns to read and to add.
   *
   * @param text the name of the column with the first text, null for the usual names
   * @param textPair the name of the column with the second text, null for the usual names
   * @param prefix the prefix of the names of the result columns
   * @param overwrite whether existing columns with these names may be replaced
   * @param logits whether to add the logits
   */
  record Columns(String text, String textPair, String prefix, boolean overwrite, boolean logits) {}

  /**
   * A row.
   *
   * @param line the number of its first line, from 1
   */
  record Row(long line, List<String> values) {}

  /**
   * Creates an instance that reads from a buffered stream.
   *
   * @param delimiter the separator of values
   * @param file the name of the input, for messages
   */
  CsvPairs(InputStream in, char delimiter, String file, CrossEncoder model, Columns columns) {
    this.format = CSVFormat.RFC4180.builder().setDelimiter(delimiter).build();
    this.in = in;
    this.file = file;
    this.model = model;
    this.columns = columns;
  }

  private void open() throws IOException {
    in.mark(BYTE_ORDER_MARK.length);
    hasByteOrderMark = Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK);
    if (!hasByteOrderMark) {
      in.reset();
    }
    parser =
        CSVParser.parse(StrictUtf8.reader(in), format.builder().setIgnoreEmptyLines(true).build());
  }

  @Override
  public Row read() throws IOException {
    if (parser == null) {
      open();
    }
    Row row = next();
    if (header == null && row != null) {
      header = CsvHeader.of(row.values(), columns, model.bundle().manifest());
      row = next();
    }
    return row;
  }

  private Row next() throws IOException {
    long line = parser.getCurrentLineNumber() + 1;
    try {
      CSVRecord record = parser.iterator().hasNext() ? parser.iterator().next() : null;
      while (record != null && isBlank(record)) {
        line = parser.getCurrentLineNumber() + 1;
        record = parser.iterator().hasNext() ? parser.iterator().next() : null;
      }
      return record == null ? null : new Row(line, List.copyOf(record.toList()));
    } catch (UncheckedIOException | IllegalStateException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new CommandFailedException(
            "Cannot read %s, it is not in UTF-8 at line %d or after it. Convert it first, such as with iconv."
                .formatted(file, line),
            e);
      }
      throw new CommandFailedException(
          "Cannot read %s, its quotes are not balanced from line %d on: %s. Write a quote within a quoted value twice."
              .formatted(file, line, root(e).getMessage()),
          e);
    }
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Returns whether a row is a blank line, which the parser reads as one value. */
  private boolean isBlank(CSVRecord record) {
    return record.size() == 1
        && record.get(0).isBlank()
        && (header == null || header.inputSize() > 1);
  }

  @Override
  public List<Refused> score(List<Row> rows, OutputStream out) throws IOException {
    writeHeader(out);
    List<Refused> refused = new ArrayList<>();
    List<Row> complete = new ArrayList<>();
    for (Row row : rows) {
      if (row.values().size() == header.inputSize()) {
        complete.add(row);
      } else {
        refused.add(
            new Refused(
                row.line(),
                MALFORMED,
                "It has %d values, and the header has %d."
                    .formatted(row.values().size(), header.inputSize())));
      }
    }
    List<TextPair> pairs = complete.stream().map(row -> header.pair(row.values())).toList();
    List<PairOutcome> outcomes = PairOutcome.of(model, pairs);
    for (int i = 0; i < complete.size(); i++) {
      Row row = complete.get(i);
      PairOutcome outcome = outcomes.get(i);
      if (outcome.failure() == null) {
        printer.printRecord(header.output(row.values(), outcome.score(), model.bundle()));
      } else {
        refused.add(new Refused(row.line(), outcome.failure().code(), outcome.failure().message()));
      }
    }
    printer.flush();
    return refused;
  }

  @Override
  public void finish(OutputStream out) throws IOException {
    if (header != null) {
      writeHeader(out);
      printer.flush();
    }
  }

  private void writeHeader(OutputStream out) throws IOException {
    if (printer != null) {
      return;
    }
    String end = parser.getFirstEndOfLine();
    Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    if (hasByteOrderMark) {
      writer.write('\uFEFF');
    }
    printer =
        new CSVPrinter(
            writer, format.builder().setRecordSeparator(end == null ? "\n" : end).build());
    printer.printRecord(header.outputNames());
  }
}
