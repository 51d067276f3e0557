package dev.crossencoder.model;

/** A forward pass did not fit into the device's memory. A smaller batch may. */
public class DeviceOutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one from what the engine said. */
  public DeviceOutOfMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
