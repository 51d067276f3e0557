package dev.crossencoder.cli.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command on a small test collection in a folder of its own. */
@Timeout(180)
abstract class EvaluationFixture {
  @TempDir Path folder;
  CommandLineFixture cli = new CommandLineFixture();

  /** For both queries the search found the answer last. */
  @BeforeEach
  void writeCollection() throws IOException {
    write("topics.tsv", "1\tWho built the lighthouse?\n2\tWhen does the ferry leave?\n");
    write(
        "corpus.jsonl",
        """
        {"_id":"a","text":"The lighthouse was built by Ada Lind in 1852."}
        {"_id":"b","text":"Bread is baked with flour, water and salt."}
        {"_id":"c","text":"The ferry leaves at nine in the morning."}
        """);
    write(
        "run.trec",
        """
        1 Q0 b 1 3 search
        1 Q0 c 2 2 search
        1 Q0 a 3 1 search
        2 Q0 b 1 3 search
        2 Q0 c 2 2 search
        """);
    write("qrels.txt", "1 0 a 1\n1 0 b 0\n2 0 c 2\n");
  }

  Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  String file(String name) {
    return folder.resolve(name).toString();
  }

  int evaluate(String... arguments) {
    cli = new CommandLineFixture();
    return cli.run(
        Stream.concat(Stream.of("evaluate"), Stream.of(arguments)).toArray(String[]::new));
  }

  int rerank(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "demo-qa",
                "--topics=" + file("topics.tsv"),
                "--corpus=" + file("corpus.jsonl"),
                "--run=" + file("run.trec"),
                "--qrels=" + file("qrels.txt")));
    arguments.addAll(List.of(more));
    return evaluate(arguments.toArray(String[]::new));
  }

  JsonNode json() throws IOException {
    return new JsonMapper().readTree(cli.out());
  }

  /** For each query, the search found the answer last. */
  void writeQueries(int number) throws IOException {
    StringBuilder topics = new StringBuilder();
    StringBuilder run = new StringBuilder();
    StringBuilder qrels = new StringBuilder();
    for (int i = 1; i <= number; i++) {
      topics.append(i).append("\tWho built the lighthouse?\n");
      run.append(i).append(" Q0 b 1 2 x\n").append(i).append(" Q0 a 2 1 x\n");
      qrels.append(i).append(" 0 a 1\n");
    }
    write("topics.tsv", topics.toString());
    write("run.trec", run.toString());
    write("qrels.txt", qrels.toString());
  }
}
