// Walks the console in a real browser, against a real service. `node browser/run.mjs`, told by the environment:
// BEE_ADDRESS, BEE_TOKENS (JSON: admin, second, elsewhere, internal, expired), BEE_OUTPUT (a directory for screenshots), BEE_CHROMIUM.
// Prints one line of JSON for each walk: {"name", "seconds", "faults": [...], "notes": {...}}.
import { chromium } from "playwright-core";
import { measuring, walks } from "./walks.mjs";
import { Stage } from "./stage.mjs";

const only = process.argv.slice(2);
/** Walks that measure go alone; of the others some wait while others work. */
const AT_ONCE = 3;
const browser = await chromium.launch({
  executablePath: process.env.BEE_CHROMIUM,
  args: ["--no-sandbox", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
});
try {
  const chosen = Object.entries(walks).filter(([name]) => only.length === 0 || only.includes(name));
  for (const [name, walk] of chosen.filter(([name]) => measuring.includes(name))) await report(name, walk);
  const waiting = chosen.filter(([name]) => !measuring.includes(name));
  await Promise.all(Array.from({ length: AT_ONCE }, () => goOn(waiting)));
} finally {
  await browser.close();
}

async function goOn(waiting) {
  for (let next = waiting.shift(); next; next = waiting.shift()) await report(...next);
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
