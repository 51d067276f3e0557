package dev.crossencoder.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.job.options.InputConfig.SkippedRecord;
import dev.crossencoder.job.options.JobOptions.Delivery;
import dev.crossencoder.job.options.JobOptions.Distribution;
import dev.crossencoder.job.options.JobOptions.InputTombstones;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import dev.crossencoder.job.options.JobOptions.MissingModel;
import dev.crossencoder.job.options.JobOptions.ModelUpdate;
import dev.crossencoder.job.options.JobOptions.OutOfRange;
import dev.crossencoder.job.options.JobOptions.OutputTimestamp;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.DocumentFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobConfigTest {
  /** The options of records with documents, which exclude options of records with pairs. */
  private static final Set<String> OF_DOCUMENTS =
      Set.of("input.documents", "document-text", "return-documents");

  /** It needs several models in the place of one. */
  private static final Set<String> OF_MODELS = Set.of("route", "canary.model", "canary.percent");

  private static final Set<String> OF_SHADOWS =
      Set.of("shadow.model", "shadow.sample", "shadow.topic");

  /** They are for jobs that do not end. */
  private static final Set<String> OF_UPDATES =
      Set.of(
          "model.update",
          "model.control-topic",
          "model.poll-interval",
          "model.prepare-timeout",
          "model.missing");

  private static final Map<String, String> NEEDED =
      Map.of(
          "bootstrap-servers", "kafka:9092",
          "input.topic", "pairs",
          "output.topic", "scored",
          "cross-encoder.model", "demo-qa");

  @Test
  void defaultsFollowFromWhatIsNeeded() {
    JobConfig config = config(Map.of());

    assertThat(config.jobName()).isEqualTo("cross-encoder");
    assertThat(config.output().deadLetterTopic()).isEqualTo("scored-dead-letters");
    assertThat(config.input().consumerGroup()).isEqualTo("cross-encoder");
    assertThat(config.delivery().transactionPrefix()).isEqualTo("cross-encoder");
    assertThat(config.input().from()).isEqualTo(StartingPosition.Named.COMMITTED);
    assertThat(config.input().until()).isEqualTo(StoppingPosition.Named.NEVER);
    assertThat(config.input().fields()).isEqualTo(PairFields.DEFAULTS);
    assertThat(config.output().field()).isEqualTo("cross_encoder");
    assertThat(config.output().overwrite()).isFalse();
    assertThat(config.output().logits()).isFalse();
    assertThat(config.output().maxRecordBytes()).isNull();
    assertThat(config.delivery().guarantee()).isEqualTo(Delivery.EXACTLY_ONCE);
    assertThat(config.delivery().longestOutage()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.delivery().lostTransaction()).isEqualTo(LostTransaction.FAIL);
    assertThat(config.delivery().checkpointInterval()).isNull();
    assertThat(config.distribution()).isEqualTo(Distribution.FORWARD);
    assertThat(config.parallelism()).isNull();
    assertThat(config.input().skip()).isEmpty();
    assertThat(config.kafka()).containsEntry("bootstrap.servers", "kafka:9092");
  }

  @Test
  void everyOptionIsRead() {
    Map<String, String> all = new HashMap<>();
    all.put("job.name", "mine");
    all.put("dead-letter.topic", "dead");
    all.put("consumer.group", "group");
    all.put("transaction.prefix", "prefix");
    all.put("from", "2026-01-31T00:00:00Z");
    all.put("until", "latest");
    all.put("input.out-of-range", "earliest");
    all.put("input.text", "/a");
    all.put("input.text-pair", "/b/0");
    all.put("output.field", "relevance");
    all.put("output.overwrite", "true");
    all.put("output.logits", "true");
    all.put("output.max-record-size", "2 mb");
    all.put("output.timestamp", "none");
    all.put("input.framing", "confluent");
    all.put("input.tombstones", "forward");
    all.put("delivery", "at-least-once");
    all.put("transaction.longest-outage", "3 min");
    all.put("transaction.lost", "continue");
    all.put("checkpoint.interval", "10s");
    all.put("distribution", "rebalance");
    all.put("parallelism", "4");
    all.put("skip", "0:4711;1:2");
    all.put("cross-encoder.activation", "sigmoid");
    all.put("properties.client.id", "me");

    JobConfig config = config(all);

    assertThat(config.jobName()).isEqualTo("mine");
    assertThat(config.output().deadLetterTopic()).isEqualTo("dead");
    assertThat(config.input().consumerGroup()).isEqualTo("group");
    assertThat(config.delivery().transactionPrefix()).isEqualTo("prefix");
    assertThat(config.input().from())
        .isEqualTo(new TimePosition(Instant.parse("2026-01-31T00:00:00Z")));
    assertThat(config.input().until()).isEqualTo(StoppingPosition.Named.LATEST);
    assertThat(config.input().outOfRange()).isEqualTo(OutOfRange.EARLIEST);
    assertThat(config.input().fields()).containsExactly(new PairFields("/a", "/b/0"));
    assertThat(config.output().field()).isEqualTo("relevance");
    assertThat(config.output().overwrite()).isTrue();
    assertThat(config.output().logits()).isTrue();
    assertThat(config.output().maxRecordBytes()).isEqualTo(2 << 20);
    assertThat(config.output().timestamp()).isEqualTo(OutputTimestamp.NONE);
    assertThat(config.input().framing()).isEqualTo(InputFraming.CONFLUENT);
    assertThat(config.input().tombstones()).isEqualTo(InputTombstones.FORWARD);
    assertThat(config.delivery().guarantee()).isEqualTo(Delivery.AT_LEAST_ONCE);
    assertThat(config.delivery().longestOutage()).isEqualTo(Duration.ofMinutes(3));
    assertThat(config.delivery().lostTransaction()).isEqualTo(LostTransaction.CONTINUE);
    assertThat(config.delivery().checkpointInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.distribution()).isEqualTo(Distribution.REBALANCE);
    assertThat(config.parallelism()).isEqualTo(4);
    assertThat(config.input().skip())
        .containsExactlyInAnyOrder(new SkippedRecord(0, 4711), new SkippedRecord(1, 2));
    assertThat(config.operator().toMap())
        .containsOnlyKeys("cross-encoder.model", "cross-encoder.activation");
    assertThat(config.kafkaProperties()).containsEntry("client.id", "me");
    assertThat(all.keySet())
        .as("options that this test forgets")
        .containsAll(
            JobOptions.all().stream()
                .map(option -> option.key())
                .filter(key -> !NEEDED.containsKey(key))
                .filter(
                    key ->
                        !OF_DOCUMENTS.contains(key)
                            && !OF_MODELS.contains(key)
                            && !OF_UPDATES.contains(key)
                            && !OF_SHADOWS.contains(key))
                .toList());
  }

  @Test
  void aQueryAndDocumentsTakeThePlaceOfAPair() {
    JobConfig config = config(Map.of("input.documents", "/documents"));

    assertThat(config.input().fields()).isEmpty();
    assertThat(config.input().documents())
        .isEqualTo(new DocumentFields("/query", "/documents", List.of("/text", "/content")));
    assertThat(
            config(
                    Map.of(
                        "input.text", "/q",
                        "input.documents", "/hits",
                        "document-text", "/body",
                        "cross-encoder.top-n", "3",
                        "return-documents", "true"))
                .input()
                .documents())
        .isEqualTo(new DocumentFields("/q", "/hits", List.of("/body")));
    assertThatThrownBy(
            () -> config(Map.of("input.documents", "/documents", "input.text-pair", "/p")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid input.text-pair: /p. With input.documents, the documents are the second texts: leave one of the two options out.");
  }

  @Test
  void modelsChangeWhileTheJobRunsOnlyIfThatIsWanted() {
    assertThat(config(Map.of()).updates().isLive()).isFalse();
    assertThat(config(Map.of("model.update", "poll")).updates())
        .isEqualTo(
            new UpdateConfig(
                ModelUpdate.POLL,
                null,
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                MissingModel.FAIL));
    JobConfig config =
        config(
            Map.of(
                "model.update", "topic",
                "model.control-topic", "control",
                "model.poll-interval", "5s",
                "model.prepare-timeout", "1h",
                "model.missing", "active"));
    assertThat(config.updates())
        .isEqualTo(
            new UpdateConfig(
                ModelUpdate.TOPIC,
                "control",
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                MissingModel.ACTIVE));
    assertThat(config.publicOptions())
        .containsEntry("model.update", "topic")
        .containsEntry("model.control-topic", "control");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.update=topic|from=earliest|Invalid model.update: topic. It needs model.control-topic",
        "model.control-topic=c|from=earliest|Invalid model.control-topic: c. It is read with --model-update topic.",
        "model.control-topic=c|model.update=poll|Invalid model.control-topic: c. It is read with --model-update topic.",
        "model.control-topic=pairs|model.update=topic|Invalid model.control-topic: pairs. It must be a topic of its own",
        "model.control-topic=a b|model.update=topic|Invalid model.control-topic: a b. A topic's name has",
        "model.update=poll|until=latest|Invalid model.update: poll. It is for jobs that do not end by themselves",
        "model.update=poll|model.poll-interval=1ms|Invalid model.poll-interval: PT0.001S. It must be from 1 s to 1 d.",
        "model.update=poll|model.prepare-timeout=1s|Invalid model.prepare-timeout: PT1S. It must be from 10 s to 1 d.",
        "model.update=often|from=earliest|Invalid model.update: often",
        "model.update=poll|cross-encoder.model-digest=sha256:0000000000000000000000000000000000000000000000000000000000000000|Invalid cross-encoder.model-digest: sha256:0000"
      })
  void optionsThatDoNotFitUpdatesAreRefused(String first, String second, String message) {
    Map<String, String> options = new HashMap<>();
    for (String option : List.of(first, second)) {
      String[] parts = option.split("=", 2);
      options.put(parts[0], parts[1]);
    }

    assertThatThrownBy(() -> config(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aShadowHasTheOptionsOfTheFirstModelExceptThoseThatChooseResults() {
    assertThat(config(Map.of()).shadow()).isNull();
    assertThat(config(Map.of("shadow.model", "demo-rank")).shadow())
        .isEqualTo(new ShadowConfig("demo-rank", 0.01, null));
    JobConfig config =
        config(
            Map.of(
                "shadow.model", "demo-rank",
                "shadow.sample", "0.5",
                "shadow.topic", "shadow",
                "cross-encoder.activation", "sigmoid",
                "cross-encoder.min-score", "3",
                "cross-encoder.order", "ordered"));
    assertThat(config.shadow()).isEqualTo(new ShadowConfig("demo-rank", 0.5, "shadow"));
    assertThat(config.shadow().operator(config.operator()).toMap())
        .containsEntry("cross-encoder.model", "demo-rank")
        .containsEntry("cross-encoder.activation", "sigmoid")
        .doesNotContainKey("cross-encoder.min-score");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shadow.topic=s|from=earliest|Invalid shadow.topic: s. It needs shadow.model",
        "shadow.sample=0.5|from=earliest|Invalid shadow.sample: 0.5. It needs shadow.model",
        "shadow.sample=0|shadow.model=demo-rank|Invalid shadow.sample: 0.0. It must be from 1.0E-4 to 1",
        "shadow.sample=2|shadow.model=demo-rank|Invalid shadow.sample: 2.0. It must be from 1.0E-4 to 1",
        "shadow.topic=pairs|shadow.model=demo-rank|Invalid shadow.topic: pairs. It must be a topic of its own",
        "shadow.topic=a b|shadow.model=demo-rank|Invalid shadow.topic: a b. A topic's name has",
        "shadow.model= |from=earliest|Invalid cross-encoder.model",
        "cross-encoder.drift.reference=1,2|from=earliest|Invalid cross-encoder.drift.reference: 1,2. It must have edges and shares"
      })
  void optionsThatDoNotFitAShadowAreRefused(String first, String second, String message) {
    optionsThatDoNotFitUpdatesAreRefused(first, second, message);
  }

  @Test
  void labelsTakeThePlaceOfASecondText() {
    JobConfig config = config(Map.of("cross-encoder.classify.labels", "a;b"));

    assertThat(config.input().fields()).isEmpty();
    assertThat(config.input().classify()).isEqualTo(new ClassifyFields("/text", null));
    assertThat(
            config(Map.of("cross-encoder.classify.labels", "/labels", "input.text", "/body"))
                .input()
                .classify())
        .isEqualTo(new ClassifyFields("/body", "/labels"));
    assertThat(config(Map.of("cross-encoder.classify.labels", "/a;/b")).input().classify())
        .as("two labels that begin with a slash")
        .isEqualTo(new ClassifyFields("/text", null));
    assertThat(config(Map.of()).input().classify()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cross-encoder.classify.labels=a;b|input.text-pair=/p|Invalid input.text-pair: /p. With cross-encoder.classify.labels, the job classifies the text at input.text: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|input.documents=/d|Invalid input.documents: /d. With cross-encoder.classify.labels, the job classifies the text at input.text: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|output.logits=true|Invalid output.logits: true. It is for pairs and documents, and cross-encoder.classify.labels is set: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|cross-encoder.long-document=chunk|Invalid cross-encoder.long-document: chunk. It is for pairs and documents, and cross-encoder.classify.labels is set: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|cross-encoder.evidence=sentence|Invalid cross-encoder.evidence: sentence. It is for pairs and documents, and cross-encoder.classify.labels is set: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|cross-encoder.min-score=0.5|Invalid cross-encoder.min-score: 0.5. It is for pairs and documents, and cross-encoder.classify.labels is set: leave one of the two options out.",
        "cross-encoder.classify.labels=a;b|cross-encoder.label-threshold=c=0.5|Invalid cross-encoder.label-threshold: c=0.5. There is no label c in cross-encoder.classify.labels. The labels are a, b.",
        "cross-encoder.classify.labels=/a|input.text=/a/0|Invalid input.text: /a/0. The text must not be part of the labels, /a.",
        "cross-encoder.classify.labels=/cross_encoder/labels|input.text=/t|Invalid output.field: cross_encoder. The pointer /cross_encoder/labels of the text or the labels leads into it",
        "cross-encoder.classify.labels=a;a|input.text=/t|Invalid cross-encoder.classify.labels: a;a. Labels 1 and 2 are the same.",
        "cross-encoder.classify.labels=a|cross-encoder.classify.template=It is.|Invalid cross-encoder.classify.template: It is.. It must contain {} once",
        "cross-encoder.classify.multi-label=true|from=earliest|Invalid cross-encoder.classify.multi-label: true. It needs cross-encoder.classify.labels"
      })
  void optionsThatDoNotFitAClassificationAreRefused(String first, String second, String message) {
    Map<String, String> options = new HashMap<>();
    for (String option : List.of(first, second)) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    assertThatThrownBy(() -> config(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aRecordMayChooseAmongModels() {
    JobConfig config = routed(Map.of("route", "/model/0"));

    assertThat(config.input().route()).isEqualTo("/model/0");
    assertThat(config.operator().toMap())
        .containsOnlyKeys(
            "cross-encoder.models.en.model",
            "cross-encoder.models.de.model",
            "cross-encoder.models.de.max-length");
    assertThat(config.publicOptions())
        .containsEntry("route", "/model/0")
        .containsEntry("cross-encoder.models.de.max-length", "64");
    assertThat(config(Map.of()).input().route()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from=earliest|Invalid route: missing. There are several models, de, en: set the place in a record of the name of its model, such as --route /model, or canary.model.",
        "route=model|Invalid route: model. It must be a JSON Pointer such as /query.",
        "route=|Invalid route: (empty). It must name a member, such as /query; the empty pointer is the whole record.",
        "route=/cross_encoder/model|Invalid output.field: cross_encoder. The pointer /cross_encoder/model of the model's name leads into it",
        "route=/m;cross-encoder.model=demo-qa|Invalid cross-encoder.model: demo-qa. With cross-encoder.models, each model has its own: write cross-encoder.models.NAME.model.",
        "route=/m;cross-encoder.models.en.top-n=3|Model en: Invalid cross-encoder.top-n: 3. It needs input.documents, the array of documents to rank.",
        "route=/m;cross-encoder.models.en.max-length=1|Model en: Invalid cross-encoder.max-length: 1. It must be at least 4",
        "route=/m;cross-encoder.models.en.classify.labels=a,b|Model en: Invalid cross-encoder.classify.labels: a,b. Records are classified by all models or by none: set it for all, too.",
        "route=/m;cross-encoder.models.en.colour=red|Invalid cross-encoder.models: en.colour. After the model's name and a dot there must be one of model, model-digest,",
        "canary.model=de|Invalid canary.model: de. It needs canary.percent, the share of the keys.",
        "canary.percent=5|Invalid canary.percent: 5.0. It needs canary.model, the model that scores this share.",
        "canary.model=de;canary.percent=0|Invalid canary.percent: 0.0. It must be from 0.01 to 100; leave it and canary.model out for no canary.",
        "canary.model=de;canary.percent=101|Invalid canary.percent: 101.0. It must be from 0.01 to 100;",
        "canary.model=fr;canary.percent=5|Invalid canary.model: fr. There is no such name in cross-encoder.models: choose one of de, en.",
        "canary.model=de;canary.percent=5|Invalid canary.model: de. The other records need a model, too: set cross-encoder.route.default to another name.",
        "canary.model=de;canary.percent=5;cross-encoder.route.default=de|Invalid canary.model: de. The other records need a model, too",
        "route=/m;cross-encoder.route.default=fr|Invalid cross-encoder.route.default: fr. There is no such name in cross-encoder.models: choose one of de, en."
      })
  void optionsThatDoNotFitSeveralModelsAreRefused(String options, String message) {
    Map<String, String> more = new HashMap<>();
    for (String option : options.split(";", -1)) {
      more.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    assertThatThrownBy(() -> routed(more))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aRouteNeedsSeveralModels() {
    assertThatThrownBy(() -> config(Map.of("route", "/model")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid route: /model. It needs cross-encoder.models, the names of the models.");
    assertThatThrownBy(() -> config(Map.of("canary.model", "qa", "canary.percent", "5")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid canary.model: qa. It needs cross-encoder.models, the names of the models.");
  }

  @Test
  void aCanaryNeedsNoNamesInRecords() {
    JobConfig config =
        routed(
            Map.of(
                "canary.model", "de",
                "canary.percent", "2.5",
                "cross-encoder.route.default", "en"));

    assertThat(config.input().canary()).isEqualTo(new CanaryConfig("de", 2.5));
    assertThat(config.input().isRouted()).isTrue();
    assertThat(config.publicOptions()).containsEntry("canary.percent", "2.5");
  }

  private static JobConfig routed(Map<String, String> more) {
    Map<String, String> options = new HashMap<>(NEEDED);
    options.remove("cross-encoder.model");
    options.put("cross-encoder.models.en.model", "demo-rank");
    options.put("cross-encoder.models.de.model", "demo-qa");
    options.put("cross-encoder.models.de.max-length", "64");
    options.putAll(more);
    return JobConfig.from(Configuration.fromMap(options));
  }

  @Test
  void earlierKeysAreStillAnswered() {
    String digest = "sha256:" + "0a".repeat(32);
    JobConfig config =
        config(
            Map.of(
                "cross-encoder.model.digest", digest,
                "cross-encoder.model.wait", "3 min",
                "cross-encoder.device.resource", "mine",
                "kafka.client.id", "me"));

    assertThat(config.operator().get(CrossEncoderFunctionOptions.MODEL_DIGEST)).isEqualTo(digest);
    assertThat(config.operator().get(CrossEncoderFunctionOptions.MODEL_WAIT))
        .isEqualTo(Duration.ofMinutes(3));
    assertThat(config.operator().get(CrossEncoderFunctionOptions.DEVICE_RESOURCE))
        .isEqualTo("mine");
    assertThat(config.kafka()).containsEntry("client.id", "me");
  }

  @Test
  void anInvalidValueOfAnEarlierKeyIsRefused() {
    assertThatThrownBy(() -> config(Map.of("cross-encoder.model.wait", "soon")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid cross-encoder.model-wait: soon. It cannot be read: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bootstrap-servers", "input.topic", "output.topic", "cross-encoder.model"})
  void whatIsNeededIsAskedFor(String key) {
    Map<String, String> options = new HashMap<>(NEEDED);
    options.remove(key);

    assertThatThrownBy(() -> JobConfig.from(Configuration.fromMap(options)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid " + key + ": missing. ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "input.topic|a b|Invalid input.topic: a b. A topic's name has letters, digits, '.', '_' and '-', at most 249.",
        "output.topic|pairs|Invalid output.topic: pairs. It must not be the input topic: the job would read its own results.",
        "dead-letter.topic|scored|Invalid dead-letter.topic: scored. It must be neither the input topic nor the output topic.",
        "dead-letter.topic|pairs|Invalid dead-letter.topic: pairs. It must be neither the input topic nor the output topic.",
        "from|now|Invalid from: now. It must be one of committed, earliest, latest, or a time since 1970 such as 2026-01-31T00:00:00Z.",
        "from|never|Invalid from: never. It must be one of committed, earliest, latest, or a time since 1970 such as 2026-01-31T00:00:00Z.",
        "until|earliest|Invalid until: earliest. It must be one of committed, latest, never, or a time since 1970 such as 2026-01-31T00:00:00Z.",
        "input.text|/q|Invalid input.text-pair: missing. Set both input.text and input.text-pair, or neither.",
        "input.text-pair|/p|Invalid input.text: missing. Set both input.text and input.text-pair, or neither.",
        "document-text|/t|Invalid document-text: /t. It needs input.documents, the array of documents.",
        "return-documents|true|Invalid return-documents: true. It needs input.documents, the array of documents to rank.",
        "cross-encoder.top-n|3|Invalid cross-encoder.top-n: 3. It needs input.documents, the array of documents to rank.",
        "input.documents|docs|Invalid input.documents: docs. It must be a JSON Pointer such as /query.",
        "input.documents|/query|Invalid input.text: /query. The query must not be part of the documents, /query.",
        "input.documents|/cross_encoder|Invalid output.field: cross_encoder. The pointer /cross_encoder of the query or the documents leads into it, but the job writes its result there. Choose another name, or set input.text and input.documents to other members.",
        "output.max-record-size|3 b|Invalid output.max-record-size: 3 bytes. It must be from 1 kb to 2 gb.",
        "output.max-record-size|2 gb|Invalid output.max-record-size: 2 gb. It must be from 1 kb to 2 gb.",
        "delivery|at-most-once|Invalid delivery: at-most-once. It must be one of exactly-once, at-least-once.",
        "distribution|sideways|Invalid distribution: sideways. It must be one of forward, rebalance.",
        "checkpoint.interval|1ms|Invalid checkpoint.interval: PT0.001S. It must be from 10 ms to 10 d.",
        "checkpoint.interval|11d|Invalid checkpoint.interval: PT264H. It must be from 10 ms to 10 d.",
        "transaction.longest-outage|9223372036854775807 ms|Invalid transaction.longest-outage: PT2562047788015H12M55.807S. It must be from 0 to 10 d.",
        "from|1969-12-31T23:59:59Z|Invalid from: 1969-12-31T23:59:59Z. It must be one of committed, earliest, latest, or a time since 1970 such as 2026-01-31T00:00:00Z.",
        "until|+1000000000-12-31T00:00:00Z|Invalid until: +1000000000-12-31T00:00:00Z. It must be one of committed, latest, never, or a time since 1970 such as 2026-01-31T00:00:00Z.",
        "skip|-1:0|Invalid skip: -1:0. It must be partition:offset, such as 0:4711.",
        "skip|0:-1|Invalid skip: 0:-1. It must be partition:offset, such as 0:4711.",
        "parallelism|0|Invalid parallelism: 0. It must be positive.",
        "skip|0:1;1:x|Invalid skip: 1:x. It must be partition:offset, such as 0:4711.",
        "skip|4711|Invalid skip: 4711. It must be partition:offset, such as 0:4711.",
        "cross-encoder.capacity|3|Invalid cross-encoder.capacity: 3. It must be at least twice cross-encoder.batch.max-pairs, 32, so that the next batch fills while one is scored. Raise it, or lower the batch.",
      })
  void anInvalidValueIsNamedWithItsKeyAndAWayOut(String key, String value, String message) {
    assertThatThrownBy(() -> config(Map.of(key, value)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"parallelism,many", "output.overwrite,perhaps", "checkpoint.interval,soon"})
  void aValueThatCannotBeReadIsNamedWithItsKey(String key, String value) {
    assertThatThrownBy(() -> config(Map.of(key, value)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid " + key + ": ")
        .hasMessageContaining(value);
  }

  @Test
  void aPointerThatIsNoneOrTheWholeRecordIsRefused() {
    assertThatThrownBy(() -> config(Map.of("input.text", "query", "input.text-pair", "/p")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("Invalid input.text: query. It must be a JSON Pointer such as /query.");
    assertThatThrownBy(() -> config(Map.of("input.text", "/q", "input.text-pair", "")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid input.text-pair: (empty). It must name a member, such as /query; the empty pointer is the whole record.");
  }

  @ParameterizedTest
  @CsvSource({
    "/cross_encoder/x,/p,cross_encoder,/cross_encoder/x",
    "/q,/cross_encoder,cross_encoder,/cross_encoder",
    "/a~1b/0,/p,a/b,/a~1b/0"
  })
  void aPointerIntoTheJobsOwnResultIsRefused(
      String text, String textPair, String field, String pointer) {
    assertThatThrownBy(
            () ->
                config(
                    Map.of("input.text", text, "input.text-pair", textPair, "output.field", field)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid output.field: %s. The pointer %s of a text leads into it, but the job writes its result there. Choose another name, or set input.text and input.text-pair to other members."
                .formatted(field, pointer));
  }

  @Test
  void aResultInPlaceOfATextIsRefusedWithTheDefaultFieldsToo() {
    assertThatThrownBy(() -> config(Map.of("output.field", "passage", "output.overwrite", "true")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid output.field: passage. The pointer /passage ");
  }

  @Test
  void anEmptyNameForTheResultIsRefused() {
    assertThatThrownBy(() -> config(Map.of("output.field", "")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("Invalid output.field: (empty). It must be the name of a JSON member.");
  }

  @Test
  void halfACharacterInTheResultsNameIsRefused() {
    assertThatThrownBy(() -> config(Map.of("output.field", "a\uD83D")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid output.field: a\uD83D. It contains a lone surrogate, which UTF-8 cannot encode.");
  }

  @Test
  void whatIsShownHoldsNoneOfKafkasOptions() {
    JobConfig config =
        config(
            Map.of(
                "properties.sasl.jaas.config", "user=me password=hunter2",
                "properties.ssl.key.password", "hunter2"));

    assertThat(config.publicOptions().toString()).doesNotContain("hunter2", "sasl", "kafka");
    assertThat(config.publicOptions())
        .containsEntry("input.topic", "pairs")
        .containsEntry("delivery", "exactly-once")
        .containsEntry(CrossEncoderFunctionOptions.MODEL.key(), "demo-qa");
  }

  private static JobConfig config(Map<String, String> more) {
    Map<String, String> options = new HashMap<>(NEEDED);
    options.putAll(more);
    return JobConfig.from(Configuration.fromMap(options));
  }
}
