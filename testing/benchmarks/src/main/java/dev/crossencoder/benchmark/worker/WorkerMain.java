package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Runs one worker: its kind is the first argument, its options as a JSON object the second. Says
 * {@code {"ready":true}} once the model is loaded, then answers requests until standard input ends.
 * A request that fails is answered with {@code error}.
 *
 * <p>Standard output is reserved for replies. Everything else that is printed goes to standard
 * error.
 */
public final class WorkerMain {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** The kinds of workers. */
  public enum Kind {
    CROSS_ENCODER,
    OPERATOR,
    JOB,
    ONNX_RUNTIME,
    LIMIT;

    /** The name on the command line. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Kind parse(String key) {
      return valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  private WorkerMain() {}

  /** Answers requests until standard input ends. */
  public static void main(String[] args) throws Exception {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    int exitCode = 0;
    try (Worker worker = open(Kind.parse(args[0]), MAPPER.readTree(args[1]));
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      out.println("{\"ready\":true}");
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        out.println(MAPPER.writeValueAsString(answer(worker, MAPPER.readTree(line))));
      }
    } catch (Exception e) {
      e.printStackTrace();
      out.println(MAPPER.writeValueAsString(error(e)));
      exitCode = 1;
    }
    // Brokers and clusters leave non-daemon threads.
    System.exit(exitCode);
  }

  private static Worker open(Kind kind, JsonNode options) throws Exception {
    return switch (kind) {
      case CROSS_ENCODER -> new CrossEncoderWorker(options);
      case OPERATOR -> new OperatorWorker(options);
      case JOB -> new JobWorker(options);
      case ONNX_RUNTIME -> new OnnxRuntimeWorker(options);
      case LIMIT -> new LimitWorker(options);
    };
  }

  private static ObjectNode answer(Worker worker, JsonNode request) {
    try {
      return worker.answer(request);
    } catch (Exception e) {
      e.printStackTrace();
      return error(e);
    }
  }

  private static ObjectNode error(Exception e) {
    return JsonNodeFactory.instance.objectNode().put("error", e.toString());
  }
}
