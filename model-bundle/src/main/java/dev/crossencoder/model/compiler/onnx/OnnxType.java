package dev.crossencoder.model.compiler.onnx;

import java.util.Arrays;
import java.util.Optional;

/** The element types of ONNX tensors that are used here, with their numbers in onnx.proto. */
public enum OnnxType {
  FLOAT(1),
  UINT8(2),
  INT8(3),
  INT32(6),
  INT64(7),
  BOOL(9);

  private final int number;

  OnnxType(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  static Optional<OnnxType> find(int number) {
    return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
  }
}
