package dev.crossencoder.model.compiler.program;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript module, which is an object of a class of the program: the class name and the
 * attributes. {@code TorchScriptArchive} and {@code OnnxProgram} write it. Owned by one thread.
 *
 * <p>Attributes cannot be replaced: {@code set} throws an {@link IllegalArgumentException} for a
 * name that is set already. The typed getters throw it for a name that is missing or of another
 * type.
 */
public final class ProgramModule {
  private final String type;
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();

  /** The value of an attribute. */
  public sealed interface Attribute {
    /** An {@code int}. */
    record IntAttribute(long value) implements Attribute {}

    /** A {@code float}, which in TorchScript has double precision. */
    record FloatAttribute(double value) implements Attribute {}

    /** A {@code bool}. */
    record BoolAttribute(boolean value) implements Attribute {}

    /** A {@code str}. */
    record StringAttribute(String value) implements Attribute {}

    /** A {@code List[int]}. */
    record IntListAttribute(List<Integer> values) implements Attribute {}

    /** A {@code Tensor}. */
    record TensorAttribute(TensorData value) implements Attribute {}

    /** A {@code List[Tensor]}. */
    record TensorListAttribute(List<TensorData> values) implements Attribute {}

    /** A module. */
    record ModuleAttribute(ProgramModule value) implements Attribute {}
  }

  private ProgramModule(String type) {
    this.type = requireNonNull(type, "type is null");
    attributes.put("training", new Attribute.BoolAttribute(false));
  }

  /** Creates the main module, of the program's class {@code CrossEncoder}. */
  public static ProgramModule model() {
    return new ProgramModule("__torch__.CrossEncoder");
  }

  /** Creates a submodule, of a class of a library. */
  public static ProgramModule part(String library, String className) {
    return new ProgramModule("__torch__." + library + "." + className);
  }

  public ProgramModule set(String name, long value) {
    return put(name, new Attribute.IntAttribute(value));
  }

  public ProgramModule set(String name, double value) {
    return put(name, new Attribute.FloatAttribute(value));
  }

  public ProgramModule set(String name, boolean value) {
    return put(name, new Attribute.BoolAttribute(value));
  }

  public ProgramModule set(String name, String value) {
    return put(name, new Attribute.StringAttribute(value));
  }

  public ProgramModule set(String name, int[] values) {
    return put(name, new Attribute.IntListAttribute(Arrays.stream(values).boxed().toList()));
  }

  public ProgramModule set(String name, TensorData value) {
    return put(name, new Attribute.TensorAttribute(value));
  }

  public ProgramModule set(String name, List<TensorData> values) {
    return put(name, new Attribute.TensorListAttribute(List.copyOf(values)));
  }

  public ProgramModule set(String name, ProgramModule value) {
    return put(name, new Attribute.ModuleAttribute(value));
  }

  /** The qualified class name, {@code __torch__.…}. */
  public String type() {
    return type;
  }

  public Map<String, Attribute> attributes() {
    return attributes;
  }

  /** The value of a {@code Tensor}. */
  public TensorData tensor(String name) {
    return attribute(name, Attribute.TensorAttribute.class).value();
  }

  /** The values of a {@code List[Tensor]}. */
  public List<TensorData> tensors(String name) {
    return attribute(name, Attribute.TensorListAttribute.class).values();
  }

  /** The values of a {@code List[int]}. */
  public List<Integer> integers(String name) {
    return attribute(name, Attribute.IntListAttribute.class).values();
  }

  /** The value of an {@code int}. */
  public int integer(String name) {
    return Math.toIntExact(attribute(name, Attribute.IntAttribute.class).value());
  }

  /** The value of a {@code bool}. */
  public boolean bool(String name) {
    return attribute(name, Attribute.BoolAttribute.class).value();
  }

  /** The value of a {@code float}. */
  public double real(String name) {
    return attribute(name, Attribute.FloatAttribute.class).value();
  }

  /** The value of a {@code str}. */
  public String string(String name) {
    return attribute(name, Attribute.StringAttribute.class).value();
  }

  /** The value of a submodule. */
  public ProgramModule module(String name) {
    return attribute(name, Attribute.ModuleAttribute.class).value();
  }

  public boolean has(String name) {
    return attributes.containsKey(name);
  }

  private <T extends Attribute> T attribute(String name, Class<T> kind) {
    Attribute attribute = attributes.get(name);
    if (!kind.isInstance(attribute)) {
      throw new IllegalArgumentException(
          "Cannot read attribute %s of %s as %s, it is %s"
              .formatted(name, type, kind.getSimpleName(), attribute));
    }
    return kind.cast(attribute);
  }

  private ProgramModule put(String name, Attribute value) {
    if (attributes.put(name, value) != null) {
      throw new IllegalArgumentException("Cannot set attribute %s twice".formatted(name));
    }
    return this;
  }
}
