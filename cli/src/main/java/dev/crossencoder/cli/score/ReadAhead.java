package dev.crossencoder.cli.score;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads records on a separate thread, so that the caller gets all records that are available: many
 * from a file, one from a slow pipe. A thread that waits for input when {@link #close} is called
 * ends with the next record or with the process.
 *
 * @param <R> the type of records
 */
final class ReadAhead<R> implements AutoCloseable {
  private final BlockingQueue<Entry<R>> queue;
  private final Thread thread;
  private volatile boolean closed;
  private boolean ended;

  /** A record, or the end of the input with the exception that ended reading, if there was one. */
  private record Entry<R>(R record, Throwable failure) {}

  private ReadAhead(PairFile<R> file, int capacity) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = new Thread(() -> read(file), "score-reader");
    thread.setDaemon(true);
  }

  /**
   * Starts reading.
   *
   * @param capacity the maximum number of records that are read ahead
   */
  static <R> ReadAhead<R> start(PairFile<R> file, int capacity) {
    ReadAhead<R> reader = new ReadAhead<>(file, capacity);
    reader.thread.start();
    return reader;
  }

  private void read(PairFile<R> file) {
    try {
      Entry<R> end = null;
      while (end == null && !closed) {
        try {
          R record = file.read();
          Entry<R> entry = new Entry<>(record, null);
          if (record == null) {
            end = entry;
          } else {
            queue.put(entry);
          }
        } catch (IOException | RuntimeException | Error e) {
          end = new Entry<>(null, e);
        }
      }
      if (end != null) {
        queue.put(end);
      }
    } catch (InterruptedException e) {
      // Closed: the records are no longer needed.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns the available records, at most the given number. Blocks until there is one; empty at
   * the end.
   *
   * @throws IOException the exception of the reading thread, after all records before it were
   *     returned
   */
  List<R> next(int max) throws IOException, InterruptedException {
    List<Entry<R>> entries = new ArrayList<>();
    if (!ended) {
      entries.add(queue.take());
      queue.drainTo(entries, max - 1);
    }
    List<R> records = new ArrayList<>(entries.size());
    for (Entry<R> entry : entries) {
      if (entry.record() != null) {
        records.add(entry.record());
      } else if (entry.failure() != null && !records.isEmpty()) {
        // Keep the end for the next call.
        queue.add(entry);
      } else {
        ended = true;
        rethrow(entry.failure());
      }
    }
    return records;
  }

  private static void rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
