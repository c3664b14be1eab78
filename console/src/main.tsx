import { createRoot } from "react-dom/client";
import { App } from "./app";
import { signInFromFragment } from "./session/from-fragment";
import "./styles.css";
import { applyTheme, chosenTheme } from "./theme";

applyTheme(chosenTheme());
await signInFromFragment();
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
