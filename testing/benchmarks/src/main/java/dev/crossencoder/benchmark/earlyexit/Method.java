package dev.crossencoder.benchmark.earlyexit;

/** What is calibrated so that the n best documents are right at the stated confidence. */
enum Method {
  /** The bounds of all documents that are not scored, at every decision. */
  BOUNDS("early exit, bounds"),
  /** The decisions themselves: {@link StoppingRule#marginOfStop}. */
  STOP("early exit, decisions"),
  /** A fixed number of documents to keep, the same for all lists. */
  KEEP("calibrated keep");

  private final String title;

  Method(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
