// Where in a table something is: by the id that a problem names, as words for a list and as cells on the page. What is marked is marked by a
// style sheet of its own: the table draws its cells anew whenever it likes.
import { t } from "../bpmn/names";
import type { Moddle } from "./editor";

export type Place = { decision: string; words: string; selector: string };

/** Every place of these decisions by its id. */
export function places(decisions: Moddle[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const decision of decisions) {
    const id = decision.id ?? "";
    const several = decisions.length > 1 ? `${decision.name ?? id} · ` : "";
    const put = (one: Moddle | undefined, words: string, selector: string): void => {
      if (one?.id) found.set(one.id, { decision: id, words: several + words, selector });
    };
    const table = decision.decisionLogic;
    for (const one of [decision, table]) put(one, t("整张表", "the table"), ".tjs-container");
    (table?.input ?? []).forEach((one, at) => {
      const head = `th[data-col-id="${CSS.escape(one.id ?? "")}"]`;
      for (const part of [one, one.inputExpression, one.inputValues]) put(part, t(`条件 ${at + 1}`, `condition ${at + 1}`), head);
    });
    (table?.output ?? []).forEach((one, at) => {
      const head = `th[data-col-id="${CSS.escape(one.id ?? "")}"]`;
      for (const part of [one, one.outputValues, one.defaultOutputEntry]) put(part, t(`结果 ${at + 1}`, `result ${at + 1}`), head);
    });
    (table?.rule ?? []).forEach((rule, number) => {
      const named = t(`第 ${number + 1} 条`, `rule ${number + 1}`);
      put(rule, named, row(rule.id));
      (rule.inputEntry ?? []).forEach((one, at) => put(one, t(`${named} · 条件 ${at + 1}`, `${named}, condition ${at + 1}`), cell(one.id)));
      (rule.outputEntry ?? []).forEach((one, at) => put(one, t(`${named} · 结果 ${at + 1}`, `${named}, result ${at + 1}`), cell(one.id)));
    });
  }
  return found;
}

function row(id: string | undefined): string {
  return `td[data-row-id="${CSS.escape(id ?? "")}"]`;
}

function cell(id: string | undefined): string {
  return `td[data-element-id="${CSS.escape(id ?? "")}"]`;
}

/** The rules with these numbers, counted from 1, of a table. */
export function rows(decision: Moddle | undefined, numbers: number[]): string[] {
  return numbers.map((number) => decision?.decisionLogic?.rule?.[number - 1]?.id).filter((id) => id !== undefined).map(row);
}

export class Marks {
  private readonly sheet = new CSSStyleSheet();

  constructor(private readonly name: string) {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
  }

  /** Draw the box of what these selectors name, under the custom property of this kind of mark. */
  put(selectors: string[]): void {
    this.sheet.replaceSync(selectors.map((one) => `.table-stage ${one} { box-shadow: var(--${this.name}) !important; background: var(--${this.name}-ground) !important; }`).join("\n"));
  }
}
