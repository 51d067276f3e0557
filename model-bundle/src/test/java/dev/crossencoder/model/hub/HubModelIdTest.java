package dev.crossencoder.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubModelIdTest {
  @ParameterizedTest
  @CsvSource({
    "cross-encoder/ms-marco-MiniLM-L6-v2, cross-encoder/ms-marco-MiniLM-L6-v2, main",
    "BAAI/bge-reranker-base@v1.0, BAAI/bge-reranker-base, v1.0",
    "owner/name@refs/pr/12, owner/name, refs/pr/12",
    "bert-base-uncased@86b5e09, bert-base-uncased, 86b5e09",
    "_a/b_, _a/b_, main"
  })
  void whatTheHubAllowsIsParsed(String text, String repository, String revision) {
    assertThat(HubModelId.parse(text)).isEqualTo(new HubModelId(repository, revision));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "a/",
        "/a",
        "a/b/c",
        "../a",
        "a/..",
        "a/b..c",
        "a--b/c",
        "a/b--c",
        ".a/b",
        "a/b.",
        "-a/b",
        "a/b-",
        "a/b.git",
        "a b/c",
        "a/b\n",
        "a\\b",
        "~/a",
        "ä/b",
        "a/%2e%2e",
        "a/b\u0000"
      })
  void whatItDoesNotAllowIsRefused(String text) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> HubModelId.parse(text))
        .withMessage(
            "Invalid model id: %s. A model of the hub is named owner/name, with letters, digits and single _ . - in both.",
            text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "..", "a/../b", "a//b", "/a", "a/", ".a", "-a", "a b", "a?b", "a#b", "a@b", "a:b",
        "a\\b", "a%2fb", "a.lock", "a\n"
      })
  void aRevisionThatCouldBeAPathOrAQueryIsRefused(String revision) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> HubModelId.parse("owner/name@" + revision))
        .withMessageStartingWith("Invalid revision: " + revision + ".");
  }

  @Test
  void aCommitInFullIsPinned() {
    String commit = "0123456789ABCDEF0123456789abcdef01234567";

    assertThat(HubModelId.parse("a/b@" + commit).isPinned()).isTrue();
    assertThat(HubModelId.parse("a/b@" + commit).revision()).isLowerCase();
    assertThat(HubModelId.parse("a/b@" + commit.substring(1)).isPinned()).isFalse();
    assertThat(HubModelId.parse("a/b").isPinned()).isFalse();
  }

  @Test
  void theTextFormLeavesTheDefaultRevisionOut() {
    assertThat(HubModelId.parse("a/b@main")).hasToString("a/b");
    assertThat(HubModelId.parse("a/b@v1")).hasToString("a/b@v1");
  }
}
