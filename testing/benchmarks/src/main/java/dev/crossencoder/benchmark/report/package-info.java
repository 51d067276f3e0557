/**
 * The results as records and JSON files, and the page that is generated from them. Does not
 * measure.
 */
package dev.crossencoder.benchmark.report;
