/**
 * The JSON files of a checkpoint: {@code config.json}, the modules and settings of
 * sentence-transformers, and adapters, which are refused.
 */
package dev.crossencoder.model.compiler.checkpoint;
