package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.Program;

/** A version of DeBERTa: all have one program, and name their encoder alike. */
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
