package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The tokenizer classes of transformers that supported checkpoints name, with the defaults that
 * each class has for settings that are not in the files.
 *
 * <p>Source: {@code __init__} of the classes in {@code tokenization_*.py} and {@code
 * tokenization_*_fast.py} of transformers 4.57; for {@link #TOKENIZERS_BACKEND}, {@code
 * tokenization_utils_tokenizers.py} of transformers 5.24.
 */
enum TokenizerClass {
  BERT("BertTokenizer", Format.WORD_PIECE, Segments.GIVEN),
  ELECTRA("ElectraTokenizer", Format.WORD_PIECE, Segments.GIVEN),
  DISTILBERT("DistilBertTokenizer", Format.WORD_PIECE, Segments.NONE),
  ROBERTA("RobertaTokenizer", Format.BYTE_LEVEL, Segments.NONE),
  BART("BartTokenizer", Format.BYTE_LEVEL, Segments.NONE),
  DEBERTA("DebertaTokenizer", Format.BYTE_LEVEL, Segments.GIVEN),
  DEBERTA_V2("DebertaV2Tokenizer", Format.SPM, Segments.GIVEN),
  XLM_ROBERTA("XLMRobertaTokenizer", Format.SENTENCEPIECE, Segments.NONE),
  CAMEMBERT("CamembertTokenizer", Format.SENTENCEPIECE, Segments.NONE),
  /** Uses {@code tokenizer.json} without any defaults of its own. */
  GENERIC("PreTrainedTokenizer", Format.READY_ONLY, Segments.GIVEN),
  /** The same in transformers 5. It gives {@code token_type_ids} only if the files request them. */
  TOKENIZERS_BACKEND("TokenizersBackend", Format.READY_ONLY, Segments.NONE);

  /** The older files from which a tokenizer is built if there is no {@code tokenizer.json}. */
  enum Format {
    WORD_PIECE,
    BYTE_LEVEL,
    SPM,
    SENTENCEPIECE,
    READY_ONLY;

    /** The files, all of which are required; empty if {@code tokenizer.json} is required. */
    List<String> files() {
      return switch (this) {
        case WORD_PIECE -> List.of("vocab.txt");
        case BYTE_LEVEL -> List.of("vocab.json", "merges.txt");
        case SPM -> List.of("spm.model");
        case SENTENCEPIECE -> List.of("sentencepiece.bpe.model");
        case READY_ONLY -> List.of();
      };
    }
  }

  /** Whether the class gives {@code token_type_ids}. */
  private enum Segments {
    GIVEN,
    NONE
  }

  /** The special tokens, in the order in which transformers adds new ones. */
  private static final class Defaults {
    private static final List<SpecialToken> BERT =
        List.of(
            new SpecialToken("unk_token", "[UNK]"),
            new SpecialToken("sep_token", "[SEP]"),
            new SpecialToken("pad_token", "[PAD]"),
            new SpecialToken("cls_token", "[CLS]"),
            new SpecialToken("mask_token", "[MASK]"));
    private static final List<SpecialToken> DEBERTA =
        List.of(
            new SpecialToken("bos_token", "[CLS]"),
            new SpecialToken("eos_token", "[SEP]"),
            new SpecialToken("unk_token", "[UNK]"),
            new SpecialToken("sep_token", "[SEP]"),
            new SpecialToken("pad_token", "[PAD]"),
            new SpecialToken("cls_token", "[CLS]"),
            new SpecialToken("mask_token", "[MASK]"));
    private static final List<SpecialToken> FAIRSEQ =
        List.of(
            new SpecialToken("bos_token", "<s>"),
            new SpecialToken("eos_token", "</s>"),
            new SpecialToken("unk_token", "<unk>"),
            new SpecialToken("sep_token", "</s>"),
            new SpecialToken("pad_token", "<pad>"),
            new SpecialToken("cls_token", "<s>"),
            new SpecialToken("mask_token", "<mask>"));
  }

  /** A special token and its key in {@code tokenizer_config.json}. */
  record SpecialToken(String key, String content) {}

  private static final String FAST = "Fast";

  private final String className;
  private final Format format;
  private final Segments segments;

  TokenizerClass(String className, Format format, Segments segments) {
    this.className = className;
    this.format = format;
    this.segments = segments;
  }

  /**
   * Returns the class of a checkpoint: {@code tokenizer_class} of {@code tokenizer_config.json},
   * else of {@code config.json}, else the default class of {@code model_type}.
   *
   * @throws InvalidModelException if the class or the type is not supported
   */
  static TokenizerClass of(Path checkpoint, JsonNode tokenizerConfig, JsonNode config) {
    for (JsonNode root : List.of(tokenizerConfig, config)) {
      JsonNode named = root.path("tokenizer_class");
      if (named.isTextual()) {
        return find(named.textValue())
            .orElseThrow(
                () ->
                    root.has("auto_map")
                        ? ownCode(checkpoint, named.textValue())
                        : unknown(checkpoint, "tokenizer_class", named.textValue()));
      }
    }
    String type = config.path("model_type").asText();
    return switch (type) {
      case "bert" -> BERT;
      case "electra" -> ELECTRA;
      case "distilbert" -> DISTILBERT;
      case "roberta" -> ROBERTA;
      case "bart" -> BART;
      case "deberta" -> DEBERTA;
      case "deberta-v2" -> DEBERTA_V2;
      case "xlm-roberta" -> XLM_ROBERTA;
      case "camembert" -> CAMEMBERT;
      case "modernbert" -> GENERIC;
      default -> throw unknown(checkpoint, "model_type", type);
    };
  }

  private static Optional<TokenizerClass> find(String name) {
    String plain = name.endsWith(FAST) ? name.substring(0, name.length() - FAST.length()) : name;
    return Arrays.stream(values()).filter(known -> known.className.equals(plain)).findFirst();
  }

  private static InvalidModelException ownCode(Path checkpoint, String value) {
    return new InvalidModelException(
        "Cannot use the tokenizer of %s, its tokenizer_class %s is code in the checkpoint (auto_map), which is never run here. If its tokenizer.json is complete, set tokenizer_class in tokenizer_config.json to PreTrainedTokenizerFast."
            .formatted(checkpoint, value));
  }

  private static InvalidModelException unknown(Path checkpoint, String key, String value) {
    return new InvalidModelException(
        "Cannot use the tokenizer of %s, its %s is %s. Known tokenizer classes: %s. If its tokenizer.json is complete, set tokenizer_class in tokenizer_config.json to PreTrainedTokenizerFast."
            .formatted(
                checkpoint,
                key,
                value,
                Arrays.stream(values())
                    .map(known -> known.className)
                    .collect(Collectors.joining(", "))));
  }

  /** The older files from which the tokenizer can be built. */
  Format format() {
    return format;
  }

  /** The special tokens that the files need not declare. */
  List<SpecialToken> specialTokens() {
    return switch (this) {
      case BERT, ELECTRA, DISTILBERT -> Defaults.BERT;
      case DEBERTA, DEBERTA_V2 -> Defaults.DEBERTA;
      case ROBERTA, BART, XLM_ROBERTA, CAMEMBERT -> Defaults.FAIRSEQ;
      case GENERIC, TOKENIZERS_BACKEND -> List.of();
    };
  }

  /** The additional special tokens that the files need not declare. */
  List<String> additionalSpecialTokens() {
    return this == CAMEMBERT ? List.of("<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED") : List.of();
  }

  /** Whether {@code tokenizer_config.json} overrides the settings of a {@code BertNormalizer}. */
  boolean setsNormalizer() {
    return format == Format.WORD_PIECE;
  }

  /** Whether {@code token_type_ids} are given if {@code model_input_names} is missing. */
  boolean givesSegments() {
    return segments == Segments.GIVEN;
  }

  /**
   * The flags that the class gives a special token without flags, if there is a {@code
   * tokenizer.json}; empty if it gives none.
   */
  Optional<AddedToken> flags(String key, String content) {
    if (!key.equals("mask_token")) {
      return Optional.empty();
    }
    return switch (this) {
      case ROBERTA -> Optional.of(AddedToken.ordinary(content).withoutNormalized().withLstrip());
      case BART -> Optional.of(AddedToken.special(content).withNormalized().withLstrip());
      case XLM_ROBERTA, CAMEMBERT -> Optional.of(AddedToken.special(content).withLstrip());
      case BERT, ELECTRA, DISTILBERT, DEBERTA, DEBERTA_V2, GENERIC, TOKENIZERS_BACKEND ->
          Optional.empty();
    };
  }

  /** As {@link #flags}, if the tokenizer is built from the older files. */
  Optional<AddedToken> flagsOfConverted(String key, String content) {
    boolean mask = key.equals("mask_token");
    AddedToken ordinary = AddedToken.ordinary(content);
    AddedToken special = AddedToken.special(content);
    return switch (this) {
      case ROBERTA -> Optional.of(mask ? ordinary.withoutNormalized().withLstrip() : ordinary);
      case BART -> Optional.of(mask ? special.withNormalized().withLstrip() : ordinary);
      case DEBERTA -> Optional.of(mask ? ordinary.withLstrip() : special);
      case DEBERTA_V2 ->
          key.equals("unk_token") ? Optional.of(special.withNormalized()) : Optional.empty();
      case XLM_ROBERTA, CAMEMBERT -> mask ? Optional.of(special.withLstrip()) : Optional.empty();
      case BERT, ELECTRA, DISTILBERT, GENERIC, TOKENIZERS_BACKEND -> Optional.empty();
    };
  }
}
