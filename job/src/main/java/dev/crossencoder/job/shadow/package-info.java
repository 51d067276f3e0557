/**
 * The comparison of two models: a {@link dev.crossencoder.job.shadow.ShadowSample} of the scored
 * records, and how their scores agree over a {@link dev.crossencoder.job.shadow.ShadowWindow}.
 */
package dev.crossencoder.job.shadow;
