package dev.crossencoder.model.engine;

import ai.djl.util.Ec2Utils;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The main class of a JVM of its own that builds, opens and uses a model on each engine, lets DJL
 * report that, and prints where all this wanted to connect to. URLs of the web cannot be opened in
 * it. Of its other connections Java asks the default proxy selector, which sends them to a port
 * where nobody answers; DJL's reports ask for none.
 */
final class OutboundConnections extends ProxySelector {
  /** What each line about a connection starts with. */
  static final String CONNECTION = "connection: ";

  /** The last line, when all engines have scored. */
  static final String SCORED = "scored";

  private static final InetSocketAddress NOBODY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final Set<String> wanted = new ConcurrentSkipListSet<>();

  /**
   * Runs it.
   *
   * @param arguments a folder for the models
   */
  public static void main(String[] arguments) throws IOException {
    OutboundConnections connections = new OutboundConnections();
    ProxySelector.setDefault(connections);
    URL.setURLStreamHandlerFactory(
        protocol -> protocol.startsWith("http") ? connections.closedWeb() : null);
    Path folder = Path.of(arguments[0]);
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    for (Engine engine : Engine.values()) {
      Bundle bundle =
          BundleBuilder.fromCheckpoint(checkpoint)
              .engine(engine)
              .build(folder.resolve(engine.name()));
      try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
        model.score(List.of(new TextPair("a question", "a passage")));
      }
    }
    // What entries to DJL that are not used so far call first.
    Ec2Utils.callHome("PyTorch");
    connections.wanted.forEach(address -> System.out.println(CONNECTION + address));
    System.out.println(SCORED);
  }

  private URLStreamHandler closedWeb() {
    return new URLStreamHandler() {
      @Override
      protected URLConnection openConnection(URL url) throws IOException {
        wanted.add(url.toString());
        throw new IOException("There is no web here: " + url);
      }

      @Override
      protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
        return openConnection(url);
      }
    };
  }

  @Override
  public List<Proxy> select(URI address) {
    wanted.add(address.toString());
    boolean http = address.getScheme().startsWith("http");
    return List.of(new Proxy(http ? Proxy.Type.HTTP : Proxy.Type.SOCKS, NOBODY));
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
    wanted.add(address.toString());
  }
}
