/** Breaks a real cluster under load, and counts what was lost; never deployed. */
package dev.crossencoder.faults;
