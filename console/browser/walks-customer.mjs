import { ADDRESS, api, button, listen, newCustomer, rows, TOKENS, tooMany } from "./stage.mjs";

const PATCH = { "Content-Type": "application/json-patch+json" };

async function edits_in_place(stage) {
  const { id } = await newCustomer("Ioana Câmpean", { gender: "female", phone: "0722 123 456" });
  stage.expected.add(422);
  const page = await stage.open(`/customers/${id}`);
  await button(page, "Edit Phone").click();
  await page.getByLabel("Phone", { exact: true }).fill("12");
  await button(page, "Save").click();
  const refused = page.getByRole("textbox", { name: "Phone", description: /^Not accepted: / });
  await refused.waitFor();
  await page.waitForFunction(() => document.activeElement?.matches("input[type=tel][aria-invalid=true]"));
  stage.equal(await page.getByText("Something in it breaks a rule.").count(), 0, "notices of what the field tells");
  await page.getByLabel("Phone", { exact: true }).fill("0733 999 888");
  await button(page, "Save").click();
  await page.getByText("+40733999888").first().waitFor();
  await button(page, "Edit Gender").click();
  await page.getByLabel("Gender", { exact: true }).selectOption("");
  await button(page, "Save").click();
  await button(page, "Edit Gender").waitFor();
  await button(page, "Edit E-mail").click();
  await page.getByLabel("E-mail", { exact: true }).fill("given.up@example.com");
  await page.keyboard.press("Escape");
  const kept = await api("GET", `/${id}`);
  stage.equal([kept.phone, kept.gender, kept.version], ["+40733999888", null, 3], "what was saved");
  stage.check(!kept.email.startsWith("given"), "what was given up was saved");
}

async function a_focus_that_went_on_is_left_alone(stage) {
  const { id } = await newCustomer("Mereu Înainte");
  const page = await stage.open(`/customers/${id}`);
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(`**/v1/customers/${id}`, async (route) => {
    if (route.request().method() === "PATCH") await held;
    await route.continue();
  });
  await button(page, "Edit Name").click();
  await page.getByLabel("Name", { exact: true }).fill("Tot Înainte");
  await page.keyboard.press("Enter");
  await button(page, "Saving…").waitFor();
  await page.getByLabel("New note").focus();
  letGo();
  await button(page, "Edit Name").waitFor();
  const isLeft = await page.evaluate(() => document.activeElement?.matches("textarea"));
  stage.check(isLeft, "the focus was taken from the note");
}

async function conflict_in_two_windows(stage) {
  stage.expected.add(412);
  const { id } = await newCustomer("Radu Dublu");
  const [one, two] = [await stage.open(`/customers/${id}`), await stage.open(`/customers/${id}`)];
  for (const page of [one, two]) await button(page, "Edit Name").click();
  await one.getByLabel("Name", { exact: true }).fill("Radu Întâi");
  await button(one, "Save").click();
  await one.getByRole("heading", { level: 1, name: "Radu Întâi" }).waitFor();
  await two.getByLabel("Name", { exact: true }).fill("Radu Secund");
  await button(two, "Save").click();
  const dialog = two.getByRole("dialog", { name: "Somebody else changed this customer" });
  await dialog.getByText("Radu Întâi").waitFor();
  await dialog.getByText("Radu Secund").waitFor();
  await stage.photograph("customer-conflict", two);
  await stage.axe(two, "conflict");
  stage.equal((await api("GET", `/${id}`)).full_name, "Radu Întâi", "nothing saved over before the answer");
  await button(dialog, "Save mine").click();
  await two.getByRole("heading", { level: 1, name: "Radu Secund" }).waitFor();
  await button(one, "Edit Name").click();
  await one.getByLabel("Name", { exact: true }).fill("Radu Iarăși");
  await button(one, "Save").click();
  await button(one, "Take theirs").click();
  await one.getByRole("heading", { level: 1, name: "Radu Secund" }).waitFor();
  stage.equal((await api("GET", `/${id}`)).full_name, "Radu Secund", "theirs stands");
}

const rename = (id, name) => api("PATCH", `/${id}`, [{ op: "replace", path: "/full_name", value: name }], TOKENS.admin, PATCH);

async function a_draft_is_saved_against_the_version_it_began_with(stage) {
  stage.expected.add(412);
  const { id } = await newCustomer("Ciornă Veche");
  const page = await stage.open(`/customers/${id}`);
  await button(page, "Edit Name").click();
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Ciornă Mea");
  await rename(id, "Ciornă Străină");
  await page.reload();
  stage.equal(await name.inputValue(), "Ciornă Mea", "what was typed, after the page was loaded anew");
  await name.press("Enter");
  await page.getByRole("dialog").getByText("Ciornă Străină").waitFor();
  stage.equal((await api("GET", `/${id}`)).full_name, "Ciornă Străină", "the name before the answer");
}

async function changes_of_other_fields_are_no_conflict(stage) {
  stage.expected.add(412);
  const { id } = await newCustomer("Singur Aici", { phone: "0722 123 456" });
  const page = await stage.open(`/customers/${id}`);
  for (const field of ["Name", "Phone"]) await button(page, `Edit ${field}`).click();
  await page.getByPlaceholder("Add a tag").fill("Al meu");
  await button(page, "Add").click();
  await button(page, "Remove the tag Al meu").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Tot Singur");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Tot Singur" }).waitFor();
  await page.getByLabel("Phone", { exact: true }).fill("0733 111 222");
  await page.keyboard.press("Enter");
  await button(page, "Edit Phone").waitFor();
  const { full_name, phone, tags } = await api("GET", `/${id}`);
  stage.equal([full_name, phone, tags], ["Tot Singur", "+40733111222", ["Al meu"]], "what is saved");
}

async function what_is_typed_during_a_save_is_not_lost(stage) {
  stage.expected.add(503);
  const { id } = await newCustomer("Scrie Mereu");
  const page = await stage.open(`/customers/${id}`);
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(/\/v1\/customers\/[^/]+(\/notes)?$/, async (route) => {
    if (route.request().method() !== "GET") await held;
    await route.continue();
  });
  await button(page, "Edit Name").click();
  await page.getByLabel("Name", { exact: true }).fill("Scrie Acum");
  await page.keyboard.press("Enter");
  await button(page, "Saving…").waitFor();
  stage.check(!(await page.getByLabel("Name", { exact: true }).isEditable()), "a name on its way takes more letters");
  await page.getByLabel("New note").fill("Prima.");
  await button(page, "Add note").click();
  await page.getByLabel("New note").fill("A doua");
  letGo();
  await page.getByRole("listitem").filter({ hasText: "Prima." }).waitFor();
  await button(page, "Edit Name").waitFor();
  stage.equal(await page.getByLabel("New note").inputValue(), "A doua", "the next note");
  stage.equal((await api("GET", `/${id}`)).full_name, "Scrie Acum", "the name");
  await page.route(`**/v1/customers/${id}`, (route) => route.fulfill({ status: 503, body: JSON.stringify({ type: "/problems/unavailable" }) }));
  await page.getByPlaceholder("Add a tag").fill("Nou");
  await button(page, "Add").click();
  await page.getByRole("alert").filter({ hasText: "The service cannot answer" }).waitFor();
  await page.route("**/tags", (route) => route.fulfill({ status: 503, body: JSON.stringify({ type: "/problems/unavailable" }) }));
  await page.getByPlaceholder("Add a tag").fill("Refuzat");
  await button(page, "Add").click();
  await page.getByRole("alert").nth(1).waitFor();
  stage.equal(await page.getByPlaceholder("Add a tag").inputValue(), "Refuzat", "a tag that was refused");
  stage.equal(await page.getByLabel("New note").inputValue(), "A doua", "the note beside a page that could not be read anew");
}

/** Refuses the first change of each kind, for a second or for as long as told here; returns a way to the kinds so far. */
async function refuseEachOnce(page, id, seconds) {
  const refused = new Set(["GET"]);
  await page.route(`**/v1/customers/${id}**`, (route) => {
    const [method, part] = [route.request().method(), new URL(route.request().url()).pathname.split("/")[4]];
    const kind = method === "GET" ? method : `${method} ${part ?? "customer"}`;
    if (refused.has(kind)) return route.continue();
    refused.add(kind);
    return route.fulfill(tooMany(seconds[kind] ?? 1));
  });
  return () => [...refused].slice(1);
}

async function every_change_waits_for_its_turn(stage) {
  stage.expected.add(429);
  const { id } = await newCustomer("Rând Lung", { tags: ["Vechi"] });
  const page = await stage.open(`/customers/${id}`);
  const refused = await refuseEachOnce(page, id, { "POST notes": 600, "DELETE tags": 600 });
  const waiting = page.getByText("This one is made by itself");
  async function change(what, done, state = "visible") {
    const told = await listen(page);
    await what.click();
    await done.waitFor({ state });
    stage.check((await told()).includes("This one is made by itself in 1 s."), `${what} does not tell that it waits`);
  }
  const note = page.getByLabel("New note");
  await note.fill("Ține rândul.");
  await button(page, "Add note").click();
  await waiting.waitFor();
  await stage.photograph("customer-waiting");
  await stage.axe(page, "a change that waits");
  await button(page, "Stop waiting").click();
  await waiting.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.matches("textarea"));
  stage.equal([await note.inputValue(), await api("GET", `/${id}/notes`)], ["Ține rândul.", []], "a note that was given up");
  await button(page, "Remove the tag Vechi").click();
  await waiting.waitFor();
  await listen(page);
  await page.getByRole("link", { name: "Operations" }).click();
  await page.getByRole("heading", { level: 1, name: "Operations" }).waitFor();
  await page.waitForFunction(() => globalThis.told.join().includes("What still waited to be saved was not saved."));
  await page.goBack();
  await button(page, "Remove the tag Vechi").click();
  await page.getByRole("button", { name: "Remove the tag Vechi" }).waitFor({ state: "detached" });
  stage.equal(await note.inputValue(), "Ține rândul.", "a note after the way back");
  await button(page, "Add note").click();
  await button(page, "Delete note").click();
  await change(button(page, "Really delete"), page.getByText("No notes yet."));
  await page.getByPlaceholder("Add a tag").fill("Nou");
  await change(button(page, "Add"), button(page, "Remove the tag Nou"));
  const image = await page.locator("header").screenshot();
  await page.getByLabel("Choose an image").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: image });
  const removal = button(page, "Remove the avatar");
  await change(button(page, "Upload"), removal);
  await change(removal, removal, "detached");
  await button(page, "Edit Name").click();
  await page.getByLabel("Name", { exact: true }).fill("Rând Scurt");
  await change(button(page, "Save"), page.getByRole("heading", { level: 1, name: "Rând Scurt" }));
  await button(page, "Delete…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("Rând Scurt");
  await change(button(dialog, "Delete for good"), rows(page).first());
  const kinds = ["POST notes", "DELETE tags", "DELETE notes", "POST tags", "POST avatar", "DELETE avatar", "PATCH customer", "DELETE customer"];
  stage.equal(refused(), kinds, "kinds of changes that were refused");
}

async function what_the_api_refuses_stands_at_its_field(stage) {
  stage.expected.add(422);
  const { id } = await newCustomer("Fără Greșeală");
  const page = await stage.open(`/customers/${id}`);
  const refuse = (...pointers) => ({ status: 422, body: JSON.stringify({ type: "/problems/invalid", errors: pointers.map((pointer) => ({ pointer, detail: `bad ${pointer}` })) }) });
  await page.route(/\/v1\/customers\/[^/]+(\/notes|\/tags)?$/, (route) => {
    const [method, part] = [route.request().method(), route.request().url().split("/")[6]];
    return method === "GET" ? route.continue() : route.fulfill(refuse({ notes: "/content", tags: "/tags/0" }[part] ?? "/full_name", "/elsewhere"));
  });
  const fields = [["textbox", "New note", "/content", "Add note"], ["combobox", "Add a tag", "/tags/0", "Add"], ["textbox", "Name", "/full_name", "Save"]];
  await button(page, "Edit Name").click();
  for (const [role, name, pointer, send] of fields) {
    await page.getByRole(role, { name, exact: true }).fill("Greșit");
    await button(page, send).click();
    await page.getByRole(role, { name, exact: true, description: `Not accepted: bad ${pointer}` }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("[aria-invalid=true]") && document.activeElement.value === "Greșit");
  }
  const top = page.getByRole("alert").filter({ hasText: "Something in it breaks a rule." });
  await stage.axe(page, "refused fields");
  stage.equal(await top.getByRole("listitem").allInnerTexts(), fields.map(() => "/elsewhere: bad /elsewhere"), "what has no field");
}

async function avatar_is_previewed_and_uploaded(stage) {
  const { id } = await newCustomer("Poza Mea");
  const page = await stage.open(`/customers/${id}`);
  const chooser = page.getByLabel("Choose an image");
  await chooser.setInputFiles({ name: "x.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
  await page.getByText("Only JPEG, PNG and WebP images can be used.").waitFor();
  await chooser.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("\x89PNG\r\n\x1a\n and no more", "latin1") });
  await page.getByText("This file cannot be opened as a picture.", { exact: false }).waitFor();
  await chooser.setInputFiles({ name: "x.gif", mimeType: "image/png", buffer: Buffer.from("GIF89a") });
  await page.getByText("Only JPEG, PNG and WebP images can be used.").waitFor();
  stage.equal([await page.getByRole("img").count(), await button(page, "Upload").count()], [0, 0], "pictures and uploads of what is none");
  const image = await page.locator("body").screenshot();
  await chooser.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: image });
  await page.getByAltText("Preview of the new avatar").waitFor();
  stage.expected.add(503);
  const refuse = (route) => route.fulfill({ status: 503, body: "{}" });
  await page.route("**/avatar", refuse);
  await button(page, "Upload").click();
  await page.getByRole("alert").waitFor();
  await button(page, "Cancel").click();
  stage.equal(await page.getByRole("alert").count(), 0, "alerts after the refused image was given up");
  await page.unroute("**/avatar", refuse);
  await chooser.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: image });
  await button(page, "Upload").click();
  const avatar = page.getByAltText("Avatar of Poza Mea");
  await avatar.waitFor();
  await page.waitForFunction(() => document.querySelector('img[src^="/media/"]')?.naturalWidth > 0);
  await button(page, "Remove the avatar").click();
  await avatar.waitFor({ state: "detached" });
  stage.equal((await api("GET", `/${id}`)).avatar_url, null, "the avatar");
}

async function deletes_by_the_name_alone(stage) {
  stage.expected.add(404);
  const { id } = await newCustomer("Șters Pentru Totdeauna");
  const page = await stage.open(`/customers/${id}`);
  await button(page, "Delete…").click();
  const dialog = page.getByRole("dialog");
  stage.check(await button(dialog, "Delete for good").isDisabled(), "without a name it is open");
  await stage.photograph("customer-delete");
  await dialog.getByRole("textbox").fill("Șters Pentru Totdeauna");
  await button(dialog, "Delete for good").click();
  await rows(page).first().waitFor();
  await page.goto(`${ADDRESS}/console/customers/${id}`);
  await page.getByText("This customer is not there, or not yours to see.").waitFor();
}

async function a_deletion_goes_on_after_a_change(stage) {
  stage.expected.add(412);
  const { id } = await newCustomer("Pleacă Mâine");
  const page = await stage.open(`/customers/${id}`);
  await button(page, "Delete…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("Pleacă Mâine");
  await api("POST", `/${id}/tags`, { tags: ["Nou"] });
  await button(dialog, "Delete for good").click();
  await dialog.getByText(/It was loaded anew/).waitFor();
  await page.getByRole("button", { name: "Remove the tag Nou", includeHidden: true }).waitFor();
  await button(dialog, "Delete for good").click();
  await page.getByText("The customer was deleted.").waitFor();
}

async function long_names_fit_a_phone(stage) {
  const name = "Ă".repeat(150);
  const { id } = await newCustomer(name, { tags: ["t".repeat(50)] });
  const page = await stage.open(`/customers/${id}`, { viewport: { width: 360, height: 740 } });
  await page.getByRole("heading", { level: 1, name }).waitFor();
  for (const box of [page.locator("main"), page.locator("section").first()]) {
    const [wide, room] = await box.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    stage.check(wide <= room, `a long name needs ${wide} of ${room} pixels`);
  }
}

async function notes_are_asked_about_before_they_go(stage) {
  const { id } = await newCustomer("Cu Note");
  await api("POST", `/${id}/notes`, { content: "<b>Sună</b> mâine" });
  const page = await stage.open(`/customers/${id}`);
  await page.getByText("<b>Sună</b> mâine").waitFor();
  await button(page, "Delete note").dblclick();
  stage.equal((await api("GET", `/${id}/notes`)).length, 1, "notes before the second click");
  await button(page, "Really delete").click();
  await page.getByText("No notes yet.").waitFor();
}

/** A customer with a bit of everything, for the eye. */
async function livedIn() {
  const user = crypto.randomUUID();
  const made = await newCustomer("Ștefania Bălan-Cantacuzino", { user_id: user, phone: "0744 555 666", gender: "female", tags: ["VIP", "B2B", "Newsletter"] });
  const now = new Date();
  for (let index = 0; index < 26; index += 1) {
    const at = new Date(now.getFullYear(), now.getMonth() - ((index * 5) % 11), 1 + (index % 20), 12).toISOString();
    const amount = (40 + ((index * 37) % 400) + 0.9).toFixed(2);
    const order = { kind: index % 6 ? "order" : "booking", status: index % 9 ? "completed" : "returned", amount, ordered_at: at, updated_at: at };
    await api("PUT", `/${made.id}/orders/O-${index}`, order, TOKENS.internal);
  }
  await api("PATCH", `/${made.id}`, [{ op: "replace", path: "/email", value: "stefania.balan@posta.example" }], TOKENS.admin, PATCH);
  await api("POST", `/${made.id}/notes`, { content: "Preferă să fie sunată după ora 17." });
  await api("POST", `/${made.id}/notes`, { content: "Factura din mai a fost retrimisă pe e-mail." });
  return made.id;
}

/** One view in both schemes, on a phone and on a wall: pictures for the eye, what axe finds, and no scrolling sideways. */
async function look(stage, view, path, ready, options = {}) {
  const page = await stage.open(path, options);
  await page.getByText(ready).first().waitFor();
  await page.waitForLoadState("networkidle");
  await stage.photograph(`${view}-light`);
  await stage.axe(page, `${view}, light`);
  await page.emulateMedia({ colorScheme: "dark" });
  await stage.photograph(`${view}-dark`);
  await stage.axe(page, `${view}, dark`, ["color-contrast"]); // of a scheme only the colours are its own
  await page.emulateMedia({ colorScheme: "light" });
  for (const [size, width, height] of [["wall", 3840, 2160], ["phone", 360, 740]]) {
    await page.setViewportSize({ width, height });
    await stage.photograph(`${view}-${size}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    stage.check(wide <= width, `${view} is ${wide} wide on a ${size} of ${width}`);
  }
  await stage.axe(page, `${view}, phone`, ["target-size", "color-contrast"]);
}

async function view_of_customers(stage) {
  await look(stage, "customers", "", "100 customers and more");
}

async function view_of_a_customer(stage) {
  await look(stage, "customer", `/customers/${await livedIn()}`, "Orders and bookings by month");
}

async function view_of_operations(stage) {
  await look(stage, "operations", "/operations", "Waiting to be published");
}

async function view_of_the_sign_in(stage) {
  await look(stage, "sign-in", "", "Use this token", { token: null });
}

async function speaks_romanian(stage) {
  const id = await livedIn();
  // west of Greenwich a day begins on the day before
  const page = await stage.open(`/customers/${id}`, { locale: "ro-RO", timezoneId: "America/Lima" });
  await page.getByRole("heading", { name: "Comenzi și valoare" }).waitFor();
  stage.equal(await page.evaluate(() => document.documentElement.lang), "ro", "the language of the page");
  const { lifetime_value: value } = await api("GET", `/${id}`);
  const wanted = new Intl.NumberFormat("ro-RO", { minimumFractionDigits: 2 }).format(Number(value));
  await page.getByText(wanted, { exact: true }).first().waitFor();
  const { last_order_date: day } = await api("GET", `/${id}/stats`);
  const written = new Intl.DateTimeFormat("ro-RO", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
  await page.getByRole("definition").filter({ hasText: written }).first().waitFor();
  const timeline = page.getByRole("region", { name: "Istoric" });
  await timeline.getByText(written).first().waitFor();
  stage.check(!/\d{4}-\d\d-\d\d/.test(await timeline.innerText()), "a date of the timeline is not by the language");
  await page.waitForLoadState("networkidle");
  await stage.photograph("customer-romanian");
  await page.getByLabel("Limba").selectOption("en");
  await page.getByRole("heading", { name: "Orders and value" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Orders and value" }).waitFor();
}

async function operations_tells_what_there_is(stage) {
  const page = await stage.open("", { token: null });
  const ago = (ms) => new Date(Date.now() - ms).toISOString();
  const job = { name: "retention run", last_started_at: ago(125_000), last_finished_at: ago(120_000), last_duration_seconds: 5 };
  await page.route("**/v1/operations", (route) =>
    route.fulfill({
      json: {
        events: { backlog: 1234, oldest_seconds: 125, refused: 17, quarantined: 19, in_fallback: 0 },
        jobs: [{ ...job, last_success_at: ago(7_300_000), last_exit_code: 3 }],
      },
    }),
  );
  await page.goto(`${ADDRESS}/console/operations#token=${TOKENS.admin}`);
  for (const told of ["1,234", "17", "19", "2 minutes", "succeeded 2 hours ago"]) await page.getByText(told, { exact: true }).waitFor();
  await page.getByText("failed 2 minutes ago, exit code 3").waitFor();
  await stage.photograph("operations-full");
}

async function operations_is_not_green_when_the_service_is_away(stage) {
  stage.expected.add("failed");
  const page = await stage.open("", { token: null });
  await page.clock.install();
  await page.goto(`${ADDRESS}/console/operations#token=${TOKENS.admin}`);
  const well = page.getByRole("definition").filter({ hasText: /ok$/ });
  await well.first().waitFor();
  await page.route(/\/health$/, (route) => route.abort("failed"));
  await page.clock.fastForward(10_000);
  await page.getByText("The service cannot be reached.", { exact: false }).first().waitFor();
  stage.equal(await well.count(), 0, "parts that are called well");
}

async function operations_of_some_businesses(stage) {
  stage.expected.add(403);
  const page = await stage.open("", { token: null });
  await page.route("**/v1/operations", (route) => route.fulfill({ status: 403, json: { type: "/problems/forbidden" } }));
  await page.goto(`${ADDRESS}/console/operations#token=${TOKENS.admin}`);
  await page.getByText("ok").first().waitFor();
  await page.getByText("shown to those who work for all of them", { exact: false }).waitFor();
  await page.getByText("not available").nth(2).waitFor();
}

export const customer = {
  edits_in_place,
  a_focus_that_went_on_is_left_alone,
  conflict_in_two_windows,
  a_draft_is_saved_against_the_version_it_began_with,
  changes_of_other_fields_are_no_conflict,
  what_is_typed_during_a_save_is_not_lost,
  every_change_waits_for_its_turn,
  what_the_api_refuses_stands_at_its_field,
  avatar_is_previewed_and_uploaded,
  deletes_by_the_name_alone,
  a_deletion_goes_on_after_a_change,
  long_names_fit_a_phone,
  notes_are_asked_about_before_they_go,
  view_of_customers,
  view_of_a_customer,
  view_of_operations,
  view_of_the_sign_in,
  speaks_romanian,
  operations_tells_what_there_is,
  operations_is_not_green_when_the_service_is_away,
  operations_of_some_businesses,
};
