/**
 * Scores pairs of texts in any {@code DataStream}: {@link
 * dev.crossencoder.operator.CrossEncoderFunction} is the operator, {@link
 * dev.crossencoder.operator.CrossEncoderFunctionOptions} its options, {@link
 * dev.crossencoder.operator.Scored} its result.
 */
package dev.crossencoder.operator;
