// Writes the files of other tools that this folder keeps: `node make.mjs FOLDER`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Pen } from "./pen.mjs";
import bpmnjs from "./models/bpmnjs.mjs";
import camunda7 from "./models/camunda7.mjs";
import camunda8 from "./models/camunda8.mjs";
import flowable from "./models/flowable.mjs";
import activiti from "./models/activiti.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [tool, models] of Object.entries({ bpmnjs, camunda7, camunda8, flowable, activiti })) {
  for (const [name, draw] of Object.entries(models)) {
    const key = `${tool}_${name}`;
    const pen = new Pen(tool, key, { alone: draw.length === 1 }); // those who ask for the key draw their processes themselves
    draw(pen, key);
    writeFileSync(join(folder, `${key}.bpmn`), await pen.xml());
  }
}
