/**
 * Files and formats that know nothing of models: JSON files, digests, folders that appear whole,
 * native libraries, and the wire format of Protocol Buffers.
 */
package dev.crossencoder.model.io;
