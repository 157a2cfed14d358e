// One comparison: the fact, how it is compared, and with what.
import { h } from "@bpmn-io/properties-panel/preact";
import { chinese, t } from "../bpmn/names";
import { about, emptyValue, kindOf, opsOf, valuesOf, withOp } from "./kinds";
import type { Op, Row, Value } from "./rows";
import { isTime, type Name, opWord } from "./said";
import type { Vocabulary } from "./vocabulary";

type Node = unknown;
type Option = { value: string; label: string };

const KINDS: Record<Value["is"], string> = {
  text: t("文字", "a text"),
  number: t("数字", "a number"),
  truth: t("是或否", "yes or no"),
  date: t("某一天", "a day"),
  moment: t("某一时刻", "a moment"),
  name: t("另一项数据", "another fact"),
  now: t("现在", "now"),
  today: t("今天", "today"),
};

export function RowFields({ row, words, number, change, remove }: { row: Row; words: Vocabulary; number: number; change: (next: Row) => void; remove: () => void }): Node {
  const fact = words.names.find((one) => one.name === row.name);
  const names = options(words.names, row.name);
  const nth = (what: string): string => t(`第 ${number} 项：${what}`, `${what} of condition ${number}`);
  return h("div", { class: "condition-row" } as never, [
    choose(nth(t("数据", "fact")), row.name, [{ value: "", label: t("选择数据…", "Choose a fact…") }, ...names], (name) => change(about(words.names.find((one) => one.name === name), name, row.name ? row : undefined)), "condition-fact", true),
    row.name ? h("div", { class: "condition-compared" } as never, compared(row, fact, words, nth, change)) : null,
    h("button", { type: "button", class: "btn btn-small btn-quiet condition-remove", "aria-label": nth(t("删除", "remove")), title: t("删除这一项", "Remove it"), onClick: remove } as never, "×"),
  ] as never);
}

function compared(row: Row, fact: Name | undefined, words: Vocabulary, nth: (what: string) => string, change: (next: Row) => void): Node[] {
  const time = isTime(row, fact);
  const ops = opsOf(fact, row).map((op) => ({ value: op, label: opWord(op, time, chinese) }));
  const op = choose(nth(t("比较", "comparison")), row.op, ops, (next) => change(withOp(fact, { ...row, op: next as Op })), "condition-op");
  if (["empty", "filled", "holds", "fails"].includes(row.op)) return [op];
  if (row.op === "in" || row.op === "not in") return [op, several(row, fact, words, nth, change)];
  const value = row.values[0] ?? emptyValue("text");
  const put = (next: Value): void => change({ ...row, values: [next] });
  const kinds = valuesOf(fact, row);
  const kind = kinds.length > 1 ? [choose(nth(t("与什么比", "compared with")), value.is, kinds.map((is) => ({ value: is, label: is === kinds[0] && fact?.choices.length ? t("选项之一", "a choice") : KINDS[is] })), (is) => put(emptyValue(is as Value["is"])), "condition-kind")] : [];
  return [op, ...kind, single(value, fact, words, nth(t("值", "value")), put)];
}

/** The control for one value. */
function single(value: Value, fact: Name | undefined, words: Vocabulary, label: string, put: (next: Value) => void): Node {
  const set = (of: string): void => put({ ...value, of });
  const none = { value: "", label: t("选择…", "Choose…") };
  if (value.is === "now" || value.is === "today") return null;
  if (value.is === "truth") return choose(label, value.of, [{ value: "true", label: t("是", "yes") }, { value: "false", label: t("否", "no") }], set);
  if (value.is === "name") return choose(label, value.of, [none, ...options(words.names, value.of)], set);
  const from = fact?.choices.length ? fact.choices.map((one) => ({ value: String(one.value), label: one.label })) : fact?.type === "unit" ? words.units : fact?.type === "post" ? words.posts : undefined;
  if (from && value.is !== "date" && value.is !== "moment") {
    const there = !value.of || from.some((one) => one.value === value.of);
    return choose(label, value.of, [none, ...from, ...(there ? [] : [{ value: value.of, label: value.of }])], set);
  }
  const type = value.is === "number" ? "number" : value.is === "date" ? "date" : value.is === "moment" ? "datetime-local" : "text";
  const shown = value.is === "moment" ? value.of.slice(0, 16) : value.of;
  return h("input", {
    class: "form-control condition-value",
    type,
    "aria-label": label,
    step: value.is === "number" ? "any" : undefined,
    value: shown,
    onChange: (event: Event) => set((event.target as HTMLInputElement).value.trim()),
  } as never);
}

/** The control for some values: ticks where there are choices, else words with commas between. */
function several(row: Row, fact: Name | undefined, words: Vocabulary, nth: (what: string) => string, change: (next: Row) => void): Node {
  const label = nth(t("取值", "values"));
  const from: Name["choices"] = fact?.choices.length ? fact.choices : fact?.type === "unit" ? words.units : fact?.type === "post" ? words.posts : [];
  if (!from.length) {
    return h("input", {
      class: "form-control condition-value",
      type: "text",
      "aria-label": `${label} ${t("（以逗号分开）", "(with commas between)")}`,
      placeholder: t("以逗号分开", "with commas between"),
      value: row.values.map((one) => one.of).join(chinese ? "，" : ", "),
      onChange: (event: Event) =>
        change({ ...row, values: [...new Set((event.target as HTMLInputElement).value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean))].map((of) => ({ is: "text", of })) }),
    } as never);
  }
  const tick = (one: Name["choices"][number], on: boolean): void => {
    const kept = row.values.filter((value) => value.of !== String(one.value));
    change({ ...row, values: on ? [...kept, { is: kindOf(one.value), of: String(one.value) }] : kept });
  };
  return h(
    "div",
    { class: "condition-choices", role: "group", "aria-label": label } as never,
    from.map((one) =>
      h("label", {} as never, [
        h("input", { type: "checkbox", class: "form-check-input", checked: row.values.some((value) => value.of === String(one.value)), onChange: (event: Event) => tick(one, (event.target as HTMLInputElement).checked) } as never),
        " ",
        one.label,
      ]),
    ),
  );
}

function options(names: Name[], current: string): Option[] {
  const twice = new Set(names.map((one) => one.label).filter((label, index, all) => all.indexOf(label) !== index));
  const found = names.map((one) => ({ value: one.name, label: twice.has(one.label) ? `${one.label}（${one.name}）` : one.label }));
  return !current || names.some((one) => one.name === current) ? found : [...found, { value: current, label: current }];
}

function choose(label: string, value: string, from: Option[], set: (value: string) => void, more = "condition-value", fact = false): Node {
  return h(
    "select",
    { class: `form-select ${more}`, "aria-label": label, value, ...(fact ? { "data-fact": "" } : {}), onChange: (event: Event) => set((event.target as HTMLSelectElement).value) } as never,
    from.map((one) => h("option", { value: one.value, selected: one.value === value } as never, one.label)),
  );
}
