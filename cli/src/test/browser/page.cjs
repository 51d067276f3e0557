"use strict";

// Usage: node page.cjs ADDRESS CHROMIUM [--screenshot FILE]
const assert = require("node:assert/strict");
const fs = require("node:fs");
const { chromium } = require("playwright-core");

const [address, executablePath, ...rest] = process.argv.slice(2);
const screenshot = rest[0] === "--screenshot" ? rest[1] : undefined;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

async function ranked(page, text = /^Ranked/) {
  await page.waitForFunction(
    pattern => new RegExp(pattern).test(document.getElementById("status").textContent), text.source, { timeout: 60_000 });
}

const focused = page => page.evaluate(() => document.activeElement.id);

async function accessible(page, state) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document));
  assert.deepEqual(found.violations.map(one => one.id + ": " + one.nodes[0].html), [], state);
}

const checks = {
  async "the keyboard alone ranks the example, and the answer has the focus"(page) {
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "example");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "query");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "documents");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "rank");
    await page.keyboard.press("Enter");
    await ranked(page);
    assert.equal(await focused(page), "answer-heading");
    const first = page.locator("#results tbody tr").first();
    assert.match(await first.innerText(), /41 metres/);
    assert.match(await first.innerText(), /4th/);
    assert.equal(await page.locator("#stages tbody tr").count(), 5);
    // A document of one sentence is its own evidence, which says nothing.
    assert.equal(await page.locator("#results mark").count(), 0);
    await accessible(page, "with a ranking");
  },

  async "the sentence that decided is marked in documents of several sentences"(page) {
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    await page.selectOption("#example", { label: "When does the museum open on weekdays?" });
    assert.equal(await page.textContent("#documents-count"), "3 documents.");
    await page.click("#rank");
    await ranked(page);
    assert.match(await page.locator("#results mark").first().innerText(), /^It opens at 10 a\.m\. on weekdays/);
    assert.match(await page.textContent("#results-caption"), /Underlined/);
    if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  },

  async "texts of one's own outlive an example and a reload"(page) {
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    await page.fill("#query", "How tall is it?");
    await page.fill("#documents", "It is 41 metres tall.\nIt is green.");
    assert.equal(await page.inputValue("#example"), "");
    await page.selectOption("#example", "0");
    assert.notEqual(await page.inputValue("#query"), "How tall is it?");
    await page.selectOption("#example", "");
    assert.equal(await page.inputValue("#query"), "How tall is it?");
    await page.reload();
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    assert.equal(await page.inputValue("#documents"), "It is 41 metres tall.\nIt is green.");
  },

  async "an answer comes within two seconds once the model is warm"(page) {
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    await page.click("#rank");
    await ranked(page);
    const millis = Number(/in (\d+) ms/.exec(await page.textContent("#status"))[1]);
    assert.ok(millis < 2000, millis + " ms");
    console.log("    " + millis + " ms");
  },

  async "HTML in texts is shown as text"(page) {
    await page.goto(address);
    const attack = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
    await page.fill("#query", attack);
    await page.fill("#documents", attack + "\nAnother document.");
    await page.click("#rank");
    await ranked(page);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("#answer img, #answer script").count(), 0);
    assert.ok((await page.innerText("#results")).includes(attack));
  },

  async "empty lines separate documents of several lines"(page) {
    await page.goto(address);
    await page.fill("#query", "How tall is it?");
    await page.fill("#documents", "First line\nsecond line\n\nIt is 41 metres tall.\n\n\nThe third.");
    await page.click("#rank");
    await ranked(page);
    assert.equal(await page.locator("#results tbody tr").count(), 3);
  },

  async "what cannot be ranked is said in words, and the focus is where to mend it"(page) {
    await page.goto(address);
    await page.fill("#query", "");
    await page.fill("#documents", "A document.");
    await page.click("#rank");
    assert.equal(await page.textContent("#status"), "Not ranked: The query is empty. Type a question.");
    assert.equal(await focused(page), "query");
    await page.fill("#query", "A question?");
    await page.fill("#documents", Array(101).fill("A document.").join("\n"));
    await page.click("#rank");
    await ranked(page, /101 documents/);
    await accessible(page, "with an error");
  },

  async "it fits a narrow window and dark colours"(page) {
    await page.setViewportSize({ width: 320, height: 700 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById("query").value !== "");
    await page.click("#rank");
    await ranked(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wider <= 0, wider + " pixels too wide");
    await accessible(page, "in dark colours");
  },
};

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    const complaints = [];
    page.on("pageerror", error => complaints.push(error.message));
    // The browser itself writes a line for each HTTP status of an error.
    page.on("console", line => line.type() === "error" && !/status of 4/.test(line.text()) && complaints.push(line.text()));
    page.on("request", request => request.url().startsWith(address) || request.url().startsWith("data:") ||
      complaints.push("a request to " + request.url()));
    try {
      await check(page);
      assert.deepEqual(complaints, []);
      console.log("ok  " + name);
    } catch (error) {
      failed++;
      console.log("FAILED  " + name + "\n" + error.message);
    }
    await page.close();
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
})();
