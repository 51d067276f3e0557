package dev.crossencoder.operator;

/** Makes threads that outlive jobs. */
final class DaemonThreads {
  private DaemonThreads() {}

  /**
   * Returns a daemon that is yet to start. It has no class loader of a job, neither as its own nor
   * in an inherited thread local: such a job's classes would never be unloaded.
   */
  static Thread create(String name, Runnable body) {
    Thread thread = new Thread(null, body, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(DaemonThreads.class.getClassLoader());
    return thread;
  }
}
