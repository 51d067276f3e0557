package dev.crossencoder.benchmark.race;

import dev.crossencoder.model.bundle.Engine;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model in the file formats of all contenders.
 *
 * @param name of the model
 * @param description what it is
 * @param checkpoint in Hugging Face layout
 * @param bundles compiled from it, for this project, in fp32
 * @param traced the folder for the TorchScript file and the tokenizer of DJL
 * @param sigmoid whether its activation is the sigmoid; else it has none
 */
public record RaceModel(
    String name,
    String description,
    Path checkpoint,
    Map<Engine, Path> bundles,
    Path traced,
    boolean sigmoid) {
  public RaceModel {
    bundles = Map.copyOf(bundles);
  }
}
