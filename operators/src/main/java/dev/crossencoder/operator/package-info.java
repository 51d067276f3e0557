/**
 * A Flink operator that scores text pairs of any {@code DataStream}. {@link
 * dev.crossencoder.operator.CrossEncoderFunction} is the operator, {@link
 * dev.crossencoder.operator.CrossEncoderFunctionOptions} has its options, and {@link
 * dev.crossencoder.operator.Scored} is its result.
 */
package dev.crossencoder.operator;
