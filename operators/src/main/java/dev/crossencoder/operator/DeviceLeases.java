package dev.crossencoder.operator;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which device each slot of a TaskManager uses. Flink gives every operator the same set of devices,
 * so slots must share them out themselves: a slot gets the one that the fewest slots use, and all
 * operators in a slot get the same. Not safe for use by several threads.
 */
final class DeviceLeases {
  private final Map<String, Lease> bySlot = new HashMap<>();

  private static final class Lease {
    private final String device;
    private int holders;

    private Lease(String device) {
      this.device = device;
    }
  }

  /**
   * Returns the device of a slot, choosing one at the slot's first call.
   *
   * @param slot identifies the slot
   * @param devices what may be chosen; at least one
   */
  String acquire(String slot, Collection<String> devices) {
    Lease lease = bySlot.get(slot);
    if (lease == null || !devices.contains(lease.device)) {
      lease = new Lease(leastUsed(devices));
      bySlot.put(slot, lease);
    }
    lease.holders++;
    return lease.device;
  }

  /** Gives back what {@link #acquire} returned for the slot. */
  void release(String slot) {
    Lease lease = bySlot.get(slot);
    if (lease != null && --lease.holders == 0) {
      bySlot.remove(slot);
    }
  }

  private String leastUsed(Collection<String> devices) {
    return new TreeSet<>(devices)
        .stream().min(Comparator.comparingLong(this::slotsOn)).orElseThrow();
  }

  private long slotsOn(String device) {
    return bySlot.values().stream().filter(lease -> lease.device.equals(device)).count();
  }
}
