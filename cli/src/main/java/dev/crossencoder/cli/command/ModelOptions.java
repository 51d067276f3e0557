package dev.crossencoder.cli.command;

import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that score with one model in this process. */
public final class ModelOptions {

  /** The description of the values of {@code --model}. */
  public static final String MODELS =
      "A bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name or owner/name@revision; downloaded once), demo-rank, demo-qa or demo-nli.";

  @Option(names = "--model", required = true, paramLabel = "MODEL", description = MODELS)
  private String model;

  @Mixin private final ScoringOptions scoring = new ScoringOptions();

  public CrossEncoder open() {
    return open(Optional.empty());
  }

  /**
   * Opens the model.
   *
   * @param defaultTruncation the truncation unless the user chooses one; empty for the library's
   */
  public CrossEncoder open(Optional<Truncation> defaultTruncation) {
    return scoring.open(model, defaultTruncation);
  }

  /** Opens the first model of a cascade, as {@link ScoringOptions#openFirst} does. */
  public CrossEncoder openFirst(String firstModel) {
    return scoring.openFirst(firstModel);
  }

  /** Whether long texts are divided. */
  public boolean dividesTexts() {
    return scoring.dividesTexts();
  }

  /** Whether evidence is wanted. */
  public boolean wantsEvidence() {
    return scoring.wantsEvidence();
  }
}
