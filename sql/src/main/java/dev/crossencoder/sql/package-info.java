/**
 * The model provider {@code cross-encoder} of Flink SQL. {@link
 * dev.crossencoder.sql.CrossEncoderModelProviderFactory} is found by its identifier, {@link
 * dev.crossencoder.sql.CrossEncoderModelOptions} has the options of {@code CREATE MODEL}, and
 * {@link dev.crossencoder.sql.CrossEncoderPredictFunction} scores the rows of {@code ML_PREDICT}.
 */
package dev.crossencoder.sql;
