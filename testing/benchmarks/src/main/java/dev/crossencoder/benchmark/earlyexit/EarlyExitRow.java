package dev.crossencoder.benchmark.earlyexit;

/**
 * One method on one set of lists.
 *
 * @param first the first model
 * @param fitted the lists to which bounds were fitted
 * @param tested the lists on which they were tested
 * @param n how many documents must be right
 * @param confidence the stated confidence
 * @param step after how many documents each decision was made
 * @param method what was calibrated
 * @param queries the number of different queries that were tested
 * @param outcome what it led to
 * @param sameCost the outcome of a fixed keep of as many documents
 * @param fullNdcg the NDCG@10 if the main model scores all documents
 */
record EarlyExitRow(
    String first,
    String fitted,
    String tested,
    int n,
    double confidence,
    int step,
    Method method,
    int queries,
    Outcome outcome,
    Outcome sameCost,
    double fullNdcg) {}
