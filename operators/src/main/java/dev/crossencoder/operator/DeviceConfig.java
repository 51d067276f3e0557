package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.Device;
import java.io.Serializable;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options for the device and the threads.
 *
 * @param device the name of a device, or {@link #AUTO}
 * @param resource the external resource of Flink whose devices {@link #AUTO} chooses among
 * @param cpuThreads the number of cores of one slot; null for the share of the machine
 * @param tokenizerThreads null for the default, see {@link #tokenizerThreads(int)}
 * @param background whether the model scores only with cores that no other one wants; no option of
 *     its own
 */
record DeviceConfig(
    String device,
    String resource,
    Integer cpuThreads,
    Integer tokenizerThreads,
    boolean background)
    implements Serializable {
  /** The device option's value that lets the task choose among those of its TaskManager. */
  static final String AUTO = "auto";

  private static final long serialVersionUID = 1L;

  private static final int MAX_DEFAULT_TOKENIZERS = 4;

  DeviceConfig {
    check(
        device.equals(AUTO) || Device.isName(device),
        CrossEncoderFunctionOptions.DEVICE,
        device,
        "It must be auto, cpu, or gpu with a number.");
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.CPU_THREADS, cpuThreads);
    InvalidOptionException.checkPositive(
        CrossEncoderFunctionOptions.TOKENIZER_THREADS, tokenizerThreads);
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static DeviceConfig from(ReadableConfig config) {
    return new DeviceConfig(
        read(config, CrossEncoderFunctionOptions.DEVICE),
        read(config, CrossEncoderFunctionOptions.DEVICE_RESOURCE),
        read(config, CrossEncoderFunctionOptions.CPU_THREADS),
        read(config, CrossEncoderFunctionOptions.TOKENIZER_THREADS),
        false);
  }

  /** Returns these options for a model that scores only with cores that no other one wants. */
  DeviceConfig inBackground() {
    return new DeviceConfig(device, resource, cpuThreads, tokenizerThreads, true);
  }

  /**
   * Returns how many threads tokenize for a model on a device: the option, or else half of the
   * cores, up to four.
   *
   * @param cores the cores of the slots that use the model
   */
  int tokenizerThreads(int cores) {
    return tokenizerThreads == null
        ? Math.max(1, Math.min(MAX_DEFAULT_TOKENIZERS, cores / 2))
        : tokenizerThreads;
  }
}
