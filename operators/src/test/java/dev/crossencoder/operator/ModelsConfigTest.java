package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelsConfigTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  private static Configuration options(String... keysAndValues) {
    Configuration options = new Configuration();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.setString(keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  private static ModelsConfig config(Configuration options) {
    return ModelsConfig.of(
        ModelOptions.map(ModelOptions.split(options), (name, each) -> ScoringConfig.from(each)),
        options);
  }

  @Test
  void withoutNamesThereIsOneModel() {
    ModelsConfig config = config(TestOptions.of("demo-qa"));

    assertThat(config.isRouted()).isFalse();
    assertThat(config.isBounded()).isFalse();
    assertThat(config.models().get(ModelsConfig.UNNAMED).source().model()).isEqualTo("demo-qa");
  }

  @Test
  void aModelHasItsOwnOptionsAndOtherwiseThoseOfAll() throws Exception {
    Configuration options =
        options(
            "cross-encoder.models.en.model", "demo-rank",
            "cross-encoder.models.de.model", "demo-qa",
            "cross-encoder.models.de.max-length", "64",
            "cross-encoder.models.de.activation", "sigmoid",
            "cross-encoder.models.de.min-score", "0.5",
            "cross-encoder.models.de.model-digest", DIGEST,
            "cross-encoder.max-length", "128",
            "cross-encoder.capacity", "256",
            "cross-encoder.models.max-loaded", "1",
            "cross-encoder.models.max-size", "1gb",
            "cross-encoder.route.default", "en");

    ModelsConfig config = InstantiationUtil.clone(config(options));

    assertThat(config.models().keySet()).containsExactly("de", "en");
    assertThat(config.byDefault()).isEqualTo("en");
    assertThat(config.isBounded()).isTrue();
    assertThat(config.maxLoaded()).isEqualTo(1);
    assertThat(config.maxBytes()).isEqualTo(MemorySize.parse("1gb").getBytes());
    ScoringConfig english = config.models().get("en");
    ScoringConfig german = config.models().get("de");
    assertThat(english.source().model()).isEqualTo("demo-rank");
    assertThat(english.text().maxLength()).isEqualTo(128);
    assertThat(english.activation()).isEqualTo(ActivationChoice.AUTO);
    assertThat(english.source().digest()).isNull();
    assertThat(german.text().maxLength()).isEqualTo(64);
    assertThat(german.activation()).isEqualTo(ActivationChoice.SIGMOID);
    assertThat(german.rank().options().minScore()).isEqualTo(0.5f);
    assertThat(german.source().digest()).isEqualTo(DIGEST);
    assertThat(config.task().capacity()).isEqualTo(256);
  }

  @Test
  void namesCanBeOneMap() {
    Configuration options = new Configuration();
    options.set(
        CrossEncoderFunctionOptions.MODELS, Map.of("en.model", "demo-rank", "de.model", "demo-qa"));

    assertThat(config(options).models().keySet()).containsExactly("de", "en");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cross-encoder.models.en.capacity   | 256  | Invalid cross-encoder.models: en.capacity. After the model's name and a dot there must be one of model, model-digest, precision,
          cross-encoder.models.en            | x    | Invalid cross-encoder.models: en. After the model's name and a dot there must be one of
          cross-encoder.models.de ch.model   | x    | Invalid cross-encoder.models: de ch.model. A model's name has letters, digits, - and _
          cross-encoder.models.en.max-length | 2    | Model en: Invalid cross-encoder.max-length: 2.
          cross-encoder.models.de.max-length | 20   | Model de: Invalid cross-encoder.model: missing.
          cross-encoder.model                | x    | Invalid cross-encoder.model: x. With cross-encoder.models, each model has its own: write cross-encoder.models.NAME.model.
          cross-encoder.route.default        | fr   | Invalid cross-encoder.route.default: fr. There is no such name in cross-encoder.models: choose one of en.
          cross-encoder.models.max-loaded    | 0    | Invalid cross-encoder.models.max-loaded: 0. It must be positive
          cross-encoder.models.max-loaded    | many | Invalid cross-encoder.models.max-loaded: many.
          """)
  void anInvalidOptionIsNamedWithItsModel(String key, String value, String message) {
    Configuration options = options("cross-encoder.models.en.model", "demo-rank", key, value);

    assertThatThrownBy(() -> config(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({
    "cross-encoder.route.default, en",
    "cross-encoder.models.max-loaded, 1",
    "cross-encoder.models.max-size, 1gb"
  })
  void whatIsForSeveralModelsNeedsThem(String key, String value) {
    Configuration options = options("cross-encoder.model", "demo-rank", key, value);

    assertThatThrownBy(() -> config(options))
        .hasMessageContaining("It is for several models: name them with cross-encoder.models");
  }
}
