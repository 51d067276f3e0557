package dev.crossencoder.job.options;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.job.CrossEncoderJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageErrorsTest {
  /** Separated by tildes, as the shell hands the words over. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--kafka~hunter2",
        "--kafka~sasl.jaas.config=a.Module~required~username=me~password=hunter2;",
        "--kafka~sasl.jaas.config=a.Module~required~password=\"${env:P}\"~hunter2",
        "--kafka~ssl.key.password=~--hunter2",
        "--kafka~ssl.key.password=hunter2",
        "--kafka=ssl.key.password=hunter2",
        "--kafka=hunter2",
        "--kafka~=hunter2",
        "--kafka~ssl.key.password hunter2",
        "--kafka~ssl.key.password hunter2=x",
        "--kafk~ssl.key.password=hunter2",
        "--kafk=ssl.key.password=hunter2",
        "--kaf~sasl.jaas.config=a.Module~required~password=hunter2",
        "--kafka.ssl.key.password=hunter2",
        "--kafka.ssl.key.password~hunter2",
        "-Dkafka.ssl.key.password=hunter2",
        "--model~--kafka=ssl.key.password=hunter2",
        "--kafka~--kafka=ssl.key.password=hunter2",
        "--input-topic~--kafk=ssl.key.password=hunter2",
        "ssl.key.password=hunter2",
        "--output-logits~--kafk=ssl.key.password=hunter2",
        "--~ssl.key.password=hunter2",
      })
  void nothingOfAClientsOptionIsRepeated(String line) {
    assertThatThrownBy(() -> CrossEncoderJob.main(line.split("~", -1)))
        .as(line)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("hunter2")
        .hasMessageEndingWith(" See --help.");
  }

  @Test
  void nothingIsRepeatedHoweverTheLineIsCut() {
    String[] parts = {
      "--kafka", "--model", "=", "ssl.key.password", "hunter2", "\"", " ", ";", "--"
    };
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      List<String> words = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(4); i++) {
        StringBuilder word = new StringBuilder();
        for (int j = 0; j <= random.nextInt(4); j++) {
          word.append(parts[random.nextInt(parts.length)]);
        }
        words.add(word.toString());
      }
      words.add("--kafka");
      words.add("ssl.key.password=hunter2");
      assertThatThrownBy(() -> CrossEncoderJob.main(words.toArray(String[]::new)))
          .as("%s", words)
          .hasMessageNotContaining("hunter2")
          .hasNoCause();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--modell~demo-qa|Unknown option: --modell. Did you mean --model or --models?",
        "--modle=demo-qa|Unknown option: --modle. Did you mean --model or --models?",
        "--input-tpic~a|Unknown option: --input-tpic. Did you mean --input-topic?",
        "--kafka~a=b~--chekpoint-intervall~1s|Unknown option: --chekpoint-intervall. Did you mean --checkpoint-interval?",
        "--kafka~a=b~c|Unmatched argument: word 3 of the line (not shown). If it belongs to a value with spaces, put the whole value in single quotes.",
        "--quite-unlike-any~1|Unknown option: --quite-unlike-any.",
        "--model~--input-topic=a|Missing value: --model is followed by another option.",
        "--kafka~a=b~--kafka~c|Invalid --kafka, number 2 of 2: (not shown). It must be KEY=VALUE, such as security.protocol=SASL_SSL, in single quotes if the value has spaces.",
      })
  void whatIsWrongIsSaid(String line, String message) {
    assertThatThrownBy(() -> CrossEncoderJob.main(line.split("~", -1)))
        .hasMessage(message + " See --help.");
  }
}
