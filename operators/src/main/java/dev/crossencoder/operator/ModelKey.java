package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

/**
 * Which model scores a record.
 *
 * @param name the name by which records choose it; {@link ModelsConfig#UNNAMED} if they do not
 *     choose
 * @param digest the digest of its bundle; null for the one to which the options lead
 */
record ModelKey(String name, String digest) {
  ModelKey {
    requireNonNull(name, "name is null");
  }

  /** Returns the key of a model as the options name it. */
  static ModelKey ofOptions(String name) {
    return new ModelKey(name, null);
  }

  @Override
  public String toString() {
    return digest == null ? name : (name + " " + digest).strip();
  }
}
