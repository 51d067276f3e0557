/** Figures of rankings, with the treatment of ties and of unjudged documents of trec_eval. */
package dev.crossencoder.evaluation.ranking;
