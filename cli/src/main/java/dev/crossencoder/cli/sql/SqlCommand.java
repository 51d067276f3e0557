package dev.crossencoder.cli.sql;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.local.LocalRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code cross-encoder sql}: runs SQL statements with a broker and a Flink cluster in this process.
 */
@Command(
    name = "sql",
    description = {
      "Runs Flink SQL with ML_PREDICT, with a Kafka broker and a Flink cluster inside this process.",
      "There are the tables pairs and reviews with the records of the demo, and the models demo_rank and demo_nli.",
      "A query of a table reads what is there and ends. A query of an unbounded table ends with Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder sql",
      "  cross-encoder sql statements.sql",
      "  cross-encoder sql -e \"SELECT id, score FROM",
      "    ML_PREDICT(TABLE pairs, MODEL demo_rank, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])\""
    })
public final class SqlCommand implements Callable<Integer> {
  /** Set by the launcher script, because Java 17 cannot find it out for standard input alone. */
  private static final String TYPED = "cross-encoder.input-terminal";

  @Spec private CommandSpec spec;

  @ArgGroup private Source source = new Source();

  /** Where the statements are; standard input if there is neither. */
  private static final class Source {
    @Parameters(
        paramLabel = "FILE",
        arity = "0..1",
        description =
            "A file with statements that end with semicolons. By default statements are read from standard input, with a prompt if it is a terminal.")
    private Path file;

    @Option(
        names = {"-e", "--execute"},
        paramLabel = "STATEMENT",
        description = "Statements to run, instead of a file.")
    private String statements;
  }

  @Override
  public Integer call() throws Exception {
    if (source.file != null) {
      try (BufferedReader statements = Files.newBufferedReader(source.file)) {
        return run(statements);
      }
    }
    if (source.statements != null) {
      return run(new BufferedReader(new StringReader(source.statements)));
    }
    if (Boolean.getBoolean(TYPED)) {
      return run(null);
    }
    return run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  /**
   * @param statements what to run, or null for a prompt
   */
  private int run(BufferedReader statements) throws Exception {
    try (LocalRun local = LocalRun.start("cross-encoder-sql");
        LocalSql sql = LocalSql.start(local.folder(), spec.commandLine().getOut(), this::say)) {
      local.onInterrupt(sql.session()::cancel);
      if (statements == null) {
        prompt(sql.session());
      } else {
        runAll(sql.session(), statements, local);
      }
      return CommandLine.ExitCode.OK;
    }
  }

  private void prompt(SqlSession session) throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      say("Tables: pairs, reviews. Models: demo_rank, demo_nli. QUIT; ends the command.");
      new SqlPrompt(session, terminal, spec.commandLine().getErr()).run();
    }
  }

  private static void runAll(SqlSession session, BufferedReader statements, LocalRun local)
      throws IOException, InterruptedException {
    StatementReader reader = new StatementReader(statements, session::isComplete);
    try {
      for (Optional<String> next = reader.next(); next.isPresent(); next = reader.next()) {
        if (!session.execute(next.get())) {
          return;
        }
      }
    } catch (CommandFailedException e) {
      if (local.isInterrupted()) {
        throw new InterruptedException();
      }
      throw new CommandFailedException(
          "Cannot run the statement in line %d: %s".formatted(reader.line(), e.getMessage()), e);
    }
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    // Flush after each line: other programs wait for some lines.
    err.print(line + System.lineSeparator());
    err.flush();
  }
}
