/**
 * What was measured, as records and JSON files, and the page that is made of it. Nothing here
 * measures.
 */
package dev.crossencoder.benchmark.report;
