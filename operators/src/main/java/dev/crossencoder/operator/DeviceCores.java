package dev.crossencoder.operator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The cores of a device, which all models there share: the passes of all of them together use at
 * most these cores. The cores of a CPU are those of the slots that lease a model there. If several
 * models want a core, the one whose passes have cost the least so far gets it; the cost of a pass
 * is its time times its cores, and counts while it runs. Models in the background get a core only
 * if no other model wants it. A core does not stay free while a model can use it.
 *
 * <p>A {@link BatchQueue} takes cores and makes its batch in one step, under the lock of this
 * object. Thread-safe, except where a method says that the lock must be held.
 */
final class DeviceCores {
  /** Guards this object and all queues of the device. */
  final ReentrantLock lock = new ReentrantLock();

  private final LongSupplier clock;
  private final List<Share> shares = new ArrayList<>();

  /** The cores of each slot, once for each lease. */
  private final Map<String, List<Integer>> leasesBySlot = new HashMap<>();

  private int coresOfSlots;

  /** Below zero if a slot has left whose cores are in use. */
  private int free;

  /**
   * The cost of the model that took cores last. A model that was idle starts with this value, so
   * that it gets no credit for the idle time.
   */
  private long floor;

  /** Creates a device with cores that belong to no slot. */
  DeviceCores(int cores) {
    this(cores, System::nanoTime);
  }

  /**
   * Creates a device with another clock.
   *
   * @param clock returns nanoseconds
   */
  DeviceCores(int cores, LongSupplier clock) {
    this.free = cores;
    this.clock = clock;
  }

  /** Adds the use of a model by a slot. The largest number of cores counts for a slot. */
  void lease(String slot, int cores) {
    lock.lock();
    try {
      leasesBySlot.computeIfAbsent(slot, unused -> new ArrayList<>()).add(cores);
      countSlots();
    } finally {
      lock.unlock();
    }
  }

  /** Removes a use that {@link #lease} added. */
  void release(String slot, int cores) {
    lock.lock();
    try {
      List<Integer> leases = leasesBySlot.getOrDefault(slot, new ArrayList<>());
      leases.remove((Integer) cores);
      if (leases.isEmpty()) {
        leasesBySlot.remove(slot);
      }
      countSlots();
    } finally {
      lock.unlock();
    }
  }

  private void countSlots() {
    int before = coresOfSlots;
    coresOfSlots = leasesBySlot.values().stream().mapToInt(Collections::max).sum();
    free += coresOfSlots - before;
    wakeNext();
  }

  /** The number of free cores. The lock must be held. */
  int free() {
    return free;
  }

  /**
   * Adds a model.
   *
   * @param wants returns whether a thread of the model waits for nothing but a core; called under
   *     the lock
   * @param wake wakes such a thread, which calls {@link Share#isNext}; called under the lock
   */
  Share join(BooleanSupplier wants, Runnable wake) {
    return join(wants, wake, false);
  }

  /**
   * As {@link #join(BooleanSupplier, Runnable)}.
   *
   * @param background whether the model gets a core only if no other one wants it
   */
  Share join(BooleanSupplier wants, Runnable wake, boolean background) {
    lock.lock();
    try {
      Share share = new Share(wants, wake, background);
      shares.add(share);
      return share;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes a thread of the model that is next, if a core is free. The lock must be held. */
  void wakeNext() {
    Share next = next(null);
    if (next != null) {
      next.wake.run();
    }
  }

  /**
   * Returns the model with the least cost among those that want a core, one in the background only
   * if there is no other; null if there is none or no core is free.
   *
   * @param asking a model that wants a core, besides those that say so; may be null
   */
  private Share next(Share asking) {
    if (free <= 0) {
      return null;
    }
    long now = clock.getAsLong();
    Share next = asking;
    for (int i = 0; i < shares.size(); i++) {
      Share share = shares.get(i);
      boolean wants = share != asking && share.wants.getAsBoolean();
      if (wants && (next == null || share.isBefore(next, now))) {
        next = share;
      }
    }
    return next;
  }

  /** The use of the cores by one model. The lock must be held by the callers of its methods. */
  final class Share {
    private final BooleanSupplier wants;
    private final Runnable wake;
    private final boolean background;

    /** The core time of the passes that have ended, in nanoseconds. */
    private long endedNanos;

    private int running;

    /** The sum over the running cores of the times at which they were taken. */
    private long runningStarts;

    private boolean forfeited;

    private Share(BooleanSupplier wants, Runnable wake, boolean background) {
      this.wants = wants;
      this.wake = wake;
      this.background = background;
    }

    private boolean isBefore(Share other, long now) {
      return background == other.background ? cost(now) < other.cost(now) : other.background;
    }

    private long cost(long now) {
      return endedNanos + running * now - runningStarts;
    }

    /** Whether other models want a core that is not this one's before them. */
    boolean hasRivals() {
      for (int i = 0; i < shares.size(); i++) {
        Share other = shares.get(i);
        boolean isRival = other != this && (background || !other.background);
        if (isRival && other.wants.getAsBoolean()) {
          return true;
        }
      }
      return false;
    }

    /**
     * Asks whether the model may take a core. If another one may, wakes it.
     *
     * @param wantsCore whether the calling thread wants one; otherwise it only lets others go ahead
     */
    boolean isNext(boolean wantsCore) {
      Share next = next(wantsCore ? this : null);
      if (next != null && next != this) {
        next.wake.run();
      }
      return next == this && wantsCore;
    }

    /** Ends an idle time, which gives the model no credit. */
    void endIdle() {
      endedNanos += Math.max(0, floor - cost(clock.getAsLong()));
    }

    /**
     * Takes cores.
     *
     * @return the time, for {@link #giveBack}
     */
    long take(int cores) {
      long now = clock.getAsLong();
      if (!background) {
        floor = Math.max(floor, cost(now));
      }
      free -= cores;
      running += cores;
      runningStarts += cores * now;
      return now;
    }

    /**
     * Gives cores back and wakes the next model.
     *
     * @param takenNanos what {@link #take} returned
     */
    void giveBack(int cores, long takenNanos) {
      endedNanos += cores * (clock.getAsLong() - takenNanos);
      running -= cores;
      runningStarts -= cores * takenNanos;
      if (!forfeited) {
        free += cores;
        wakeNext();
      }
    }

    /** Removes the model. Cores that it has taken stay taken until it gives them back. */
    void leave() {
      shares.remove(this);
      wakeNext();
    }

    /**
     * Frees the cores of a model that has left and whose passes may never end. Otherwise the other
     * models could wait for ever; if a pass does run on, it competes with theirs.
     */
    void forfeit() {
      if (!forfeited) {
        forfeited = true;
        free += running;
        wakeNext();
      }
    }
  }
}
