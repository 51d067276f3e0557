/**
 * The families of models. An {@link dev.crossencoder.model.compiler.architecture.Architecture}
 * knows the names of a checkpoint's tensors, the program that they belong to and the fields of its
 * configuration; {@link dev.crossencoder.model.compiler.architecture.Architectures} lists all.
 */
package dev.crossencoder.model.compiler.architecture;
