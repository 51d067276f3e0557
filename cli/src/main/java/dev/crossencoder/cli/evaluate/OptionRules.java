package dev.crossencoder.cli.evaluate;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Which options have an effect only together with others. An option without one is refused. */
final class OptionRules {
  /**
   * A rule.
   *
   * @param options the options without dashes
   * @param met whether they have an effect
   * @param reason why not
   */
  private record Rule(Set<String> options, boolean met, String reason) {}

  private OptionRules() {}

  /**
   * Returns what is wrong with the first option that has no effect.
   *
   * @param given the arguments of the command
   * @param collection whether a test collection is evaluated
   * @param pairs whether labelled pairs are
   * @param scoring the options of a model, with dashes
   * @param model whether a model scores
   */
  static Optional<String> ignored(
      ParseResult given, boolean collection, boolean pairs, Set<String> scoring, boolean model) {
    List<Rule> rules =
        List.of(
            new Rule(
                Set.of("figures", "relevance-level", "missing-queries", "topics", "corpus"),
                collection,
                "it needs a test collection: --run, --beir or --samples."),
            new Rule(
                Set.of("number-topics"), given.hasMatchedOption("topics"), "it needs --topics."),
            new Rule(
                Set.of("topics", "corpus"),
                model,
                "it needs a model: a run is evaluated without texts."),
            new Rule(
                Set.of("cascade-model"),
                model && !given.hasMatchedOption("all-published") && !pairs,
                "it needs a model and a test collection: --run, --beir or --samples."),
            new Rule(
                Set.of("cascade-keep"),
                given.hasMatchedOption("cascade-model"),
                "it needs --cascade-model."),
            new Rule(Set.of("split"), given.hasMatchedOption("beir"), "it needs --beir."),
            new Rule(
                Set.of(
                    "format",
                    "text",
                    "text-pair",
                    "gold",
                    "result",
                    "no-header",
                    "label-map",
                    "task"),
                pairs,
                "it needs --pairs."),
            new Rule(
                Set.of("text", "text-pair"),
                !given.hasMatchedOption("result"),
                "texts are not read with --result."),
            new Rule(Set.of("evidence"), false, "figures have no evidence. Leave it out."),
            new Rule(
                Set.of("fail-below", "compare", "json", "pictures"),
                !given.hasMatchedOption("all-published"),
                "--all-published prints a table of its own. Leave one of them out."),
            new Rule(
                Set.of("resamples", "seed"),
                given.hasMatchedOption("compare"),
                "it needs --compare."));
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      for (Rule rule : rules) {
        if (!rule.met() && rule.options().contains(name.substring(2))) {
          return Optional.of(name + ": " + rule.reason());
        }
      }
      if (!model && scoring.contains(name)) {
        return Optional.of(name + ": it needs a model.");
      }
    }
    return Optional.empty();
  }
}
