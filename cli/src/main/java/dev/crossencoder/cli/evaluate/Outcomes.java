package dev.crossencoder.cli.evaluate;

import java.util.List;
import java.util.stream.IntStream;

/** What a system did on each query or pair, from which the figures of any sample follow. */
interface Outcomes {
  /** The number of queries or pairs. */
  int size();

  /** The names of the figures. */
  List<String> figures();

  /**
   * Computes a figure.
   *
   * @param sample the indexes of queries or pairs; an index may occur several times
   * @return NaN if the figure is not defined for the sample
   */
  double figure(String name, int[] sample);

  /** Computes a figure of all queries or pairs. */
  default double figure(String name) {
    return figure(name, IntStream.range(0, size()).toArray());
  }

  /** How much the outcomes of another system on the same queries or pairs agree, as a sentence. */
  String agreement(Outcomes other);
}
