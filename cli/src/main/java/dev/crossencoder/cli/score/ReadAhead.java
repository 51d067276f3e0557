package dev.crossencoder.cli.score;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads records on a thread of its own, so that the caller gets what is there: many from a file,
 * one from a pipe that is slow. A thread that waits for input when {@link #close} is called ends
 * with the next record or with the process.
 *
 * @param <R> a record
 */
final class ReadAhead<R> implements AutoCloseable {
  private final BlockingQueue<Entry<R>> queue;
  private final Thread thread;
  private volatile boolean closed;
  private boolean ended;

  /** A record; or the end, with what has ended reading, if that is not the end of the file. */
  private record Entry<R>(R record, Throwable failure) {}

  private ReadAhead(PairFile<R> file, int capacity) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = new Thread(() -> read(file), "score-reader");
    thread.setDaemon(true);
  }

  /**
   * Starts reading.
   *
   * @param capacity how many records may be read before they are asked for
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
      // Closed; nobody waits for more.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The records that are there, at least one and at most so many, waiting for one if there is none;
   * empty at the end.
   *
   * @throws IOException what reading has thrown, once the records before it have been returned
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
        // For the next call.
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
