/**
 * What a model computes, before it is written for an engine: the TorchScript source of its {@link
 * dev.crossencoder.model.compiler.program.Program}, and the tree of {@link
 * dev.crossencoder.model.compiler.program.ProgramModule}s that holds its weights and sizes.
 */
package dev.crossencoder.model.compiler.program;
