package dev.crossencoder.operator.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flink's file system of local files stands in for those of other machines. */
class FileSystemModelsTest {
  @TempDir private Path folder;
  private Path model;
  private Path cache;

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.createDirectories(folder.resolve("reranker"));
    cache = folder.resolve("cache");
    Files.writeString(model.resolve("config.json"), "{}");
    Files.createDirectories(model.resolve("onnx"));
    Files.writeString(model.resolve("onnx").resolve("model.onnx"), "one");
  }

  private Path local() {
    return FileSystemModels.local("file://" + model, cache);
  }

  @Test
  void othersStayAsTheyAre() {
    for (String each : new String[] {"demo-qa", "/models/m", "owner/name@main", "C:\\m"}) {
      assertThat(FileSystemModels.local(each)).isEqualTo(each);
    }
  }

  @Test
  void aFolderIsCopiedOnce() throws IOException {
    Path copy = local();

    assertThat(copy.getFileName()).hasToString("reranker");
    assertThat(copy.resolve("config.json")).hasContent("{}");
    assertThat(copy.resolve("onnx/model.onnx")).hasContent("one");
    Files.writeString(copy.resolve("config.json"), "still this copy");
    assertThat(local()).isEqualTo(copy);
    assertThat(copy.resolve("config.json")).hasContent("still this copy");
    try (var copies = Files.list(cache.resolve("copies"))) {
      assertThat(copies).as("no drafts").hasSize(1);
    }
  }

  @Test
  void aFolderThatHasChangedGetsAnotherCopy() throws IOException {
    Path before = local();
    Files.writeString(model.resolve("onnx").resolve("model.onnx"), "two");
    Files.setLastModifiedTime(
        model.resolve("onnx").resolve("model.onnx"), FileTime.fromMillis(1_000_000));

    Path after = local();

    assertThat(after).isNotEqualTo(before);
    assertThat(after.resolve("onnx/model.onnx")).hasContent("two");
    assertThat(before.resolve("onnx/model.onnx")).as("it may be in use").hasContent("one");
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    for (String address : new String[] {"file://" + folder.resolve("no"), "file://" + empty}) {
      assertThatThrownBy(() -> FileSystemModels.local(address, cache))
          .isInstanceOf(ModelNotFoundException.class)
          .hasMessageContaining("Cannot find the model " + address);
    }
    assertThatThrownBy(() -> FileSystemModels.local("nowhere://bucket/model", cache))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("Put its plugin into Flink's folder plugins");
  }

  @Test
  void aClientOfAFileSystemThatFailsIsATemporaryFailure() {
    LocalFileSystem broken =
        new LocalFileSystem() {
          @Override
          public FileStatus[] listStatus(org.apache.flink.core.fs.Path folder) {
            throw new IllegalStateException("503 Slow Down");
          }
        };

    assertThatThrownBy(() -> FileSystemModels.local("s3://bucket/model", broken, cache))
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessage("Cannot read the model s3://bucket/model: 503 Slow Down");
  }
}
