package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a task that are loaded, by name. Without limits, all of them are loaded before the
 * first record. With limits, a model is loaded when the first record asks for it. If there is no
 * room, the model that was asked for least recently is given back first: it gets no more records,
 * and the new one is loaded when those in flight are done. Models get room in the order in which
 * they were asked for. Records of a model that is not loaded wait here; those of other models do
 * not.
 *
 * <p>Threads: {@link #add}, {@link #preload} and {@link #close} belong to the task thread. {@link
 * #submit} belongs to it, too, and does not block. {@link #finished} may be called by any thread.
 * Models are loaded and given back on threads of their own.
 */
final class ModelPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(6);

  private final boolean bounded;
  private final int maxLoaded;
  private final long maxBytes;
  private final Opener opener;
  private final Map<String, Slot> slots = new HashMap<>();
  private final List<Thread> loaders = new ArrayList<>();

  /** The models that are to be loaded and have no room yet. The first one gets the next room. */
  private final Deque<Slot> queue = new ArrayDeque<>();

  private long uses;
  private boolean closed;

  /** Loads models. Called by the task thread and by threads of the pool. */
  @FunctionalInterface
  interface Opener {
    /**
     * Loads a model.
     *
     * @param name the name of the model
     * @throws InterruptedException as soon as the caller is interrupted
     */
    TaskModel open(String name) throws InterruptedException;
  }

  /** A record whose model is not loaded. */
  private record Waiting(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {}

  /** The place of one model; if models may have to be given back, guarded by the pool. */
  private static final class Slot {
    private final String name;
    private final long bytes;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Null unless it is loaded. */
    private TaskModel model;

    /** Whether room is kept for it: while it is loaded, and until it is given back. */
    private boolean hasRoom;

    private boolean loading;

    /** Whether it is to be given back once its records are done. */
    private boolean leaving;

    private int inFlight;
    private long lastUse;
    private long loads;

    private Slot(String name, long bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    private boolean takesRecords() {
      return model != null && !leaving;
    }
  }

  /**
   * Creates a pool without models.
   *
   * @param bounded whether models may have to be given back; otherwise all are preloaded
   * @param maxLoaded the largest number of models that are loaded at the same time
   * @param maxBytes the largest total size of these models
   */
  ModelPool(boolean bounded, int maxLoaded, long maxBytes, Opener opener) {
    this.bounded = bounded;
    this.maxLoaded = maxLoaded;
    this.maxBytes = maxBytes;
    this.opener = opener;
  }

  /**
   * Adds a model that is not loaded.
   *
   * @param bytes its size
   */
  synchronized void add(String name, long bytes) {
    slots.put(name, new Slot(name, bytes));
  }

  /**
   * Loads a model on the calling thread if there is room for it.
   *
   * @throws InterruptedException as soon as the caller is interrupted
   */
  void preload(String name) throws InterruptedException {
    synchronized (this) {
      Slot slot = slots.get(name);
      if (!fits(slot)) {
        return;
      }
      slot.hasRoom = true;
    }
    TaskModel model = opener.open(name);
    synchronized (this) {
      Slot slot = slots.get(name);
      slot.model = model;
      slot.loads++;
    }
  }

  /**
   * Scores a record with the model of its route, once that is loaded.
   *
   * @param pairs at least one
   */
  void submit(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {
    Slot slot = slots.get(record.route());
    if (!bounded) {
      // Only the task thread changes it then. Null once the pool is closed.
      if (slot.model != null) {
        slot.model.submit(record, pairs, listener);
      }
      return;
    }
    TaskModel model;
    synchronized (this) {
      if (closed) {
        return;
      }
      slot.lastUse = ++uses;
      if (!slot.takesRecords()) {
        slot.waiting.add(new Waiting(record, List.copyOf(pairs), listener));
        if (!slot.loading && !slot.leaving) {
          startLoading(slot);
        }
        return;
      }
      admit(slot, record);
      model = slot.model;
    }
    model.submit(record, pairs, listener);
  }

  private static void admit(Slot slot, RecordInFlight record) {
    record.admit();
    slot.inFlight++;
  }

  /** Notes that a record has an outcome or was withdrawn. Called once for each record. */
  void finished(RecordInFlight record) {
    if (!bounded) {
      return;
    }
    Slot slot = slots.get(record.route());
    synchronized (this) {
      if (!record.isAdmitted()) {
        slot.waiting.removeIf(waiting -> waiting.record() == record);
        return;
      }
      slot.inFlight--;
      if (slot.leaving && slot.inFlight == 0) {
        notifyAll();
      }
    }
  }

  /** The caller must hold the lock. */
  private void startLoading(Slot slot) {
    Thread loader = DaemonThreads.create("cross-encoder-model-pool " + slot.name, () -> load(slot));
    loaders.removeIf(thread -> !thread.isAlive());
    loader.start();
    loaders.add(loader);
    slot.loading = true;
    queue.add(slot);
  }

  private void load(Slot slot) {
    TaskModel model;
    try {
      makeRoom(slot);
      model = opener.open(slot.name);
    } catch (Throwable t) {
      failed(slot, t).forEach(waiting -> waiting.listener().errored(t));
      return;
    }
    for (Waiting waiting : loaded(slot, model)) {
      try {
        model.submit(waiting.record(), waiting.pairs(), waiting.listener());
      } catch (Throwable t) {
        waiting.listener().errored(t);
      }
    }
  }

  /** Returns the records that waited for a model; none if the pool was closed. */
  private List<Waiting> loaded(Slot slot, TaskModel model) {
    synchronized (this) {
      if (!closed) {
        slot.model = model;
        slot.loading = false;
        slot.loads++;
        List<Waiting> ready = takeWaiting(slot);
        ready.forEach(waiting -> admit(slot, waiting.record()));
        notifyAll();
        return ready;
      }
    }
    model.close();
    return List.of();
  }

  /** Returns the records that waited for a model; none if the pool was closed. */
  private synchronized List<Waiting> failed(Slot slot, Throwable reason) {
    if (closed) {
      LOG.debug("The task has ended and does not need the model {} any more", slot.name, reason);
    }
    queue.remove(slot);
    slot.loading = false;
    slot.hasRoom = false;
    notifyAll();
    return takeWaiting(slot);
  }

  private static List<Waiting> takeWaiting(Slot slot) {
    List<Waiting> waiting = List.copyOf(slot.waiting);
    slot.waiting.clear();
    return waiting;
  }

  private boolean fits(Slot wanted) {
    long loaded = 0;
    long bytes = 0;
    for (Slot slot : slots.values()) {
      if (slot.hasRoom) {
        loaded++;
        bytes += slot.bytes;
      }
    }
    return loaded < maxLoaded && bytes + wanted.bytes <= maxBytes;
  }

  /** Waits until it is a model's turn and there is room for it, and gives others back for it. */
  private void makeRoom(Slot wanted) throws InterruptedException {
    while (true) {
      Slot victim = awaitVictim(wanted);
      if (victim == null) {
        return;
      }
      TaskModel model = take(victim);
      LOG.info("The model {} is given back to make room for {}.", victim.name, wanted.name);
      try {
        model.close();
      } finally {
        gone(victim);
      }
    }
  }

  /**
   * Waits until there is room for a model, or until another one has no records in flight and can be
   * given back.
   *
   * @return null if there is room; it is kept for the model
   */
  private synchronized Slot awaitVictim(Slot wanted) throws InterruptedException {
    Slot victim = null;
    while (true) {
      if (closed) {
        throw new InterruptedException("The task has ended");
      }
      if (queue.peek() == wanted) {
        if (victim == null && fits(wanted)) {
          wanted.hasRoom = true;
          queue.remove();
          notifyAll();
          return null;
        }
        if (victim == null) {
          victim = leastRecentlyUsed().orElse(null);
          if (victim != null) {
            victim.leaving = true;
          }
        }
        if (victim != null && victim.inFlight == 0) {
          return victim;
        }
      }
      wait();
    }
  }

  private synchronized TaskModel take(Slot victim) throws InterruptedException {
    if (closed) {
      throw new InterruptedException("The task has ended");
    }
    TaskModel model = victim.model;
    victim.model = null;
    return model;
  }

  /** A model was given back. If records wait for it, it is loaded again, after all others. */
  private synchronized void gone(Slot victim) {
    victim.leaving = false;
    victim.hasRoom = false;
    notifyAll();
    if (!victim.waiting.isEmpty() && !closed) {
      startLoading(victim);
    }
  }

  private Optional<Slot> leastRecentlyUsed() {
    return slots.values().stream()
        .filter(Slot::takesRecords)
        .min(Comparator.comparingLong(slot -> slot.lastUse));
  }

  /** Returns the models that are loaded. */
  synchronized Collection<TaskModel> loaded() {
    return slots.values().stream().map(slot -> slot.model).filter(model -> model != null).toList();
  }

  /** Returns whether a model is loaded. */
  synchronized boolean isLoaded(String name) {
    return slots.get(name).model != null;
  }

  /** Returns how often a model was loaded. */
  synchronized long loads(String name) {
    return slots.get(name).loads;
  }

  /** Returns the number of records that wait until a model is loaded. */
  synchronized int waiting(String name) {
    return slots.get(name).waiting.size();
  }

  /** Gives all models back. Records that wait are abandoned. */
  @Override
  public void close() {
    List<TaskModel> open = new ArrayList<>();
    List<Thread> running;
    synchronized (this) {
      closed = true;
      for (Slot slot : slots.values()) {
        slot.waiting.clear();
        if (slot.model != null) {
          open.add(slot.model);
          slot.model = null;
        }
      }
      running = List.copyOf(loaders);
      running.forEach(Thread::interrupt);
      notifyAll();
    }
    open.forEach(TaskModel::close);
    join(running);
  }

  /** Waits for loaders, which end soon: what they wait for can be interrupted. */
  private static void join(List<Thread> running) {
    long end = System.nanoTime() + CLOSE_DEADLINE.toNanos();
    try {
      for (Thread loader : running) {
        loader.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        if (loader.isAlive()) {
          LOG.warn("{} has not ended after {}", loader.getName(), CLOSE_DEADLINE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
