package dev.crossencoder.cli.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.CommandLineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int OFF_PAIR = 3;
  private static final Path RECORDED =
      Path.of("..", "model-bundle", "src", "test", "resources", "dev", "crossencoder", "model");

  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  @Test
  void aModelThatSaysWhatWasRecordedHolds() throws IOException {
    Path golden = goldens("demo-qa", 0);

    assertThat(cli.run("parity", "demo-qa", "--golden", golden.toString())).isZero();
    assertThat(cli.out())
        .contains(
            "All 32 values are within the tolerance, scored together and alone. Largest difference: ")
        .contains("Source: recorded logits")
        .doesNotContain(" off");
  }

  @Test
  void aModelOfSeveralLabelsIsComparedLogitByLogit() throws IOException {
    Path golden = goldens("demo-nli", 0);

    assertThat(cli.run("parity", "demo-nli", "--golden", golden.toString())).isZero();
    assertThat(cli.out())
        .contains("All 96 values are within the tolerance")
        .contains("contradiction -1.0962360");
  }

  @Test
  void onePairThatIsOffIsNamedAndTheExitCodeIsOne() throws IOException {
    Path golden = goldens("demo-qa", 3e-4);

    assertThat(cli.run("parity", "demo-qa", "--golden", golden.toString())).isEqualTo(1);
    List<String> off = cli.out().lines().filter(line -> line.endsWith("  off")).toList();
    assertThat(off).hasSize(1);
    assertThat(off.get(0)).startsWith(" When does the night ferry…  The night ferry leaves th…");
    assertThat(cli.out())
        .contains("1 of 32 values are outside the tolerance. Largest difference: 3.0e-04");
  }

  @Test
  void aTolerancePerCommandReplacesTheGroups() throws IOException {
    Path golden = goldens("demo-qa", 3e-4);

    assertThat(cli.run("parity", "demo-qa", "--golden=" + golden, "--tolerance=0.01")).isZero();
    assertThat(cli.run("parity", "demo-qa", "--golden=" + golden, "--tolerance=-1")).isEqualTo(1);
    assertThat(cli.err()).contains("Invalid --tolerance: -1.0. It must be a positive number.");
  }

  @Test
  void publishedExamplesOfTheModelThatItIsACopyOfAreTakenOnRequest() {
    assertThat(cli.run("parity", "demo-nli", "--as", "cross-encoder/nli-deberta-v3-base")).isZero();
    assertThat(cli.out())
        .contains("All 2 values are within the tolerance")
        .contains("contradiction");

    assertThat(cli.run("parity", "demo-qa", "--as", "cross-encoder/ms-marco-MiniLM-L-6-v2"))
        .as("demo-qa is no copy of it")
        .isEqualTo(1);
  }

  @Test
  void pairsThatTransformers5ReadsOtherwiseAreCounted() throws IOException {
    Path bundle = folder.resolve("bundle");
    Path checkpoint = folder.resolve("checkpoint");
    Files.createDirectories(checkpoint);
    Path source = RECORDED.resolve("testing").resolve("parity").resolve("deberta");
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "tokenizer.json")) {
      Files.copy(source.resolve(file), checkpoint.resolve(file));
    }
    Path tokenizer = checkpoint.resolve("tokenizer.json");
    ObjectNode root = (ObjectNode) MAPPER.readTree(tokenizer.toFile());
    root.set(
        "post_processor",
        MAPPER.readTree("{\"type\":\"BertProcessing\",\"sep\":[\"</s>\",2],\"cls\":[\"<s>\",0]}"));
    Files.writeString(tokenizer, root.toString());
    Path golden =
        Files.writeString(
            folder.resolve("golden.json"),
            "[{\"tolerance\": 1000, \"pairs\": [{\"text\": \"a\", \"text_pair\": \"b\", \"expected\": [0, 0, 0]}, {\"text\": \"c\", \"text_pair\": \"d\", \"expected\": [0, 0, 0]}]}]");
    cli.run("build", checkpoint.toString(), bundle.toString());

    assertThat(cli.run("parity", bundle.toString(), "--golden", golden.toString())).isZero();
    assertThat(cli.out())
        .contains(
            "Note: in transformers 5.24 2 of 2 pairs have other tokens, and so other scores: DebertaTokenizer puts two [SEP] between the texts.");
  }

  @Test
  void nothingIsSaidOfTransformers5WhereItReadsTheSame() throws IOException {
    cli.run("parity", "demo-qa", "--golden", goldens("demo-qa", 0).toString());

    assertThat(cli.out())
        .contains("All 32 values are within the tolerance")
        .doesNotContain("transformers 5");
  }

  @Test
  void aModelWithoutPublishedExamplesIsAnsweredWithTheWayToGiveSome() {
    assertThat(cli.run("parity", "demo-qa")).isEqualTo(1);
    assertThat(cli.err())
        .startsWith(
            "Cannot check demo-qa, no published examples of it are built in. Give --golden FILE, see 'cross-encoder parity --help', or --as NAME if it is a copy of one of cross-encoder/ms-marco-MiniLM-L6-v2, ");
  }

  @Test
  void aHubNameWithoutPublishedExamplesIsRefusedBeforeTheModelIsLookedFor() {
    assertThat(cli.run("parity", "cross-encoder/quora-roberta-base@main")).isEqualTo(1);
    assertThat(cli.err())
        .startsWith("Cannot check cross-encoder/quora-roberta-base@main, no published examples");
  }

  @Test
  void aFolderIsNotGuessedToBeTheModelThatItsPathNames() throws IOException {
    Path copy = folder.resolve("cross-encoder").resolve("ms-marco-MiniLM-L6-v2");
    Path embedded = Path.of("..", "demo-models", "src", "main", "resources");
    Path checkpoint = embedded.resolve("dev/crossencoder/demo").resolve("demo-qa");
    Files.createDirectories(copy);
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      Files.copy(checkpoint.resolve(file), copy.resolve(file));
    }

    assertThat(cli.run("parity", copy.toString())).isEqualTo(1);
    assertThat(cli.err()).startsWith("Cannot check " + copy + ", no published examples of it");
  }

  @Test
  void aFileForOtherModelsIsNotTakenForThisOne() throws IOException {
    Path golden =
        Files.writeString(
            folder.resolve("g.json"),
            "[{\"model\": \"a/b\", \"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": 1}]}]");

    assertThat(cli.run("parity", "demo-qa", "--golden", golden.toString())).isEqualTo(1);
    assertThat(cli.err())
        .isEqualToNormalizingNewlines(
            "Cannot check demo-qa, no group of %s is for it. Its groups are for a/b: give --as NAME if it is a copy of one of them.\n"
                .formatted(golden));
  }

  @Test
  void aMalformedFileIsOneLine() throws IOException {
    Path golden = Files.writeString(folder.resolve("g.json"), "{\"groups\": [{\"pairs\": 1}]}");

    assertThat(cli.run("parity", "demo-qa", "--golden", golden.toString())).isEqualTo(1);
    assertThat(cli.err())
        .isEqualToNormalizingNewlines(
            "Invalid pairs in %s, group 1: 1. It must be a list with at least one pair.\n"
                .formatted(golden));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThat(cli.run("parity", "demo-qa", "--golden", "nowhere.json")).isEqualTo(1);
    assertThat(cli.err()).isEqualToNormalizingNewlines("Cannot find nowhere.json.\n");
  }

  @Test
  void helpShowsTheFormOfAGoldenFile() {
    assertThat(cli.run("parity", "--help")).isZero();
    assertThat(cli.out())
        .contains("Usage: cross-encoder parity")
        .contains("{\"groups\": [{")
        .contains("Examples:");
  }

  /** A golden of an embedded model's recorded logits, one of them moved. */
  private Path goldens(String model, double moved) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    ObjectNode group = root.putArray("groups").addObject();
    group.put("model", model).put("activation", "identity").put("source", "recorded logits");
    int number = 0;
    for (JsonNode recorded :
        MAPPER.readTree(
            RECORDED.resolve("parity").resolve(model + "-reference-logits.json").toFile())) {
      ObjectNode pair = group.withArray("pairs").addObject();
      pair.set("text", recorded.path("text"));
      pair.set("text_pair", recorded.path("text_pair"));
      JsonNode logits = recorded.path("logits");
      if (logits.size() == 1) {
        pair.put("expected", logits.get(0).asDouble() + (number == OFF_PAIR ? moved : 0));
      } else {
        pair.set("expected", logits);
      }
      number++;
    }
    Path file = folder.resolve("goldens.json");
    MAPPER.writeValue(file.toFile(), root);
    return file;
  }
}
