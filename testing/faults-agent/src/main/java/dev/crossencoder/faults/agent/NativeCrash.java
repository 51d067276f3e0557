package dev.crossencoder.faults.agent;

import java.lang.reflect.Field;

/** Crashes the process like a memory error in native code. */
final class NativeCrash {
  private NativeCrash() {}

  /** Writes to address 0. The JVM writes a crash report, as after a crash of libtorch. */
  static void crash() {
    try {
      // Reflection, because javac's warning about this class cannot be suppressed.
      Class<?> type = Class.forName("sun.misc.Unsafe");
      Field field = type.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot write to address 0: " + e, e);
    }
  }
}
