package dev.crossencoder.cli.sql;

import dev.crossencoder.cli.command.CommandFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;

/**
 * Reads statements that are typed, with a history and lines that can be edited. A failed statement
 * does not end it. Ctrl-C drops what was typed or cancels the running statement; Ctrl-D and {@code
 * QUIT} end it.
 */
final class SqlPrompt {
  private static final String PROMPT = "sql> ";
  private static final String CONTINUED = "   > ";

  private final SqlSession session;
  private final Terminal terminal;
  private final PrintWriter err;
  private final DefaultParser words = new DefaultParser().quoteChars(new char[0]).escapeChars(null);

  /**
   * @param terminal where statements are typed
   * @param err where failures are printed
   */
  SqlPrompt(SqlSession session, Terminal terminal, PrintWriter err) {
    this.session = session;
    this.terminal = terminal;
    this.err = err;
  }

  void run() throws IOException {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(this::parse)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, CONTINUED)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    boolean more = true;
    while (more) {
      try {
        more = run(reader.readLine(PROMPT));
      } catch (UserInterruptException e) {
        // What was typed is dropped.
      } catch (EndOfFileException e) {
        more = false;
      }
    }
  }

  /** Runs the typed statements up to the first one that fails. */
  private boolean run(String text) throws IOException {
    StatementReader statements = statements(text);
    Terminal.SignalHandler former =
        terminal.handle(Terminal.Signal.INT, signal -> session.cancel());
    try {
      for (Optional<String> next = statements.next(); next.isPresent(); next = statements.next()) {
        if (!session.execute(next.get())) {
          return false;
        }
      }
    } catch (CommandFailedException e) {
      err.println(e.getMessage());
      err.flush();
    } finally {
      terminal.handle(Terminal.Signal.INT, former);
    }
    return true;
  }

  private StatementReader statements(String text) {
    return StatementReader.of(text, session::isComplete);
  }

  /** Asks for another line while the last statement has no semicolon. */
  private ParsedLine parse(String text, int cursor, Parser.ParseContext context) {
    if (context == Parser.ParseContext.ACCEPT_LINE && isUnfinished(text)) {
      throw new EOFError(-1, -1, "The statement has no semicolon.");
    }
    return words.parse(text, cursor, context);
  }

  private boolean isUnfinished(String text) {
    StatementReader statements = statements(text);
    try {
      Optional<String> next;
      do {
        next = statements.next();
      } while (next.isPresent());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a text in memory", e);
    }
    return statements.isUnfinished();
  }
}
