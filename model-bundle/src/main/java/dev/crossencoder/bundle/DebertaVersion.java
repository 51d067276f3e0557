package dev.crossencoder.bundle;

/** A version of DeBERTa: all have one program, and name their encoder alike. */
sealed interface DebertaVersion extends Architecture
    permits DebertaArchitecture, DebertaV2Architecture {
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
