package dev.crossencoder.job;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Keeps the warnings of a logger, until closed. */
final class LoggedLines extends AbstractAppender implements AutoCloseable {
  private final String logger;
  private final Level before;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private LoggedLines(String logger, Level before) {
    super("lines of " + logger, null, null, true, Property.EMPTY_ARRAY);
    this.logger = logger;
    this.before = before;
  }

  static LoggedLines warnings(String logger) {
    LoggedLines lines = new LoggedLines(logger, LogManager.getLogger(logger).getLevel());
    lines.start();
    Configurator.setLevel(logger, Level.WARN);
    ((Logger) LogManager.getLogger(logger)).addAppender(lines);
    return lines;
  }

  @Override
  public void append(LogEvent event) {
    lines.add(event.getMessage().getFormattedMessage());
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    ((Logger) LogManager.getLogger(logger)).removeAppender(this);
    Configurator.setLevel(logger, before);
    stop();
  }
}
