package dev.crossencoder.cli.parity;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Transformers5;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder parity}. */
@Command(
    name = "parity",
    description = {
      "Compares the scores of a model with known scores (goldens). Published examples of some models are built in; --golden names a file with others.",
      "Every pair is scored together with the others and alone. The exit code is 1 if one of the scores differs by more than the tolerance."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A golden file is a JSON object:",
      "  {\"groups\": [{",
      "    \"model\": \"cross-encoder/stsb-roberta-base\",",
      "    \"activation\": \"sigmoid\",",
      "    \"tolerance\": 0.0001,",
      "    \"pairs\": [{\"text\": \"...\", \"text_pair\": \"...\", \"expected\": 0.604}]",
      "  }]}",
      "A group without model is for every model. By default, activation is the model's own and tolerance is 0.0001. The allowed difference is tolerance times max(1, |expected|).",
      "The value of expected is a number, a list of numbers in the order of the logits, an object of numbers by label, or the winning label.",
      "",
      "Examples:",
      "  cross-encoder parity cross-encoder/ms-marco-MiniLM-L6-v2",
      "  cross-encoder parity ./bundles/ms-marco --golden goldens.json"
    })
public final class ParityCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "A bundle folder or another model, as for --model of other commands.")
  private String model;

  @Option(
      names = "--golden",
      paramLabel = "FILE",
      description = "A golden file to compare with, instead of the published examples.")
  private Path golden;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description =
          "Use the goldens of this model. For a folder that does not contain the name of its model.")
  private String as;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "The tolerance of all groups, instead of their own.")
  private Double tolerance;

  @Override
  public Integer call() throws IOException {
    if (tolerance != null && !(tolerance > 0 && Double.isFinite(tolerance))) {
      throw new CommandFailedException(
          "Invalid --tolerance: %s. It must be a positive number.".formatted(tolerance));
    }
    GoldenFile file = golden == null ? GoldenFile.builtIn() : GoldenFile.read(golden);
    if (golden == null && !isFolder()) {
      // Fail before the model is resolved, because the download may be long.
      groups(file, names(Optional.empty()));
    }
    Bundle bundle = ModelRepository.shared().resolve(model);
    List<GoldenGroup> groups = groups(file, names(Optional.of(bundle)));
    PrintWriter out = spec.commandLine().getOut();
    try (CrossEncoder encoder = CrossEncoder.open(bundle, options(groups))) {
      List<Comparison> comparisons =
          new ParityCheck(bundle.manifest().labels(), encoder.scoreFunction(), encoder::score)
              .compare(groups);
      out.print(ParityReport.of(comparisons));
      groups.stream()
          .flatMap(group -> group.source().stream())
          .distinct()
          .forEach(source -> out.println("Source: " + source));
      noteOfTransformers5(bundle, comparisons).ifPresent(out::println);
      out.flush();
      return comparisons.stream().allMatch(Comparison::holds)
          ? CommandLine.ExitCode.OK
          : ExitCodes.FAILURE;
    }
  }

  /**
   * Returns a note if pairs have other tokens in transformers 5, because goldens may have been
   * recorded with it.
   */
  private static Optional<String> noteOfTransformers5(Bundle bundle, List<Comparison> comparisons) {
    try (Transformers5 transformers5 =
        Transformers5.of(
                bundle.manifest().architecture(), bundle.folder().resolve(Bundle.TOKENIZER))
            .orElse(null)) {
      if (transformers5 == null) {
        return Optional.empty();
      }
      List<TextPair> pairs = comparisons.stream().map(Comparison::pair).distinct().toList();
      List<TextPair> differing = pairs.stream().filter(transformers5::differs).toList();
      if (differing.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          "Note: in transformers %s %d of %d pairs have other tokens, and so other scores: %s. The scores here are those of transformers 4.57. See docs/tokenizers.md."
              .formatted(
                  Transformers5.VERSION, differing.size(), pairs.size(), transformers5.cause()));
    }
  }

  /** If all goldens name their activation, the model's own, which may be unknown, is not needed. */
  private static CrossEncoderOptions options(List<GoldenGroup> groups) {
    return groups.stream().allMatch(group -> group.activation().isPresent())
        ? CrossEncoderOptions.DEFAULT.withActivation(Activation.IDENTITY)
        : CrossEncoderOptions.DEFAULT.withoutCalibration();
  }

  private List<GoldenGroup> groups(GoldenFile file, List<String> names) {
    List<GoldenGroup> groups = file.groupsFor(name -> names.contains(currentName(name)));
    if (groups.isEmpty()) {
      throw new CommandFailedException(
          golden == null
              ? "Cannot check %s, no published examples of it are built in. Give --golden FILE, see 'cross-encoder parity --help', or --as NAME if it is a copy of one of %s."
                  .formatted(model, String.join(", ", file.models()))
              : "Cannot check %s, no group of %s is for it. Its groups are for %s: give --as NAME if it is a copy of one of them."
                  .formatted(model, file.name(), String.join(", ", file.models())));
    }
    return tolerance == null
        ? groups
        : groups.stream().map(group -> group.withTolerance(tolerance)).toList();
  }

  /**
   * Returns the current names under which goldens may list the model. A name is never derived from
   * a path.
   */
  private List<String> names(Optional<Bundle> bundle) {
    if (as != null) {
      return List.of(currentName(as));
    }
    List<String> names = new ArrayList<>();
    if (!isFolder()) {
      int revision = model.indexOf('@');
      names.add(currentName(revision < 0 ? model : model.substring(0, revision)));
    }
    bundle
        .flatMap(found -> ModelCatalog.shared().find(found.manifest().name()))
        .map(CatalogEntry::name)
        .ifPresent(names::add);
    return names;
  }

  private static String currentName(String name) {
    return ModelCatalog.shared().find(name).map(CatalogEntry::name).orElse(name);
  }

  private boolean isFolder() {
    try {
      return Files.isDirectory(Path.of(model));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
