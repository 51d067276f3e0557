package dev.crossencoder.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
  @TempDir private Path folder;
  private Path bundle;
  private Path manifest;

  @BeforeEach
  void buildABundle() throws IOException {
    bundle = folder.resolve("bundle");
    manifest = bundle.resolve("bundle.json");
    BundleBuilder.fromCheckpoint(TinyCheckpoint.create().writeTo(folder.resolve("tiny")))
        .build(bundle);
  }

  @Test
  void aManifestReadBackIsTheOneThatWasWritten() throws IOException {
    byte[] json = Files.readAllBytes(manifest);

    assertThat(BundleManifest.parse(manifest, json).toJson()).isEqualTo(json);
  }

  @Test
  void theDigestIsTheManifestsAndChangesWithIt() throws IOException {
    String original = Bundle.read(bundle).digest();

    edit(root -> root.put("name", "another"));

    assertThat(Bundle.read(bundle).digest())
        .isEqualTo("sha256:" + Digests.ofFile(manifest))
        .isNotEqualTo(original);
  }

  @Test
  void aFolderThatIsNotThereMayComeYet() {
    Path missing = folder.resolve("missing");

    assertThatExceptionOfType(ModelNotFoundException.class)
        .isThrownBy(() -> Bundle.read(missing))
        .withMessage("Cannot find the bundle %s, there is no such folder.", missing);
  }

  @Test
  void aFolderWithoutAManifestIsNoBundle() throws IOException {
    Files.delete(manifest);

    assertUnreadable("Cannot find the file %s. The folder must contain it.".formatted(manifest));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pt", "tokenizer.json"})
  void aMemberWithOtherBytesIsRefusedBeforeItIsLoaded(String member) throws IOException {
    String expected = Bundle.read(bundle).manifest().files().get(member);
    Path file = bundle.resolve(member);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle))
        .withMessage(
            "Cannot use bundle %s, %s has SHA-256 %s, its manifest says %s. Copy or build the bundle again.",
            bundle, member, Digests.ofFile(file), expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pt", "tokenizer.json"})
  void aMissingMemberIsNamed(String member) throws IOException {
    Files.delete(bundle.resolve(member));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle).verify())
        .withMessage(
            "Cannot use bundle %s, it lacks %s, which its manifest lists.", bundle, member);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pt", "tokenizer.json"})
  void aManifestThatDoesNotListAMemberIsRefused(String member) throws IOException {
    edit(root -> digests(root).remove(member));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle).verify())
        .withMessage("Cannot use bundle %s, its manifest does not list %s.", bundle, member);
  }

  @Test
  void aNewerFormatIsRefusedWithBothVersions() throws IOException {
    edit(root -> root.put("format_version", 4));

    assertUnreadable(
        "Cannot read %s, its format_version is 4 and this release reads up to 3. Use a newer release, or build the bundle again with this one."
            .formatted(manifest));
  }

  @Test
  void anEngineThatIsNotKnownIsRefused() throws IOException {
    edit(root -> root.put("engine", "abacus"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle))
        .withMessage(
            "Cannot open bundle %s, its engine is abacus. Known engines: pytorch, onnxruntime.",
            bundle);
  }

  @Test
  void aManifestThatIsNoJsonIsRefused() throws IOException {
    Files.writeString(manifest, "{\"name\": ");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageStartingWith("Cannot read %s, it is not valid JSON: ".formatted(manifest));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "7", "null"})
  void aManifestThatIsNoObjectIsRefused(String json) throws IOException {
    Files.writeString(manifest, json);

    assertUnreadable("Cannot read %s, it is not a JSON object.".formatted(manifest));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "..",
        ".",
        "a/b",
        "/etc/passwd",
        "C:\\x",
        "a\\b",
        "",
        ".hidden",
        "a\u0000b"
      })
  void aMembersNameThatIsAPathIsRefused(String name) throws IOException {
    edit(root -> digests(root).put(name, "0".repeat(64)));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageStartingWith("Invalid sha256 in %s: {".formatted(manifest))
        .withMessageEndingWith("}. A file's name must be plain, without a path.");
  }

  @Test
  void aMembersNameMayNotBeEndless() throws IOException {
    edit(root -> digests(root).put("a".repeat(101), "0".repeat(64)));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageEndingWith("}. A file's name must be plain, without a path.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"abc\"",
        "\"\"",
        "null",
        "\"ABCDEF0000000000000000000000000000000000000000000000000000000000\"",
        "1111111111111111111111111111111111111111111111111111111111111111"
      })
  void aDigestThatIsNoneIsRefused(String digest) throws IOException {
    edit(root -> digests(root).set("model.pt", json(digest)));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageStartingWith("Invalid sha256 in %s: {".formatted(manifest))
        .withMessageEndingWith("}. A digest must have 64 hexadecimal digits.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "\"x\""})
  void aManifestWithoutMembersIsRefused(String members) throws IOException {
    edit(root -> root.set("sha256", json(members)));

    assertUnreadable(
        "Invalid sha256 in %s: %s. It must map each file of the bundle to its digest."
            .formatted(manifest, members));
  }

  @ParameterizedTest
  @CsvSource({
    "format_version, 0, It must be a whole number from 1 to 2147483647.",
    "format_version, \"1\", It must be a whole number from 1 to 2147483647.",
    "name, 7, It must be a string.",
    "source, null, It must be a string.",
    "revision, [], It must be a string.",
    "architecture, {}, It must be a string.",
    "dtype, true, It must be a string.",
    "engine, 1, It must be a string.",
    "num_labels, 0, It must be a whole number from 1 to 65536.",
    "num_labels, 2147483647, It must be a whole number from 1 to 65536.",
    "id2label, {}, It must name all 1 labels.",
    "id2label, {\"0\":0}, It must name all 1 labels.",
    "max_length, 0, It must be a whole number from 1 to 1048576.",
    "max_length, 99999999999, It must be a whole number from 1 to 1048576.",
    "max_length, 512.5, It must be a whole number from 1 to 1048576.",
    "position_offset, -1, It must be a whole number from 0 to 1048576."
  })
  void aValueThatIsWrongIsNamedWithItsKey(String key, String value, String wanted)
      throws IOException {
    edit(root -> root.set(key, json(value)));

    assertUnreadable("Invalid %s in %s: %s. %s".formatted(key, manifest, value, wanted));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"name", "source", "revision", "architecture", "activation", "dtype", "engine"})
  void aMissingKeyIsNamed(String key) throws IOException {
    edit(root -> root.remove(key));

    assertUnreadable("Invalid %s in %s: missing. It must be a string.".formatted(key, manifest));
  }

  @Test
  void halfACharacterInANameOrALabelIsRefused() throws IOException {
    edit(root -> root.put("name", "tiny\uD800"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageStartingWith("Invalid name in %s: ", manifest)
        .withMessageEndingWith(" It contains a lone surrogate, which UTF-8 cannot encode.");

    edit(root -> root.put("name", "tiny").putObject("id2label").put("0", "\uDC00"));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessageStartingWith("Invalid id2label in %s: ", manifest)
        .withMessageEndingWith(
            " Labels are the keys of scores, so they must differ and must not contain a lone surrogate.");
  }

  @Test
  void twoLabelsOfOneNameAreRefused() throws IOException {
    edit(root -> root.put("num_labels", 2).putObject("id2label").put("0", "same").put("1", "same"));

    assertUnreadable(
        "Invalid id2label in %s: {\"0\":\"same\",\"1\":\"same\"}. Labels are the keys of scores, so they must differ and must not contain a lone surrogate."
            .formatted(manifest));
  }

  @Test
  void anActivationThatIsNotKnownIsRefused() throws IOException {
    edit(root -> root.put("activation", "mine"));

    assertUnreadable(
        "Cannot read %s. Invalid activation: mine. It must be one of %s."
            .formatted(manifest, Activation.keys()));
  }

  /** An older release would score with what it takes for the whole manifest. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void onlyAnActivationThatOlderReleasesDoNotKnowNeedsThem(Activation activation)
      throws IOException {
    edit(root -> root.put("activation", activation.key()));

    BundleManifest read = Bundle.read(bundle).manifest();

    assertThat(read.activation().known()).contains(activation);
    assertThat(JsonFiles.MAPPER.readTree(read.toJson()).path("format_version").asInt())
        .isEqualTo(Set.of("identity", "sigmoid", "softmax").contains(activation.key()) ? 1 : 2);
  }

  @Test
  void anActivationThatIsNotKnownIsCarriedAsItsName() throws IOException {
    edit(root -> root.putNull("activation").put("unknown_activation", "mine.Squash"));

    BundleManifest read = Bundle.read(bundle).manifest();

    assertThat(read.activation()).isEqualTo(ModelActivation.unknown("mine.Squash"));
    assertThat(BundleManifest.parse(manifest, read.toJson())).isEqualTo(read);
    assertThat(JsonFiles.MAPPER.readTree(read.toJson()).path("format_version").asInt())
        .isEqualTo(2);
  }

  private void assertUnreadable(String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessage(message);
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    ObjectNode root = (ObjectNode) JsonFiles.readObject(manifest);
    change.accept(root);
    String json =
        JsonFiles.MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(root);
    Files.writeString(manifest, json);
  }

  private static ObjectNode digests(ObjectNode root) {
    return (ObjectNode) root.path("sha256");
  }

  private static JsonNode json(String text) {
    return JsonFiles.parseObject(
            Path.of("test"), ("{\"v\":" + text + "}").getBytes(StandardCharsets.UTF_8))
        .path("v");
  }
}
