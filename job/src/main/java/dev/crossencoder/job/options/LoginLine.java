package dev.crossencoder.job.options;

import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code sasl.jaas.config}: login modules, each with a control flag, options and a
 * semicolon, in the form that Kafka's {@code JaasConfig} parses.
 */
final class LoginLine {
  private static final String SPACE = "\\s*";

  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'";
  private static final String REFERENCE = "\\$\\{[^}]*\\}";

  /** A login module and its control flag. */
  private static final Pattern MODULE =
      Pattern.compile(
          SPACE
              + "(?:[A-Za-z_$][\\w.$]*|"
              + REFERENCE
              + ")\\s+(?:(?i:required|requisite|sufficient|optional)|"
              + REFERENCE
              + ")");

  /** An option with its value, or a reference that replaces several options. */
  private static final Pattern OPTION =
      Pattern.compile(
          SPACE
              + "(?:([\\w.-]+)"
              + SPACE
              + "="
              + SPACE
              + "("
              + QUOTED
              + "|(?:"
              + REFERENCE
              + "|[^\\s;\"'])+)|("
              + REFERENCE
              + "))");

  private static final Pattern END = Pattern.compile(SPACE + "(?:;" + SPACE + "|$)");

  /**
   * Options that state who logs in, where and how, of the modules of Kafka, the JDK and AWS. All
   * other options may be secrets.
   */
  private static final Set<String> PUBLIC =
      Set.of(
          "username",
          "clientid",
          "scope",
          "tokenauth",
          "principal",
          "keytab",
          "usekeytab",
          "storekey",
          "useticketcache",
          "ticketcache",
          "renewtgt",
          "donotprompt",
          "isinitiator",
          "refreshkrb5config",
          "servicename",
          "debug",
          "awsprofilename",
          "awsrolearn",
          "awsrolesessionname",
          "awsstsregion",
          "awsmaxretries",
          "awsmaxbackofftimems",
          "awsdebugcreds");

  private LoginLine() {}

  /**
   * Returns whether the value of every option that may be a secret consists of references only.
   * Returns false if the line cannot be parsed, because the position of the secret is then unknown.
   *
   * @param isReference whether a text consists of references
   */
  static boolean hasOnlyReferences(String line, Predicate<String> isReference) {
    if (line.isBlank()) {
      return false;
    }
    Matcher module = MODULE.matcher(line);
    Matcher option = OPTION.matcher(line);
    Matcher end = END.matcher(line);
    int at = 0;
    while (at < line.length()) {
      if (!module.region(at, line.length()).lookingAt()) {
        return false;
      }
      at = module.end();
      while (option.region(at, line.length()).lookingAt()) {
        if (!isPublic(option.group(1)) && !isReference.test(value(option))) {
          return false;
        }
        at = option.end();
      }
      if (!end.region(at, line.length()).lookingAt()) {
        return false;
      }
      at = end.end();
    }
    return true;
  }

  private static boolean isPublic(String name) {
    return name != null && PUBLIC.contains(name.toLowerCase(Locale.ROOT));
  }

  private static String value(Matcher option) {
    if (option.group(3) != null) {
      return option.group(3);
    }
    String value = option.group(2);
    boolean quoted = value.startsWith("\"") || value.startsWith("'");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
