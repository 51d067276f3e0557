/**
 * From a checkpoint to a bundle. {@link dev.crossencoder.model.compiler.BundleBuilder} reads the
 * configuration ({@code compiler.checkpoint}), selects the architecture ({@code
 * compiler.architecture}), maps the checkpoint's tensors ({@code compiler.tensor}) to the modules
 * of a program ({@code compiler.program}), and writes them for libtorch ({@code
 * compiler.torchscript}) or ONNX Runtime ({@code compiler.onnx}). It also makes the {@code
 * tokenizer.json} ({@code compiler.tokenizer}) and the manifest.
 */
package dev.crossencoder.model.compiler;
