/** The job on more cores, subtasks and TaskManagers, and the page to plan by. */
package dev.crossencoder.benchmark.scaling;
