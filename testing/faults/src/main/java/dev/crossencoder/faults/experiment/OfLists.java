package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An experiment with records that have a query and up to twelve documents.
 *
 * @param of the experiment with pairs
 */
record OfLists(Experiment of) implements Experiment {
  private static final int LONGEST_LIST = 12;

  @Override
  public String name() {
    return of.name() + "-lists";
  }

  @Override
  public String description() {
    return of.description() + "; lists of up to %d documents".formatted(LONGEST_LIST);
  }

  @Override
  public Delivery delivery() {
    return of.delivery();
  }

  @Override
  public Setup setup(Path folder) {
    return of.setup(folder);
  }

  @Override
  public Mix mix(long seed, int records) {
    return of.mix(seed, records).withDocuments(LONGEST_LIST);
  }

  @Override
  public String model(Rig rig) throws Exception {
    return of.model(rig);
  }

  @Override
  public List<String> jobArguments() {
    List<String> arguments = new ArrayList<>(of.jobArguments());
    arguments.addAll(List.of("--input-documents", "/documents"));
    return arguments;
  }

  @Override
  public int seconds() {
    return of.seconds();
  }

  @Override
  public Feeder.Pace pace(int records) {
    return of.pace(records);
  }

  @Override
  public int outOfOrderLimit() {
    return of.outOfOrderLimit();
  }

  @Override
  public void start(Run run) throws Exception {
    of.start(run);
  }

  @Override
  public void run(Run run) throws Exception {
    of.run(run);
  }
}
