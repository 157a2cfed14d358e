// What the server proposes to mend, done to the drawing: all steps of one mend are one step of undo.
import { type Element, Extension, type Factory, type Modeling, type Moddle } from "../bpmn/extension";

export type Step = { kind: string; element: string; property: string; value: string };
export type Mend = { text: string; steps: Step[] };

type Registry = { get(id: string): Element | undefined; filter(test: (one: Element) => boolean): Element[] };
type More = Modeling & {
  updateProperties(element: Element, properties: Record<string, unknown>): void;
  removeElements(elements: Element[]): void;
};
export type Modeler = { get(name: string): unknown };

/** Facts that are declared beside the drawing, until the draft has them: sent with it, and taken back by undo. */
export type Declared = Record<string, unknown>;

export class Mending {
  private readonly modeling: More;
  private readonly registry: Registry;
  private readonly extension: Extension;
  readonly declared: Declared = {};

  constructor(
    private readonly modeler: Modeler,
    private readonly inside: (id: string) => string,
  ) {
    this.modeling = modeler.get("modeling") as More;
    this.registry = modeler.get("elementRegistry") as Registry;
    this.extension = new Extension(this.modeling, modeler.get("bpmnFactory") as Factory);
    const stack = modeler.get("commandStack") as { register(name: string, handler: object): void };
    stack.register("liandong.mend", { preExecute: (context: { run: () => void }) => context.run() });
    const declared = this.declared;
    stack.register("liandong.declare", {
      execute: (context: { name: string; schema: unknown }) => {
        declared[context.name] = context.schema;
        return [];
      },
      // Also where it was never sent: that takes nothing away.
      revert: (context: { name: string; schema: unknown }) => {
        declared[context.name] = null;
        return [];
      },
    });
  }

  /** The draft has these now: said once more, they would undo what others do to them later. */
  settled(sent: Declared): void {
    for (const [name, schema] of Object.entries(sent)) if (this.declared[name] === schema) delete this.declared[name];
  }

  /** What is drawn of an element that the server names; the drawing itself for the process. */
  find(id: string): Element | undefined {
    const found = this.registry.get(this.inside(id));
    if (found) return found;
    const is = (holder: Moddle | undefined): boolean => holder?.$type === "bpmn:Process" && (id === "process" || (holder as unknown as { id: string }).id === this.inside(id));
    return this.registry.filter((one) => is(one.businessObject) || is(one.businessObject?.processRef))[0];
  }

  /** Do it; answers the field that is to be opened, if there is one. */
  apply(mend: Mend): { element: Element; property: string } | undefined {
    const steps = mend.steps.filter((one) => one.kind !== "choose");
    if (steps.length) this.execute("liandong.mend", { run: () => steps.forEach((one) => this.step(one)) });
    const opened = mend.steps.find((one) => one.kind === "choose");
    const element = opened && this.find(opened.element);
    return element && opened ? { element, property: opened.property } : undefined;
  }

  private execute(name: string, context: object): void {
    (this.modeler.get("commandStack") as { execute(name: string, context: object): void }).execute(name, context);
  }

  private step(step: Step): void {
    if (step.kind === "declare") return this.execute("liandong.declare", { name: step.property, schema: JSON.parse(step.value) as unknown });
    const element = this.find(step.element);
    if (!element) return;
    const holder = this.holder(element, step);
    switch (step.kind) {
      case "set":
        return this.set(element, holder, step);
      case "drop":
        return this.drop(element, holder, step);
      case "attribute":
        return this.attribute(element, holder, step);
      case "condition":
        return this.modeling.updateModdleProperties(element, holder, { conditionExpression: undefined });
      case "rewrite":
        return this.rewrite(element, holder, step.property, step.value);
      case "remove":
        return this.modeling.removeElements([element]);
      case "end":
        return this.end(element);
      case "become": {
        const type = `bpmn:${step.value[0]?.toUpperCase()}${step.value.slice(1)}`;
        (this.modeler.get("bpmnReplace") as { replaceElement(element: Element, target: object): void }).replaceElement(element, { type });
      }
    }
  }

  /** Whose settings are meant: those of the element, of its timer, of the process that a pool shows. */
  private holder(element: Element, step: Step): Moddle {
    const own = element.businessObject;
    if (/^(Worktime|Misfire)/.test(step.property)) {
      const timer = ((own.get("eventDefinitions") as Moddle[] | undefined) ?? []).find((one) => one.$type === "bpmn:TimerEventDefinition");
      if (timer) return timer;
    }
    return own.$type === "bpmn:Participant" && own.processRef && (step.element === "process" || (own as unknown as { id: string }).id !== this.inside(step.element)) ? own.processRef : own;
  }

  private set(element: Element, holder: Moddle, step: Step): void {
    const [, kind = "", which = "0", attribute = ""] = /^(\w+)(?:#(\d+))?\.(\w+)$/.exec(step.property) ?? [];
    this.extension.set(element, holder, `ld:${kind}`, Number(which), attribute, step.value);
  }

  private drop(element: Element, holder: Moddle, step: Step): void {
    const there = holder.extensionElements;
    if (!there) return;
    let met = 0;
    const kept = (at: number): boolean => (step.value === "rest" ? at === 0 : step.value !== "" && at !== Number(step.value));
    const values = (there.values ?? []).filter((one) => one.$type.toLowerCase() !== `ld:${step.property.toLowerCase()}` || kept(met++));
    this.modeling.updateModdleProperties(element, there, { values });
  }

  private attribute(element: Element, holder: Moddle, step: Step): void {
    const { property, value } = step;
    const wanted = value === "" ? undefined : value === "true" ? true : property === "default" ? this.find(value)?.businessObject : value;
    if (holder === element.businessObject) this.modeling.updateProperties(element, { [property]: wanted });
    else this.modeling.updateModdleProperties(element, holder, { [property]: wanted });
  }

  private end(element: Element): void {
    const made = (this.modeler.get("elementFactory") as { createShape(of: object): unknown }).createShape({ type: "bpmn:EndEvent" });
    (this.modeler.get("autoPlace") as { append(source: Element, shape: unknown): void }).append(element, made);
  }

  /** Every text of the element, and of what belongs to it, that is the old one. */
  private rewrite(element: Element, holder: Moddle, old: string, text: string): void {
    const seen = new Set<Moddle>();
    const visit = (one: Moddle): void => {
      if (seen.has(one)) return;
      seen.add(one);
      for (const [name, value] of Object.entries(one)) {
        if (name === "$parent" || name === "di") continue;
        if (typeof value === "string" && (name === "body" || name === "script" || one.$type.startsWith("ld:")) && value.trim() === old) {
          this.modeling.updateModdleProperties(element, one, { [name]: text });
        } else {
          for (const part of Array.isArray(value) ? value : [value]) if (isPart(part, one)) visit(part);
        }
      }
    };
    visit(holder);
  }
}

function isPart(value: unknown, of: Moddle): value is Moddle {
  const part = value as Moddle | undefined;
  return typeof part === "object" && part !== null && typeof part.$type === "string" && part.$parent === of && !/FlowNode|SequenceFlow/.test(part.$type);
}
