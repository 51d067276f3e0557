package dev.crossencoder.benchmark.race;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a contender is set up: options by name, in the order in which they are shown.
 *
 * @param options the values
 */
record Setting(Map<String, String> options) {
  Setting {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** Parses {@code name=value, name=value}. */
  static Setting of(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String part : text.split(", ", -1)) {
      options.put(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
    }
    return new Setting(options);
  }

  String text(String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException("There is no %s in the setting %s".formatted(name, this));
    }
    return value;
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  @Override
  public String toString() {
    return options.entrySet().stream()
        .map(option -> option.getKey() + "=" + option.getValue())
        .collect(Collectors.joining(", "));
  }
}
