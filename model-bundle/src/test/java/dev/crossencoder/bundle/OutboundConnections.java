package dev.crossencoder.bundle;

import ai.djl.util.Ec2Utils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The main class of a JVM of its own that builds, opens and uses a model on each engine, lets DJL
 * report that, and prints where all this wanted to connect to. Java asks the default proxy selector
 * before it opens a connection by HTTP or a plain socket; this one sends all of them to a port
 * where nobody answers.
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
