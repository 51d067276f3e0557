package dev.crossencoder.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;

/**
 * The time in which a command runs a broker and a cluster, with a folder for their files. Ctrl-C
 * would end the process at once; a shutdown hook waits until the command has ended and cleaned up.
 * If the command has not ended after two seconds, the hook interrupts it.
 */
public final class LocalRun implements AutoCloseable {
  private final Path folder;
  private final Thread command = Thread.currentThread();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Runnable cancel = () -> {};

  private LocalRun(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts a run. The calling thread is the one that is interrupted.
   *
   * @param name the start of the name of the temporary folder
   */
  public static LocalRun start(String name) throws IOException {
    LocalRun run = new LocalRun(Files.createTempDirectory(name + "-"));
    Runtime.getRuntime().addShutdownHook(new Thread(run::endAndAwait, name + "-clean-up"));
    return run;
  }

  /** Returns the folder, which {@link #close()} deletes. */
  public Path folder() {
    return folder;
  }

  /** Waits for Ctrl-C. */
  public void awaitInterrupt() throws InterruptedException {
    interrupted.await();
  }

  /** Sets what a shutdown hook calls on Ctrl-C, so that the command ends at once. */
  public void onInterrupt(Runnable newCancel) {
    cancel = newCancel;
  }

  public boolean isInterrupted() {
    return interrupted.getCount() == 0;
  }

  private void endAndAwait() {
    interrupted.countDown();
    cancel.run();
    try {
      if (ended.await(2, TimeUnit.SECONDS)) {
        return;
      }
      command.interrupt();
      if (!ended.await(20, TimeUnit.SECONDS)) {
        FileUtils.deleteDirectoryQuietly(folder.toFile());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    FileUtils.deleteDirectoryQuietly(folder.toFile());
    ended.countDown();
  }
}
