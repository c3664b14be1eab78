import { ADDRESS, api, button, listen, newCustomer, rows, TOKENS, tooMany } from "./stage.mjs";

async function a_session_that_ends_loses_nothing(stage) {
  stage.expected.add(401);
  const { id } = await newCustomer("Sesiune Scurtă");
  const page = await stage.open(`/customers/${id}`);
  await page.getByLabel("New note").fill("Nu se pierde.");
  const isAskedFor = await page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
  stage.check(isAskedFor, "the browser leaves a note without asking");
  await button(page, "Sign out").click();
  await button(page.getByRole("dialog", { name: "Something is not saved" }), "Stay").click();
  const refused = [];
  page.on("response", (response) => response.status() === 401 && refused.push(response.url()));
  let isOver = true;
  await page.route("**/v1/**", (route) => {
    const given = route.request().headers();
    return route.continue(isOver && given.authorization.endsWith(TOKENS.admin) ? { headers: { ...given, authorization: `Bearer ${TOKENS.expired}` } } : {});
  });
  await button(page, "Add note").click();
  const dialog = page.getByRole("dialog", { name: "Your session is over" });
  await dialog.waitFor();
  await stage.photograph("session-over");
  isOver = false;
  stage.equal(refused.length, 1, "calls with the token that is over");
  await dialog.getByLabel("Token").fill("wrong.to.paste");
  await button(dialog, "Use this token").click();
  await dialog.getByText("The service does not take this token.").waitFor();
  await dialog.getByLabel("Token").fill(TOKENS.second);
  await button(dialog, "Use this token").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("listitem").filter({ hasText: "Nu se pierde." }).waitFor();
  stage.equal((await api("GET", `/${id}/notes`)).map((note) => note.content), ["Nu se pierde."], "notes");
}

async function another_person_takes_over_nothing(stage) {
  stage.expected.add(401).add(404);
  const { id } = await newCustomer("Al Altcuiva");
  const page = await stage.open(`/customers/${id}`);
  await button(page, "Edit Name").click();
  await page.getByLabel("Name", { exact: true }).fill("Sub Alt Nume");
  await page.route("**/v1/**", (route) => {
    const given = route.request().headers();
    return route.continue(given.authorization.endsWith(TOKENS.admin) ? { headers: { ...given, authorization: `Bearer ${TOKENS.expired}` } } : {});
  });
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Your session is over" });
  await dialog.getByLabel("Token").fill(TOKENS.elsewhere);
  await button(dialog, "Use this token").click();
  await page.getByText("This customer is not there, or not yours to see.").waitFor();
  stage.equal(await page.getByText("Al Altcuiva").count(), 0, "what is left of the former person's page");
  stage.equal((await api("GET", `/${id}`)).full_name, "Al Altcuiva", "the name");
}

async function the_auth_service_signs_in_and_drafts_come_back(stage) {
  const { id } = await newCustomer("Prin Serviciu");
  const page = await stage.open(`/customers/${id}`);
  await page.getByLabel("New note").fill("Scris înainte.");
  await page.evaluate((expired) => sessionStorage.setItem("bee.token", expired), TOKENS.expired);
  await page.reload();
  await button(page, "Sign in with BeeConnect").click();
  await page.getByRole("heading", { level: 1, name: "Prin Serviciu" }).waitFor();
  stage.equal(new URL(page.url()).pathname, `/console/customers/${id}`, "where one was");
  stage.equal(await page.getByLabel("New note").inputValue(), "Scris înainte.", "what was typed");
}

async function a_sign_in_that_was_refused_is_begun_again(stage) {
  stage.expected.add(401);
  const { id } = await newCustomer("A Doua Oară");
  const page = await stage.open(`/customers/${id}`, { token: null });
  const refuse = (route) => {
    const back = new URL(new URL(route.request().url()).searchParams.get("redirect_uri"));
    back.search = "?error=access_denied";
    return route.fulfill({ status: 302, headers: { Location: back.href } });
  };
  await page.route("**/authorize?*", refuse);
  await button(page, "Sign in with BeeConnect").click();
  await page.getByText("The sign-in did not work. Please start it again.").waitFor();
  await page.unroute("**/authorize?*", refuse);
  await button(page, "Sign in with BeeConnect").click();
  await page.getByRole("heading", { level: 1, name: "A Doua Oară" }).waitFor();
  stage.equal(new URL(page.url()).pathname, `/console/customers/${id}`, "where one was");
}

async function an_answer_that_nobody_asked_for_is_refused(stage) {
  const page = await stage.open("/signed-in?code=stolen&state=made-up", { token: null });
  await page.getByText("The sign-in did not work. Please start it again.").waitFor();
  const begun = { state: "another", verifier: "x", token: `${ADDRESS}/token`, back: "/console" };
  await page.evaluate((kept) => sessionStorage.setItem("bee.signing-in", kept), JSON.stringify(begun));
  await page.reload();
  await page.getByText("The sign-in did not work. Please start it again.").waitFor();
  stage.equal(await page.evaluate(() => sessionStorage.getItem("bee.token")), null, "the token");
}

async function the_token_stays_in_the_tab(stage) {
  const page = await stage.open();
  await rows(page).first().waitFor();
  stage.equal(new URL(page.url()).hash, "", "the fragment");
  const kept = await page.evaluate(() => ({ local: JSON.stringify(localStorage), cookie: document.cookie }));
  stage.check(!kept.local.includes(TOKENS.admin) && !kept.cookie, "the token is kept elsewhere");
  await button(page, "Sign out").click();
  await page.getByLabel("Token").waitFor();
  stage.equal(await page.evaluate(() => sessionStorage.length), 0, "what the tab keeps");
}

async function whoever_may_not_is_told(stage) {
  stage.expected.add(403).add(429);
  const page = await stage.open("", { token: TOKENS.internal });
  await page.getByText("Your account may not do this.", { exact: false }).waitFor();
  let refusals = 1;
  await page.route("**/v1/customers?*", (route) => (refusals-- > 0 ? route.fulfill(tooMany(2)) : route.continue()));
  const told = await listen(page);
  await button(page, "Try again").click();
  await page.waitForFunction(() => globalThis.told.join().includes("The console goes on by itself in 1 s."));
  await page.getByText("Your account may not do this.", { exact: false }).waitFor();
  stage.equal([refusals, (await told()).includes("in 2 s.")], [-1, true], "calls, and whether the wait is told of");
}

async function a_browser_that_keeps_nothing_is_told_so(stage) {
  stage.isBreaking = true;
  const page = await stage.open("", { token: null });
  await page.addInitScript(() => {
    const refuse = { get: () => { throw new DOMException("", "SecurityError"); } };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, refuse);
  });
  await page.reload();
  await page.getByText("Something in this page broke.", { exact: false }).waitFor();
}

async function by_the_keyboard_alone(stage) {
  const { id } = await newCustomer("Tastatură Singură", { phone: "0722 000 111" });
  const page = await stage.open();
  await rows(page).first().waitFor();
  const focusIsOn = (what) =>
    page.waitForFunction((wanted) => [document.activeElement?.getAttribute("aria-label"), document.activeElement?.textContent].includes(wanted), what);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
  async function tabTo(what) {
    for (let step = 0; step < 60; step += 1) {
      if ((await focused())?.includes(what)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`no way by Tab to ${what}, the last was ${await focused()}`);
  }
  await tabTo("Search by name");
  await page.keyboard.type("tastatura sing");
  await page.waitForURL(/search=tastatura\+sing$/);
  await page.getByText("1 customer", { exact: true }).waitFor();
  await tabTo("use the arrow keys");
  await page.keyboard.press("ArrowDown");
  await focusIsOn("Tastatură Singură"); // the row
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Tastatură Singură" }).waitFor();
  await focusIsOn("Tastatură Singură"); // the heading
  await page.waitForFunction(() => document.title.startsWith("Profile – ")); // and no name, for the history of the browser
  await tabTo("Edit Phone");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.matches("input[type=tel]"));
  await page.keyboard.press("Control+A");
  await page.keyboard.type("0733 222 111");
  await page.keyboard.press("Enter");
  await page.getByText("+40733222111").first().waitFor();
  await focusIsOn("Edit Phone");
  await tabTo("Delete…");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.matches("dialog input"));
  await page.keyboard.type("Tastatură Singură");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\?search=tastatura\+sing$/); // the list as it was
  const left = await fetch(`${ADDRESS}/v1/customers/${id}`, { headers: { Authorization: `Bearer ${TOKENS.admin}` } });
  stage.equal(left.status, 404, "the customer");
}

async function the_focus_is_never_lost(stage) {
  const { id } = await newCustomer("Fără Mouse", { tags: ["Unu"] });
  const page = await stage.open("?search=razvan");
  await rows(page).first().waitFor();
  await page.getByRole("region", { name: /^Customers/ }).focus();
  const hidden = () =>
    page.evaluate(() => {
      const [row, box, head] = [document.activeElement.closest("tr"), document.querySelector("main [role=region]"), document.querySelector("thead")].map((part) => part.getBoundingClientRect());
      return row.bottom > box.bottom + 1 || row.top < head.bottom - 1;
    });
  for (const [key, steps] of [["ArrowDown", 30], ["ArrowUp", 20]]) {
    for (let step = 0; step < steps; step += 1) {
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      stage.check(!(await hidden()), `step ${step} of ${key} is out of sight`);
    }
  }
  const name = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  await button(page, "All customers").click();
  await page.waitForFunction((wanted) => document.activeElement?.textContent === wanted && document.activeElement.matches("a"), name);
  await page.getByRole("region", { name: /^Customers/ }).evaluate((box) => (box.scrollTop = 52 * 80));
  await page.waitForFunction(() => document.activeElement?.matches("[role=region]"));
  await page.goto(`${ADDRESS}/console/customers/${id}`);
  await button(page, "Remove the tag Unu").press("Enter");
  await page.waitForFunction(() => document.activeElement?.matches("h2"));
  await page.getByText("Skip to the content").press("Enter");
  await page.waitForFunction(() => document.activeElement?.matches("main"));
  await page.getByText("All customers").click();
  await page.waitForURL(/\/console$/);
}

export const access = {
  a_session_that_ends_loses_nothing,
  another_person_takes_over_nothing,
  the_auth_service_signs_in_and_drafts_come_back,
  a_sign_in_that_was_refused_is_begun_again,
  an_answer_that_nobody_asked_for_is_refused,
  the_token_stays_in_the_tab,
  whoever_may_not_is_told,
  a_browser_that_keeps_nothing_is_told_so,
  by_the_keyboard_alone,
  the_focus_is_never_lost,
};
