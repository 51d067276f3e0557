package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * The member of a record in which its result is written.
 *
 * @param name the name of the member
 * @param overwrite whether an existing member of that name is replaced
 * @param logits whether results contain the logits
 * @param framing the bytes before the JSON of a record
 */
@Internal
public record ResultMember(String name, boolean overwrite, boolean logits, InputFraming framing)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public ResultMember {
    requireNonNull(name, "name is null");
    requireNonNull(framing, "framing is null");
  }
}
