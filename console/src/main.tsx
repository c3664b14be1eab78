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

applyTheme(chosenTheme());
await signInFromFragment();
// the first page is on its way while the rest of the console is put together
if (session.token && isList(location.pathname)) void client.prefetchQuery(pageOptions(fromSearch(location.search), null));
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
