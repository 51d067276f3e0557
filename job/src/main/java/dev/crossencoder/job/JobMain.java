package dev.crossencoder.job;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The main class for {@code flink run}. It checks that Flink's {@code lib} has the jars that the
 * job needs, and starts the job. It depends on the JDK only, so that it can report missing jars.
 * The list of jars is a resource that the build fills with versions.
 */
@PublicEvolving
public final class JobMain {
  private static final String JARS = "runtime-jars.txt";
  private static final String OWN_CLASS = "dev/crossencoder/job/JobMain.class";

  /** A class of Flink that is in {@code lib} of every distribution. */
  private static final String FLINK_CLASS =
      "org/apache/flink/streaming/api/environment/StreamExecutionEnvironment.class";

  static final String PARENT_FIRST =
      "classloader.parent-first-patterns.additional: dev.crossencoder.model;dev.crossencoder.operator;ai.djl";

  private JobMain() {}

  /**
   * A jar that must be in Flink's {@code lib}.
   *
   * @param name the beginning of its file name
   * @param version the version, which follows the name; {@code *} for any version
   * @param probe a file in the jar
   */
  record RuntimeJar(String name, String version, String probe) {}

  /** Submits the job that the arguments describe. */
  public static void main(String[] args) throws Exception {
    check(JobMain.class.getClassLoader(), runtimeJars());
    try {
      CrossEncoderJob.main(args);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "Cannot start the job, the jars in Flink's lib do not fit this job jar: %s. Replace them with the jars of the build that made this job jar. %s"
              .formatted(e, remedy(JobMain.class.getClassLoader())),
          e);
    }
  }

  /**
   * Checks that Flink's class loader has every jar once, and the job's class loader none.
   *
   * @param own the job's class loader
   * @throws IllegalStateException if not; the message names the jars and has the commands to
   *     install them
   */
  static void check(ClassLoader own, List<RuntimeJar> jars) {
    ClassLoader flink = own == ClassLoader.getSystemClassLoader() ? own : own.getParent();
    List<String> missing = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (RuntimeJar jar : jars) {
      Set<String> found = files(flink, jar.probe());
      Set<String> beside = files(own, jar.probe());
      beside.removeAll(found);
      // The job jar has its own Jackson, which is in nobody's way.
      beside.removeAll(files(own, OWN_CLASS));
      if (found.isEmpty()) {
        missing.add(jar.name() + (jar.version().equals("*") ? "" : "-" + jar.version()));
      } else if (found.size() > 1 && !jar.version().equals("*")) {
        wrong.add(
            " Flink's lib has %s %d times: %s.".formatted(jar.name(), found.size(), join(found)));
      } else if (isOfAnotherVersion(jar, found.iterator().next())) {
        wrong.add(
            " %s must be of version %s, and Flink's lib has %s."
                .formatted(jar.name(), jar.version(), join(found)));
      }
      if (!beside.isEmpty() && !jar.version().equals("*")) {
        wrong.add(
            " %s is also in %s, whose classes are loaded again for each job, but its native code can be loaded only once: remove it there."
                .formatted(jar.name(), join(beside)));
      }
    }
    if (missing.isEmpty() && wrong.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder("Cannot start the job.");
    if (!missing.isEmpty()) {
      message.append(
          " %d of %d jars are missing that Flink's lib must have: %s."
              .formatted(missing.size(), jars.size(), String.join(", ", missing)));
    }
    wrong.forEach(message::append);
    throw new IllegalStateException(message.append(' ').append(remedy(own)).toString());
  }

  private static String remedy(ClassLoader loader) {
    String lib =
        files(loader, FLINK_CLASS).stream()
            .filter(file -> file.contains("/"))
            .map(file -> file.substring(0, file.lastIndexOf('/')))
            .findFirst()
            .filter(folder -> folder.endsWith("/lib"))
            .orElse("$FLINK_HOME/lib");
    String home = lib.substring(0, lib.length() - "/lib".length());
    return """
        On the machine of flink run, on the JobManagers' and on each TaskManager's, from the folder of the project:
            cp job/target/runtime/*.jar %s/
            echo '%s' >> %s/conf/config.yaml
        Then start the cluster again: Flink looks into lib only once."""
        .formatted(lib, PARENT_FIRST, home);
  }

  /** Returns the jars and folders that contain a file. */
  private static Set<String> files(ClassLoader loader, String name) {
    Set<String> files = new TreeSet<>();
    try {
      for (URL url : Collections.list(loader.getResources(name))) {
        String file = url.getPath();
        String inside = "!/" + name;
        file = file.endsWith(inside) ? file.substring(0, file.length() - inside.length()) : file;
        files.add(file.startsWith("file:") ? file.substring("file:".length()) : file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look for " + name, e);
    }
    return files;
  }

  /** Returns whether the name of a file is that of a Maven artifact of another version. */
  private static boolean isOfAnotherVersion(RuntimeJar jar, String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    String start = jar.name() + "-";
    return !jar.version().equals("*")
        && name.startsWith(start)
        && !name.equals(start + jar.version() + ".jar")
        && !name.startsWith(start + jar.version() + "-");
  }

  private static String join(Set<String> files) {
    return String.join(", ", files);
  }

  /** Reads the list that the build has written. */
  static List<RuntimeJar> runtimeJars() throws IOException {
    List<RuntimeJar> jars = new ArrayList<>();
    try (InputStream in = JobMain.class.getResourceAsStream(JARS);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#") && !line.isBlank()) {
          String[] words = line.strip().split(" +", -1);
          jars.add(new RuntimeJar(words[0], words[1], words[2]));
        }
      }
    }
    return jars;
  }
}
