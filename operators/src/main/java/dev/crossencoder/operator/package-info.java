/**
 * A Flink operator that scores text pairs of any {@code DataStream}. {@link
 * dev.crossencoder.operator.CrossEncoderFunction} is the operator, and {@link
 * dev.crossencoder.operator.CrossEncoderFunctionOptions} has its options. A {@code RecordShape}
 * says what records ask: {@link dev.crossencoder.operator.Scored}, {@link
 * dev.crossencoder.operator.Ranked} and {@link dev.crossencoder.operator.Classified} are the
 * results.
 *
 * <p>The package has more than thirty classes. The results and failures must stay in it, because
 * state refers to them by name, and the queues, leases and records in flight behind the operator
 * are visible nowhere else.
 */
package dev.crossencoder.operator;
