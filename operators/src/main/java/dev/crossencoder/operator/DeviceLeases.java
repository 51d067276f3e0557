package dev.crossencoder.operator;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which device each slot of a TaskManager uses. Flink gives every operator the same set of devices,
 * so slots must share them out themselves: a slot gets the one that the fewest slots use, and all
 * operators in a slot that may choose from the same devices get the same. Not safe for use by
 * several threads.
 */
final class DeviceLeases {
  private final Map<Key, Lease> leases = new HashMap<>();

  /** Operators of one slot may choose from different devices: one is told a GPU, the other CPU. */
  private record Key(String slot, Set<String> devices) {}

  private static final class Lease {
    private final String device;
    private int holders;

    private Lease(String device) {
      this.device = device;
    }
  }

  /**
   * Returns the device of a slot, choosing one at the slot's first call with these devices.
   *
   * @param slot identifies the slot
   * @param devices what may be chosen; at least one
   */
  String acquire(String slot, Collection<String> devices) {
    Key key = new Key(slot, Set.copyOf(devices));
    Lease lease = leases.get(key);
    if (lease == null) {
      lease = new Lease(leastUsed(devices));
      leases.put(key, lease);
    }
    lease.holders++;
    return lease.device;
  }

  /** Gives back what {@link #acquire} returned for the same arguments. */
  void release(String slot, Collection<String> devices) {
    Key key = new Key(slot, Set.copyOf(devices));
    Lease lease = leases.get(key);
    if (--lease.holders == 0) {
      leases.remove(key);
    }
  }

  private String leastUsed(Collection<String> devices) {
    return new TreeSet<>(devices)
        .stream().min(Comparator.comparingLong(this::slotsOn)).orElseThrow();
  }

  private long slotsOn(String device) {
    return leases.values().stream().filter(lease -> lease.device.equals(device)).count();
  }
}
