package dev.crossencoder.cli;

import picocli.CommandLine.Command;

/** {@code cross-encoder cache}: lists and removes cached bundles and downloads. */
@Command(
    name = "cache",
    description = {
      "Lists and removes cached files of this machine: compiled bundles, and downloads from the Hugging Face hub, which the Python library huggingface_hub shares."
    },
    mixinStandardHelpOptions = true,
    subcommands = {CacheListCommand.class, CacheRemoveCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  cross-encoder cache list",
      "  cross-encoder cache remove cross-encoder/ms-marco-MiniLM-L6-v2"
    })
final class CacheCommand {}
