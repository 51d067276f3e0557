package dev.crossencoder.model.hub;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An HTTP server on a socket of its own, so that it can also do what servers should not: cut a body
 * in the middle, go silent, promise another length than it sends.
 */
public final class FakeServer implements AutoCloseable {
  /** What came in; names of headers are in lower case. */
  public record Request(String method, String target, Map<String, String> headers) {
    String path() {
      int query = target.indexOf('?');
      return query < 0 ? target : target.substring(0, query);
    }
  }

  /** What goes out. */
  public static final class Reply {
    private final int status;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private byte[] body = new byte[0];
    private int sent = Integer.MAX_VALUE;
    private boolean stalls;

    private Reply(int status) {
      this.status = status;
    }

    public static Reply of(int status) {
      return new Reply(status);
    }

    /** Closes the connection without a word. */
    public static Reply none() {
      return new Reply(0);
    }

    public Reply with(String header, String value) {
      headers.put(header, value);
      return this;
    }

    public Reply body(byte[] newBody) {
      this.body = newBody;
      return this;
    }

    public Reply body(String text) {
      return body(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Promises all of the body and closes the connection after some bytes of it. */
    public Reply cutAfter(int bytes) {
      this.sent = bytes;
      return this;
    }

    /** Sends some bytes of the body and then nothing, with the connection open. */
    public Reply stallAfter(int bytes) {
      this.sent = bytes;
      this.stalls = true;
      return this;
    }
  }

  /** Is called with every request before it is answered, by any thread. */
  public volatile Consumer<Request> onRequest = request -> {};

  private final ServerSocket socket;
  private final Function<Request, Reply> handler;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "fake-server");
            thread.setDaemon(true);
            return thread;
          });
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Request> requests = new ArrayList<>();
  private final Map<String, Deque<Reply>> scripts = new LinkedHashMap<>();

  private FakeServer(Function<Request, Reply> handler) throws IOException {
    this.handler = handler;
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  public static FakeServer start(Function<Request, Reply> handler) throws IOException {
    FakeServer server = new FakeServer(handler);
    server.threads.execute(server::accept);
    return server;
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /** Answers the next requests whose target contains a text with these replies. */
  public void next(String part, Reply... replies) {
    synchronized (requests) {
      scripts.computeIfAbsent(part, key -> new ArrayDeque<>()).addAll(List.of(replies));
    }
  }

  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** Methods and targets. */
  public List<String> lines() {
    return requests().stream().map(request -> request.method() + " " + request.target()).toList();
  }

  /** The values of a header in the requests whose target contains a text; null where it lacks. */
  public List<String> sent(String part, String header) {
    List<String> values = new ArrayList<>();
    for (Request request : requests()) {
      if (request.target().contains(part)) {
        values.add(request.headers().get(header.toLowerCase(Locale.ROOT)));
      }
    }
    return values;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        threads.execute(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      Request request = read(new BufferedInputStream(connection.getInputStream()));
      if (request != null) {
        write(request, reply(request), connection.getOutputStream());
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }

  private Reply reply(Request request) {
    onRequest.accept(request);
    synchronized (requests) {
      requests.add(request);
      for (Map.Entry<String, Deque<Reply>> script : scripts.entrySet()) {
        if (request.target().contains(script.getKey()) && !script.getValue().isEmpty()) {
          return script.getValue().poll();
        }
      }
    }
    return handler.apply(request);
  }

  private static Request read(InputStream in) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return null;
    }
    String[] words = first.split(" ", -1);
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Request(words[0], words[1], headers);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private void write(Request request, Reply reply, OutputStream out) throws IOException {
    if (reply.status == 0) {
      return;
    }
    boolean chunked = reply.headers.containsKey("Transfer-Encoding");
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status + " Status\r\n");
    reply.headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (!reply.headers.containsKey("Content-Length") && !chunked) {
      head.append("Content-Length: " + reply.body.length + "\r\n");
    }
    head.append("\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (!request.method().equals("HEAD")) {
      byte[] body = reply.body;
      if (chunked) {
        out.write((Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      }
      out.write(body, 0, Math.min(reply.sent, body.length));
      if (chunked && reply.sent >= body.length) {
        out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    }
    out.flush();
    if (reply.stalls) {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
