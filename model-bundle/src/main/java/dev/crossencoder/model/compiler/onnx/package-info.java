/**
 * Writes a program's modules as a graph for ONNX Runtime, without Python. An {@link
 * dev.crossencoder.model.compiler.onnx.OnnxProgram} computes in a {@link
 * dev.crossencoder.model.compiler.onnx.OnnxGraph} what the TorchScript source of the same
 * architecture computes.
 */
package dev.crossencoder.model.compiler.onnx;
