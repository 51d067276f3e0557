/**
 * From ids to logits. A {@link dev.crossencoder.model.engine.ScoringEngine} runs the forward pass
 * of a {@link dev.crossencoder.model.engine.PackedBatch}: {@link
 * dev.crossencoder.model.engine.TorchScriptEngine} on libtorch, {@link
 * dev.crossencoder.model.engine.OnnxEngine} on ONNX Runtime. {@link
 * dev.crossencoder.model.engine.CpuPasses} divides a batch between the cores of a CPU.
 */
package dev.crossencoder.model.engine;
