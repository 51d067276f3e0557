/**
 * Files and formats, independent of models: JSON files, digests, folders that are created in one
 * atomic step, native libraries, and the wire format of Protocol Buffers.
 */
package dev.crossencoder.model.io;
