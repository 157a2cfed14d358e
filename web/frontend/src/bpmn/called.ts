// What an element is called on the page: by its name in the language of the page, a flow without one by what it joins, all else by its kind.
import { CHINESE } from "./chinese";
import type { Element, Moddle } from "./extension";
import { chinese, t, translator } from "./names";

const translated = translator(CHINESE);

export function called(element: Element): string {
  const holder = element.businessObject;
  const source = holder.$type === "bpmn:SequenceFlow" ? (holder.get("sourceRef") as Moddle | undefined) : undefined;
  const target = source ? (holder.get("targetRef") as Moddle | undefined) : undefined;
  if (source && target && !holder.get("name")) return `${named(source)} → ${named(target)}`;
  return named(holder);
}

function named(holder: Moddle): string {
  const name = inEnglish(holder) ?? (holder.get("name") as string | undefined);
  if (name) return name;
  if (holder.$type === "bpmn:Process" || holder.$type === "bpmn:Collaboration") return t("整个流程", "The process");
  return translated(holder.$type.replace(/^bpmn:/, "").replace(/([a-z])([A-Z])/g, "$1 $2"));
}

/** The English name, on an English page, where there is one. */
function inEnglish(holder: Moddle): string | undefined {
  const names = chinese ? undefined : holder.extensionElements?.values?.find((one) => one.$type === "ld:Names");
  return names?.get("en") as string | undefined;
}
