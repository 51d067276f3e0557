package dev.crossencoder.cli.sql;

import dev.crossencoder.cli.command.CommandFailedException;
import java.io.PrintWriter;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.table.api.SqlParserEOFException;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.internal.TableEnvironmentInternal;
import org.apache.flink.table.api.internal.TableResultImpl;
import org.apache.flink.table.api.internal.TableResultInternal;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.operations.BeginStatementSetOperation;
import org.apache.flink.table.operations.EndStatementSetOperation;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;
import org.apache.flink.table.operations.QueryOperation;
import org.apache.flink.table.operations.command.HelpOperation;
import org.apache.flink.table.operations.command.QuitOperation;
import org.apache.flink.table.operations.command.ResetOperation;
import org.apache.flink.table.operations.command.SetOperation;
import org.apache.flink.util.CloseableIterator;

/**
 * Runs SQL statements and prints their results. Owned by one thread; another one may call {@link
 * #cancel()}.
 */
final class SqlSession {
  private static final String HELP =
      "End a statement with a semicolon. SHOW TABLES, SHOW MODELS and DESCRIBE NAME say what there is; QUIT ends the command.";

  private final TableEnvironmentInternal environment;
  private final PrintWriter out;
  private volatile JobClient job;

  /**
   * @param environment the environment that runs the jobs
   * @param out where results are printed
   */
  SqlSession(TableEnvironment environment, PrintWriter out) {
    this.environment = (TableEnvironmentInternal) environment;
    this.out = out;
  }

  /** Returns whether a text is more than the beginning of a statement. It may be wrong. */
  boolean isComplete(String text) {
    try {
      environment.getParser().parse(text);
      return true;
    } catch (SqlParserEOFException e) {
      return false;
    } catch (RuntimeException e) {
      // Running the statement tells the reason.
      return true;
    }
  }

  /** Sets an option of Flink, as {@code SET} does. */
  void set(String key, String value) {
    environment.getConfig().set(key, value);
  }

  /** Runs a statement that creates something, and prints nothing. */
  void define(String statement) {
    environment.executeSql(statement);
  }

  /**
   * Runs a statement, and waits until its job, if it has one, has ended.
   *
   * @return whether further statements are to be run
   * @throws CommandFailedException if it fails; the message is one sentence
   */
  boolean execute(String statement) {
    try {
      List<Operation> operations = environment.getParser().parse(statement);
      Operation operation = operations.get(0);
      if (operation instanceof QuitOperation) {
        return false;
      }
      if (operation instanceof HelpOperation) {
        out.println(HELP);
      } else if (operation instanceof SetOperation set) {
        set(set);
      } else if (operation instanceof ResetOperation reset) {
        reset(reset);
      } else if (operation instanceof BeginStatementSetOperation
          || operation instanceof EndStatementSetOperation) {
        throw new CommandFailedException(
            "Cannot run BEGIN STATEMENT SET and END as statements. Write EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END;");
      } else {
        run(operation);
      }
      out.flush();
      return true;
    } catch (CommandFailedException e) {
      throw e;
    } catch (Exception e) {
      throw new CommandFailedException(SqlFailure.reason(e), e);
    }
  }

  /** Cancels the job of the statement that runs, if it has one. It then fails. */
  void cancel() {
    JobClient running = job;
    if (running != null) {
      running.cancel().exceptionally(alreadyEnded -> null);
    }
  }

  private void run(Operation operation) throws Exception {
    TableResultInternal result = environment.executeInternal(operation);
    job = result.getJobClient().orElse(null);
    // Not a resource: javac warns of a close() that can be interrupted.
    CloseableIterator<RowData> rows = result.collectInternal();
    try {
      if (job == null
          || (operation instanceof QueryOperation && !(operation instanceof ModifyOperation))) {
        ((TableResultImpl) result).getPrintStyle().print(rows, out);
      } else {
        result.await();
        out.println("OK");
      }
    } finally {
      job = null;
      rows.close();
    }
  }

  private void set(SetOperation operation) {
    if (operation.getKey().isPresent()) {
      set(operation.getKey().get(), operation.getValue().orElse(""));
      return;
    }
    new TreeMap<>(configuration().toMap())
        .forEach((key, value) -> out.printf("'%s' = '%s'%n", key, value));
  }

  private void reset(ResetOperation operation) {
    Configuration configuration = configuration();
    if (operation.getKey().isPresent()) {
      configuration.removeKey(operation.getKey().get());
    } else {
      configuration.keySet().forEach(configuration::removeKey);
    }
  }

  /** The options that this session has set. */
  private Configuration configuration() {
    return environment.getConfig().getConfiguration();
  }
}
