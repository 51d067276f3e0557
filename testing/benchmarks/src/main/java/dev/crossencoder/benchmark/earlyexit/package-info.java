/**
 * The study of early exit: how much a cascade saves that stops as soon as the best documents of a
 * list are known at a stated confidence. {@link dev.crossencoder.benchmark.earlyexit.ScoredList}
 * has both models' scores, {@link dev.crossencoder.benchmark.earlyexit.StoppingRule} decides where
 * to stop, and {@link dev.crossencoder.benchmark.earlyexit.EarlyExitStudy} compares.
 */
package dev.crossencoder.benchmark.earlyexit;
