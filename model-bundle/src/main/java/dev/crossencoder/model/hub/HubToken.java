package dev.crossencoder.model.hub;

/**
 * An access token of the hub. {@link #toString} does not contain the secret.
 *
 * @param value the secret
 * @param source the variable or file that it was read from, for messages
 */
public record HubToken(String value, String source) {
  public HubToken {
    // An invalid header value would cause an exception that quotes it, and so the secret.
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
