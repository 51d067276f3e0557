package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With a download that is there already, put into the cache as Python's client does: the build sets
 * the cache's folder and offline mode.
 */
class CacheCommandsTest {
  private static final String NAME = "cross-encoder/cached";
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path download;

  @BeforeEach
  void putACheckpointIntoTheCache() throws IOException {
    download = Path.of(System.getenv("HF_HUB_CACHE")).resolve("models--cross-encoder--cached");
    Path snapshot = Files.createDirectories(download.resolve("snapshots").resolve(COMMIT));
    Files.createDirectories(download.resolve("refs"));
    Files.writeString(download.resolve("refs").resolve("main"), COMMIT);
    for (String file :
        new String[] {"config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"}) {
      String resource = "/dev/crossencoder/demo/demo-qa/" + file;
      try (InputStream in = CacheCommandsTest.class.getResourceAsStream(resource)) {
        Files.write(snapshot.resolve(file), in.readAllBytes());
      }
    }
    run("cache", "remove", NAME);
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
  }

  private int run(String... arguments) {
    return CrossEncoderCli.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void pullCompilesADownloadAndReportsTheCommit() {
    assertThat(run("pull", NAME)).isZero();

    assertThat(out.toString())
        .contains("name          cross-encoder/cached")
        .contains("source        https://huggingface.co/cross-encoder/cached")
        .contains("revision      " + COMMIT);
  }

  @Test
  void aModelOfTheHubIsScoredByItsName() {
    assertThat(run("verify", NAME + "@" + COMMIT)).isZero();
    assertThat(out.toString()).contains("The model loads and scores.");
  }

  @Test
  void aModelThatIsNotThereOfflineIsOneLine() {
    assertThat(run("pull", "cross-encoder/other")).isEqualTo(1);

    assertThat(err.toString())
        .startsWith("Cannot use the model cross-encoder/other, HF_HUB_OFFLINE is set")
        .hasLineCount(1);
  }

  @Test
  void listShowsBundlesAndDownloadsInPlainCharacters() {
    run("pull", NAME);
    out.getBuffer().setLength(0);

    assertThat(run("cache", "list")).isZero();

    assertThat(out.toString())
        .containsPattern("cross-encoder/cached +\\| bundle +\\| 0123456789ab +\\|")
        .containsPattern(
            "cross-encoder/cached +\\| download +\\| main +\\| +[0-9]+\\.[0-9] MB +\\|")
        .contains(download.toString())
        .matches("\\p{ASCII}*");
  }

  @Test
  void removeSaysWhatItFreed() {
    run("pull", NAME);
    out.getBuffer().setLength(0);

    assertThat(run("cache", "remove", NAME)).isZero();

    assertThat(out.toString())
        .containsPattern("Removed cross-encoder/cached \\([0-9]+\\.[0-9] MB\\) from ")
        .contains("Freed ");
    assertThat(download).exists();
    assertThat(run("cache", "remove", NAME)).isEqualTo(1);
  }

  @Test
  void downloadsAreRemovedWhenAskedFor() {
    assertThat(run("cache", "remove", "--downloads", NAME)).isZero();

    assertThat(download).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "../..", "/", "./x", "cross-encoder/../.."})
  void whatIsNotListedIsNotRemoved(String name) {
    assertThat(run("cache", "remove", "--downloads", name)).isEqualTo(1);

    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "Cannot remove "
                + name
                + ", there is no download of that name; a folder cannot be removed by its path. 'cross-encoder cache list' lists the names.\n");
    assertThat(download).exists();
  }

  @Test
  void removeWantsNamesOrAll() {
    assertThat(run("cache", "remove")).isEqualTo(2);
    assertThat(run("cache", "remove", "--all", NAME)).isEqualTo(2);
    assertThat(err.toString()).contains("Invalid arguments: give either names or --all.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "remove"})
  void everySubcommandHasHelpWithAnExample(String command) {
    assertThat(run("cache", command, "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: cross-encoder cache " + command)
        .contains("Example");
  }
}
