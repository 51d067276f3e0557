package dev.crossencoder.operator;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Assigns a device to each slot of a TaskManager. Flink gives every operator the same set of
 * devices and isolates no slots. A slot gets the device that the fewest slots use. All operators of
 * a slot that may choose from the same devices get the same device. Not thread-safe.
 */
final class DeviceLeases {
  private final Map<Key, Lease> leases = new HashMap<>();

  /** Operators of one slot may have different candidates, for example a GPU and the CPU. */
  private record Key(String slot, Set<String> devices) {}

  private static final class Lease {
    private final String device;
    private int holders;

    private Lease(String device) {
      this.device = device;
    }
  }

  /**
   * Returns the device of a slot. The first call with a slot and its devices chooses the device.
   *
   * @param slot identifies the slot
   * @param devices the candidates; at least one
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

  /** Releases the device that {@link #acquire} returned for the same arguments. */
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
