package dev.crossencoder.model.hub;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Keeps what the hub's client logs, down to the finest level, until closed. */
final class LogCapture extends AbstractAppender implements AutoCloseable {
  private static final String PACKAGE = "dev.crossencoder.model.hub";

  private final List<String> lines = new CopyOnWriteArrayList<>();

  private LogCapture() {
    super("capture", null, null, true, Property.EMPTY_ARRAY);
  }

  static LogCapture begin() {
    LogCapture capture = new LogCapture();
    capture.start();
    Configurator.setLevel(PACKAGE, Level.ALL);
    ((Logger) LogManager.getLogger(PACKAGE)).addAppender(capture);
    return capture;
  }

  @Override
  public void append(LogEvent event) {
    lines.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
    for (Throwable t = event.getThrown(); t != null; t = t.getCause()) {
      lines.add(t.toString());
    }
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    ((Logger) LogManager.getLogger(PACKAGE)).removeAppender(this);
    Configurator.setLevel(PACKAGE, LogManager.getRootLogger().getLevel());
    stop();
  }
}
