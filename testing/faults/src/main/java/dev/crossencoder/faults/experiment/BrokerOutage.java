package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.BrokerProcess;
import java.util.concurrent.TimeUnit;

/**
 * Stops the only broker for some time, then kills and restarts it several times.
 *
 * @param outageSeconds the duration of the stop
 * @param kills the number of kills
 */
record BrokerOutage(int outageSeconds, int kills) implements Experiment {
  private static final int SECONDS_PER_KILL = 20;

  @Override
  public String name() {
    return "broker-outage";
  }

  @Override
  public String description() {
    return "the only broker stopped for %d s, then `kill -9` of it and a start at once"
        .formatted(outageSeconds);
  }

  @Override
  public int seconds() {
    return outageSeconds + 20 + kills * SECONDS_PER_KILL;
  }

  @Override
  public void run(Run run) throws Exception {
    BrokerProcess broker = run.rig().broker();
    run.rest(5, 10);
    run.fault(
        "broker stopped for %d s".formatted(outageSeconds),
        () -> {
          broker.stop();
          TimeUnit.SECONDS.sleep(outageSeconds);
          broker.restart();
        });
    for (int i = 0; i < kills; i++) {
      run.rest(3, 9);
      run.fault(
          "kill -9 of the broker",
          () -> {
            broker.kill();
            broker.restart();
          });
    }
  }
}
