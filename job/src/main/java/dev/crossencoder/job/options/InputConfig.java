package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import com.fasterxml.jackson.core.JsonPointer;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.options.JobOptions.OutOfRange;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.DocumentFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * The options of the input. Part of the job graph.
 *
 * @param topic the input topic
 * @param consumerGroup the consumer group to which progress is committed
 * @param from the position at which a run without state starts
 * @param until the position at which a run stops
 * @param outOfRange the reaction to records that Kafka has deleted before they were read
 * @param fields the places of the two texts; the first one that a record has is used
 * @param documents the places of a query and its documents; null if records have pairs
 * @param classify the places of a text and its labels; null if records are not classified
 * @param framing the bytes before the JSON
 * @param tombstones the treatment of records without a value
 * @param skip records that are not parsed or scored
 * @param route the place of the name of a record's model; null if records name none
 * @param canary the model of a share of the records that name none; null if there is none
 */
@PublicEvolving
public record InputConfig(
    String topic,
    String consumerGroup,
    StartingPosition from,
    StoppingPosition until,
    OutOfRange outOfRange,
    List<PairFields> fields,
    DocumentFields documents,
    ClassifyFields classify,
    InputFraming framing,
    InputTombstones tombstones,
    Set<SkippedRecord> skip,
    String route,
    CanaryConfig canary)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public InputConfig {
    fields = List.copyOf(fields);
    skip = Set.copyOf(skip);
    TopicNames.check(JobOptions.INPUT_TOPIC, topic);
  }

  /**
   * A record that is not parsed or scored.
   *
   * @param partition the partition of the input topic
   * @param offset the offset in that partition
   */
  public record SkippedRecord(int partition, long offset) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  static InputConfig from(Configuration config, String jobName) {
    String group = read(config, JobOptions.CONSUMER_GROUP);
    return new InputConfig(
        JobOptions.required(config, JobOptions.INPUT_TOPIC),
        group == null ? jobName : group,
        StartingPosition.parse(read(config, JobOptions.FROM)),
        StoppingPosition.parse(read(config, JobOptions.UNTIL)),
        read(config, JobOptions.INPUT_OUT_OF_RANGE),
        fields(config),
        documents(config),
        classify(config),
        read(config, JobOptions.INPUT_FRAMING),
        read(config, JobOptions.INPUT_TOMBSTONES),
        skip(config),
        route(config),
        CanaryConfig.from(config));
  }

  /** Whether records choose among several models. */
  public boolean isRouted() {
    return route != null || canary != null;
  }

  private static String route(Configuration config) {
    String route = read(config, JobOptions.ROUTE);
    if (route != null) {
      checkPointer(JobOptions.ROUTE, route);
    }
    return route;
  }

  private static List<PairFields> fields(Configuration config) {
    String text = read(config, JobOptions.INPUT_TEXT);
    String textPair = read(config, JobOptions.INPUT_TEXT_PAIR);
    if (read(config, CrossEncoderFunctionOptions.CLASSIFY_LABELS) != null) {
      if (textPair != null) {
        throw notWithLabels(JobOptions.INPUT_TEXT_PAIR, textPair);
      }
      return List.of();
    }
    if (read(config, JobOptions.INPUT_DOCUMENTS) != null) {
      if (textPair != null) {
        throw new InvalidOptionException(
            JobOptions.INPUT_TEXT_PAIR,
            textPair,
            "With %s, the documents are the second texts: leave one of the two options out."
                .formatted(JobOptions.INPUT_DOCUMENTS.key()));
      }
      return List.of();
    }
    if (text == null && textPair == null) {
      return PairFields.DEFAULTS;
    }
    checkPointer(JobOptions.INPUT_TEXT, text);
    checkPointer(JobOptions.INPUT_TEXT_PAIR, textPair);
    return List.of(new PairFields(text, textPair));
  }

  private static DocumentFields documents(Configuration config) {
    String documents = read(config, JobOptions.INPUT_DOCUMENTS);
    String documentText = read(config, JobOptions.DOCUMENT_TEXT);
    if (documents == null) {
      if (documentText != null) {
        throw new InvalidOptionException(
            JobOptions.DOCUMENT_TEXT,
            documentText,
            "It needs %s, the array of documents.".formatted(JobOptions.INPUT_DOCUMENTS.key()));
      }
      return null;
    }
    checkPointer(JobOptions.INPUT_DOCUMENTS, documents);
    String query = read(config, JobOptions.INPUT_TEXT);
    if (query != null) {
      checkPointer(JobOptions.INPUT_TEXT, query);
    }
    if (documentText != null) {
      checkPointer(JobOptions.DOCUMENT_TEXT, documentText);
    }
    DocumentFields fields =
        new DocumentFields(
            query == null ? DocumentFields.DEFAULT_QUERY : query,
            documents,
            documentText == null ? DocumentFields.DEFAULT_TEXTS : List.of(documentText));
    if (fields.queryIsInDocuments()) {
      throw new InvalidOptionException(
          JobOptions.INPUT_TEXT,
          fields.query(),
          "The query must not be part of the documents, %s.".formatted(documents));
    }
    return fields;
  }

  private static ClassifyFields classify(Configuration config) {
    List<String> labels = read(config, CrossEncoderFunctionOptions.CLASSIFY_LABELS);
    if (labels == null) {
      return null;
    }
    String documents = read(config, JobOptions.INPUT_DOCUMENTS);
    if (documents != null) {
      throw notWithLabels(JobOptions.INPUT_DOCUMENTS, documents);
    }
    String text = read(config, JobOptions.INPUT_TEXT);
    if (text != null) {
      checkPointer(JobOptions.INPUT_TEXT, text);
    }
    String pointer = ClassifyFields.pointer(labels).orElse(null);
    if (pointer != null) {
      checkPointer(CrossEncoderFunctionOptions.CLASSIFY_LABELS, pointer);
    }
    ClassifyFields fields =
        new ClassifyFields(text == null ? ClassifyFields.DEFAULT_TEXT : text, pointer);
    if (fields.textIsInLabels()) {
      throw new InvalidOptionException(
          JobOptions.INPUT_TEXT,
          fields.text(),
          "The text must not be part of the labels, %s.".formatted(pointer));
    }
    return fields;
  }

  private static InvalidOptionException notWithLabels(ConfigOption<?> option, Object value) {
    return new InvalidOptionException(
        option,
        value,
        "With %s, the job classifies the text at %s: leave one of the two options out."
            .formatted(
                CrossEncoderFunctionOptions.CLASSIFY_LABELS.key(), JobOptions.INPUT_TEXT.key()));
  }

  private static void checkPointer(ConfigOption<?> option, String pointer) {
    if (pointer == null) {
      throw new InvalidOptionException(
          option,
          "missing",
          "Set both %s and %s, or neither."
              .formatted(JobOptions.INPUT_TEXT.key(), JobOptions.INPUT_TEXT_PAIR.key()));
    }
    try {
      if (!JsonPointer.compile(pointer).matches()) {
        return;
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException(
          option, pointer + ". It must be a JSON Pointer such as /query.", e);
    }
    throw new InvalidOptionException(
        option,
        "(empty)",
        "It must name a member, such as /query; the empty pointer is the whole record.");
  }

  private static Set<SkippedRecord> skip(Configuration config) {
    Set<SkippedRecord> skip = new HashSet<>();
    for (String position : read(config, JobOptions.SKIP)) {
      String[] parts = position.split(":", -1);
      try {
        if (parts.length != 2) {
          throw new NumberFormatException("no partition:offset");
        }
        SkippedRecord record =
            new SkippedRecord(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        if (record.partition() < 0 || record.offset() < 0) {
          throw new NumberFormatException("negative");
        }
        skip.add(record);
      } catch (NumberFormatException e) {
        throw new InvalidOptionException(
            JobOptions.SKIP, position + ". It must be partition:offset, such as 0:4711.", e);
      }
    }
    return skip;
  }
}
