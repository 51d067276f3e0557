package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.TextPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** The formats of the tables of docs/sql.md, written and read without Flink. */
enum SqlFormat {
  JSON {
    @Override
    byte[] pair(NumberedRecord record) {
      TextPair pair = record.pair();
      return "{\"id\": %d, \"query\": \"%s\", \"passage\": \"%s\"}"
          .formatted(record.number(), pair.text(), pair.textPair())
          .getBytes(UTF_8);
    }

    @Override
    Scored scored(byte[] value) throws IOException {
      JsonNode record = MAPPER.readTree(value);
      return new Scored(record.required("id").intValue(), record.required("score").doubleValue());
    }
  },
  /** Records without a registry, with the schemas that Flink derives from the columns. */
  AVRO {
    @Override
    byte[] pair(NumberedRecord record) throws IOException {
      GenericRecord avro = new GenericData.Record(PAIR);
      avro.put("id", record.number());
      avro.put("query", record.pair().text());
      avro.put("passage", record.pair().textPair());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new GenericDatumWriter<GenericRecord>(PAIR).write(avro, encoder);
      encoder.flush();
      return bytes.toByteArray();
    }

    @Override
    Scored scored(byte[] value) throws IOException {
      GenericRecord avro =
          new GenericDatumReader<GenericRecord>(SCORED)
              .read(null, DecoderFactory.get().binaryDecoder(value, null));
      return new Scored((int) avro.get("id"), (float) avro.get("score"));
    }
  };

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Schema PAIR =
      SchemaBuilder.record("record")
          .namespace("org.apache.flink.avro.generated")
          .fields()
          .optionalInt("id")
          .optionalString("query")
          .optionalString("passage")
          .endRecord();
  private static final Schema SCORED =
      SchemaBuilder.record("record")
          .namespace("org.apache.flink.avro.generated")
          .fields()
          .optionalInt("id")
          .optionalFloat("score")
          .endRecord();

  /** A record of an output topic. */
  record Scored(int id, double score) {}

  /** Returns the value of an input record, which is never malformed. */
  abstract byte[] pair(NumberedRecord record) throws IOException;

  /** Reads the value of an output record. */
  abstract Scored scored(byte[] value) throws IOException;
}
