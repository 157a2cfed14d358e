// A line of JSON in, a line out: {"parse": text}, {"print": rows}, {"say": rows, "names": […], "zh": true}.
import { createInterface } from "node:readline";
import { parse, print } from "../../../web/frontend/src/conditions/rows.ts";
import { inWords } from "../../../web/frontend/src/conditions/said.ts";

createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const answer = "parse" in asked ? parse(asked.parse) : "print" in asked ? print(asked.print) : inWords(asked.say, asked.names, asked.zh);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
});
