package dev.crossencoder.benchmark.race;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where everything is that contenders are made of.
 *
 * @param flink the Flink distribution
 * @param server the Python interpreter for {@code server.py} and {@code trace.py}
 * @param pyflink the Python interpreter of PyFlink
 * @param infinity the Python interpreter of Infinity
 * @param scripts the folder of the Python sources
 * @param jobJar the jar of this project's Kafka job
 * @param runtime the folder of what it needs in Flink's {@code lib}
 * @param providerJar the jar of this project's model provider for SQL
 * @param raceJar the jar of the jobs in Java, which {@link #writeRaceJar} makes
 * @param work the folder for logs and data of clusters
 * @param checkpointMillis the interval of Flink's checkpoints
 */
public record Site(
    Path flink,
    Optional<Path> server,
    Optional<Path> pyflink,
    Optional<Path> infinity,
    Path scripts,
    Path jobJar,
    Path runtime,
    Path providerJar,
    Path raceJar,
    Path work,
    long checkpointMillis) {
  private static final String JOB_PACKAGE = "dev/crossencoder/benchmark/race/job";

  /** The connector to Kafka with what it needs. */
  private static final Pattern CONNECTOR =
      Pattern.compile(
          "(flink-connector-(kafka|base)-\\d|kafka-clients-|jackson-(core|databind|annotations)-).*");

  private static final Pattern DJL =
      Pattern.compile(
          "(api-0|tokenizers-|pytorch-(engine|jni|native)|gson-|jna-|commons-(compress|io|codec)-).*");

  /**
   * Returns the Flink distribution in a Python environment: the package {@code pyflink}.
   *
   * @throws IOException if there is none
   */
  public static Path distribution(Path python) throws IOException {
    Process process =
        new ProcessBuilder(
                python.toString(),
                "-c",
                "import importlib.util as u;"
                    + " print(u.find_spec('pyflink').submodule_search_locations[0])")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String folder;
    try (InputStream output = process.getInputStream()) {
      folder = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    if (folder.isEmpty()) {
      throw new IOException("There is no package pyflink in the environment of " + python);
    }
    return Path.of(folder);
  }

  /** Writes the jar of the jobs. */
  public static void writeRaceJar(Path jar) throws IOException {
    URI location;
    try {
      location = Site.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (URISyntaxException e) {
      throw new IOException("Cannot find the classes of the jobs", e);
    }
    Path classes = Path.of(location).resolve(JOB_PACKAGE);
    Files.createDirectories(jar.toAbsolutePath().getParent());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.list(classes)) {
      for (Path one : all.sorted().toList()) {
        out.putNextEntry(new JarEntry(JOB_PACKAGE + "/" + one.getFileName()));
        out.write(Files.readAllBytes(one));
        out.closeEntry();
      }
    }
  }

  /** The jars that all jobs but this project's Kafka job need. */
  List<Path> connectorJars() {
    return classPath(CONNECTOR);
  }

  /** The jars of DJL, in the version that this project uses. */
  List<Path> djlJars() {
    return classPath(DJL);
  }

  /** The jars that this project needs in Flink's {@code lib}, as docs/cluster.md says. */
  List<Path> runtimeJars() throws IOException {
    try (Stream<Path> jars = Files.list(runtime)) {
      return jars.sorted().toList();
    }
  }

  private static List<Path> classPath(Pattern name) {
    return Stream.of(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
        .map(Path::of)
        .filter(jar -> name.matcher(jar.getFileName().toString()).matches())
        .toList();
  }
}
