/** The change of models while a job runs: which revision scores a record, and who prepares it. */
package dev.crossencoder.operator.change;
