/**
 * Weights: {@link dev.crossencoder.model.compiler.tensor.CheckpointTensors} finds the tensors of a
 * checkpoint in its safetensors files, {@link dev.crossencoder.model.compiler.tensor.TensorData}
 * provides their values when they are written, and the other classes compute new tensors from them.
 */
package dev.crossencoder.model.compiler.tensor;
