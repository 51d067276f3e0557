package dev.crossencoder.job;

/** Why the job itself puts a record on the dead-letter topic; scoring has further reasons. */
final class FailureCodes {
  static final String NULL_VALUE = "null_value";
  static final String INVALID_UTF8 = "invalid_utf8";
  static final String MALFORMED_JSON = "malformed_json";
  static final String TOO_DEEP = "too_deep";
  static final String MISSING_FIELD = "missing_field";
  static final String NOT_TEXT = "not_text";
  static final String FIELD_EXISTS = "field_exists";
  static final String OVERSIZED_RESULT = "oversized_result";
  static final String INVALID_TIMESTAMP = "invalid_timestamp";
  static final String MISSING_KEY = "missing_key";
  static final String SKIPPED = "skipped";

  private FailureCodes() {}
}
