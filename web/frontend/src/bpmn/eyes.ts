// Four eyes by clicking: a tick for each step whose people are kept away, and behind them a list of the others.
import { called } from "./called";
import type { Element, Extension, Moddle } from "./extension";
import { t } from "./names";
import type { Field } from "./provider";

const TYPE = "ld:FourEyes";
/** What persons do, or what lies around what they do; a start stands for who started it. */
const DONE = ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:SubProcess", "bpmn:CallActivity"];

export function eyes(element: Element, holder: Moddle, extension: Extension, drawn: Element[]): Field[] {
  const words = (): string[] => String(extension.value(holder, TYPE, 0, "with") ?? "").split(/\s+/).filter(Boolean);
  const put = (kept: string[]): void => extension.set(element, holder, TYPE, 0, "with", kept.join(" "));
  const id = (at: number): string => `ld-${holder.$type}-FourEyes-with-${at}`.replace(/[:.]/g, "-");
  const steps = drawn.filter((one) => may(one.businessObject, holder));
  const there = words();
  const ticks = there.map((word, at): Field => {
    const found = steps.find((one) => one.id === word);
    return {
      id: id(at),
      label: found ? called(found) : t(`${word}（这里不能指它，或图中没有）`, `${word} (not in the drawing, or not possible here)`),
      kind: "check",
      get: () => words().includes(word),
      set: () => put(words().filter((one) => one !== word)),
    };
  });
  const left = steps.filter((one) => !there.includes(one.id)).map((one) => ({ value: one.id, label: called(one) }));
  return [
    ...ticks,
    {
      id: id(there.length),
      label: there.length ? t("还有", "And also") : t("不得由这一环节的办理人办理", "Not by who did this step"),
      help: t("双向有效：谁办过其中一个，就不能办另一个；子流程、调用的流程算其中所有办理人，开始事件即发起人", "Holds both ways: who did one may not do the other; a sub-process or call means all who worked in it, a start whoever started it"),
      kind: "choice",
      options: [{ value: "", label: t("选择环节…", "Choose a step…") }, ...left.sort((a, b) => a.label.localeCompare(b.label, "zh"))],
      get: () => "",
      set: (value) => {
        if (value) put([...words(), String(value)]);
      },
    },
  ];
}

/** Steps of the same process that it does not lie in. */
function may(one: Moddle, holder: Moddle): boolean {
  if (one === holder || around(holder).includes(one) || root(one) !== root(holder)) return false;
  if (one.$type === "bpmn:StartEvent") return one.$parent?.$type === "bpmn:Process";
  return DONE.some((type) => one.$instanceOf(type));
}

function around(one: Moddle): Moddle[] {
  return one.$parent ? [one.$parent, ...around(one.$parent)] : [];
}

function root(one: Moddle): Moddle | undefined {
  return around(one).find((each) => each.$type === "bpmn:Process");
}
