import { ADDRESS, api, button, BUSINESS, listen, newCustomer, rows, tooMany, TOKENS, WAIT_MS } from "./stage.mjs";

/** What ten thousand rows may leave behind in memory: cursors, and what the browser itself notes of each call. */
const ROOM_MIB = 4.5;

const LOADS = 7;
/** Milliseconds that a call is on its way: none as in these tests, and as many as to a service some cities away. */
const WAYS_MS = [0, 50];

/**
 * One load of the list, in milliseconds: the call itself, from when the script was there to when rows were, and from
 * when the script had run, which is when the call goes out.
 */
async function firstPage(page) {
  await page.reload();
  await page.waitForFunction(() => performance.getEntriesByName("bee.first-page").length > 0);
  return page.evaluate(() => {
    const entries = performance.getEntriesByType("resource");
    const call = entries.find(({ name }) => name.includes("/v1/customers?"));
    const script = entries.find(({ name }) => name.endsWith(".js"));
    const shown = performance.getEntriesByName("bee.first-page")[0].startTime;
    return { call: call.responseEnd - call.startTime, sinceLoaded: shown - script.responseEnd, sinceRun: shown - call.startTime };
  });
}

async function first_page(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  const devices = await page.context().newCDPSession(page);
  for (const latency of WAYS_MS) {
    await devices.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
    const loads = [];
    for (let load = 0; load < LOADS; load += 1) loads.push(await firstPage(page));
    const ratios = loads.map((one) => ({ ...one, loadedByCall: one.sinceLoaded / one.call, runByCall: one.sinceRun / one.call }));
    for (const name of Object.keys(ratios[0])) stage.notes[`${name} at ${latency}`] = Number(middle(ratios.map((one) => one[name])).toFixed(1));
  }
}

function middle(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function finds_renames_tags_and_notes(stage) {
  const started = Date.now();
  const name = "Ștefănuță Brâncoveanu-Țepeș";
  await newCustomer(name);
  const page = await stage.open();
  await page.getByRole("searchbox").pressSequentially("stefanuta bran", { delay: 15 });
  await page.waitForURL(/search=stefanuta\+bran$/);
  await page.getByRole("link", { name }).click();
  await button(page, "Edit Name").click();
  await page.getByLabel("Name", { exact: true }).fill("Ștefănuța Brâncoveanu");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Ștefănuța Brâncoveanu" }).waitFor();
  await page.getByPlaceholder("Add a tag").fill("Fidel");
  await button(page, "Add").click();
  await button(page, "Remove the tag Fidel").waitFor();
  await page.getByLabel("New note").fill("A sunat pentru factură.\nRevine luni.");
  await button(page, "Add note").click();
  await page.getByText("Revine luni.", { exact: false }).last().waitFor();
  await page.waitForFunction(() => document.querySelector("textarea").value === "");
  await page.getByText("Ștefănuță Brâncoveanu-Țepeș", { exact: true }).waitFor(); // the timeline tells what it was
  await page.goBack();
  stage.equal(await page.getByRole("searchbox").inputValue(), "stefanuta bran", "the search after the way back");
  stage.notes.seconds = (Date.now() - started) / 1000;
}

async function narrows_by_the_address(stage) {
  await newCustomer("Ana Filtru", { tags: ["filtrat"] });
  const page = await stage.open();
  await rows(page).first().waitFor();
  await button(page, "Filters").click();
  await page.getByLabel("Tags").fill("filtrat");
  await button(page, "+").click();
  await page.getByLabel("Business").fill(BUSINESS);
  await page.getByLabel("Value to").fill("12,5");
  await page.waitForURL(/max_lifetime_value=12\.5/);
  await page.getByText("1 customer", { exact: true }).waitFor();
  stage.equal(await rows(page).count(), 1, "rows that are left");
  const query = new URL(page.url()).searchParams;
  stage.equal([query.getAll("tag"), query.get("business_id"), query.get("max_lifetime_value")], [["filtrat"], BUSINESS, "12.5"], "the address");
  await page.reload();
  await page.getByText("1 customer", { exact: true }).waitFor();
  await stage.photograph("customers-filtered");
  await page.getByLabel("Value to").fill("viel");
  stage.equal(await page.getByLabel("Value to").getAttribute("aria-invalid"), "true", "what is no amount");
  await button(page, "Clear the filters").click();
  await page.getByText("100 customers and more").waitFor();
  await page.getByRole("searchbox").fill("nobody has such a name");
  await page.getByText("Nobody matches").waitFor();
  await stage.photograph("customers-empty");
  await page.goBack(); // all that was typed is one step
  await page.getByText("100 customers and more, about").waitFor();
  stage.equal(await page.getByRole("searchbox").inputValue(), "", "the search, a step back");
  await page.goto(`${ADDRESS}/console?sort=nonsense&gender=zzz&tag=&tag=${"x".repeat(51)}&created_from=999999-01-01&created_to=275760-12-31`);
  await page.getByText("is left out: Tags, Gender, Sort by.").waitFor();
  await rows(page).first().waitFor();
  stage.equal(await page.getByLabel("Created from").getAttribute("aria-invalid"), "true", "a year of six digits");
  await button(page, "Clear the filters").first().click();
  await page.waitForFunction(() => location.search === "" && !document.body.innerText.includes("left out"));
}

async function sorts_and_remembers_columns(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  await button(page, "Name").click();
  await page.waitForFunction(() => location.search === "?sort=full_name");
  await button(page, "Name").click();
  await page.waitForFunction(() => location.search === "?sort=-full_name");
  const last = (await api("GET", "?sort=-full_name&limit=1"))[0].full_name;
  await rows(page).first().getByRole("link", { name: last }).waitFor();
  stage.equal(await page.locator('th[aria-sort="descending"]').innerText(), "Name↓", "the sorted column");
  await button(page, "Columns").click();
  await page.getByRole("checkbox", { name: "Phone" }).uncheck();
  await page.reload();
  await rows(page).first().waitFor();
  stage.equal(await page.getByRole("columnheader", { name: "Phone" }).count(), 0, "columns after a reload");
}

/**
 * Letter by letter, by timers of the page itself: however busy the machine is, the next letter comes before the wait
 * for one is over.
 */
async function typeQuickly(field, text) {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  for (let length = 1; length <= text.length; length += 1) {
    set.call(field, text.slice(0, length));
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function search_cancels_what_is_typed_over(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  const asked = [];
  page.on("request", (request) => request.url().includes("search=") && asked.push(new URL(request.url()).searchParams.get("search")));
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(/search=slow/, async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  const cancelled = page.waitForEvent("requestfailed", (request) => request.url().includes("search=slow"));
  cancelled.catch(() => undefined); // it is waited for below
  const sent = page.waitForRequest(/search=slow/);
  await page.getByRole("searchbox").evaluate(typeQuickly, "slow");
  await sent;
  await page.getByRole("searchbox").fill("ionut");
  await cancelled;
  letGo();
  await page.waitForFunction(() => location.search === "?search=ionut");
  await rows(page).first().getByText(/ionuț/i).first().waitFor();
  stage.equal(asked, ["slow", "ionut"], "searches, none of them for a letter alone");
}

async function typed_filters_wait_for_the_last_key_too(stage) {
  const page = await stage.open("?min_orders=0");
  await rows(page).first().waitFor();
  const asked = [];
  const name = "min_lifetime_value";
  page.on("request", (request) => asked.push(new URL(request.url()).searchParams.get(name)));
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(/min_lifetime_value=1250/, async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  const cancelled = page.waitForEvent("requestfailed", (request) => request.url().includes(`${name}=1250`));
  cancelled.catch(() => undefined); // it is waited for below
  const sent = page.waitForRequest(/min_lifetime_value=1250/);
  await page.getByLabel("Value from").evaluate(typeQuickly, "1250");
  await sent;
  await page.getByLabel("Value from").fill("0");
  await cancelled;
  letGo();
  await page.waitForFunction(() => location.search === "?min_lifetime_value=0&min_orders=0");
  await page.locator("table[aria-busy=false]").waitFor();
  stage.equal(asked.filter(Boolean), ["1250", "0"], "amounts, none of them for a digit alone");
}

async function what_is_typed_is_there_after_a_look_at_a_customer(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  // in one go, so that however busy the machine is no wait is over between the two
  await page.getByRole("searchbox").evaluate((field) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "mihaela");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    document.querySelector("tr[data-row] a").click();
  });
  await page.getByRole("heading", { name: "Profile" }).waitFor();
  await page.goBack();
  await page.waitForURL(/\?search=mihaela$/);
  stage.equal(await page.getByRole("searchbox").inputValue(), "mihaela", "what was typed");
  await rows(page).first().getByText(/mihaela/i).first().waitFor();
  await the_place_is_there_after_a_customer_was_loaded_anew(page);
}

async function the_place_is_there_after_a_customer_was_loaded_anew(page) {
  await page.getByRole("region", { name: /^Customers/ }).evaluate(async (box) => {
    while (!box.querySelector('tr[data-row="250"]')) {
      box.scrollTop = 52 * 245; // as far as there are rows by now
      await new Promise(requestAnimationFrame);
    }
  });
  const link = page.locator('tr[data-row="250"] a');
  const name = await link.innerText();
  await link.click();
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  await page.goBack();
  await page.locator('tr[data-row="250"]').getByRole("link", { name, exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector("main [role=region]").scrollTop > 52 * 235);
  await page.locator('tr[data-row="250"] a').click();
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  await page.getByRole("navigation").getByText("Customers").click();
  await page.waitForURL(/\?search=mihaela$/);
}

async function scrolls_through_ten_thousand(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  const scroller = page.getByRole("region", { name: /^Customers/ });
  const heap = async () => {
    await page.evaluate(() => globalThis.gc());
    return page.evaluate(() => performance.memory.usedJSHeapSize / 2 ** 20);
  };
  const before = await heap();
  const scrollTo = (row) =>
    page.evaluate(async (wanted) => {
      const box = document.querySelector("main [role=region]");
      while (Number([...document.querySelectorAll("tr[data-row]")].at(-1)?.dataset.row ?? 0) < wanted) {
        box.scrollTop = Math.min(wanted * 52, box.scrollHeight);
        await new Promise(requestAnimationFrame);
      }
    }, row);
  await scrollTo(9900);
  const most = await heap();
  // the rows out of sight are let go a moment later, their ids stay (1 MiB); kept, the rows would be 4 MiB more
  let after = most;
  for (const end = Date.now() + WAIT_MS; after > before + ROOM_MIB && Date.now() < end; after = await heap()) await page.waitForTimeout(200);
  const drawn = await page.locator("tbody tr").count();
  Object.assign(stage.notes, Object.fromEntries(Object.entries({ before, most, after, drawn }).map(([name, value]) => [name, Number(value.toFixed(1))])));
  stage.check(after <= before + ROOM_MIB, `memory grew from ${before} to ${after} MiB`);
  stage.check(drawn < 80, `${drawn} rows are drawn`);
  await page.evaluate(() => (document.querySelector("main [role=region]").scrollTop = 0));
  await scroller.locator('tr[data-row="0"]').waitFor();
}

async function tags_fifty(stage) {
  const page = await stage.open("?search=cincizeci");
  await page.getByText("50 customers", { exact: true }).waitFor();
  await page.getByLabel("Select all rows that are loaded").check();
  await page.getByText("50 selected").waitFor();
  await stage.photograph("customers-selected");
  await page.getByPlaceholder("Tag", { exact: true }).fill("Campanie");
  await button(page, "Attach").click();
  await page.getByText("50 customers now carry Campanie.").waitFor();
  stage.equal((await api("GET", "?tag=Campanie&limit=200")).length, 50, "who carries it");
  await page.getByPlaceholder("Tag", { exact: true }).fill("campanie");
  await button(page, "Take off").click();
  await button(page.getByRole("dialog", { name: "Take campanie off 50 customers?" }), "Take off").click();
  await page.getByText("50 customers do not carry campanie any more.").waitFor();
  stage.equal((await api("GET", "?tag=Campanie&limit=200")).length, 0, "who still carries it");
}

async function tagging_goes_on_beside_other_pages(stage) {
  stage.expected.add(429);
  const ids = [];
  for (const which of ["Unu", "Doi", "Trei"]) ids.push((await newCustomer(`Peste Pagini ${which}`)).id);
  const page = await stage.open("?search=peste+pagini");
  await page.getByText("3 customers", { exact: true }).waitFor();
  let [refusals, letGo] = [1];
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(`**/v1/customers/${ids[0]}/tags`, async (route) => {
    if (refusals-- > 0) return route.fulfill(tooMany(2));
    await held;
    return route.continue();
  });
  const told = await listen(page);
  await page.getByLabel("Select all rows that are loaded").check();
  await page.getByPlaceholder("Tag", { exact: true }).fill("Drumeț");
  const again = page.waitForRequest((request) => request.url().endsWith(`/${ids[0]}/tags`));
  await button(page, "Attach").click();
  await again;
  await rows(page).first().getByRole("link").click();
  await page.getByRole("heading", { name: "Profile" }).waitFor();
  await page.getByText("2 of 3 tagged").waitFor();
  await stage.photograph("customer-tagging");
  await stage.axe(page, "tagging beside a customer");
  await button(page, "Sign out").click();
  const dialog = page.getByRole("dialog", { name: "Something is still being done" });
  await button(dialog, "Stay").click();
  await dialog.waitFor({ state: "detached" });
  const isAskedFor = await page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
  stage.check(isAskedFor, "the browser leaves without asking");
  letGo();
  await page.getByText("3 customers now carry Drumeț.").waitFor();
  stage.check((await told()).includes("Too many at once: goes on in 2 s"), "a pause is not told of");
  await button(page, "Remove the tag Drumeț").waitFor(); // of the one that is shown
  await button(page, "Close").click();
  await page.getByText("now carry").waitFor({ state: "detached" });
  stage.equal((await api("GET", "?tag=Drume%C8%9B")).length, 3, "who carries it");
  await some_cannot_be_tagged(stage, page, ids);
}

/** One who has all tags that one may have, and one who is gone. */
async function some_cannot_be_tagged(stage, page, [, full, gone]) {
  stage.expected.add(404).add(422);
  await api("POST", `/${full}/tags`, { tags: Array.from({ length: 49 }, (_, index) => `plin de tot ${index}, cu un nume lung`) });
  await api("DELETE", `/${gone}`);
  await page.goBack();
  await page.getByText("3 selected", { exact: true }).waitFor();
  await page.getByPlaceholder("Tag", { exact: true }).fill("Preaplin");
  await button(page, "Attach").click();
  await page.getByText("1 customer now carries Preaplin.").waitFor();
  await page.getByText("1 is not there any more").waitFor();
  await page.getByText("2 selected", { exact: true }).waitFor();
  stage.equal(await button(page, "Try those again").count(), 0, "tries that cannot help");
  await page.getByText("1 has 50 tags already").click();
  const named = page.locator("[data-tagging]").getByRole("link", { name: "Peste Pagini Doi" });
  await named.waitFor();
  await stage.photograph("customers-not-tagged");
  await stage.axe(page, "who could not be tagged");
  const counts = page.getByText("+48", { exact: true });
  const [count, cell] = await Promise.all([counts.boundingBox(), page.locator("td", { has: counts }).boundingBox()]);
  stage.check(count.x + count.width <= cell.x + cell.width, "the number of further tags is cut");
  await named.click();
  await page.getByRole("heading", { level: 1, name: "Peste Pagini Doi" }).waitFor();
}

async function selects_all_that_is_loaded_and_keeps_it(stage) {
  const page = await stage.open("?search=mihaela");
  await rows(page).first().waitFor();
  const ticks = rows(page).getByRole("checkbox");
  const where = () => rows(page).first().boundingBox();
  const before = await where();
  await ticks.nth(1).click();
  await ticks.nth(5).click({ modifiers: ["Shift"] });
  await page.getByText("5 selected", { exact: true }).waitFor();
  stage.equal(await where(), before, "the place of a row after a tick");
  await button(page, "Select none").click();
  const box = page.getByRole("region", { name: /^Customers/ });
  for (const row of [90, 190, 290]) {
    await box.evaluate(async (scroller, wanted) => {
      while (!scroller.querySelector(`tr[data-row="${wanted}"]`)) {
        scroller.scrollTop = wanted * 52; // as far as there are rows by now
        await new Promise(requestAnimationFrame);
      }
    }, row);
  }
  // a page that comes after the click makes it not all any longer
  await page.getByLabel("Select all rows that are loaded").click();
  const told = await page.getByText(/^\d+ selected$/).innerText();
  stage.check(parseInt(told) >= 300, `${told} of 300 rows and more that were read`);
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(/search=mihaela\+cincizeci/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByPlaceholder("Tag", { exact: true }).fill("Grabnic");
  await page.getByRole("searchbox").fill("mihaela cincizeci");
  for (const off of [page.getByLabel("Select all rows that are loaded"), ticks.first(), button(page, "Attach"), button(page, "Take off")])
    stage.check(await off.isDisabled(), `${off} can be used while other rows are on their way`);
  letGo();
  await page.getByText(/of them not in this list/).waitFor();
  await rows(page).first().getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: /^Mihaela Cincizeci/ }).waitFor();
  await page.goBack();
  await page.getByText(told, { exact: true }).waitFor();
}

async function names_have_room_beside_all_columns(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  await button(page, "Columns").click();
  for (const name of ["Gender", "Business"]) await page.getByRole("checkbox", { name }).check();
  for (const width of [360, 1024, 1280, 1600]) {
    await page.setViewportSize({ width, height: 800 });
    for (const name of ["Name", "E-mail", "Tags", "Business"]) {
      const { width: room } = await page.getByRole("columnheader", { name }).boundingBox();
      stage.check(room > 100, `${name} is ${room} wide in a window of ${width}`);
    }
  }
}

async function failing_list_says_what_to_do(stage) {
  stage.expected.add("failed");
  const page = await stage.open("", { token: null });
  let isDown = true;
  await page.route(/\/v1\/customers\?/, (route) => (isDown ? route.abort("failed") : route.continue()));
  await page.goto(`${ADDRESS}/console#token=${TOKENS.admin}`);
  await page.reload();
  await page.getByText("The service cannot be reached.", { exact: false }).waitFor();
  await stage.photograph("customers-unreachable");
  isDown = false;
  await button(page, "Try again").click();
  await rows(page).first().waitFor();
  await failing_page_keeps_the_rows_and_comes_back(page);
}

async function failing_page_keeps_the_rows_and_comes_back(page) {
  let isDown = true;
  await page.clock.install();
  await page.route(/[?&]cursor=/, (route) => (isDown ? route.abort("failed") : route.fallback()));
  await page.getByRole("region", { name: /^Customers/ }).evaluate((box) => (box.scrollTop = 52 * 95));
  const told = page.getByText("Those that were read stay.", { exact: false });
  // its tries and the waits between them, without waiting
  for (const end = Date.now() + WAIT_MS; !(await told.isVisible()) && Date.now() < end; ) await page.clock.fastForward(1000);
  await told.waitFor();
  await page.locator('tr[data-row="97"]').waitFor();
  isDown = false;
  for (const end = Date.now() + WAIT_MS; (await told.isVisible()) && Date.now() < end; ) await page.clock.fastForward(1000);
  await told.waitFor({ state: "detached" });
  await page.locator('tr[data-row="101"]').waitFor();
}

export const list = {
  first_page,
  finds_renames_tags_and_notes,
  narrows_by_the_address,
  sorts_and_remembers_columns,
  search_cancels_what_is_typed_over,
  typed_filters_wait_for_the_last_key_too,
  what_is_typed_is_there_after_a_look_at_a_customer,
  scrolls_through_ten_thousand,
  tags_fifty,
  tagging_goes_on_beside_other_pages,
  selects_all_that_is_loaded_and_keeps_it,
  names_have_room_beside_all_columns,
  failing_list_says_what_to_do,
};
