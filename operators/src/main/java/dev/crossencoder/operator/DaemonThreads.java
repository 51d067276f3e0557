package dev.crossencoder.operator;

/** Creates threads that outlive jobs. */
final class DaemonThreads {
  private DaemonThreads() {}

  /**
   * Returns a daemon thread that is not started. The thread references no class loader of a job,
   * neither as its context class loader nor through inherited thread locals; otherwise the classes
   * of that job could never be unloaded.
   */
  static Thread create(String name, Runnable body) {
    Thread thread = new Thread(null, body, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(DaemonThreads.class.getClassLoader());
    return thread;
  }
}
