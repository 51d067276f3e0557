package dev.crossencoder.fuzz;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The file of {@code --config}. */
public final class ConfigFileFuzz {
  private static final Scratch SCRATCH = Scratch.create();
  private static final CommandLine COMMAND = new CommandLine(CrossEncoderJob.command("job"));

  private ConfigFileFuzz() {}

  /** Files in the forms that YAML has. */
  public static List<byte[]> seeds() {
    return Stream.of(
            """
            # A job.
            bootstrap-servers: kafka:9092
            input: {topic: pairs, text: /a, text-pair: "/b"}
            output.topic: 'scored'
            output:
              field: "s\\u00e4"
              max-record-size: 1 mb
            cross-encoder:
              model: demo-qa
              batch.linger: 5 ms
            skip:
            - 0:1
            - 2:30
            checkpoint.interval: 10 s
            properties.security.protocol: SSL
            """,
            """
            {"bootstrap-servers": "k:1", "input.topic": "a", "output.topic": "b",
             "cross-encoder.model": "demo-nli", "from": "2026-01-31T00:00:00Z", "parallelism": 2}
            """,
            """
            ---
            bootstrap-servers: &k k:1
            input.topic: a
            output.topic: >-
              b
            cross-encoder.model: |-
              m
            delivery: at-least-once
            until: latest
            """)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** Tries a file. */
  public static boolean accepts(byte[] input) throws IOException {
    Path file = SCRATCH.write("job.yaml", input);
    return Bounds.check(input.length, IllegalArgumentException.class, () -> read(file));
  }

  private static void read(Path file) {
    try {
      OptionsFuzz.requireUsable(
          JobConfig.from(JobArguments.read(COMMAND.parseArgs("--config", file.toString()))));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
