"""A Table API job with a function that calls sentence-transformers' CrossEncoder.

    flink run -py testing/benchmarks/src/main/python/race/pyflink_job.py --bootstrap-servers HOST:PORT …

In process mode the function is vectorized (pandas). Thread mode does not support that and would fall back to processes:
https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/python/python_execution_mode/. There the function has
one pair at a time.

The function is a class whose "open" loads the model once for each worker, as
https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/table/udfs/python/vectorized_python_udfs/ and
.../python_udfs/ (section "Loading resources in UDFs") show it. The options are those of
https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/python/python_config/.
"""

import argparse

import pandas
from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment
from pyflink.table.udf import ScalarFunction, udf


class Score(ScalarFunction):
    """The score of a pair."""

    def __init__(self, model, threads):
        self.folder = model
        self.threads = threads
        self.model = None

    def open(self, function_context):
        import torch
        from sentence_transformers import CrossEncoder

        torch.set_num_threads(self.threads)
        self.model = CrossEncoder(self.folder, device="cpu", local_files_only=True,
                                  model_kwargs={"dtype": torch.float32})

    def eval(self, query, passage):
        return float(self.model.predict([(query, passage)], show_progress_bar=False)[0])


class Scores(Score):
    """The scores of a batch of pairs."""

    def __init__(self, model, threads, batch):
        super().__init__(model, threads)
        self.batch = batch

    def eval(self, query, passage):
        scores = self.model.predict(list(zip(query, passage)), batch_size=self.batch, show_progress_bar=False)
        return pandas.Series(scores)


def main():
    parser = argparse.ArgumentParser()
    for name in ["bootstrap-servers", "input-topic", "output-topic", "delivery", "model", "mode", "checkpoint-millis"]:
        parser.add_argument("--" + name, required=True)
    for name in ["parallelism", "threads"]:
        parser.add_argument("--" + name, required=True, type=int)
    for name in ["arrow-batch", "bundle-millis", "predict-batch"]:
        parser.add_argument("--" + name, type=int)
    options = parser.parse_args()

    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    config = environment.get_config()
    config.set("pipeline.name", options.input_topic)
    config.set("parallelism.default", str(options.parallelism))
    config.set("execution.checkpointing.interval", options.checkpoint_millis + " ms")
    config.set("python.execution-mode", options.mode)
    if options.mode == "process":
        config.set("python.fn-execution.arrow.batch.size", str(options.arrow_batch))
        config.set("python.fn-execution.bundle.size", str(options.arrow_batch))
        config.set("python.fn-execution.bundle.time", str(options.bundle_millis))
        scores = Scores(options.model, options.threads, options.predict_batch)
        function = udf(scores, result_type=DataTypes.FLOAT(), func_type="pandas")
    else:
        function = udf(Score(options.model, options.threads), result_type=DataTypes.FLOAT())

    environment.create_temporary_function("score", function)
    environment.execute_sql(f"""
        CREATE TABLE pairs (id BIGINT, intended BIGINT, query STRING, passage STRING) WITH (
          'connector' = 'kafka', 'topic' = '{options.input_topic}', 'format' = 'json',
          'properties.bootstrap.servers' = '{options.bootstrap_servers}',
          'properties.group.id' = '{options.input_topic}', 'scan.startup.mode' = 'earliest-offset')""")
    environment.execute_sql(f"""
        CREATE TABLE scored (id BIGINT, intended BIGINT, query STRING, passage STRING, score FLOAT) WITH (
          'connector' = 'kafka', 'topic' = '{options.output_topic}', 'format' = 'json',
          'properties.bootstrap.servers' = '{options.bootstrap_servers}',
          'sink.delivery-guarantee' = '{options.delivery}', 'sink.transactional-id-prefix' = '{options.output_topic}',
          'properties.transaction.timeout.ms' = '600000')""")
    environment.execute_sql(
        "INSERT INTO scored SELECT id, intended, query, passage, score(query, passage) FROM pairs")


if __name__ == "__main__":
    main()
