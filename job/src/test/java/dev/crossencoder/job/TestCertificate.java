package dev.crossencoder.job;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A key with a certificate that it has signed itself, made by the JDK's keytool. */
public record TestCertificate(Path keyStore, String password) {
  private static final String ALIAS = "key";
  private static final String TYPE = "PKCS12";

  /**
   * Makes one.
   *
   * @param name whose it is, a DNS name
   */
  public static TestCertificate create(Path folder, String name, String password) throws Exception {
    Path keyStore = Files.createTempDirectory(folder, "certificate").resolve("keystore.p12");
    Path log = keyStore.resolveSibling("keytool.log");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keyalg",
                    "EC",
                    "-alias",
                    ALIAS,
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "san=dns:" + name,
                    "-storetype",
                    TYPE,
                    "-keystore",
                    keyStore.toString(),
                    "-storepass",
                    password))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IllegalStateException("Cannot make a certificate: " + Files.readString(log));
    }
    return new TestCertificate(keyStore, password);
  }

  /** Writes a store that trusts this certificate alone. */
  public Path trustStore(String storePassword) throws Exception {
    KeyStore store = KeyStore.getInstance(TYPE);
    store.load(null, null);
    store.setCertificateEntry("trusted", certificate());
    Path file = Files.createTempFile(keyStore.getParent(), "truststore", ".p12");
    try (OutputStream output = Files.newOutputStream(file)) {
      store.store(output, storePassword.toCharArray());
    }
    return file;
  }

  /** The private key in PEM form. */
  String keyPem() throws Exception {
    Key key = load().getKey(ALIAS, password.toCharArray());
    return pem("PRIVATE KEY", key.getEncoded());
  }

  /** The certificate in PEM form. */
  String certificatePem() throws Exception {
    return pem("CERTIFICATE", certificate().getEncoded());
  }

  private static String pem(String kind, byte[] content) {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, lines);
  }

  private Certificate certificate() throws Exception {
    return load().getCertificate(ALIAS);
  }

  private KeyStore load() throws Exception {
    KeyStore store = KeyStore.getInstance(TYPE);
    try (InputStream input = Files.newInputStream(keyStore)) {
      store.load(input, password.toCharArray());
    }
    return store;
  }
}
