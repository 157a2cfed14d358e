// What an element is called on the page: by its name in the language of the page, a flow without one by what it joins.
import type { Element, Moddle } from "./extension";
import { chinese, t } from "./names";

export function called(element: Element): string {
  const holder = element.businessObject;
  const name = holder.get("name") as string | undefined;
  if (name) return inEnglish(holder) ?? name;
  const source = holder.$type === "bpmn:SequenceFlow" ? (holder.get("sourceRef") as (Moddle & { id: string }) | undefined) : undefined;
  const target = source ? (holder.get("targetRef") as (Moddle & { id: string }) | undefined) : undefined;
  if (source && target) return [source, target].map((one) => inEnglish(one) ?? ((one.get("name") as string | undefined) || one.id)).join(" → ");
  return holder.$type === "bpmn:Process" || holder.$type === "bpmn:Collaboration" ? t("整个流程", "The process") : element.id;
}

/** The English name, on an English page, where there is one. */
function inEnglish(holder: Moddle): string | undefined {
  const names = chinese ? undefined : holder.extensionElements?.values?.find((one) => one.$type === "ld:Names");
  return names?.get("en") as string | undefined;
}
