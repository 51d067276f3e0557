/** Writes a program and its modules as a TorchScript archive, without Python. */
package dev.crossencoder.model.compiler.torchscript;
