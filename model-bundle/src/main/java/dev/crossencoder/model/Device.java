package dev.crossencoder.model;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * The device on which a model scores: the CPU, or one of the machine's GPUs.
 *
 * @param name {@code cpu}, or {@code gpu} and the GPU's index, such as {@code gpu0}; these are
 *     DJL's device names
 */
public record Device(String name) {
  private static final Pattern NAME = Pattern.compile("cpu|gpu[0-9]{1,3}");

  public static final Device CPU = new Device("cpu");

  /** Throws an {@link IllegalArgumentException} if the name is not a device name. */
  public Device {
    requireNonNull(name, "name is null");
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "Invalid device: %s. It must be cpu, or gpu and a number, such as gpu0.".formatted(name));
    }
  }

  /** Returns whether a text is a device name; the device need not exist. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  public boolean isCpu() {
    return equals(CPU);
  }

  @Override
  public String toString() {
    return name;
  }
}
