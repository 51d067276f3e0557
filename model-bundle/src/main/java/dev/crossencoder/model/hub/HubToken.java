package dev.crossencoder.model.hub;

/**
 * What the hub knows a user by. Its text form leaves the secret out.
 *
 * @param value the secret
 * @param source where it was found, for messages: a variable's name or a file
 */
public record HubToken(String value, String source) {
  public HubToken {
    // Whoever sends a header with a line break in it gets an exception that quotes the header.
    if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException(
          "Invalid token in %s. It must be one word of ASCII characters, as the hub shows it."
              .formatted(source));
    }
  }

  @Override
  public String toString() {
    return "HubToken[from " + source + "]";
  }
}
