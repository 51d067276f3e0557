/** The outcomes of experiments, their JSON files, and the page {@code docs/reliability.md}. */
package dev.crossencoder.faults.report;
