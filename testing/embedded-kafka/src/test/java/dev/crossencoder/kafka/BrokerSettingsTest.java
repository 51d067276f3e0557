package dev.crossencoder.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrokerSettingsTest {
  private static final Path FOLDER = Path.of("/data");

  @Test
  void overridesWin() {
    Map<String, String> settings =
        BrokerSettings.of(FOLDER, 0, 9093, Map.of("auto.create.topics.enable", "true"));

    assertThat(settings).containsEntry("auto.create.topics.enable", "true");
  }

  @Test
  void thePortIsThatOfThePlainListener() {
    Map<String, String> settings = BrokerSettings.of(FOLDER, 9092, 9093, Map.of());

    assertThat(settings)
        .containsEntry(
            "listeners",
            "PLAINTEXT://127.0.0.1:9092,INTERNAL://127.0.0.1:0,CONTROLLER://127.0.0.1:9093");
  }

  @Test
  void theBrokersOwnListenersAreAddedToOverriddenOnes() {
    Map<String, String> settings =
        BrokerSettings.of(
            FOLDER,
            0,
            9093,
            Map.of(
                "listeners", "CLIENTS://localhost:0",
                "listener.security.protocol.map", "CLIENTS:SASL_SSL"));

    assertThat(settings)
        .containsEntry(
            "listeners", "CLIENTS://localhost:0,INTERNAL://127.0.0.1:0,CONTROLLER://127.0.0.1:9093")
        .containsEntry(
            "listener.security.protocol.map",
            "CLIENTS:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
  }

  @Test
  void anotherFolderInTheOverridesIsRefused() {
    assertThatThrownBy(() -> BrokerSettings.check(0, Map.of("log.dirs", "/elsewhere")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid broker override: log.dirs. EmbeddedKafka sets it itself.");
  }

  @Test
  void aPortBesideOverriddenListenersIsRefused() {
    Map<String, String> overrides = Map.of("listeners", "SSL://localhost:0");

    assertThatThrownBy(() -> BrokerSettings.check(9092, overrides))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid port: 9092. Write it into the override of listeners: SSL://localhost:0");
  }
}
