package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxCompiler;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.program.ProgramModule.Attribute;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.compiler.torchscript.TorchScriptArchive;
import dev.crossencoder.model.engine.OnnxEngine;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringEngine;
import dev.crossencoder.model.engine.TorchScriptEngine;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A checkpoint on its way to its logits, at the point where a mutation changes it. */
final class Mutant {
  private final ProgramModule module;
  private Program program;
  private OnnxProgram writer;
  private UnaryOperator<String> graph = UnaryOperator.identity();
  private int positionOffset;
  private boolean segments = true;

  private Mutant(Architecture architecture, CheckpointConfig config, CheckpointTensors tensors)
      throws IOException {
    this.module = Architectures.module(architecture, config, tensors);
    this.program = architecture.program();
    this.writer = architecture.onnxProgram();
    this.positionOffset = architecture.positionOffset(config);
  }

  /**
   * Compiles a checkpoint, changed by a mutation, and scores with it.
   *
   * @return how far its logits are from those of transformers at most
   */
  static double differenceAfter(
      Consumer<Mutant> mutation, ParityCheckpoint checkpoint, Engine engine, Path folder)
      throws IOException {
    Path source = checkpoint.copyTo(folder.resolve("checkpoint"));
    CheckpointConfig config = CheckpointConfig.read(source.resolve(CheckpointConfig.FILE));
    Mutant mutant;
    Path target = Files.createDirectory(folder.resolve("mutant"));
    try (CheckpointTensors tensors = CheckpointTensors.open(source)) {
      mutant = new Mutant(Architectures.of(config), config, tensors);
      mutation.accept(mutant);
      mutant.write(engine, target);
    }
    try (PairEncoder encoder =
            PairEncoder.load(source.resolve(Bundle.TOKENIZER), ParityCheckpoint.MAX_LENGTH);
        ScoringEngine scoring = load(engine, target)) {
      return checkpoint.largestDifference(mutant.score(encoder, scoring));
    }
  }

  private void write(Engine engine, Path target) throws IOException {
    switch (engine) {
      case PYTORCH ->
          TorchScriptArchive.write(program, module, Precision.FP32, target.resolve("model.pt"));
      case ONNXRUNTIME -> {
        OnnxCompiler.write(writer, module, Precision.FP32, target);
        Path file = target.resolve("model.onnx");
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        Files.writeString(file, graph.apply(bytes), StandardCharsets.ISO_8859_1);
      }
    }
  }

  private static ScoringEngine load(Engine engine, Path target) {
    return switch (engine) {
      case PYTORCH -> TorchScriptEngine.load(target.resolve("model.pt"), Device.CPU);
      case ONNXRUNTIME ->
          OnnxEngine.load(target.resolve("model.onnx"), InputForm.PACKED, 0, Device.CPU, 1);
    };
  }

  private float[][] score(PairEncoder encoder, ScoringEngine engine) throws IOException {
    List<EncodedPair> encoded = new ArrayList<>();
    for (TextPair pair : ParityCheckpoint.pairs()) {
      encoded.add(encoder.encode(pair));
    }
    PackedBatch batch = PackedBatch.of(encoded, positionOffset);
    if (!segments) {
      Arrays.fill(batch.tokenTypeIds(), 0);
    }
    return engine.forward(batch, 1);
  }

  /** Lets all tokens be of the first text. */
  void withoutSegments() {
    segments = false;
  }

  /** Counts positions from one less. */
  void positionsOneOff() {
    positionOffset--;
  }

  /** Changes the program's text, which must hold what is replaced. */
  void replace(String text, String replacement) {
    assertThat(program.text()).contains(text);
    program = Program.of(program.main().replace(text, replacement));
  }

  /** Changes bytes of the graph, given as Latin 1, which must hold what is replaced. */
  void replaceInGraph(String bytes, String replacement) {
    graph =
        text -> {
          assertThat(text).contains(bytes);
          return text.replace(bytes, replacement);
        };
  }

  /** Changes what writes the graph for ONNX Runtime. */
  void rewrite(UnaryOperator<OnnxProgram> change) {
    writer = change.apply(writer);
  }

  /**
   * Changes an attribute of the model and of the parts that hold its layers, wherever it is.
   *
   * @throws AssertionError if none has it
   */
  void change(String name, UnaryOperator<Attribute> change) {
    boolean found = false;
    for (ProgramModule part : parts()) {
      found |=
          part.attributes().computeIfPresent(name, (key, value) -> change.apply(value)) != null;
    }
    assertThat(found).as("there is an attribute %s", name).isTrue();
  }

  /** Puts an attribute in another's place. */
  void copy(String from, String to) {
    Attribute value = module.attributes().get(from);
    change(to, old -> value);
  }

  /** Swaps two attributes of the model. */
  void swap(String one, String other) {
    Attribute first = module.attributes().get(one);
    copy(other, one);
    change(other, old -> first);
  }

  /** Changes a list of tensors. */
  void changeTensors(String name, UnaryOperator<List<TensorData>> change) {
    change(
        name,
        value ->
            new Attribute.TensorListAttribute(
                change.apply(((Attribute.TensorListAttribute) value).values())));
  }

  /** As {@link #change}, of one part of the model only. */
  void changeIn(String part, String name, UnaryOperator<Attribute> change) {
    ProgramModule changed = ((Attribute.ModuleAttribute) module.attributes().get(part)).value();
    assertThat(changed.attributes().computeIfPresent(name, (key, value) -> change.apply(value)))
        .as("%s has an attribute %s", part, name)
        .isNotNull();
  }

  /** Whether the model or its layers have an attribute. */
  boolean has(String name) {
    return parts().stream().anyMatch(part -> part.attributes().containsKey(name));
  }

  /** The model and the parts that hold its layers. */
  private List<ProgramModule> parts() {
    List<ProgramModule> parts = new ArrayList<>(List.of(module));
    for (String name : List.of("layers", "encoder", "decoder")) {
      if (module.attributes().get(name) instanceof Attribute.ModuleAttribute part) {
        parts.add(part.value());
      }
    }
    return parts;
  }
}
