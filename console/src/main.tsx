import { createRoot } from "react-dom/client";
import { client } from "./api/query-client";
import { App } from "./app";
import { isList } from "./router";
import { fromSearch } from "./customers/filters";
import { pageOptions } from "./customers/use-rows";
import { signInFromFragment } from "./session/from-fragment";
import { session } from "./session/session";
import "./styles.css";
import { applyTheme, chosenTheme } from "./theme";

/** What goes well or not before there is a page: whatever fails here, the page itself tells of. */
async function prepare(...steps: (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      console.warn("before the page:", error instanceof Error ? error.name : "unknown");
    }
  }
}

/** The first page is on its way while the rest of the console is put together. */
function askForFirstPage(): void {
  if (session.token && isList(location.pathname)) void client.prefetchQuery(pageOptions(fromSearch(location.search), null));
}

await prepare(() => applyTheme(chosenTheme()), signInFromFragment, askForFirstPage);
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
