/**
 * The change of models while the job runs: who asks for it, who prepares it, and when it happens.
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.change.ControlTopic} has the messages that ask for a change,
 *       and what became of them ({@link dev.crossencoder.job.change.ModelStatus}).
 *   <li>{@link dev.crossencoder.job.change.ChangeCoordinator} runs in the JobManager, beside the
 *       enumerator of the source. It lets all subtasks prepare a revision, and activates it when
 *       all are ready.
 *   <li>{@link dev.crossencoder.job.change.SubtaskModels} runs in each subtask of the source. It
 *       passes on what the coordinator asks to the tasks that score in the same TaskManager, and
 *       knows the tag of the records.
 *   <li>{@link dev.crossencoder.job.change.ChangeEvent} is what the two tell each other.
 * </ul>
 */
package dev.crossencoder.job.change;
