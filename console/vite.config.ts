import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the console anew at each change, and hands all else to scripts/run
const service = "http://127.0.0.1:8002";

export default defineConfig({
  base: "/console/",
  plugins: [tailwindcss()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // an inlined image would be a data: address, which the page's policy refuses
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/v1": service, "/health": service, "/metrics": service, "/media": service, "/console/sign-in.json": service } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
