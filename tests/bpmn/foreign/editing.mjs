// What our editor makes of files it only opens and saves: {name: xml} on standard input, {name: {xml, warnings}} on standard output.
import "./loading.mjs";
import { readFileSync } from "node:fs";
import { kept, mended } from "../../../web/frontend/src/bpmn/kept.ts";
import { editor } from "./pen.mjs";

const told = {};
for (const [name, xml] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const moddle = editor();
  mended(moddle);
  try {
    const { rootElement, warnings } = await moddle.fromXML(xml);
    const left = kept(warnings);
    const saved = await moddle.toXML(rootElement, { format: true });
    told[name] = { xml: saved.xml, warnings: left.map((each) => each.message) };
  } catch (error) {
    told[name] = { xml: "", warnings: [String(error)] };
  }
}
process.stdout.write(JSON.stringify(told));
