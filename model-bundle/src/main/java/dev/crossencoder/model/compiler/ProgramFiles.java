package dev.crossencoder.model.compiler;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import java.util.List;

/**
 * A program in the folder of a bundle.
 *
 * @param engine what runs it
 * @param inputs how it takes a batch
 * @param dtype the type of its weights, a {@link Precision#dtype}
 * @param names of its files, the engine's {@link Engine#modelFile} first
 */
record ProgramFiles(Engine engine, InputForm inputs, String dtype, List<String> names) {
  ProgramFiles {
    names = List.copyOf(names);
  }
}
