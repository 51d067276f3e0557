package dev.crossencoder.cli;

import dev.crossencoder.cli.catalog.ModelsCommand;
import dev.crossencoder.cli.classify.ClassifyCommand;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.StandardOutput;
import dev.crossencoder.cli.demo.DemoCommand;
import dev.crossencoder.cli.evaluate.CalibrateCommand;
import dev.crossencoder.cli.evaluate.EvaluateCommand;
import dev.crossencoder.cli.parity.ParityCommand;
import dev.crossencoder.cli.rank.RankCommand;
import dev.crossencoder.cli.score.ScoreCommand;
import dev.crossencoder.cli.sql.SqlCommand;
import dev.crossencoder.job.options.UsageErrors;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.hub.HubException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The command line {@code cross-encoder}. */
@Command(
    name = "cross-encoder",
    description = "Scores pairs of texts with cross-encoders, alone or inside Apache Flink.",
    mixinStandardHelpOptions = true,
    versionProvider = CrossEncoderCli.Version.class,
    subcommands = {
      DemoCommand.class,
      SqlCommand.class,
      ScoreCommand.class,
      RankCommand.class,
      ClassifyCommand.class,
      PullCommand.class,
      BuildCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      ModelsCommand.class,
      ParityCommand.class,
      EvaluateCommand.class,
      CalibrateCommand.class,
      JobCommand.class,
      CacheCommand.class,
      GenerateCompletion.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  cross-encoder demo --records 300",
      "  cross-encoder score --model demo-nli pairs.jsonl",
      "  cross-encoder score --model demo-qa pairs.csv --text question --text-pair answer",
      "  cross-encoder rank --model demo-rank --query 'Who built it?' passages.txt",
      "  cross-encoder classify --model demo-nli --labels 'sport;food;travel' texts.txt",
      "  cross-encoder score --model cross-encoder/ms-marco-MiniLM-L6-v2 pairs.jsonl",
      "  source <(cross-encoder generate-completion)"
    })
public final class CrossEncoderCli {
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderCli.class);

  private CrossEncoderCli() {}

  public static void main(String[] args) {
    // What is printed is read by programs, too.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    System.exit(commandLine().execute(args));
  }

  /** Returns the command line with all subcommands and the handling of errors. */
  public static CommandLine commandLine() {
    return new CommandLine(new CrossEncoderCli())
        .setParameterExceptionHandler((e, args) -> refuse(e, List.of(args)))
        .setExecutionExceptionHandler((e, command, result) -> report(e, command))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
  }

  /** Prints the error on one line; the whole help text would hide it. */
  private static int refuse(CommandLine.ParameterException e, List<String> arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(UsageErrors.message(e, arguments));
    err.printf("See '%s --help'.%n", command.getCommandSpec().qualifiedName());
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  /**
   * Prints errors that a user can correct on one line. Prints other errors, which are bugs, with
   * their stack trace.
   */
  private static int report(Exception e, CommandLine command) {
    if (e instanceof InterruptedException || e instanceof InterruptException) {
      return ExitCodes.INTERRUPTED;
    }
    if (e instanceof StandardOutput.ReaderGoneException) {
      return ExitCodes.NOBODY_READS;
    }
    PrintWriter err = command.getErr();
    LOG.error("The command failed", e);
    if (e instanceof InvalidModelException
        || e instanceof ModelUnavailableException
        || e instanceof HubException
        || e instanceof IllegalArgumentException
        || e instanceof CommandFailedException) {
      err.println(e.getMessage());
    } else if (e instanceof NoSuchFileException) {
      err.println("Cannot find " + e.getMessage() + ".");
    } else if (e instanceof FileAlreadyExistsException exists) {
      err.printf("Cannot write %s, it exists: %s.%n", exists.getFile(), exists.getReason());
    } else if (e instanceof IOException) {
      err.printf("Cannot read or write: %s.%n", e.getMessage());
    } else {
      e.printStackTrace(err);
    }
    err.flush();
    return ExitCodes.FAILURE;
  }

  /** Returns the version that the build wrote into the manifest of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = CrossEncoderCli.class.getPackage().getImplementationVersion();
      return new String[] {
        "cross-encoder " + (version == null ? "(not packaged)" : version),
        "Java " + System.getProperty("java.version") + " on " + System.getProperty("os.arch")
      };
    }
  }
}
