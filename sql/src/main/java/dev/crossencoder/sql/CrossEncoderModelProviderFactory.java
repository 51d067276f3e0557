package dev.crossencoder.sql;

import java.util.HashSet;
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
    return Set.of(CrossEncoderModelOptions.MODEL);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    Set<ConfigOption<?>> options = new HashSet<>(CrossEncoderModelOptions.all());
    options.removeAll(requiredOptions());
    return options;
  }

  @Override
  public ModelProvider createModelProvider(Context context) {
    return CrossEncoderModelProvider.of(context);
  }
}
