package dev.crossencoder.job.record;

import org.apache.flink.annotation.Internal;

/**
 * The reasons for which the job itself sends a record to the dead-letter topic. The operator has
 * further reasons.
 */
@Internal
public final class FailureCodes {
  public static final String NULL_VALUE = "null_value";
  public static final String INVALID_UTF8 = "invalid_utf8";
  public static final String MALFORMED_JSON = "malformed_json";
  public static final String TOO_DEEP = "too_deep";
  public static final String MISSING_FIELD = "missing_field";
  public static final String NOT_TEXT = "not_text";
  public static final String NOT_ARRAY = "not_array";
  public static final String FIELD_EXISTS = "field_exists";
  public static final String OVERSIZED_RESULT = "oversized_result";
  public static final String INVALID_TIMESTAMP = "invalid_timestamp";
  public static final String MISSING_KEY = "missing_key";
  public static final String SKIPPED = "skipped";

  private FailureCodes() {}
}
