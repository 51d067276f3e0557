/**
 * Weights: {@link dev.crossencoder.model.compiler.tensor.CheckpointTensors} finds the tensors of a
 * checkpoint in its safetensors files, {@link dev.crossencoder.model.compiler.tensor.TensorData}
 * gives their values when they are written, and the rest computes new tensors from them.
 */
package dev.crossencoder.model.compiler.tensor;
