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

/** The lock of a model's files against other threads, class loaders and processes. */
final class CacheLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheLock.class);

  /** A file lock belongs to the whole process, so the threads of a process need their own lock. */
  private static final Map<Path, ReentrantLock> THREAD_LOCKS = new ConcurrentHashMap<>();

  private static final long POLL_MILLIS = 50;

  private final ReentrantLock threadLock;
  private final FileChannel channel;

  private CacheLock(ReentrantLock threadLock, FileChannel channel) {
    this.threadLock = threadLock;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param file the lock file. It is created if necessary and never deleted: after a deletion two
   *     processes could hold locks of two files with the same name.
   * @throws InterruptedIOException if the thread is interrupted
   */
  static CacheLock acquire(Path file) throws IOException {
    ReentrantLock threadLock =
        THREAD_LOCKS.computeIfAbsent(
            file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    try {
      threadLock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock(channel, file);
      return new CacheLock(threadLock, channel);
    } catch (IOException | RuntimeException | Error e) {
      threadLock.unlock();
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  private static void lock(FileChannel channel, Path file) throws IOException {
    boolean logged = false;
    while (!tryLock(channel, file)) {
      if (!logged) {
        LOG.info("Waiting for another process or class loader that downloads this model: {}", file);
        logged = true;
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
      // Closing the channel releases the lock.
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // The same class in another class loader of this process holds the lock.
      return false;
    } catch (IOException e) {
      // Some network file systems have no locks. Files still appear in one step, when complete.
      LOG.warn("Cannot lock {}: {}. Continuing without the lock.", file, e.toString());
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
      threadLock.unlock();
    }
  }
}
