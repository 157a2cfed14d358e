// The library knows ASCII ids only. In a browser our pages write Chinese ones in ASCII while a file is in its hands (src/bpmn/ids.ts, tested
// there, where there is a DOM); here its rule is replaced by XML's as it is loaded, so that the rest of what it does can be seen.
import { registerHooks } from "node:module";

const THEIRS = String.raw`/^([a-z][\w-.]*:)?[a-z_][\w-.]*$/i`;
const OURS = String.raw`/^[\p{L}_][\p{L}\p{M}\p{N}_.\-·]*$/u`;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.includes("/moddle-xml/dist/") || !loaded.source) return loaded;
    const code = String(loaded.source);
    if (!code.includes(THEIRS)) throw new Error("moddle-xml has another rule for ids");
    return { ...loaded, source: code.replace(THEIRS, OURS) };
  },
});
