// A condition by clicking: rows of fact, comparison and value, read back from the text where it has that shape. What has another shape is
// left as it is, and written as text; nothing is changed by opening it.
import { h } from "@bpmn-io/properties-panel/preact";
import { useEffect, useRef, useState } from "@bpmn-io/properties-panel/preact/hooks";
import { useShowEntryEvent } from "@bpmn-io/properties-panel";
import { chinese, t } from "../bpmn/names";
import { complete } from "./kinds";
import { RowFields } from "./row";
import { type Group, isGroup, parse, print, type Row } from "./rows";
import { inWords } from "./said";
import type { Vocabulary } from "./vocabulary";
import { Writing } from "./writing";

type Props = { id: string; label: string; help?: string | undefined; value: string; lead: string; words: Vocabulary; set: (value: string) => void };
type Node = unknown;

const NOTHING: Group = { join: "and", rows: [] };

/** By clicking where it can be, else as text; one may change to the text at any time. */
export function Condition(props: Props): Node {
  // Flows are written with and without it: whichever stands there stays.
  const lead = props.value.trim().startsWith("=") ? "=" : props.lead;
  const text = props.value.trim().replace(/^=\s*/, "");
  const read = text ? parse(text) : NOTHING;
  const [writes, setWrites] = useState(false);
  const written = writes || !read;
  const set = (next: string): void => props.set(next.trim() ? lead + next.trim().replace(/^=\s*/, "") : "");
  const mode = h(
    "button",
    { type: "button", class: "btn btn-small condition-mode", disabled: written && !read, onClick: () => setWrites(!writes) } as never,
    written ? t("改为点选", "Choose by clicking") : t("改为书写", "Write it as text"),
  );
  const show = useShowEntryEvent(props.id) as { current: HTMLElement | null };
  return h("div", { class: "bio-properties-panel-entry condition", "data-entry-id": props.id, role: "group", "aria-label": props.label } as never, [
    h("div", { class: "condition-head" } as never, [h("span", { class: "bio-properties-panel-label", ref: focusing(show) } as never, props.label), mode]),
    written
      ? [
          read ? null : h("p", { class: "condition-note", key: "note" } as never, t("这个条件不是逐行比较的样子，所以按文字显示，打开并不会改动它。", "This condition is no list of comparisons, so it is shown as text. Opening it changes nothing.")),
          h(Writing as never, { key: "text", id: props.id, label: props.label, value: text, words: props.words, set, placeholder: props.help } as never),
        ]
      : h(Rows as never, { key: "rows", text, read, words: props.words, set, label: props.label } as never),
    props.help ? h("div", { class: "bio-properties-panel-description" } as never, props.help) : null,
  ] as never);
}

/** A field of the panel that is asked for opens its group and takes the focus. */
function focusing(show: { current: HTMLElement | null }): (label: HTMLElement | null) => void {
  return (label) => {
    const entry = label?.closest<HTMLElement>(".condition");
    show.current = entry ? ({ focus: () => entry.querySelector<HTMLElement>(".condition-rows select, .condition-rows input, .condition-add, .cm-content")?.focus() } as HTMLElement) : null;
  };
}

function Rows({ text, read, words, set, label }: { text: string; read: Group; words: Vocabulary; set: (value: string) => void; label: string }): Node {
  const [group, setGroup] = useState(read);
  const sent = useRef(text);
  const list = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | undefined>(undefined);
  // Undone, or changed elsewhere.
  useEffect(() => {
    if (text !== sent.current) {
      sent.current = text;
      setGroup(read);
    }
  }, [text]);
  // What was added is where one goes on.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const all = list.current?.querySelectorAll<HTMLElement>("[data-fact]");
    all?.[Math.min(wanted.current, all.length - 1)]?.focus();
    wanted.current = undefined;
  });
  const change = (next: Group, focus?: number): void => {
    const whole = without(next);
    wanted.current = focus;
    setGroup(whole);
    if (!every(whole)) return;
    const printed = print(whole);
    if (printed === sent.current) return;
    sent.current = printed;
    set(printed);
  };
  const open = !every(group);
  const known = every(group) && group.rows.length > 0;
  return h("div", { class: "condition-rows", ref: list } as never, [
    h("p", { class: "condition-words", role: "status" } as never, open ? t("还没有填完；填完才会写到图上。", "Not complete yet; it is drawn when it is.") : known ? inWords(group, words.told, chinese) : ""),
    h(GroupFields as never, { group, words, change, label, depth: 0 } as never),
  ]);
}

function GroupFields({ group, words, change, label, depth }: { group: Group; words: Vocabulary; change: (next: Group, focus?: number) => void; label: string; depth: number }): Node {
  const put = (index: number, one: Row | Group | undefined): void =>
    change({ ...group, rows: group.rows.flatMap((old, at) => (at === index ? (one ? [one] : []) : [old])) }, one ? undefined : Math.max(0, index - 1));
  const fresh = (): Row => ({ name: "", as: "", op: "=", values: [] });
  const add = (one: Row | Group): void => change({ ...group, rows: [...group.rows, one] }, 10_000);
  const other = group.join === "and" ? "or" : "and";
  const join =
    group.rows.length > 1
      ? h(
          "select",
          { class: "form-select condition-join", "aria-label": t("各项怎样合起来", "How they are joined"), value: group.join, onChange: (event: Event) => change(turned(group, (event.target as HTMLSelectElement).value as Group["join"])) } as never,
          [h("option", { value: "and" } as never, t("全部成立", "all are true")), h("option", { value: "or" } as never, t("有一项成立", "any is true"))],
        )
      : null;
  return h("div", { class: depth ? "condition-group" : "condition-whole", role: "group", "aria-label": depth ? t("一组条件", "a group of conditions") : label } as never, [
    join,
    ...group.rows.map((one, index) =>
      isGroup(one)
        ? h(GroupFields as never, { key: `g${index}`, group: one, words, depth: depth + 1, label, change: (next: Group) => put(index, next.rows.length ? next : undefined) } as never)
        : h(RowFields as never, { key: `r${index}`, row: one, words, number: index + 1, change: (next: Row) => put(index, next), remove: () => put(index, undefined) } as never),
    ),
    h("div", { class: "condition-more" } as never, [
      h("button", { type: "button", class: "btn btn-small condition-add", onClick: () => add(fresh()) } as never, group.rows.length ? t("再加一项", "Add another") : t("添加条件", "Add a condition")),
      depth === 0 && group.rows.length > 1
        ? h("button", { type: "button", class: "btn btn-small btn-quiet", onClick: () => add({ join: other, rows: [fresh()] }) } as never, other === "or" ? t("加一组“有一项成立”", "Add a group: any is true") : t("加一组“全部成立”", "Add a group: all are true"))
        : null,
    ]),
  ] as never);
}

/** Joined by the other word; a group within takes the one that is free, so that it still means something. */
function turned(group: Group, join: Group["join"]): Group {
  const inner = join === "and" ? "or" : "and";
  return { join, rows: group.rows.map((one) => (isGroup(one) ? { ...one, join: inner } : one)) };
}

function without(group: Group): Group {
  return { ...group, rows: group.rows.filter((one) => !isGroup(one) || one.rows.length > 0) };
}

function every(group: Group): boolean {
  return group.rows.every((one) => (isGroup(one) ? every(one) : complete(one)));
}

