package dev.crossencoder.operator.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ModelTagTest {
  private static ModelTag.Entry entry(String model, String digest, String folder, String old) {
    return new ModelTag.Entry(new ModelRevision(model, digest, folder), old);
  }

  @Test
  void itsTextMakesTheSameTag() {
    ModelTag tag =
        ModelTag.NONE
            .with("", entry("/models/a b", "sha256:0", null, "demo-rank"))
            .with("en", entry("owner/name@main", "sha256:1", "/cache/ü %+", "x"));

    assertThat(ModelTag.parse(tag.text())).isEqualTo(tag);
    assertThat(tag.version()).isEqualTo(2);
    assertThat(tag.revision("en").model()).isEqualTo("owner/name@main");
    assertThat(tag.revision("de")).isNull();
    assertThat(tag.with("en", null).models()).containsOnlyKeys("");
  }

  @Test
  void noTextIsNoTag() {
    assertThat(ModelTag.parse(null)).isEqualTo(ModelTag.NONE);
    assertThat(ModelTag.parse("4")).isEqualTo(new ModelTag(4, new TreeMap<>()));
    assertThatThrownBy(() -> ModelTag.parse("4 a b")).hasMessage("Not the text of a tag: 4 a b");
  }

  @Test
  void aRestartKeepsWhatHasReplacedAModelOfTheOptions() {
    ModelTag tag =
        new ModelTag(
            7,
            new TreeMap<>(
                Map.of(
                    "changed", entry("/new", "sha256:0", null, "/old"),
                    "pinned", entry("/same", "sha256:1", null, "/same"),
                    "replaced", entry("/new", "sha256:2", null, "/old"),
                    "removed", entry("/new", "sha256:3", null, "/old"))));

    ModelTag restored =
        tag.restored(
            new TreeMap<>(Map.of("changed", "/old", "pinned", "/same", "replaced", "/other")));

    assertThat(restored.version()).isEqualTo(7);
    assertThat(restored.models()).containsOnlyKeys("changed", "pinned");
    assertThat(restored.next()).isEqualTo(new ModelTag(8, restored.models()));
  }
}
