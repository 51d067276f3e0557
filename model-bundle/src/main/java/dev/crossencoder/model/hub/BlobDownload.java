package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads one blob into the cache. It resumes a partial download of an earlier attempt or
 * process, checks size and digest, and then gives the blob its final name. Owned by one thread,
 * which must hold the model's lock.
 */
final class BlobDownload {
  private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);

  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes\\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");
  private static final int BUFFER_BYTES = 1 << 16;

  private final HubApi api;
  private final HubSettings settings;
  private final HubCache cache;
  private final DownloadListener listener;
  private final HubModelId id;
  private final RemoteFile file;
  private final URI uri;
  private final Path blob;
  private final Path partial;
  private boolean resumable = true;
  private boolean html;

  BlobDownload(
      HubApi api,
      HubSettings settings,
      HubCache cache,
      DownloadListener listener,
      HubModelId id,
      String commit,
      RemoteFile file) {
    this.api = api;
    this.settings = settings;
    this.cache = cache;
    this.listener = listener;
    this.id = id;
    this.file = file;
    this.uri = api.file(id, commit, file.name());
    this.blob = cache.blob(id, file.blobName(commit));
    this.partial = blob.resolveSibling(blob.getFileName() + HubCache.INCOMPLETE);
  }

  /**
   * Downloads the blob.
   *
   * @return the path of the blob in the cache
   * @throws HubException if the download fails, or size or digest differ from what the hub says
   */
  Path run() throws IOException {
    long started = System.nanoTime();
    LOG.info(
        "Downloading {} of {} ({} bytes) from {}",
        file.name(),
        id,
        file.size().isPresent() ? file.size().getAsLong() : "unknown",
        settings.endpoint());
    Optional<String> wrong = attempt();
    if (wrong.isPresent()) {
      // A partial file of an earlier process may be of another content.
      LOG.warn("{} of {} is damaged, {}. Downloading it again.", file.name(), id, wrong.get());
      wrong = attempt();
    }
    if (wrong.isPresent()) {
      throw new HubException(
          Kind.DAMAGED,
          "Cannot use %s of %s, it was damaged twice on its way from %s: %s."
              .formatted(file.name(), id, settings.endpoint(), wrong.get()));
    }
    cache.store(() -> Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE));
    LOG.info(
        "Downloaded {} of {} in {} s",
        file.name(),
        id,
        Duration.ofNanos(System.nanoTime() - started).toSeconds());
    return blob;
  }

  /** Downloads once. Returns what is wrong with the content, which is then deleted. */
  private Optional<String> attempt() throws IOException {
    Optional<String> wrong;
    try {
      fetch();
      wrong = cache.store(() -> file.mismatch(partial));
    } catch (WrongContent e) {
      wrong = Optional.of(e.getMessage());
    }
    if (wrong.isPresent()) {
      cache.store(() -> Files.deleteIfExists(partial));
      return html ? wrong.map(why -> why + "; the answer is a web page") : wrong;
    }
    return wrong;
  }

  private void fetch() throws IOException {
    Retries retries = api.retries("download %s of %s".formatted(file.name(), id));
    long best = partialSize();
    while (true) {
      if (isComplete()) {
        return;
      }
      try {
        if (readFrom(resumable ? partialSize() : 0)) {
          return;
        }
        throw new EOFException("the answer ended early");
      } catch (WrongContent e) {
        throw e;
      } catch (IOException e) {
        long now = partialSize();
        if (now > best) {
          best = now;
          retries.progress();
        }
        retries.await(e);
      }
    }
  }

  private boolean isComplete() throws IOException {
    return file.size().isPresent()
        && Files.exists(partial)
        && partialSize() == file.size().getAsLong();
  }

  private long partialSize() throws IOException {
    return cache.store(() -> Files.exists(partial) ? Files.size(partial) : 0);
  }

  /**
   * Downloads the file from an offset.
   *
   * @param wanted the offset; if it is behind the end of the file, the download starts at 0
   * @return whether the end of the file was reached
   */
  private boolean readFrom(long wanted) throws IOException {
    boolean tooLong = file.size().isPresent() && wanted > file.size().getAsLong();
    long start = tooLong ? 0 : wanted;
    try (HubResponse response = api.http().read(uri, start)) {
      OptionalLong total;
      long offset;
      switch (response.status()) {
        case HttpURLConnection.HTTP_OK -> {
          offset = 0;
          total = response.bodyLength();
        }
        case HttpURLConnection.HTTP_PARTIAL -> {
          offset = start;
          total = total(response, start);
        }
        case RANGE_NOT_SATISFIABLE -> throw startOver("refuses to continue at byte " + start);
        default -> throw AnswerErrors.ofFile(settings, id, file.name(), response);
      }
      html = response.isHtml();
      return write(response, offset, expected(total));
    }
  }

  private OptionalLong total(HubResponse response, long start) throws IOException {
    Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
    if (!range.matches() || !response.isIdentity() || Long.parseLong(range.group(1)) != start) {
      throw startOver("does not continue at byte " + start);
    }
    return HubResponse.number(Optional.of(range.group(3)));
  }

  private TransientFailure startOver(String why) throws IOException {
    resumable = false;
    cache.store(() -> Files.deleteIfExists(partial));
    return new TransientFailure(
        "%s %s of %s".formatted(settings.endpoint(), why, file.name()), Optional.empty());
  }

  /** Returns the size of the file. The listing and the response must not contradict each other. */
  private OptionalLong expected(OptionalLong total) throws IOException {
    if (file.size().isPresent() && total.isPresent() && !file.size().equals(total)) {
      throw new WrongContent(
          "it must have %d bytes and has %d".formatted(file.size().getAsLong(), total.getAsLong()));
    }
    return file.size().isPresent() ? file.size() : total;
  }

  private boolean write(HubResponse response, long offset, OptionalLong expected)
      throws IOException {
    long limit = expected.orElse(CheckpointFiles.maxBytes(file.name()));
    long count = offset;
    try (InputStream body = response.body();
        RandomAccessFile out = cache.store(() -> open(offset))) {
      byte[] buffer = new byte[BUFFER_BYTES];
      listener.downloaded(file.name(), count, expected.orElse(-1));
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted while downloading " + file.name());
        }
        if (count + n > limit) {
          throw new WrongContent("it must have at most %d bytes and has more".formatted(limit));
        }
        int length = n;
        refuseWebPage(count, buffer, length);
        cache.store(
            () -> {
              out.write(buffer, 0, length);
              return null;
            });
        count += n;
        listener.downloaded(file.name(), count, expected.orElse(-1));
      }
      cache.store(
          () -> {
            out.getFD().sync();
            return null;
          });
    }
    return expected.isEmpty() || count == expected.getAsLong();
  }

  /**
   * Opens the partial file for appending at an offset. The file is not a {@code FileChannel},
   * because an interrupt would close it.
   */
  private RandomAccessFile open(long offset) throws IOException {
    RandomAccessFile out = new RandomAccessFile(partial.toFile(), "rw");
    try {
      out.setLength(offset);
      out.seek(offset);
      return out;
    } catch (IOException e) {
      out.close();
      throw e;
    }
  }

  /**
   * Refuses a web page instead of a file that has no digest, which could not reveal the mistake.
   */
  private void refuseWebPage(long offset, byte[] buffer, int length) throws HubException {
    if (offset == 0 && html && file.contentId().isEmpty() && length > 0 && buffer[0] == '<') {
      throw new HubException(
          Kind.UNEXPECTED_ANSWER,
          "Cannot use the answer of %s, it is a web page, perhaps of a proxy or a login. Check HF_ENDPOINT and HTTPS_PROXY."
              .formatted(HubHttp.shown(uri)));
    }
  }

  /** The content is wrong, and reading more of it cannot change that. */
  private static final class WrongContent extends IOException {
    private static final long serialVersionUID = 1L;

    WrongContent(String message) {
      super(message);
    }
  }
}
