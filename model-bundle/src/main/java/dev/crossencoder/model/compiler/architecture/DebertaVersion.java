package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;

/** What DeBERTa v1 and v2 have in common: the program and the prefix of tensors. */
interface DebertaVersion extends Architecture {
  @Override
  default String prefix() {
    return "deberta.";
  }

  @Override
  default int segments(CheckpointConfig config) {
    return config.count("type_vocab_size", 0);
  }

  @Override
  default Program program() {
    return Program.load("deberta");
  }
}
