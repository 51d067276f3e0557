/** The measurements behind the project's claims about speed. Each main class is one of them. */
package dev.crossencoder.benchmark;
