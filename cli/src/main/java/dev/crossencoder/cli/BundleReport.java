package dev.crossencoder.cli;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import java.util.Optional;

/** Formats the manifest of a bundle as text. */
final class BundleReport {
  private BundleReport() {}

  static String of(Bundle bundle) {
    BundleManifest manifest = bundle.manifest();
    StringBuilder report = new StringBuilder();
    line(report, "name", manifest.name());
    line(report, "digest", bundle.digest());
    line(report, "source", manifest.source());
    line(report, "revision", manifest.revision());
    line(report, "architecture", manifest.architecture());
    line(report, "labels", String.join(", ", manifest.labels()));
    line(report, "activation", manifest.activation().toString());
    bundle
        .calibration()
        .ifPresent(calibration -> line(report, "calibration", calibration.toString()));
    manifest
        .prompts()
        .texts()
        .forEach(
            (name, text) ->
                line(
                    report,
                    "prompt",
                    "%s: \"%s\"%s"
                        .formatted(
                            name,
                            text,
                            manifest.prompts().defaultName().equals(Optional.of(name))
                                ? " (default)"
                                : "")));
    line(report, "max length", manifest.maxLength() + " tokens");
    line(report, "weights", manifest.dtype());
    line(report, "engine", "%s (%s)".formatted(manifest.engine(), manifest.inputs().key()));
    line(report, "folder", bundle.folder().toString());
    return report.toString();
  }

  private static void line(StringBuilder report, String name, String value) {
    report.append("%-13s %s%n".formatted(name, value));
  }
}
