package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.change.ChangeState;
import java.io.IOException;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes the connector's own format for a job that does not change its models, so that {@code
 * KafkaSource} can restore it, and otherwise a format around it. Reads both.
 */
final class SourceStateSerializer implements SimpleVersionedSerializer<SourceState> {
  /** The versions of the format around the connector's begin here. */
  private static final int OWN_VERSION = 1_000;

  private final SimpleVersionedSerializer<KafkaSourceEnumState> connector;
  private final boolean live;

  SourceStateSerializer(SimpleVersionedSerializer<KafkaSourceEnumState> connector, boolean live) {
    this.connector = connector;
    this.live = live;
  }

  @Override
  public int getVersion() {
    return live ? OWN_VERSION : connector.getVersion();
  }

  @Override
  public byte[] serialize(SourceState state) throws IOException {
    byte[] partitions = connector.serialize(state.partitions());
    if (!live) {
      return partitions;
    }
    byte[] changes = state.changes().bytes();
    DataOutputSerializer out = new DataOutputSerializer(partitions.length + changes.length + 12);
    out.writeInt(connector.getVersion());
    write(out, partitions);
    write(out, changes);
    return out.getCopyOfBuffer();
  }

  @Override
  public SourceState deserialize(int version, byte[] serialized) throws IOException {
    if (version < OWN_VERSION) {
      return new SourceState(connector.deserialize(version, serialized), null);
    }
    if (version > OWN_VERSION) {
      throw new IOException(
          "Cannot read the state of the source, a later release wrote it in format %d. Continue with that release."
              .formatted(version));
    }
    DataInputDeserializer in = new DataInputDeserializer(serialized);
    int connectorVersion = in.readInt();
    return new SourceState(
        connector.deserialize(connectorVersion, read(in)), ChangeState.parse(read(in)));
  }

  private static void write(DataOutputSerializer out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] read(DataInputDeserializer in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
