package dev.crossencoder.model.compiler.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The TorchScript source of a model: the text that declares the class {@code CrossEncoder}, and the
 * libraries that it refers to as {@code __torch__.library.…}.
 *
 * @param main the text of the module {@code __torch__}
 * @param libraries the texts of the modules {@code __torch__.library}, by library name
 */
public record Program(String main, Map<String, String> libraries) {
  private static final Pattern LIBRARY = Pattern.compile("__torch__\\.([a-z_]+)\\.");

  public Program {
    libraries = new TreeMap<>(libraries);
  }

  /** Loads a program of this release with the libraries that it uses. */
  public static Program load(String name) {
    return of(read(name));
  }

  /** Adds to a program text the libraries of this release that it uses. */
  public static Program of(String main) {
    Map<String, String> libraries = new TreeMap<>();
    addLibraries(main, libraries);
    return new Program(main, libraries);
  }

  private static void addLibraries(String text, Map<String, String> libraries) {
    Matcher matcher = LIBRARY.matcher(text);
    while (matcher.find()) {
      String library = matcher.group(1);
      if (!libraries.containsKey(library)) {
        libraries.put(library, library(library));
        addLibraries(libraries.get(library), libraries);
      }
    }
  }

  /** Returns the text of a library of this release. */
  public static String library(String name) {
    return read(name);
  }

  private static String read(String name) {
    String resource = "programs/" + name + ".py";
    try (InputStream in = Program.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find resource %s".formatted(resource));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + resource, e);
    }
  }

  /** The text of the program and all libraries, for a digest. */
  public String text() {
    return main + String.join("", libraries.values());
  }
}
