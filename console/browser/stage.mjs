import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const ADDRESS = process.env.BEE_ADDRESS;
export const TOKENS = JSON.parse(process.env.BEE_TOKENS);
const OUTPUT = process.env.BEE_OUTPUT;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The longest wait for a condition; machines that do much else at once are slow. */
export const WAIT_MS = 20_000;

/** What one walk has: its pages, and all that was wrong on any of them. */
export class Stage {
  faults = [];
  notes = {};
  /** Statuses that this walk brings about itself; the browser puts each into its console. */
  expected = new Set();
  /** Whether this walk breaks the page itself, which browsers and React tell of in their own words. */
  isBreaking = false;
  #contexts = [];
  #page = null;

  constructor(browser) {
    this.browser = browser;
  }

  /** A page of a window of its own, signed in unless `token` is null. */
  async open(path = "", { token = TOKENS.admin, ...options } = {}) {
    const context = await this.browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(WAIT_MS);
    this.#contexts.push(context);
    const page = (this.#page = await context.newPage());
    page.on("pageerror", (error) => this.faults.push(`error in the page: ${error}`));
    page.on("console", (message) => this.#hear(message));
    await page.goto(`${ADDRESS}/console${path}${token ? `#token=${token}` : ""}`);
    return page;
  }

  #hear(message) {
    if (this.isBreaking || !["error", "warning"].includes(message.type())) return;
    const status = /status of (\d+)/.exec(message.text())?.[1];
    const isFailed = message.text().includes("net::ERR_FAILED") && this.expected.has("failed");
    if (!isFailed && !this.expected.has(Number(status))) this.faults.push(`console: ${message.text()}`);
  }

  check(isTrue, what) {
    if (!isTrue) this.faults.push(what);
  }

  equal(found, wanted, what) {
    const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
    this.check(left === right, `${what}: ${left} and not ${right}`);
  }

  async photograph(name, page = this.#page) {
    await page?.screenshot({ path: join(OUTPUT, `${name}.png`), animations: "disabled" });
  }

  /** What axe finds on the page as it is, by WCAG 2.2 AA; or of its rules only these. */
  async axe(page, what, runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]) {
    const found = await page.evaluate(`${AXE}; axe.run(document, { runOnly: ${JSON.stringify(runOnly)} })`);
    for (const { id, nodes } of found.violations) this.faults.push(`axe, ${what}: ${id}: ${nodes.map((node) => node.html).slice(0, 3)}`);
  }

  async close() {
    for (const context of this.#contexts) await context.close();
  }
}

/** A call of the API past the browser, as whoever holds the token. */
export async function api(method, path, body, token = TOKENS.admin, headers = {}) {
  const response = await fetch(`${ADDRESS}/v1/customers${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

let number = 0;
export const BUSINESS = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d";

/** A customer of its own for a walk. */
export async function newCustomer(name, fields = {}) {
  number += 1;
  const email = `walk${number}.${Date.now()}@example.com`;
  return api("POST", "", { business_id: BUSINESS, full_name: name, email, ...fields }, TOKENS.internal);
}

/** The reply to who comes too often, in the form of the service's own. */
export const tooMany = (seconds) => ({
  status: 429,
  headers: { "Retry-After": String(seconds), "Content-Type": "application/problem+json" },
  body: JSON.stringify({ type: "/problems/rate-limited", title: "", status: 429, detail: "", instance: "/", trace_id: "" }),
});

/** Everything that the page says from now on: what is there for a second, a busy machine may sleep through. */
export async function listen(page) {
  await page.evaluate(() => {
    globalThis.told = [];
    const observer = new MutationObserver(() => globalThis.told.push(document.body.innerText));
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => globalThis.told.join("\n"));
}

export const rows = (page) => page.locator("tbody tr[data-row]");
export const button = (page, name) => page.getByRole("button", { name, exact: true });
