import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// Every file directly in src/ is an entry: a page asks for it by name through the manifest.
const entries = readdirSync(new URL("src", import.meta.url))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((name) => `src/${name}`);

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    // Nothing inlined: fonts and pictures come from our own address, as the content security policy says.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: entries },
  },
});
