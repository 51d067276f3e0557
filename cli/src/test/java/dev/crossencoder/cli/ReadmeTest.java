package dev.crossencoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README's code is code that was compiled, and its links lead somewhere. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @CsvSource({"OperatorExample.java, operator", "JavaApiExample.java, java-api"})
  void theExampleInTheReadmeIsTheOneThatCompiles(String file, String name) throws IOException {
    String source = Files.readString(Path.of("src", "test", "java", "example").resolve(file));
    int start = source.indexOf("// readme:" + name + "\n") + ("// readme:" + name + "\n").length();
    String example = source.substring(start, source.indexOf("// end:" + name));

    assertThat(readme()).contains("```java\n" + example + "```");
  }

  @Test
  void everyRelativeLinkLeadsToAFile() throws IOException {
    Matcher links = Pattern.compile("]\\((?!http|#)([^)#]+)").matcher(readme());
    Stream<String> targets = links.results().map(link -> link.group(1));

    assertThat(targets).isNotEmpty().allMatch(target -> Files.exists(ROOT.resolve(target)));
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}
