package dev.crossencoder.benchmark;

import java.io.IOException;

/** A part of the benchmark that can be measured separately. */
interface Section {
  /** The name in options. */
  String name();

  /** Measures and writes the results. */
  void run(Session session) throws IOException;
}
