package dev.crossencoder.cli;

import picocli.CommandLine.Command;

/** What is kept on this machine. */
@Command(
    name = "cache",
    description = {
      "Lists and removes what is kept on this machine: compiled bundles, and downloads of the Hugging Face hub, which Python's huggingface_hub shares."
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
