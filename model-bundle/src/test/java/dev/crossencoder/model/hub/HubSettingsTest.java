package dev.crossencoder.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  private static final Path HOME = Path.of("/home/ada");

  private static HubSettings settings(String... namesAndValues) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return HubSettings.fromEnvironment(environment, HOME);
  }

  @Test
  void withoutVariablesThePublicHubIsUsedWithoutAToken() {
    HubSettings settings = settings();

    assertThat(settings.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(settings.token()).isEmpty();
    assertThat(settings.cache()).isEqualTo(Path.of("/home/ada/.cache/huggingface/hub"));
    assertThat(settings.offline()).isFalse();
    assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void theCacheIsWhereThePythonClientHasIt() {
    assertThat(settings("HOME", "/home/eve").cache())
        .isEqualTo(Path.of("/home/eve/.cache/huggingface/hub"));
    assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(settings("HF_HOME", "/hf", "XDG_CACHE_HOME", "/x").cache())
        .isEqualTo(Path.of("/hf/hub"));
    assertThat(settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HOME", "/hf").cache())
        .isEqualTo(Path.of("/old"));
    assertThat(settings("HF_HUB_CACHE", "/new", "HUGGINGFACE_HUB_CACHE", "/old").cache())
        .isEqualTo(Path.of("/new"));
    assertThat(settings("HF_HOME", "~/hf").cache()).isEqualTo(Path.of("/home/ada/hf/hub"));
    assertThat(settings("HF_HOME", "$DATA/${SUB}/$NONE", "DATA", "/d", "SUB", "s").cache())
        .isEqualTo(Path.of("/d/s/$NONE/hub"));
    assertThat(settings("HF_HUB_CACHE", " ").cache()).startsWithRaw(HOME);
  }

  @Test
  void theTokenIsFoundWhereThePythonClientFindsIt(@TempDir Path folder) throws IOException {
    Path home = Files.createDirectory(folder.resolve("hf"));
    Files.writeString(home.resolve("token"), "\n hf_of_home \n");
    Path other = Files.writeString(folder.resolve("other"), "hf_of_path");
    String hfHome = home.toString();

    assertThat(settings("HF_HOME", hfHome).token())
        .contains(new HubToken("hf_of_home", home.resolve("token").toString()));
    assertThat(settings("HF_HOME", hfHome, "HF_TOKEN_PATH", other.toString()).token())
        .contains(new HubToken("hf_of_path", other.toString()));
    assertThat(settings("HF_HOME", hfHome, "HUGGING_FACE_HUB_TOKEN", "hf_old").token())
        .contains(new HubToken("hf_old", "HUGGING_FACE_HUB_TOKEN"));
    assertThat(settings("HF_TOKEN", "hf_a\n", "HUGGING_FACE_HUB_TOKEN", "hf_old").token())
        .contains(new HubToken("hf_a", "HF_TOKEN"));
    assertThat(settings("HF_TOKEN", "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token())
        .isEmpty();
    assertThat(settings("HF_TOKEN_PATH", folder.toString()).token()).isEmpty();
  }

  @Test
  void aTokenThatIsNoneIsNotQuoted() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HF_TOKEN", "hf_a\r\nX: secret"))
        .withMessage(
            "Invalid token in HF_TOKEN. It must be one word of ASCII characters, as the hub shows it.")
        .withNoCause();
  }

  @ParameterizedTest
  @CsvSource({"1, true", "on, true", "YES, true", "True, true", "0, false", "false, false"})
  void offlineModeIsSetAsInPython(String value, boolean offline) {
    assertThat(settings("HF_HUB_OFFLINE", value).offline()).isEqualTo(offline);
    assertThat(settings("TRANSFORMERS_OFFLINE", value).offline()).isEqualTo(offline);
  }

  @Test
  void aMirrorMayHaveAPath() {
    assertThat(settings("HF_ENDPOINT", "http://mirror:8080/api/hf//").endpoint())
        .isEqualTo(URI.create("http://mirror:8080/api/hf"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"mirror", "ftp://mirror", "https://", "file:///x", "http://a b", "http://m?x=1"})
  void anEndpointThatIsNoAddressIsRefused(String endpoint) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HF_ENDPOINT", endpoint))
        .withMessageStartingWith("Invalid HF_ENDPOINT: ")
        .withMessageContaining(
            "It must be the http or https address of a hub, such as https://huggingface.co.");
  }

  @Test
  void anEndpointWithAPasswordIsRefusedWithoutQuotingIt() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HF_ENDPOINT", "https://ada:secret@mirror"))
        .withMessage(
            "Invalid HF_ENDPOINT: an address with a user or password. Leave them out, and set HF_TOKEN.");
  }

  @Test
  void aTimeoutThatIsNoneIsRefused() {
    assertThat(settings("HF_HUB_DOWNLOAD_TIMEOUT", "60").stallTimeout())
        .isEqualTo(Duration.ofSeconds(60));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HF_HUB_DOWNLOAD_TIMEOUT", "0"))
        .withMessage(
            "Invalid HF_HUB_DOWNLOAD_TIMEOUT: 0. It must be a whole number of seconds from 1.");
  }

  @Test
  void proxiesAreThoseOfTheEnvironment() {
    HubProxies proxies =
        settings(
                "HTTPS_PROXY",
                "http://proxy:3128",
                "http_proxy",
                "other",
                "NO_PROXY",
                "mirror.example, .internal")
            .proxies();

    assertThat(proxies.select(URI.create("https://huggingface.co/x")).map(Proxy::address))
        .get()
        .hasToString("proxy/<unresolved>:3128");
    assertThat(proxies.select(URI.create("http://a.example")).map(Proxy::address))
        .get()
        .hasToString("other/<unresolved>:80");
    for (String direct :
        new String[] {
          "https://mirror.example",
          "https://a.mirror.example",
          "https://hub.internal",
          "http://localhost:8080",
          "http://127.0.0.1:8080"
        }) {
      assertThat(proxies.select(URI.create(direct))).contains(Proxy.NO_PROXY);
    }
    assertThat(settings().proxies().select(URI.create("https://huggingface.co")))
        .isEqualTo(Optional.empty());
  }

  @Test
  void aProxyWithAPasswordIsRefusedWithoutQuotingIt() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HTTPS_PROXY", "http://ada:secret@proxy:3128"))
        .withMessage(
            "Invalid HTTPS_PROXY. It must have the form http://host:port; a user or password and other kinds of proxies are not supported.");
  }

  /** It is meant for all programs; others may be able to use it. */
  @Test
  void aProxyForAllOfAnotherKindIsNotUsed() {
    HubProxies proxies = settings("ALL_PROXY", "socks5://ada:secret@proxy:1080").proxies();

    assertThat(proxies.select(URI.create("https://huggingface.co/x"))).isEmpty();
  }

  @Test
  void anEndpointWithANameThatJavaDoesNotTakeSaysSo() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> settings("HF_ENDPOINT", "http://hub_mirror:8080"))
        .withMessage(
            "Invalid HF_ENDPOINT: http://hub_mirror:8080. Its host must be a name of letters, digits, dots and hyphens: Java does not accept underscores. Use its IP address, or another name of it.");
  }
}
