package dev.crossencoder.evaluation.data;

import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 without replacement characters: another encoding would change texts and their scores. */
public final class StrictUtf8 {
  private StrictUtf8() {}

  /** Returns a reader that throws {@link CharacterCodingException} if a text is not in UTF-8. */
  public static Reader reader(InputStream in) {
    return new InputStreamReader(
        in,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }
}
