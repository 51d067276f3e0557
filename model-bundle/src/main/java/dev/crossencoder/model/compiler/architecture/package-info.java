/**
 * The supported architectures. An {@link dev.crossencoder.model.compiler.architecture.Architecture}
 * defines the names of a checkpoint's tensors, the program that uses them and the fields of the
 * configuration. {@link dev.crossencoder.model.compiler.architecture.Architectures} lists all.
 */
package dev.crossencoder.model.compiler.architecture;
