"use strict";

// Texts of users and of the job are only ever set as textContent.
const element = id => document.getElementById(id);
const form = element("form");
const button = element("rank");
const example = element("example");
const query = element("query");
const texts = element("documents");
const OWN = "own";
const MARKED = 3;
let examples = [];

function create(name, className, text) {
  const created = document.createElement(name);
  if (className) created.className = className;
  if (text !== undefined) created.textContent = text;
  return created;
}

function say(message, isError) {
  const status = element("status");
  status.className = isError ? "error" : "";
  status.textContent = isError ? "Not ranked: " + message : message;
}

function split(text) {
  const separator = /\r?\n[ \t]*\r?\n/.test(text.trim()) ? /(?:\r?\n[ \t]*){2,}/ : /\r?\n/;
  return text.split(separator).map(part => part.trim()).filter(part => part !== "");
}

function ordinal(number) {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  return number + (teens ? "th" : { 1: "st", 2: "nd", 3: "rd" }[number % 10] || "th");
}

function movement(before, now) {
  if (before === now) return "stays";
  const places = Math.abs(before - now);
  return (before > now ? "up " : "down ") + places;
}

// The evidence, if it tells more than the text: of one of the best documents, and not all of it.
function evidenceOf(text, result, position) {
  const evidence = result.evidence;
  return evidence && position < MARKED && evidence.end - evidence.start < text.length ? evidence : undefined;
}

function isPart(chunk, text) {
  return chunk !== undefined && chunk.end - chunk.start < text.length;
}

// Marks the evidence within a text, and the chunk around it. Offsets count UTF-16 units, as JavaScript does.
function marked(text, result, evidence) {
  const parts = document.createDocumentFragment();
  const chunk = result.best_chunk || { start: 0, end: text.length };
  parts.append(text.slice(0, chunk.start));
  const inner = isPart(result.best_chunk, text) ? create("span", "chunk") : document.createDocumentFragment();
  if (evidence) {
    inner.append(text.slice(chunk.start, evidence.start));
    inner.append(create("mark", "", text.slice(evidence.start, evidence.end)));
    inner.append(text.slice(evidence.end, chunk.end));
  } else {
    inner.append(text.slice(chunk.start, chunk.end));
  }
  parts.append(inner);
  parts.append(text.slice(chunk.end));
  return parts;
}

function scoreCell(score, low, high) {
  const cell = create("td", "number score", score.toFixed(3));
  const track = create("span", "track");
  const bar = create("span", "bar");
  track.setAttribute("aria-hidden", "true");
  const share = high > low ? (score - low) / (high - low) : 1;
  bar.style.width = Math.max(0, Math.min(1, share)) * 100 + "%";
  track.append(bar);
  cell.append(track);
  return cell;
}

function documentCell(text, result, position) {
  const cell = create("td", "document");
  cell.append(marked(text, result, evidenceOf(text, result, position)));
  if (result.truncated) cell.append(create("span", "note", "Query or document is too long: the model read a part."));
  return cell;
}

function counted(number) {
  return number + (number === 1 ? " document" : " documents");
}

function caption(results, documents, probabilities) {
  const parts = [
    counted(results.length) + ", the most relevant first. Before: the place in your list.",
    probabilities ? "A full bar is a score of 1." : "A full bar is the highest score of this list.",
  ];
  if (results.some((result, position) => evidenceOf(documents[result.index], result, position))) {
    parts.push("Underlined in the best " + MARKED + ": the sentence without which the score falls most.");
  }
  if (results.some(result => isPart(result.best_chunk, documents[result.index]))) {
    parts.push("Beside a line: the part of a long document with the best score.");
  }
  return parts.join(" ");
}

function showResults(results, documents) {
  const scores = results.map(result => result.relevance_score);
  const probabilities = scores.every(score => score >= 0 && score <= 1);
  const low = probabilities ? 0 : Math.min(...scores);
  const high = probabilities ? 1 : Math.max(...scores);
  element("results-caption").textContent = caption(results, documents, probabilities);
  const rows = results.map((result, position) => {
    const row = create("tr");
    const before = result.index + 1;
    row.append(create("td", "number", String(position + 1)));
    const cell = create("td", "number", ordinal(before));
    cell.append(create("span", "note", movement(before, position + 1)));
    row.append(
      cell,
      scoreCell(result.relevance_score, low, high),
      documentCell(documents[result.index], result, position));
    return row;
  });
  element("results").tBodies[0].replaceChildren(...rows);
}

function showErrors(errors) {
  const items = errors.map(error => create("li", "", ordinal(error.index + 1) + " document: " + error.message));
  element("errors").hidden = errors.length === 0;
  element("errors").querySelector("ul").replaceChildren(...items);
}

function showStages(millis, total) {
  const rest = Math.max(0, total - millis.send - millis.job - millis.read);
  const stages = [
    ["Sent: until Kafka has acknowledged the record", millis.send],
    ["In the job: Flink reads the record, scores it and writes it to Kafka", millis.job],
    ["Read back: until this page's server has the result", millis.read],
    ["The rest: between your browser and this page's server", rest],
    ["Total", total],
  ];
  const rows = stages.map(([name, time]) => {
    const row = create("tr");
    const head = create("th", "", name);
    head.scope = "row";
    row.append(head, create("td", "number", Math.round(time) + " ms"));
    return row;
  });
  element("stages").tBodies[0].replaceChildren(...rows);
}

async function rank(event) {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  const documents = split(texts.value);
  element("answer").hidden = true;
  if (query.value.trim() === "") {
    say("The query is empty. Type a question.", true);
    query.focus();
    return;
  }
  if (documents.length === 0) {
    say("There are no documents. Write at least one.", true);
    texts.focus();
    return;
  }
  button.setAttribute("aria-disabled", "true");
  say("The record is on its way …", false);
  const started = performance.now();
  const patience = setTimeout(
    () => say("The record is on its way … The job scores one record after the other.", false), 3000);
  try {
    const response = await fetch("rank", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: query.value, documents }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    const total = performance.now() - started;
    const results = answer.result.results;
    showResults(results, documents);
    showErrors(answer.result.errors || []);
    showStages(answer.millis, total);
    element("record").textContent = answer.record;
    element("answer").hidden = false;
    const changed = results.length && results[0].index > 0;
    const first = changed ? " The " + ordinal(results[0].index + 1) + " document is now first." : "";
    say("Ranked " + counted(results.length) + " in " + Math.round(total) + " ms with " + answer.result.model + "." + first,
      false);
    element("answer-heading").focus();
  } catch (error) {
    say(error instanceof TypeError ? "The demo does not answer. Is it still running?" : error.message, true);
  } finally {
    clearTimeout(patience);
    button.removeAttribute("aria-disabled");
  }
}

function count() {
  element("documents-count").textContent = counted(split(texts.value).length) + ".";
}

// Texts of one's own are kept while the tab lives, so that an example or a reload does not lose them.
function keep() {
  example.value = "";
  sessionStorage.setItem(OWN, JSON.stringify({ query: query.value, documents: texts.value }));
  if (element("status").className === "error") say("", false);
  count();
}

function take() {
  const chosen = examples[Number(example.value)];
  const own = JSON.parse(sessionStorage.getItem(OWN) || '{"query":"","documents":""}');
  if (example.value === "" || !chosen) {
    query.value = own.query;
    texts.value = own.documents;
  } else {
    query.value = chosen.query;
    texts.value = chosen.documents.join("\n");
  }
  count();
}

async function start() {
  form.addEventListener("submit", rank);
  example.addEventListener("change", take);
  query.addEventListener("input", keep);
  texts.addEventListener("input", keep);
  try {
    examples = await (await fetch("examples.json")).json();
    examples.forEach((one, index) => {
      const option = create("option", "", one.query);
      option.value = String(index);
      example.append(option);
    });
    example.value = sessionStorage.getItem(OWN) === null && examples.length ? "0" : "";
    take();
  } catch {
    say("The examples cannot be loaded. You can still type your own texts.", false);
  }
}

start();
