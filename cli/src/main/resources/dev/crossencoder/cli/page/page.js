"use strict";

// Texts of users and of the job are only ever set as textContent.
const element = id => document.getElementById(id);
const form = element("form");
const button = element("rank");
const example = element("example");
const query = element("query");
const texts = element("documents");
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

// Marks the evidence within a text, and the chunk around it. Offsets count UTF-16 units, as JavaScript does.
function marked(text, result) {
  const parts = document.createDocumentFragment();
  const chunk = result.best_chunk || { start: 0, end: text.length };
  const evidence = result.evidence;
  parts.append(text.slice(0, chunk.start));
  const inner = result.best_chunk && (chunk.start > 0 || chunk.end < text.length)
    ? create("span", "chunk") : document.createDocumentFragment();
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

function documentCell(text, result) {
  const cell = create("td", "document");
  cell.append(marked(text, result));
  const notes = [];
  if (result.evidence) notes.push("Underlined: the sentence without which the score falls most.");
  if (result.best_chunk && result.best_chunk.end - result.best_chunk.start < text.length) {
    notes.push("Set off by a line: the part with the best score.");
  }
  if (result.truncated) notes.push("The model read only the beginning.");
  if (notes.length) cell.append(create("span", "note", notes.join(" ")));
  return cell;
}

function showResults(results, documents) {
  const scores = results.map(result => result.relevance_score);
  const probabilities = scores.every(score => score >= 0 && score <= 1);
  const low = probabilities ? 0 : Math.min(...scores);
  const high = probabilities ? 1 : Math.max(...scores);
  element("results-caption").textContent =
    results.length + (results.length === 1 ? " document" : " documents") + ", the most relevant first. " +
    (probabilities ? "A full bar is a score of 1." : "A full bar is the highest score of this list.");
  const rows = results.map((result, position) => {
    const row = create("tr");
    const before = result.index + 1;
    row.append(create("td", "number", String(position + 1)));
    const cell = create("td", "number", ordinal(before));
    cell.append(create("span", "note", movement(before, position + 1)));
    row.append(cell, scoreCell(result.relevance_score, low, high), documentCell(documents[result.index], result));
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
    const first = results.length ? " The " + ordinal(results[0].index + 1) + " document is now first." : "";
    say("Ranked " + results.length + " documents in " + Math.round(total) + " ms." + first, false);
    element("answer-heading").focus();
  } catch (error) {
    element("answer").hidden = true;
    say(error instanceof TypeError ? "The demo does not answer. Is it still running?" : error.message, true);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function take() {
  const chosen = examples[Number(example.value)];
  if (example.value === "" || !chosen) return;
  query.value = chosen.query;
  texts.value = chosen.documents.join(chosen.documents.some(text => text.includes("\n")) ? "\n\n" : "\n");
}

async function start() {
  form.addEventListener("submit", rank);
  example.addEventListener("change", take);
  try {
    examples = await (await fetch("examples.json")).json();
    examples.forEach((one, index) => {
      const option = create("option", "", one.query);
      option.value = String(index);
      example.append(option);
    });
    if (query.value === "" && texts.value === "" && examples.length) {
      example.value = "0";
      take();
    }
  } catch {
    say("The examples cannot be loaded. You can still type your own texts.", false);
  }
}

start();
