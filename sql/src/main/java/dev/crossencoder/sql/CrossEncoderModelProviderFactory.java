package dev.crossencoder.sql;

import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/**
 * Creates the model provider {@code cross-encoder}. Flink SQL finds it by its identifier and calls
 * it when a statement with ML_PREDICT is planned, in the client. It checks the options and the
 * columns of the model; it does not look for the model and loads no native code.
 */
@Internal
public final class CrossEncoderModelProviderFactory implements ModelProviderFactory {
  /** The value of the option {@code provider}. */
  public static final String IDENTIFIER = "cross-encoder";

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    // Either model or models.NAME.model: the provider checks it.
    return Set.of();
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.copyOf(CrossEncoderModelOptions.all());
  }

  @Override
  public ModelProvider createModelProvider(Context context) {
    return CrossEncoderModelProvider.of(context);
  }
}
