package dev.crossencoder.model.compiler;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import java.util.List;

/**
 * The files of a program in a bundle folder.
 *
 * @param engine the engine that runs the program
 * @param inputs the input tensors of the program
 * @param dtype the number format of the weights, a {@link Precision#dtype}
 * @param names the names of the files, the engine's {@link Engine#modelFile} first
 */
record ProgramFiles(Engine engine, InputForm inputs, String dtype, List<String> names) {
  ProgramFiles {
    names = List.copyOf(names);
  }
}
