package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds the parts of a {@code tokenizer.json} that several tokenizer types have in common. */
public final class TokenizerJson {
  /** The name of the file in checkpoint folders and bundles. */
  public static final String FILE = "tokenizer.json";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private TokenizerJson() {}

  /** An element of a template: a text (A or B) or a special token, with its segment id. */
  record Part(String name, int segment) {
    private boolean text() {
      return name.equals("A") || name.equals("B");
    }

    private ObjectNode toJson() {
      ObjectNode node = JSON.objectNode();
      node.putObject(text() ? "Sequence" : "SpecialToken").put("id", name).put("type_id", segment);
      return node;
    }
  }

  /** A tokenizer whose parts are all null, with the keys in the order of the tokenizers library. */
  public static ObjectNode empty() {
    ObjectNode root = JSON.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    root.putArray("added_tokens");
    for (String part : List.of("normalizer", "pre_tokenizer", "post_processor", "decoder")) {
      root.putNull(part);
    }
    return root;
  }

  public static ObjectNode typed(String type) {
    return JSON.objectNode().put("type", type);
  }

  /**
   * A {@code Sequence} of normalizers or pre-tokenizers.
   *
   * @param member {@code normalizers} or {@code pretokenizers}
   */
  public static ObjectNode sequence(String member, List<ObjectNode> parts) {
    ObjectNode sequence = typed("Sequence");
    ArrayNode array = sequence.putArray(member);
    parts.forEach(array::add);
    return sequence;
  }

  public static ObjectNode replaceSpaces(String replacement) {
    ObjectNode replace = typed("Replace");
    replace.putObject("pattern").put("Regex", " {2,}");
    return replace.put("content", replacement);
  }

  /** The pair template {@code [CLS] A [SEP] B [SEP]} with the segment ids 0 and 1. */
  public static ObjectNode bertTemplate(
      String classifier, int classifierId, String separator, int sepId) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    ids.put(classifier, classifierId);
    ids.put(separator, sepId);
    return template(
        List.of(new Part(classifier, 0), new Part("A", 0), new Part(separator, 0)),
        List.of(
            new Part(classifier, 0),
            new Part("A", 0),
            new Part(separator, 0),
            new Part("B", 1),
            new Part(separator, 1)),
        ids);
  }

  /** The pair template {@code <s> A </s></s> B </s>} with the segment id 0. */
  public static ObjectNode fairseqTemplate(int beginId, int endId) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    ids.put("<s>", beginId);
    ids.put("</s>", endId);
    Part begin = new Part("<s>", 0);
    Part end = new Part("</s>", 0);
    Part first = new Part("A", 0);
    return template(
        List.of(begin, first, end), List.of(begin, first, end, end, new Part("B", 0), end), ids);
  }

  private static ObjectNode template(List<Part> single, List<Part> pair, Map<String, Integer> ids) {
    ObjectNode template = typed("TemplateProcessing");
    ArrayNode singleNode = template.putArray("single");
    single.forEach(part -> singleNode.add(part.toJson()));
    ArrayNode pairNode = template.putArray("pair");
    pair.forEach(part -> pairNode.add(part.toJson()));
    ObjectNode specials = template.putObject("special_tokens");
    ids.forEach(
        (token, id) -> {
          ObjectNode special = specials.putObject(token);
          special.put("id", token);
          special.putArray("ids").add(id);
          special.putArray("tokens").add(token);
        });
    return template;
  }

  public static ObjectNode vocabulary(Map<String, Integer> vocabulary) {
    ObjectNode node = JSON.objectNode();
    vocabulary.forEach(node::put);
    return node;
  }

  /** The {@code ByteLevel} pre-tokenizer, whose JSON is also that of the decoder. */
  public static ObjectNode byteLevel(JsonNode addPrefixSpace) {
    ObjectNode node = typed("ByteLevel");
    node.set("add_prefix_space", addPrefixSpace);
    return node.put("trim_offsets", true).put("use_regex", true);
  }
}
