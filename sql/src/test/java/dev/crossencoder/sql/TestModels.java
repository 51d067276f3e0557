package dev.crossencoder.sql;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.catalog.CatalogModel;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;
import org.apache.flink.table.types.DataType;

/** Models as a catalog has them, without a catalog. */
final class TestModels {
  static final ResolvedSchema PAIR =
      ResolvedSchema.of(
          Column.physical("query", DataTypes.STRING()),
          Column.physical("passage", DataTypes.STRING()));
  static final ResolvedSchema DOCUMENTS =
      ResolvedSchema.of(
          Column.physical("query", DataTypes.STRING()),
          Column.physical("documents", DataTypes.ARRAY(DataTypes.STRING())));
  static final ResolvedSchema SCORE = output("score", DataTypes.FLOAT());

  private TestModels() {}

  static ResolvedSchema output(String name, DataType type) {
    return ResolvedSchema.of(Column.physical(name, type));
  }

  /** Creates the provider of a model of demo-qa with further options. */
  static CrossEncoderModelProvider provider(
      ResolvedSchema input, ResolvedSchema output, String... options) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("provider", "cross-encoder");
    all.put("model", "demo-qa");
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    return provider(input, output, all, new Configuration());
  }

  static CrossEncoderModelProvider provider(
      ResolvedSchema input,
      ResolvedSchema output,
      Map<String, String> options,
      Configuration session) {
    ResolvedCatalogModel model =
        ResolvedCatalogModel.of(
            CatalogModel.of(
                Schema.newBuilder().build(), Schema.newBuilder().build(), options, null),
            input,
            output);
    return CrossEncoderModelProvider.of(new FakeContext(model, session));
  }

  /** The context of one use of a model by ML_PREDICT. */
  static ModelProvider.Context use(String... runtimeOptions) {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < runtimeOptions.length; i += 2) {
      options.put(runtimeOptions[i], runtimeOptions[i + 1]);
    }
    return new FakeUse(Configuration.fromMap(options));
  }

  private record FakeContext(ResolvedCatalogModel model, Configuration session)
      implements ModelProviderFactory.Context {
    @Override
    public ObjectIdentifier getObjectIdentifier() {
      return ObjectIdentifier.of("c", "d", "m");
    }

    @Override
    public ResolvedCatalogModel getCatalogModel() {
      return model;
    }

    @Override
    public ReadableConfig getConfiguration() {
      return session;
    }

    @Override
    public ClassLoader getClassLoader() {
      return TestModels.class.getClassLoader();
    }

    @Override
    public boolean isTemporary() {
      return false;
    }
  }

  private record FakeUse(ReadableConfig runtimeConfig) implements ModelProvider.Context {
    @Override
    public ResolvedCatalogModel getCatalogModel() {
      throw new UnsupportedOperationException("The provider has the model already");
    }
  }
}
