// The fields of the panel that hold an expression: conditions by clicking, all else written with completion.
import { h } from "@bpmn-io/properties-panel/preact";
import { useShowEntryEvent } from "@bpmn-io/properties-panel";
import { Condition } from "./builder";
import type { Vocabulary } from "./vocabulary";
import { Writing } from "./writing";

/** Settings that are true or false. */
export const CONDITIONS = new Set(["Auto.when", "Rung.when", "Message.over", "Vote.veto"]);

type Field = { id: string; label: string; help?: string | undefined; lead?: string; get(): unknown; set(value: unknown): void };

export function conditionEntry(element: { id: string }, field: Field, words: Vocabulary): unknown {
  const value = String(field.get() ?? "");
  return h(Condition as never, { key: element.id, id: field.id, label: field.label, help: field.help, value, lead: field.lead ?? "", words, set: field.set } as never);
}

export function expressionEntry(element: { id: string }, field: Field, words: Vocabulary): unknown {
  return h(Expression as never, { key: element.id, field, words } as never);
}

function Expression({ field, words }: { field: Field; words: Vocabulary }): unknown {
  const value = String(field.get() ?? "").trim();
  const lead = field.lead ?? "";
  const show = useShowEntryEvent(field.id) as { current: HTMLElement | null };
  const focus = (label: HTMLElement | null): void => {
    show.current = label ? ({ focus: () => label.parentElement?.querySelector<HTMLElement>(".cm-content")?.focus() } as HTMLElement) : null;
  };
  // No expression begins with the sign: whoever writes it means the lead.
  const set = (text: string): void => field.set(text.trim() ? lead + (lead ? text.trim().replace(/^=\s*/, "") : text.trim()) : "");
  return h("div", { class: "bio-properties-panel-entry expression-entry", "data-entry-id": field.id } as never, [
    h("span", { class: "bio-properties-panel-label", ref: focus } as never, field.label),
    h(Writing as never, { id: field.id, label: field.label, value: lead && value.startsWith(lead) ? value.slice(lead.length).trim() : value, words, set, placeholder: field.help } as never),
    field.help ? h("div", { class: "bio-properties-panel-description" } as never, field.help) : null,
  ]);
}
