// What our editor makes of files it only opens and saves: {name: xml} on standard input, {name: {xml, warnings}} on standard output.
import { readFileSync } from "node:fs";
import { editor } from "./pen.mjs";

const told = {};
for (const [name, xml] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const moddle = editor();
  try {
    const { rootElement, warnings } = await moddle.fromXML(xml);
    const saved = await moddle.toXML(rootElement, { format: true });
    told[name] = { xml: saved.xml, warnings: warnings.map((each) => each.message) };
  } catch (error) {
    told[name] = { xml: "", warnings: [String(error)] };
  }
}
process.stdout.write(JSON.stringify(told));
