package dev.crossencoder.benchmark.race;

import java.nio.file.Path;

/**
 * A model in the file formats of all contenders.
 *
 * @param name of the model
 * @param description what it is
 * @param checkpoint in Hugging Face layout
 * @param bundle compiled from it, for this project
 * @param traced the folder for the TorchScript file and the tokenizer of DJL
 * @param sigmoid whether its activation is the sigmoid; else it has none
 */
public record RaceModel(
    String name, String description, Path checkpoint, Path bundle, Path traced, boolean sigmoid) {}
