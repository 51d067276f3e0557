package dev.crossencoder.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import dev.crossencoder.model.hub.CachedModel;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.repository.BundleCache;
import dev.crossencoder.model.repository.CachedBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cross-encoder cache list}. */
@Command(
    name = "list",
    description = "Lists compiled bundles and downloads with revision, size, date and folder.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  cross-encoder cache list"})
final class CacheListCommand implements Callable<Integer> {
  private static final DateTimeFormatter MINUTES =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
  private static final int COMMIT_DIGITS = 12;
  private static final int MAX_WIDTH = 200;
  private static final String DIGEST_PREFIX = "sha256:";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (CachedBundle bundle : BundleCache.shared().list()) {
      rows.add(
          new Row(
              bundle.name(),
              "bundle",
              shortened(bundle.revision()),
              bundle.bytes(),
              bundle.made(),
              bundle.folder().toString()));
    }
    for (CachedModel model : ModelHub.fromEnvironment().cached()) {
      rows.add(
          new Row(
              model.repository(),
              "download",
              String.join(", ", model.revisions()),
              model.bytes(),
              model.modified(),
              model.folder().toString()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (rows.isEmpty()) {
      out.println("Nothing is kept.");
    } else {
      out.println(table(rows));
      out.printf(Locale.ROOT, "%s in all%n", megabytes(rows.stream().mapToLong(Row::bytes).sum()));
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private static String table(List<Row> rows) {
    return AsciiTable.builder()
        .data(
            rows,
            List.of(
                column("model").with(Row::name),
                column("kind").with(Row::kind),
                column("revision").with(Row::revision),
                column("size").dataAlign(HorizontalAlign.RIGHT).with(row -> megabytes(row.bytes())),
                column("made")
                    .with(row -> MINUTES.format(row.made().atZone(ZoneId.systemDefault()))),
                column("folder").with(Row::folder)))
        .asString();
  }

  private static Column column(String header) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(HorizontalAlign.LEFT)
        .maxWidth(MAX_WIDTH, OverflowBehaviour.NEWLINE);
  }

  private static String shortened(String revision) {
    String digits =
        revision.startsWith(DIGEST_PREFIX) ? revision.substring(DIGEST_PREFIX.length()) : revision;
    return digits.length() > COMMIT_DIGITS ? digits.substring(0, COMMIT_DIGITS) : digits;
  }

  /** Formats a size in megabytes (10^6 bytes). */
  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }

  private record Row(
      String name, String kind, String revision, long bytes, Instant made, String folder) {}
}
