/**
 * The measurements behind what the project says about its speed. {@code Performance} and {@code
 * PackedVersusPadded} are main classes that measure, {@code WritePage} one that does not.
 */
package dev.crossencoder.benchmark;
