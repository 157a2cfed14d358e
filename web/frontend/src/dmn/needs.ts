// What the decisions of one file have to do with each other: what the shown one needs, what asks it, and what can only be changed in the file.
import { t } from "../bpmn/names";
import type { Moddle } from "./editor";

type View = { id: string; element: Moddle };

/** Sentences about the shown decision, with a button for each decision that can be opened. Nothing where it stands alone. */
export function needs(elements: Moddle[], views: View[], shown: Moddle | undefined, open: (view: View) => void): HTMLElement[] {
  const lines: HTMLElement[] = [];
  const say = (label: string, found: Moddle[]): void => {
    if (!found.length) return;
    const line = document.createElement("p");
    line.append(`${label}${t("：", ": ")}`);
    found.forEach((one, index) => line.append(index ? t("、", ", ") : "", called(one, views.find((view) => view.element === one), open)));
    lines.push(line);
  };
  if (shown) {
    say(t("要用到", "It needs"), required(shown).flatMap((id) => elements.filter((one) => one.id === id)));
    say(t("被这些用到", "It is needed by"), elements.filter((one) => required(one).includes(shown.id ?? "")));
  }
  const closed = elements.filter((one) => /Decision$|BusinessKnowledgeModel$/.test(one.$type) && !views.some((view) => view.element === one));
  say(t("逻辑不是表格，保存时原样保留，只能在其他 DMN 工具里改", "No table: kept as it is when you save, to be changed with another DMN tool"), closed);
  return lines;
}

function called(one: Moddle, view: View | undefined, open: (view: View) => void): HTMLElement {
  const found = document.createElement(view ? "button" : "span");
  found.textContent = one.name || one.id || "";
  if (view) {
    (found as HTMLButtonElement).type = "button";
    found.className = "btn btn-small";
    found.addEventListener("click", () => open(view));
  }
  return found;
}

function required(one: Moddle): string[] {
  const links = [...(one.informationRequirement ?? []), ...(one.knowledgeRequirement ?? [])].map((each) => each.requiredDecision ?? each.requiredInput ?? each.requiredKnowledge);
  return links.map((link) => (link?.href ?? "").replace(/^#/, "")).filter(Boolean);
}
