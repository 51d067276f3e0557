/**
 * Classes that the packages below share. {@code kafka.source} reads records and never moves a
 * position silently. {@code kafka.topic} determines which records a topic accepts. {@code
 * kafka.sink} writes records and never loses a transaction silently.
 */
package dev.crossencoder.job.kafka;
