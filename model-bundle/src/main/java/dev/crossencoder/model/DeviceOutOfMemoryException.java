package dev.crossencoder.model;

/** Weights or a forward pass did not fit into the device's memory. A smaller batch may fit. */
public class DeviceOutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message says what did not fit; the cause is the engine's exception. */
  public DeviceOutOfMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
