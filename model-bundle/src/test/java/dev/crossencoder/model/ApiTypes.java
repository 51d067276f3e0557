package dev.crossencoder.model;

import static com.tngtech.archunit.base.DescribedPredicate.describe;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.CalibratedBundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.bundle.Prompts;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.CatalogTask;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.catalog.PublishedQuality;
import dev.crossencoder.model.catalog.PublishedThroughput;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.hub.CachedModel;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.hub.HubException;
import dev.crossencoder.model.hub.HubModelId;
import dev.crossencoder.model.hub.HubProxies;
import dev.crossencoder.model.hub.HubRevision;
import dev.crossencoder.model.hub.HubSettings;
import dev.crossencoder.model.hub.HubSnapshot;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.repository.BundleCache;
import dev.crossencoder.model.repository.CachedBundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.scoring.PairScoring;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.List;
import java.util.Set;

/**
 * The types that users of the library may rely on. All other public types are public for the
 * library's own packages.
 */
final class ApiTypes {
  private static final Set<Class<?>> API =
      Set.of(
          Activation.class,
          BatchLimits.class,
          Bundle.class,
          BundleBuilder.class,
          BundleCache.class,
          BundleManifest.class,
          CachedBundle.class,
          CachedModel.class,
          CalibratedBundle.class,
          Calibration.class,
          Calibration.Method.class,
          CatalogEntry.class,
          CatalogTask.class,
          Cascade.class,
          Chunk.class,
          ChunkScore.class,
          Chunking.class,
          Classification.class,
          ClassifyOptions.class,
          CrossEncoder.class,
          CrossEncoderOptions.class,
          Device.class,
          DeviceOutOfMemoryException.class,
          DownloadListener.class,
          EncodedPair.class,
          Engine.class,
          Evidence.class,
          HubException.class,
          HubModelId.class,
          HubProxies.class,
          HubRevision.class,
          HubSettings.class,
          HubSnapshot.class,
          InputForm.class,
          InvalidModelException.class,
          ModelActivation.class,
          ModelCatalog.class,
          ModelHub.class,
          ModelNotFoundException.class,
          ModelRepository.class,
          ModelUnavailableException.class,
          PairScoring.class,
          PairTooLongException.class,
          Precision.class,
          Prompts.class,
          PublishedQuality.class,
          PublishedThroughput.class,
          RankOptions.class,
          RankedItem.class,
          RankedPassage.class,
          Score.class,
          ScoreFunction.class,
          Span.class,
          TextPair.class,
          Truncation.class);

  static final DescribedPredicate<JavaClass> ARE_API =
      describe("are what users may rely on", type -> isApi(type));

  static final DescribedPredicate<JavaClass> FIT_FOR_API =
      describe("a type of another library or one that users may rely on", ApiTypes::fits);

  static final DescribedPredicate<List<JavaClass>> ALL_FIT_FOR_API =
      describe(
          "types of other libraries or ones that users may rely on",
          types -> types.stream().allMatch(ApiTypes::fits));

  private ApiTypes() {}

  private static boolean isApi(JavaClass type) {
    return API.stream().anyMatch(api -> type.isEquivalentTo(api));
  }

  private static boolean fits(JavaClass type) {
    JavaClass component = type.getBaseComponentType();
    JavaClass outer = component.getEnclosingClass().orElse(component);
    return !component.getPackageName().startsWith("dev.crossencoder.model") || isApi(outer);
  }
}
