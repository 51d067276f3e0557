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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
 * <p>If models change while the task runs, {@link #prepare} loads a new one beside the others, and
 * {@link #keepOnly} gives those back that are needed no more, some time after their last record.
 *
 * <p>Threads: {@link #preload} and {@link #close} belong to the task thread. {@link #submit}
 * belongs to it, too, and does not block. The other methods may be called by any thread. Models are
 * loaded and given back on threads of their own.
 */
final class ModelPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(6);

  /**
   * How long a model is kept after its last record, once it is needed no more: records of other
   * sources may still come.
   */
  private static final Duration KEPT_UNUSED = Duration.ofSeconds(10);

  private final boolean changing;
  private final int maxLoaded;
  private final long maxBytes;
  private final Opener opener;
  private final Consumer<ModelKey> onGone;
  private final Map<ModelKey, Slot> slots = new HashMap<>();

  /** How often models of each name were loaded. */
  private final Map<String, Long> loads = new HashMap<>();

  private final List<Thread> threads = new ArrayList<>();

  /** The models that are to be loaded and have no room yet. The first one gets the next room. */
  private final Deque<Slot> queue = new ArrayDeque<>();

  /** The models that are not given back when their records are done; null for all. */
  private Set<ModelKey> needed;

  private long uses;
  private boolean closed;

  /** Loads models. Called by the task thread and by threads of the pool. */
  @FunctionalInterface
  interface Opener {
    /**
     * Loads a model.
     *
     * @throws InterruptedException as soon as the caller is interrupted
     */
    TaskModel open(ModelKey key) throws InterruptedException;
  }

  /** A record whose model is not loaded. */
  private record Waiting(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {}

  /** What waits until a model is loaded. */
  private record Waiters(List<Waiting> records, List<CompletableFuture<TaskModel>> others) {}

  /** The place of one model; if models come and go, guarded by the pool. */
  private static final class Slot {
    private final ModelKey key;
    private final long bytes;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** What others do once it is loaded. */
    private final List<CompletableFuture<TaskModel>> prepared = new ArrayList<>();

    /** Null unless it is loaded. */
    private TaskModel model;

    /** Whether room is kept for it: while it is loaded, and until it is given back. */
    private boolean hasRoom;

    private boolean loading;

    /** Whether it is to be given back once its records are done. */
    private boolean leaving;

    /** Whether it is needed no more, and a thread waits for its last record. */
    private boolean retired;

    private int inFlight;
    private long lastUse;
    private long lastUseNanos = System.nanoTime();

    private Slot(ModelKey key, long bytes) {
      this.key = key;
      this.bytes = bytes;
    }

    private boolean takesRecords() {
      return model != null && !leaving;
    }

    private boolean isIdle() {
      return inFlight == 0 && waiting.isEmpty() && prepared.isEmpty() && !loading;
    }
  }

  /**
   * Creates a pool without models.
   *
   * @param changing whether models come and go; otherwise all are added and preloaded before the
   *     first record, and there are no limits
   * @param maxLoaded the largest number of models that are loaded at the same time
   * @param maxBytes the largest total size of these models
   * @param onGone is told, on any thread, of a model that was removed because it is needed no more
   */
  ModelPool(
      boolean changing, int maxLoaded, long maxBytes, Opener opener, Consumer<ModelKey> onGone) {
    this.changing = changing;
    this.maxLoaded = maxLoaded;
    this.maxBytes = maxBytes;
    this.opener = opener;
    this.onGone = onGone;
  }

  /**
   * Adds a model that is not loaded, unless the pool has it.
   *
   * @param bytes its size
   */
  synchronized void add(ModelKey key, long bytes) {
    var unused = slot(key, bytes);
  }

  /** Returns the place of a model, which may be new. The caller must hold the lock. */
  private Slot slot(ModelKey key, long bytes) {
    Slot slot = slots.get(key);
    if (slot == null) {
      slot = new Slot(key, bytes);
      slots.put(key, slot);
      if (needed != null && !needed.contains(key)) {
        retire(slot);
      }
    }
    return slot;
  }

  /**
   * Loads a model on the calling thread if there is room for it.
   *
   * @throws InterruptedException as soon as the caller is interrupted
   */
  void preload(ModelKey key) throws InterruptedException {
    synchronized (this) {
      Slot slot = slots.get(key);
      if (!fits(slot)) {
        return;
      }
      slot.hasRoom = true;
    }
    TaskModel model = opener.open(key);
    synchronized (this) {
      Slot slot = slots.get(key);
      // The first ones are given back last.
      slot.lastUse = -slots.values().stream().filter(each -> each.model != null).count();
      setLoaded(slot, model);
    }
  }

  /** The caller must hold the lock. */
  private void setLoaded(Slot slot, TaskModel model) {
    slot.model = model;
    loads.merge(slot.key.name(), 1L, Long::sum);
  }

  /**
   * Loads a model that was added, before a record asks for it.
   *
   * @return the model; null if there is no room for it, so that the first record will wait for it
   */
  synchronized CompletableFuture<TaskModel> prepare(ModelKey key) {
    Slot slot = slot(key, 0);
    if (slot.takesRecords()) {
      slot.retired = false;
      return CompletableFuture.completedFuture(slot.model);
    }
    if (closed) {
      return CompletableFuture.failedFuture(new InterruptedException("The task has ended"));
    }
    if (!slot.hasRoom && !fits(slot)) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<TaskModel> prepared = new CompletableFuture<>();
    slot.retired = false;
    slot.prepared.add(prepared);
    if (!slot.loading && !slot.leaving) {
      startLoading(slot);
    }
    return prepared;
  }

  /**
   * Gives models back that are needed no more: once their records are done and no further one has
   * come for a while.
   *
   * @param newNeeded the models that are not given back
   */
  synchronized void keepOnly(Set<ModelKey> newNeeded) {
    needed = Set.copyOf(newNeeded);
    for (Slot slot : slots.values()) {
      if (needed.contains(slot.key)) {
        slot.retired = false;
      } else if (!slot.retired) {
        retire(slot);
      }
    }
    notifyAll();
  }

  /** The caller must hold the lock. */
  private void retire(Slot slot) {
    slot.retired = true;
    start("cross-encoder-model-retirement " + slot.key, () -> giveBackOnceIdle(slot));
  }

  /** A model that is needed no more was given back, at a time when no record waited for it. */
  private synchronized void forget(Slot slot) {
    gone(slot);
    if (slot.isIdle()) {
      slot.lastUseNanos = System.nanoTime() - KEPT_UNUSED.toNanos();
    }
  }

  private void giveBackOnceIdle(Slot slot) {
    try {
      for (TaskModel model = awaitRetirement(slot); model != null; model = awaitRetirement(slot)) {
        LOG.info("The model {} is given back, no record needs it any more.", slot.key);
        try {
          model.close();
        } finally {
          forget(slot);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("The task has ended, and its model {} with it", slot.key, e);
    }
  }

  /**
   * Waits until a model has had no record for a while. Removes it if it is not loaded.
   *
   * @return null if it was removed or is needed again
   */
  private TaskModel awaitRetirement(Slot slot) throws InterruptedException {
    synchronized (this) {
      while (slot.retired && !closed) {
        long left = KEPT_UNUSED.toNanos() - (System.nanoTime() - slot.lastUseNanos);
        if (!slot.isIdle() || slot.leaving) {
          wait();
        } else if (left > 0) {
          wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        } else if (slot.model == null) {
          slots.remove(slot.key, slot);
          slot.retired = false;
        } else {
          slot.leaving = true;
          TaskModel model = slot.model;
          slot.model = null;
          return model;
        }
      }
      if (closed || slots.containsKey(slot.key)) {
        return null;
      }
    }
    onGone.accept(slot.key);
    return null;
  }

  /**
   * Scores a record with the model of its route, once that is loaded.
   *
   * @param pairs at least one
   */
  void submit(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {
    if (!changing) {
      // Only the task thread changes it then. Null once the pool is closed.
      TaskModel model = slots.get(record.model()).model;
      if (model != null) {
        model.submit(record, pairs, listener);
      }
      return;
    }
    TaskModel model;
    synchronized (this) {
      if (closed) {
        return;
      }
      // It may have been removed since the record asked for it. Its size matters only for limits.
      Slot slot = slot(record.model(), 0);
      slot.lastUse = ++uses;
      slot.lastUseNanos = System.nanoTime();
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
    if (!changing) {
      return;
    }
    synchronized (this) {
      Slot slot = slots.get(record.model());
      if (slot == null) {
        // Its load has failed, and it was removed since.
        return;
      }
      if (!record.isAdmitted()) {
        slot.waiting.removeIf(waiting -> waiting.record() == record);
      } else {
        slot.inFlight--;
      }
      if ((slot.leaving || slot.retired) && slot.inFlight == 0) {
        slot.lastUseNanos = System.nanoTime();
        notifyAll();
      }
    }
  }

  /** The caller must hold the lock. */
  private void startLoading(Slot slot) {
    start("cross-encoder-model-pool " + slot.key, () -> load(slot));
    slot.loading = true;
    queue.add(slot);
  }

  /** Starts a thread that {@link #close} ends. The caller must hold the lock. */
  private void start(String name, Runnable body) {
    Thread thread = DaemonThreads.create(name, body);
    threads.removeIf(each -> !each.isAlive());
    thread.start();
    threads.add(thread);
  }

  private void load(Slot slot) {
    TaskModel model;
    try {
      makeRoom(slot);
      model = opener.open(slot.key);
    } catch (Throwable t) {
      Waiters failed = failed(slot, t);
      failed.records().forEach(waiting -> waiting.listener().errored(t));
      failed.others().forEach(each -> each.completeExceptionally(t));
      return;
    }
    Waiters ready = loaded(slot, model);
    ready.others().forEach(each -> each.complete(model));
    for (Waiting waiting : ready.records()) {
      try {
        model.submit(waiting.record(), waiting.pairs(), waiting.listener());
      } catch (Throwable t) {
        waiting.listener().errored(t);
      }
    }
  }

  /** Returns what waited for a model; nothing if the pool was closed. */
  private Waiters loaded(Slot slot, TaskModel model) {
    synchronized (this) {
      if (!closed) {
        setLoaded(slot, model);
        slot.loading = false;
        slot.lastUse = ++uses;
        slot.lastUseNanos = System.nanoTime();
        Waiters ready = takeWaiters(slot);
        ready.records().forEach(waiting -> admit(slot, waiting.record()));
        notifyAll();
        return ready;
      }
    }
    model.close();
    return new Waiters(List.of(), List.of());
  }

  /** Returns what waited for a model; no records if the pool was closed. */
  private synchronized Waiters failed(Slot slot, Throwable reason) {
    if (closed) {
      LOG.debug("The task has ended and does not need the model {} any more", slot.key, reason);
    }
    queue.remove(slot);
    slot.loading = false;
    slot.hasRoom = false;
    notifyAll();
    return takeWaiters(slot);
  }

  private static Waiters takeWaiters(Slot slot) {
    Waiters waiters = new Waiters(List.copyOf(slot.waiting), List.copyOf(slot.prepared));
    slot.waiting.clear();
    slot.prepared.clear();
    return waiters;
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
      LOG.info("The model {} is given back to make room for {}.", victim.key, wanted.key);
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
    if ((!victim.waiting.isEmpty() || !victim.prepared.isEmpty()) && !closed) {
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

  /** Returns whether the pool has a model, loaded or not. */
  synchronized boolean has(ModelKey key) {
    return slots.containsKey(key);
  }

  /** Returns whether a model is loaded. */
  synchronized boolean isLoaded(ModelKey key) {
    Slot slot = slots.get(key);
    return slot != null && slot.model != null;
  }

  /** Returns whether a model of a name is loaded. */
  synchronized boolean isLoaded(String name) {
    return slots.values().stream()
        .anyMatch(slot -> slot.key.name().equals(name) && slot.model != null);
  }

  /** Returns how often models of a name were loaded. */
  synchronized long loads(String name) {
    return loads.getOrDefault(name, 0L);
  }

  /** Returns the number of records that wait until a model of a name is loaded. */
  synchronized int waiting(String name) {
    return slots.values().stream()
        .filter(slot -> slot.key.name().equals(name))
        .mapToInt(slot -> slot.waiting.size())
        .sum();
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
      running = List.copyOf(threads);
      running.forEach(Thread::interrupt);
      notifyAll();
    }
    open.forEach(TaskModel::close);
    join(running);
  }

  /** Waits for threads, which end soon: what they wait for can be interrupted. */
  private static void join(List<Thread> running) {
    long end = System.nanoTime() + CLOSE_DEADLINE.toNanos();
    try {
      for (Thread thread : running) {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        if (thread.isAlive()) {
          LOG.warn("{} has not ended after {}", thread.getName(), CLOSE_DEADLINE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
