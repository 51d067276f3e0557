package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The bill of materials that the build writes lists what is deployed. Maven leaves its plugin out
 * of a build that is offline, and there is nothing to look at then.
 */
@Tag("full")
class BillOfMaterialsITCase {
  private static final Path BOM = Path.of(System.getProperty("job.bom"));
  private static final Path RUNTIME = Path.of(System.getProperty("runtime.folder"));

  @BeforeEach
  void theBuildIsOnline() {
    assumeThat(System.getProperty("build.mode")).isEqualTo("offline=false");
  }

  @Test
  void everyJarOfTheRuntimeFolderIsListedWithItsDigest() throws Exception {
    Set<String> listed = new HashSet<>();
    for (JsonNode component : bom().path("components")) {
      for (JsonNode hash : component.path("hashes")) {
        if (hash.path("alg").asText().equals("SHA-256")) {
          listed.add(hash.path("content").asText());
        }
      }
    }
    try (Stream<Path> jars = Files.list(RUNTIME)) {
      List<Path> files = jars.toList();
      assertThat(files).isNotEmpty();
      for (Path jar : files) {
        assertThat(listed).as(jar.toString()).contains(digest(jar));
      }
    }
  }

  @Test
  void whatTheJobJarContainsIsListed() throws Exception {
    Set<String> names = new HashSet<>();
    bom().path("components").forEach(component -> names.add(component.path("name").asText()));

    assertThat(names)
        .contains(
            "flink-connector-kafka",
            "kafka-clients",
            "zstd-jni",
            "lz4-java",
            "snappy-java",
            "jackson-databind",
            "jackson-dataformat-yaml",
            "snakeyaml",
            "picocli",
            "commons-lang3");
  }

  private static JsonNode bom() throws Exception {
    JsonNode bom = new ObjectMapper().readTree(BOM.toFile());
    assertThat(bom.path("bomFormat").asText()).isEqualTo("CycloneDX");
    return bom;
  }

  private static String digest(Path file) throws Exception {
    byte[] content = Files.readAllBytes(file);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
