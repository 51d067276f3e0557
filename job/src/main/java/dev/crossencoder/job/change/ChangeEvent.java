package dev.crossencoder.job.change;

import dev.crossencoder.operator.change.ModelRevision;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceEvent;

/** What the coordinator of changes and the subtasks of the source tell each other. */
@Internal
public sealed interface ChangeEvent extends SourceEvent {
  /**
   * To a subtask: prepare a revision.
   *
   * @param change the number of the change
   * @param name the name of the model
   */
  record Prepare(long change, String name, ModelRevision wanted) implements ChangeEvent {
    private static final long serialVersionUID = 1L;
  }

  /** To a subtask: a prepared revision is not needed. */
  record Discard(String name, String digest) implements ChangeEvent {
    private static final long serialVersionUID = 1L;
  }

  /**
   * To a subtask: the records that are emitted from now on have this tag.
   *
   * @param tag the text of the tag
   */
  record Use(String tag) implements ChangeEvent {
    private static final long serialVersionUID = 1L;
  }

  /**
   * From a subtask: a revision is prepared, or cannot be used.
   *
   * @param revision the revision that was found; null if there is a failure, or if nothing scores
   *     in the subtask's TaskManager
   * @param failure the reason why it cannot be used; null if there is none
   */
  record Prepared(long change, ModelRevision revision, String failure) implements ChangeEvent {
    private static final long serialVersionUID = 1L;
  }

  /** From the subtask that watches the models: this revision was found. */
  record Seen(String name, ModelRevision revision) implements ChangeEvent {
    private static final long serialVersionUID = 1L;
  }
}
