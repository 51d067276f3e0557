package dev.crossencoder.benchmark.race.job;

import ai.djl.ModelException;
import ai.djl.huggingface.translator.TextClassificationTranslatorFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.StringPair;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Loads a traced model with its {@code tokenizer.json} as DJL's model zoo describes rerankers:
 * {@code reranking} selects {@code CrossEncoderTranslator}. BERT needs {@code includeTokenTypes};
 * without it all segment ids are 0 and scores are wrong.
 *
 * @param folder with {@code model.pt} and {@code tokenizer.json}
 * @param sigmoid whether the checkpoint's activation is the sigmoid
 */
record DjlModel(String folder, boolean sigmoid) implements Serializable {
  private static final long serialVersionUID = 1L;

  ZooModel<StringPair, float[]> load() throws ModelException, IOException {
    return Criteria.builder()
        .setTypes(StringPair.class, float[].class)
        .optModelPath(Path.of(folder))
        .optModelName("model")
        .optEngine("PyTorch")
        .optTranslatorFactory(new TextClassificationTranslatorFactory())
        .optArgument("reranking", "true")
        .optArgument("includeTokenTypes", "true")
        .optArgument("sigmoid", String.valueOf(sigmoid))
        .build()
        .loadModel();
  }
}
