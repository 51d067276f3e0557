package dev.crossencoder.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Checkpoints on disk, of which an input replaces one file: its first byte says which, the rest is
 * the content. Owned by one thread.
 */
final class CheckpointInput {
  private final Scratch scratch = Scratch.create();
  private final List<Place> places = new ArrayList<>();

  /** A file of a checkpoint as it was. */
  private record Place(String folder, String name, byte[] content) {}

  /** Takes a checkpoint folder with an input's change in it. */
  @FunctionalInterface
  interface Use {
    boolean with(Path checkpoint) throws IOException;
  }

  /**
   * Adds a checkpoint.
   *
   * @param files the contents of all files by name
   * @param replaced the names of those that inputs replace
   */
  void add(String folder, Map<String, byte[]> files, List<String> replaced) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      scratch.write(folder + "/" + file.getKey(), file.getValue());
      if (replaced.contains(file.getKey())) {
        places.add(new Place(folder, file.getKey(), file.getValue()));
      }
    }
  }

  /** The inputs that change nothing. */
  List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      byte[] content = places.get(i).content();
      byte[] seed = new byte[content.length + 1];
      seed[0] = (byte) i;
      System.arraycopy(content, 0, seed, 1, content.length);
      seeds.add(seed);
    }
    return seeds;
  }

  /** Uses the checkpoint that an input changes; without a first byte there is none. */
  boolean use(byte[] input, Use use) throws IOException {
    if (input.length == 0) {
      return false;
    }
    Place place = places.get((input[0] & 0xFF) % places.size());
    String name = place.folder() + "/" + place.name();
    scratch.write(name, Arrays.copyOfRange(input, 1, input.length));
    try {
      return use.with(scratch.folder().resolve(place.folder()));
    } finally {
      scratch.write(name, place.content());
    }
  }
}
