package dev.crossencoder.model.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps other threads, class loaders and processes away from a model's files until closed. */
final class CacheLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheLock.class);

  /** File locks are held by the process, so its threads need one of their own. */
  private static final Map<Path, ReentrantLock> OF_THREADS = new ConcurrentHashMap<>();

  private static final long POLL_MILLIS = 50;

  private final ReentrantLock ofThreads;
  private final FileChannel channel;

  private CacheLock(ReentrantLock ofThreads, FileChannel channel) {
    this.ofThreads = ofThreads;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param file is created, and stays: whoever removes a lock file may have two holders
   * @throws InterruptedIOException if the thread is interrupted
   */
  static CacheLock acquire(Path file) throws IOException {
    ReentrantLock ofThreads =
        OF_THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    try {
      ofThreads.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock(channel, file);
      return new CacheLock(ofThreads, channel);
    } catch (IOException | RuntimeException | Error e) {
      ofThreads.unlock();
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  private static void lock(FileChannel channel, Path file) throws IOException {
    boolean told = false;
    while (!tryLock(channel, file)) {
      if (!told) {
        LOG.info("Waiting for another process or class loader that downloads this model: {}", file);
        told = true;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
  }

  private static boolean tryLock(FileChannel channel, Path file) {
    try {
      // Closing the channel gives the lock back.
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // This class, loaded by another class loader of the process, holds it.
      return false;
    } catch (IOException e) {
      // Some network file systems have no locks. Files are complete all the same when they appear.
      LOG.warn("Cannot lock {}: {}. Going on without.", file, e.toString());
      return true;
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for another download");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      ofThreads.unlock();
    }
  }
}
