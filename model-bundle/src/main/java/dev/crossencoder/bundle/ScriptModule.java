package dev.crossencoder.bundle;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript module before it is written: the text of its program and the attributes of its one
 * object, in the order in which the program declares them.
 */
final class ScriptModule {
  private final String program;
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();

  /** A value that a TorchScript object can carry. */
  sealed interface Attribute {
    /** An {@code int}. */
    record IntAttribute(long value) implements Attribute {}

    /** A {@code float}, which in TorchScript has double precision. */
    record FloatAttribute(double value) implements Attribute {}

    /** A {@code bool}. */
    record BoolAttribute(boolean value) implements Attribute {}

    /** A {@code Tensor}. */
    record TensorAttribute(TensorData value) implements Attribute {}

    /** A {@code List[Tensor]}. */
    record TensorListAttribute(List<TensorData> values) implements Attribute {}
  }

  /**
   * Starts a module.
   *
   * @param program TorchScript source that declares one class, {@code CrossEncoder(Module)}
   */
  ScriptModule(String program) {
    this.program = requireNonNull(program, "program is null");
    attributes.put("training", new Attribute.BoolAttribute(false));
  }

  ScriptModule set(String name, long value) {
    return put(name, new Attribute.IntAttribute(value));
  }

  ScriptModule set(String name, double value) {
    return put(name, new Attribute.FloatAttribute(value));
  }

  ScriptModule set(String name, TensorData value) {
    return put(name, new Attribute.TensorAttribute(value));
  }

  ScriptModule set(String name, List<TensorData> values) {
    return put(name, new Attribute.TensorListAttribute(List.copyOf(values)));
  }

  String program() {
    return program;
  }

  Map<String, Attribute> attributes() {
    return attributes;
  }

  private ScriptModule put(String name, Attribute value) {
    if (attributes.put(name, value) != null) {
      throw new IllegalArgumentException("Cannot set attribute %s twice".formatted(name));
    }
    return this;
  }
}
