/**
 * From a checkpoint to a bundle. {@link dev.crossencoder.model.compiler.BundleBuilder} reads the
 * configuration and the tokenizer ({@code compiler.checkpoint}, {@code compiler.tokenizer}), finds
 * the architecture ({@code compiler.architecture}), maps the checkpoint's tensors ({@code
 * compiler.tensor}) to the objects of its program ({@code compiler.program}), and writes them for
 * libtorch ({@code compiler.torchscript}) or ONNX Runtime ({@code compiler.onnx}).
 */
package dev.crossencoder.model.compiler;
