// The panel's groups for our extension, made from the same descriptor as the server checks by, and FEEL where BPMN has expressions.
import {
  CheckboxEntry,
  isCheckboxEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
} from "@bpmn-io/properties-panel";
import { h } from "@bpmn-io/properties-panel/preact";
import descriptor from "../../../../engine/bpmn/liandong.moddle.json";
import { type Element, Extension, type Factory, type Modeling, type Moddle } from "./extension";
import { t, translator } from "./names";
import { CONDITIONS, conditionEntry, expressionEntry } from "../conditions/entries";
import type { Vocabulary } from "../conditions/vocabulary";
import { ACTION_NAMES, given } from "./actions";
import { acts } from "./acts";
import { called } from "./called";
import { CHINESE } from "./chinese";
import { eyes } from "./eyes";
import { REPLACED, Repeating } from "./repeating";
import { type Form, rights } from "./rights";
import { FIELDS, GROUPS, UNITS } from "./words";

type Option = { value: string; label: string };
export type Lists = { forms: Form[]; registers: string[]; decisions: Option[]; units: Option[]; posts: Option[]; processes: Option[]; messages: Option[]; calendars: Option[]; actions: string[] };
export type Property = { name: string; type: string; meta?: { values?: string[]; feel?: boolean; literal?: string; onlyIn?: string[] } };
type Kind = { name: string; properties: Property[]; meta: { allowedIn: string[]; many?: boolean } };
type Group = { id: string; label: string; entries: unknown[]; component?: unknown; translate?: unknown };
export type Field = {
  id: string;
  label: string;
  help?: string | undefined;
  kind: "text" | "area" | "choice" | "check" | "condition" | "expression";
  /** What stands before an expression and is not shown. */
  lead?: string;
  options?: Option[];
  /** What its expression may name, where that is more than elsewhere. */
  words?: Vocabulary;
  get(): unknown;
  set(value: unknown): void;
};

const debounce = (act: unknown): unknown => act;
const translate = translator(CHINESE);
const KINDS = descriptor.types as unknown as Kind[];
const AREAS = new Set(["Action.zh", "Action.en", "Lookup.match", "Clock.due", "Auto.when", "Auto.answers", "Vote.veto", "Misfire.result"]);

const UNITS_OF = new Set(["Candidates.unit", "Candidates.fallbackUnit", "Candidates.notOf", "Copy.unit", "Action.unit"]);
const POSTS_OF = new Set(["Candidates.post", "Candidates.fallbackPost", "Copy.post", "Action.post"]);

function Entry(props: { element: Element; field: Field; words: Vocabulary }): unknown {
  const { element, field } = props;
  const words = field.words ?? props.words;
  if (field.kind === "condition") return conditionEntry(element, field, words);
  if (field.kind === "expression") return expressionEntry(element, field, words);
  const shared = {
    id: field.id,
    element,
    label: field.label,
    description: field.help,
    debounce,
    translate,
    getValue: () => field.get() ?? "",
    setValue: field.set,
  };
  if (field.kind === "choice") return h(SelectEntry as never, { ...shared, getOptions: () => field.options ?? [] } as never);
  if (field.kind === "check") return h(CheckboxEntry as never, { ...shared, getValue: () => Boolean(field.get()) } as never);
  if (field.kind === "area") return h(TextAreaEntry as never, { ...shared, monospace: true, autoResize: true } as never);
  return h(TextFieldEntry as never, shared as never);
}

const EDITED = { text: isTextFieldEntryEdited, area: isTextAreaEntryEdited, choice: isSelectEntryEdited, check: isCheckboxEntryEdited, condition: undefined, expression: undefined };

export function provider(lists: Lists, words: Vocabulary): object {
  class LiandongProvider {
    static $inject = ["propertiesPanel", "modeling", "bpmnFactory", "elementRegistry"];
    private readonly extension: Extension;

    constructor(
      panel: { registerProvider(priority: number, provider: object): void },
      private readonly modeling: Modeling,
      private readonly factory: Factory,
      private readonly registry: { filter(test: (one: Element) => boolean): Element[] },
    ) {
      this.extension = new Extension(modeling, factory);
      panel.registerProvider(500, this);
    }

    getGroups(element: Element): (groups: Group[]) => Group[] {
      return (groups) => {
        if (element.labelTarget) return groups;
        const repeated = new Repeating(this.modeling, this.factory, words).groups(element).map((one) => this.group(element, one.id, one.label, one.fields));
        const own = [...this.expressions(element), ...repeated, ...this.groups(element, element.businessObject, "")];
        const timer = ((element.businessObject.get("eventDefinitions") as Moddle[] | undefined) ?? []).find((one) => one.$type === "bpmn:TimerEventDefinition");
        if (timer) own.push(...this.groups(element, timer, ""));
        const process = element.businessObject.$type === "bpmn:Participant" ? element.businessObject.processRef : undefined;
        if (process) own.push(...this.groups(element, process, t("流程：", "Process: ")));
        // The library's own words at a group are asked for by the group.
        return [...groups.slice(0, 1), ...own, ...groups.slice(1).filter((one) => !REPLACED.has(one.id))].map((one) => ({ ...one, translate }));
      };
    }

    private groups(element: Element, holder: Moddle, before: string): Group[] {
      const found: Group[] = [];
      for (const kind of KINDS) {
        if (!kind.meta.allowedIn.some((type) => holder.$instanceOf(type))) continue;
        const type = `ld:${kind.name}`;
        const there = this.extension.all(holder, type).length;
        // Of what there may be several one more stands below those that there are.
        const several = kind.meta.many && kind.name !== "Field" ? there + 1 : 1;
        for (let index = 0; index < several; index++) {
          const fields = this.special(element, holder, kind) ?? kind.properties
            .filter((one) => !one.meta?.onlyIn || one.meta.onlyIn.some((only) => holder.$instanceOf(only)))
            .map((one) => this.field(element, holder, kind, one, index));
          const word = GROUPS[kind.name] ?? kind.name;
          const label = index && index === there ? t(`再加一个：${word}`, `One more: ${word}`) : word + (there > 1 ? ` ${index + 1}` : "");
          if (fields.length) found.push(this.group(element, `${holder.$type}-${kind.name}-${index}`, before + label, fields));
        }
      }
      return found;
    }

    /** What is set otherwise than attribute by attribute. */
    private special(element: Element, holder: Moddle, kind: Kind): Field[] | undefined {
      if (kind.name === "Acts") return acts(element, holder, this.extension);
      if (kind.name === "FourEyes") return eyes(element, holder, this.extension, this.drawn());
      if (kind.name === "Action") return this.action(element, holder, kind);
      return kind.name === "Field" ? rights(element, holder, this.extension, lists.forms) : undefined;
    }

    /** What it does by itself, what that is given, and whether one waits for it: where nothing is said, one does. */
    private action(element: Element, holder: Moddle, kind: Kind): Field[] {
      const make = (property: Property): Field => this.field(element, holder, kind, property, 0);
      const [name, wait, ...rest] = kind.properties.map(make);
      if (!name || !wait) return [];
      const waits: Field = {
        ...wait,
        kind: "choice",
        options: [
          { value: "", label: t("等它做完再往下走", "yes: it goes on when that is done") },
          { value: "no", label: t("不等，立即往下走", "no: it goes on at once") },
        ],
        get: () => (this.extension.value(holder, "ld:Action", 0, "wait") === false ? "no" : ""),
        set: (value) => this.extension.set(element, holder, "ld:Action", 0, "wait", value === "no" ? false : ""),
      };
      return [name, ...given(holder, this.extension, make), waits, ...rest];
    }

    /** All that is drawn, each once. */
    private drawn(): Element[] {
      return this.registry.filter((one) => !one.labelTarget && Boolean(one.businessObject));
    }

    private nodes(): Option[] {
      const found = this.drawn().filter((one) => one.businessObject.$instanceOf("bpmn:FlowNode"));
      return found.map((one) => ({ value: one.id, label: called(one) })).sort((a, b) => a.label.localeCompare(b.label, "zh"));
    }

    /** What begins a process of the city, and the messages of this drawing. */
    private messages(): Option[] {
      let at = this.drawn()[0]?.businessObject;
      while (at?.$parent) at = at.$parent;
      const own = ((at?.get("rootElements") as Moddle[] | undefined) ?? []).filter((one) => one.$type === "bpmn:Message").map((one) => String(one.get("name") ?? ""));
      const known = new Set(lists.messages.map((one) => one.value));
      return [...lists.messages, ...own.filter((one) => one && !known.has(one)).map((value) => ({ value, label: value }))];
    }

    /** Written to the element; a limit that is new gets an id that no other has. */
    private put(element: Element, holder: Moddle, type: string, index: number, name: string, value: unknown): void {
      if (type === "ld:Clock" && name !== "id" && value !== "" && !this.extension.all(holder, type)[index]) {
        const holders = this.drawn().flatMap((one) => [one.businessObject, one.businessObject.processRef]);
        const known = new Set(holders.flatMap((one) => (one ? this.extension.all(one, type) : [])).map((one) => String(one.get("id") ?? "")));
        let number = 1;
        while (known.has(`limit_${number}`)) number++;
        return this.extension.add(element, holder, type, { id: `limit_${number}`, [name]: value });
      }
      this.extension.set(element, holder, type, index, name, value);
    }

    private field(element: Element, holder: Moddle, kind: Kind, property: Property, index: number): Field {
      const key = `${kind.name}.${property.name}`;
      const type = `ld:${kind.name}`;
      const [label, help] = FIELDS[key] ?? [property.name];
      const get = (): unknown => this.extension.value(holder, type, index, property.name);
      const current = String(get() ?? "");
      const from = this.offers(key, current);
      const options = [...(from ?? [])];
      if (from && current && !from.some((one) => one.value === current)) options.push({ value: current, label: current });
      const units = property.meta?.values && !current.startsWith("=");
      const expression = property.meta?.feel && (units || from);
      const computed = property.meta?.feel && (current.startsWith("=") || property.meta.literal === "none");
      return {
        id: `ld-${holder.$type}-${key}-${index}`.replace(/[:.]/g, "-"),
        label,
        help,
        kind: CONDITIONS.has(key) ? "condition" : computed ? "expression" : property.type === "Boolean" ? "check" : from || units ? "choice" : AREAS.has(key) ? "area" : "text",
        lead: "=",
        options: [
          { value: "", label: t("（无）", "(none)") },
          ...(units ? (property.meta?.values ?? []).map((value) => ({ value, label: UNITS[`${key}.${value}`] ?? UNITS[value] ?? value })) : options),
          ...(expression ? [{ value: "=", label: t("由表达式确定…", "by an expression…") }] : []),
        ],
        get,
        set: (value) => this.put(element, holder, type, index, property.name, value === false ? "" : property.type === "Real" && value !== "" ? Number(value) : value),
      };
    }

    /** What may be chosen there; nothing where an expression stands already, or anything may be written. */
    private offers(key: string, current: string): Option[] | undefined {
      if (key === "Form.ref") return lists.forms;
      if (key === "Lookup.register") return lists.registers.map((value) => ({ value, label: value }));
      if (key === "Decision.ref") return lists.decisions;
      if (key === "Clock.from" || key === "Clock.to") return this.nodes();
      if (key === "Clock.breach") return this.messages();
      if (key === "Action.name") return lists.actions.map((value) => ({ value, label: ACTION_NAMES[value] ? `${ACTION_NAMES[value]} (${value})` : value }));
      if (current.startsWith("=")) return undefined;
      if (key === "Call.process") return lists.processes;
      if (key === "Clock.calendar" || key === "Worktime.calendar") return lists.calendars;
      if (UNITS_OF.has(key)) return lists.units;
      return POSTS_OF.has(key) ? lists.posts : undefined;
    }

    private expressions(element: Element): Group[] {
      const holder = element.businessObject;
      if (holder.$type === "bpmn:ScriptTask") {
        const field: Field = {
          id: "ld-script",
          label: t("FEEL 上下文：各项写入案件事实", "FEEL context: its entries are written to the facts"),
          help: "{ rework: rework + 1 }",
          kind: "expression",
          get: () => holder.get("script"),
          set: (value) => this.modeling.updateModdleProperties(element, holder, { script: value || undefined, scriptFormat: "feel" }),
        };
        return [this.group(element, "ld-script-group", t("计算", "Script"), [field])];
      }
      const source = holder.$type === "bpmn:SequenceFlow" ? (holder.get("sourceRef") as Moddle | undefined) : undefined;
      if (!source || !/ExclusiveGateway|InclusiveGateway/.test(source.$type)) return [];
      const isDefault = source.get("default") === holder;
      const field: Field = {
        id: "ld-condition",
        label: t("走这条线的条件", "When this flow is taken"),
        help: isDefault ? t("这是默认流：其他条件都不成立时走这里，不需要条件", "The default flow needs none: it is taken when no other holds") : undefined,
        kind: "condition",
        get: () => (holder.get("conditionExpression") as Moddle | undefined)?.body,
        set: (value) => {
          const made = value ? this.factory.create("bpmn:FormalExpression", { body: value }) : undefined;
          if (made) made.$parent = holder;
          this.modeling.updateModdleProperties(element, holder, { conditionExpression: made });
        },
      };
      return [this.group(element, "ld-condition-group", t("条件", "Condition"), [field])];
    }

    private group(element: Element, id: string, label: string, fields: Field[]): Group {
      return {
        id,
        label,
        entries: fields.map((field) => ({ id: field.id, element, field, words, component: Entry, isEdited: EDITED[field.kind] ?? (() => Boolean(field.get())) })),
      };
    }
  }
  return { __init__: ["liandongProvider"], liandongProvider: ["type", LiandongProvider] };
}
