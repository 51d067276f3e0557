package dev.crossencoder.operator;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** Options to start from. */
final class TestOptions {
  private TestOptions() {}

  static Configuration of(String model) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    return options;
  }

  static <T> Configuration with(ConfigOption<T> option, T value) {
    Configuration options = of("demo-qa");
    options.set(option, value);
    return options;
  }

  /** Options as a file has them: not parsed yet. */
  static Configuration withText(ConfigOption<?> option, String value) {
    Configuration options = of("demo-qa");
    options.setString(option.key(), value);
    return options;
  }
}
