// Trying a table before it counts: a field for each fact that the decision asks for, then which rules match and what comes of it.
import { chinese, t } from "../bpmn/names";
import { type Moddle, type Tables } from "./editor";
import { Marks, rows } from "./places";

export type Question = { key: string; label: string; type: string; values: string[] };
export type Described = { id: string; name: string; questions: Question[] };
type Answer = { rules?: Record<string, number[]>; failed?: string; result?: string; sentence?: string; zh?: string; en?: string };

export class Trying {
  private readonly marks = new Marks("table-fired");
  private readonly typed = new Map<string, string>();
  private asked = "";
  private decision: Described | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly tables: Tables,
    private readonly send: (more: object) => Promise<Response>,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attempt();
    });
    this.form.addEventListener("input", (event) => {
      const field = event.target as HTMLInputElement | HTMLSelectElement;
      this.typed.set(field.name, field.value);
    });
  }

  private get form(): HTMLFormElement {
    return this.place.querySelector("form")!;
  }

  /** What the decision that is shown asks for now; nothing while something in the file is wrong. */
  show(decision: Described | undefined): void {
    this.place.hidden = decision === undefined;
    const asked = JSON.stringify(decision);
    if (asked === this.asked) return;
    this.asked = asked;
    this.decision = decision;
    this.forget();
    this.place.querySelector(".table-questions")!.replaceChildren(...(decision?.questions ?? []).map((one) => this.field(one)));
  }

  /** The table was changed: what was found of it is of no use. */
  forget(): void {
    this.marks.put([]);
    this.place.querySelector(".table-result")!.replaceChildren();
  }

  private field(one: Question): HTMLElement {
    const field = document.createElement("div");
    field.className = "field";
    const label = document.createElement("label");
    label.className = "field-label";
    label.htmlFor = `try-${one.key}`;
    label.append(one.label, ...(one.label === one.key ? [] : [" ", more(one.key)]));
    const input = one.type === "boolean" ? choice([["true", t("是", "yes")], ["false", t("否", "no")]]) : document.createElement("input");
    input.id = label.htmlFor;
    input.name = one.key;
    if (input instanceof HTMLInputElement) {
      input.className = "form-control";
      input.type = one.type === "date" ? "date" : "text";
      if (one.type === "number" || one.type === "whole") input.inputMode = "decimal";
      input.placeholder = HINTS[one.type] ?? "";
      if (one.values.length) {
        const list = document.createElement("datalist");
        list.id = `${input.id}-values`;
        list.append(...one.values.map((value) => new Option(value, value)));
        input.setAttribute("list", list.id);
        input.placeholder = one.values.slice(0, 3).join(t("、", ", "));
        field.append(list);
      }
    }
    input.value = this.typed.get(one.key) ?? "";
    field.prepend(label, input);
    return field;
  }

  private async attempt(): Promise<void> {
    if (!this.decision) return;
    const answers = Object.fromEntries(this.decision.questions.map((one) => [one.key, this.typed.get(one.key) ?? ""]));
    const place = this.place.querySelector<HTMLElement>(".table-result")!;
    this.forget();
    try {
      const response = await this.send({ decision: this.decision.id, answers });
      const answer = (await response.json()) as Answer;
      const why = answer.sentence ?? (chinese ? answer.zh : answer.en);
      if (!response.ok || why) place.replaceChildren(note(why ?? t("没有算出来，请刷新页面再试", "That did not work; reload the page and try again"), "note-bad"));
      else this.tell(place, answer);
    } catch {
      place.replaceChildren(note(t("没有连上服务器，请稍后再试", "The server was not reached; try again"), "note-bad"));
    }
  }

  private tell(place: HTMLElement, answer: Answer): void {
    const fired = answer.rules ?? {};
    const selectors: string[] = [];
    const said: HTMLElement[] = [];
    const several = Object.keys(fired).length > 1;
    for (const [id, numbers] of Object.entries(fired)) {
      const decision = this.tables.decisions().find((one: Moddle) => one.id === id);
      if (id === this.decision?.id) selectors.push(...rows(decision, numbers));
      const which = several ? `${decision?.name ?? id}${t("：", ": ")}` : "";
      const listed = numbers.join(t("、", ", "));
      said.push(note(which + (numbers.length ? t(`符合第 ${listed} 条规则`, numbers.length > 1 ? `rules ${listed} match` : `rule ${listed} matches`) : t("没有规则符合", "no rule matches"))));
    }
    if (answer.failed) said.push(note(answer.failed, "note-bad"));
    else said.push(result(answer.result ?? "null"));
    this.marks.put(selectors);
    place.replaceChildren(...said);
  }
}

const HINTS: Record<string, string> = {
  number: t("数字", "a number"),
  whole: t("整数", "a whole number"),
  time: "08:30:00",
  "date and time": "2026-01-31T08:30:00+08:00",
  "days and time duration": "P1DT2H",
  "years and months duration": "P1Y2M",
};

function more(key: string): HTMLElement {
  const shown = document.createElement("code");
  shown.className = "field-more";
  shown.textContent = key;
  return shown;
}

function choice(options: [string, string][]): HTMLSelectElement {
  const made = document.createElement("select");
  made.className = "form-select";
  made.append(new Option(t("（未填）", "(not given)"), ""), ...options.map(([value, label]) => new Option(label, value)));
  return made;
}

function note(text: string, kind = ""): HTMLElement {
  const made = document.createElement("p");
  made.className = kind ? `note ${kind}` : "table-fired";
  made.textContent = text;
  return made;
}

function result(json: string): HTMLElement {
  const made = document.createElement("p");
  const shown = document.createElement("strong");
  shown.className = "table-outcome";
  shown.textContent = json === "null" ? t("无（null）", "nothing (null)") : json;
  made.append(t("结果：", "Result: "), shown);
  return made;
}
