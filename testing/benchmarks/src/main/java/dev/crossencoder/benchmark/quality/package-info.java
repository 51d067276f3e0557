/**
 * What precision, length and chunks cost in quality, and what they gain in speed: held-out data,
 * the measurement, its results as JSON files, and the page that is generated from them.
 */
package dev.crossencoder.benchmark.quality;
