// Walks the console in a real browser, against a real service. `node browser/run.mjs`, told by the environment:
// BEE_ADDRESS, BEE_TOKENS (JSON: admin, internal, expired), BEE_OUTPUT (a directory for screenshots), BEE_CHROMIUM.
// Prints one line of JSON for each walk: {"name", "seconds", "faults": [...], "notes": {...}}.
import { chromium } from "playwright-core";
import { walks } from "./walks.mjs";
import { Stage } from "./stage.mjs";

const only = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.BEE_CHROMIUM,
  args: ["--no-sandbox", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
});
try {
  for (const [name, walk] of Object.entries(walks)) {
    if (only.length === 0 || only.includes(name)) await report(name, walk);
  }
} finally {
  await browser.close();
}

async function report(name, walk) {
  const started = Date.now();
  const stage = new Stage(browser);
  try {
    await walk(stage);
  } catch (error) {
    stage.faults.push(String(error.stack ?? error));
    await stage.photograph(`failed-${name}`).catch(() => undefined);
  }
  await stage.close();
  const told = { name, seconds: (Date.now() - started) / 1000, faults: stage.faults, notes: stage.notes };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
