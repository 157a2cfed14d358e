// How a step repeats: for each of a list, a number of times, in rounds; until when. And the expressions of events and gateways that the
// library's own panel has as plain text or not at all.
import type { Name } from "../conditions/said";
import type { Vocabulary } from "../conditions/vocabulary";
import type { Element, Factory, Modeling, Moddle } from "./extension";
import { t } from "./names";
import type { Field } from "./provider";

type Found = { id: string; label: string; fields: Field[] };

/** The library's groups that stand here instead. */
export const REPLACED = new Set(["multiInstance"]);

const counter = (name: string, label: string): Name => ({ name, type: "integer", label, choices: [] });
/** What is known only inside (BPMN 2.0.2, table 10.31); the server knows the same names. */
const COUNTERS = [
  counter("numberOfCompletedInstances", t("已办完的份数", "Parts that are done")),
  counter("numberOfActiveInstances", t("正在办的份数", "Parts that are open")),
  counter("numberOfInstances", t("总份数", "Parts in all")),
  counter("numberOfTerminatedInstances", t("被终止的份数", "Parts that were ended")),
  counter("loopCounter", t("第几份（从 1 起）", "Which part, from 1")),
];
const ROUND = [counter("loopCounter", t("第几次（从 1 起）", "Which round, from 1"))];

/** Repetition, conditions and times of an element as groups of the panel. */
export class Repeating {
  constructor(
    private readonly modeling: Modeling,
    private readonly factory: Factory,
    private readonly words: Vocabulary,
  ) {}

  groups(element: Element): Found[] {
    const holder = element.businessObject;
    const loop = holder.get("loopCharacteristics") as Moddle | undefined;
    const found: Found[] = [];
    if (loop?.$type === "bpmn:MultiInstanceLoopCharacteristics") found.push({ id: "ld-each", label: t("重复办理（多份）", "Several parts"), fields: this.parts(element, loop) });
    if (loop?.$type === "bpmn:StandardLoopCharacteristics") found.push({ id: "ld-loop", label: t("循环", "Loop"), fields: this.rounds(element, loop) });
    const event = ((holder.get("eventDefinitions") as Moddle[] | undefined) ?? []).find((one) => one.$type === "bpmn:ConditionalEventDefinition");
    if (event) found.push({ id: "ld-event-condition", label: t("条件", "Condition"), fields: [this.formal(element, event, "condition", t("何时发生", "When it happens"), "condition")] });
    if (holder.$type === "bpmn:ComplexGateway") {
      const words = this.words.with([counter("activationCount", t("已到达的次数", "How many have come"))]);
      found.push({ id: "ld-activation", label: t("条件", "Condition"), fields: [this.formal(element, holder, "activationCondition", t("何时继续", "When it goes on"), "condition", words)] });
    }
    return found;
  }

  private parts(element: Element, loop: Moddle): Field[] {
    const words = this.words.with([...COUNTERS, ...this.item(loop)]);
    const list = (): string => String((loop.get("loopDataInputRef") as { id?: string } | undefined)?.id ?? "");
    const options = this.words.names.filter((one) => one.type === "array" || one.name === list()).map((one) => ({ value: one.name, label: one.label === one.name ? one.name : `${one.label}（${one.name}）` }));
    if (list() && !options.some((one) => one.value === list())) options.push({ value: list(), label: list() });
    const number = this.formal(element, loop, "loopCardinality", t("份数", "How many"), "expression");
    const source: Field = {
      id: "ld-each-list",
      label: t("按哪个列表，每项一份", "For each of which list"),
      help: t("例如处理单位的列表；不按列表时填下面的份数", "a list of units, say; without one, how many is said below"),
      kind: "choice",
      options: [{ value: "", label: t("（不按列表）", "(no list)") }, ...options],
      get: list,
      set: (value) => this.change(element, loop, value ? { loopDataInputRef: this.named("bpmn:Property", loop, { id: value }), loopCardinality: undefined } : { loopDataInputRef: undefined, inputDataItem: undefined }),
    };
    const item: Field = {
      id: "ld-each-item",
      label: t("每份里的那一项叫什么", "What the item is called inside"),
      help: t("小写字母、数字、下划线，例如 one_unit；表达式里用它指这一份", "small letters, digits, underscores, such as one_unit: expressions inside mean this part by it"),
      kind: "text",
      get: () => (loop.get("inputDataItem") as { name?: string } | undefined)?.name,
      set: (value) => this.change(element, loop, { inputDataItem: value ? this.named("bpmn:DataInput", loop, { id: `${element.id}_item`, name: value }) : undefined }),
    };
    const until = this.formal(element, loop, "completionCondition", t("何时提前结束", "When it ends early"), "condition", words);
    until.help = t("每办完一份判断一次，成立时其余各份取消；留空则全部办完", "asked each time a part is done; where it is true the others are cancelled. None: all are done");
    return list() ? [source, item, until] : [source, number, until];
  }

  private rounds(element: Element, loop: Moddle): Field[] {
    const again = this.formal(element, loop, "loopCondition", t("再来一次的条件", "When it runs again"), "condition", this.words.with(ROUND));
    return [
      again,
      {
        id: "ld-loop-most",
        label: t("最多几次", "Rounds at most"),
        kind: "text",
        get: () => (loop.get("loopMaximum") as number | undefined)?.toString(),
        set: (value) => this.change(element, loop, { loopMaximum: /^\d+$/.test(String(value).trim()) ? Number(value) : undefined }),
      },
      {
        id: "ld-loop-before",
        label: t("先判断，再办理", "Asked before the first round"),
        kind: "check",
        get: () => Boolean(loop.get("testBefore")),
        set: (value) => this.change(element, loop, { testBefore: Boolean(value) }),
      },
    ];
  }

  private item(loop: Moddle): Name[] {
    const name = (loop.get("inputDataItem") as { name?: string } | undefined)?.name;
    return name ? [{ name, type: "any", label: t(`这一份（${name}）`, `this part (${name})`), choices: [] }] : [];
  }

  /** An expression that stands in an element of its own. */
  private formal(element: Element, holder: Moddle, property: string, label: string, kind: "condition" | "expression", words?: Vocabulary): Field {
    return {
      id: `ld-${property}`,
      label,
      kind,
      ...(words ? { words } : {}),
      get: () => (holder.get(property) as Moddle | undefined)?.body,
      set: (value) => this.change(element, holder, { [property]: value ? this.named("bpmn:FormalExpression", holder, { body: value }) : undefined }),
    };
  }

  private named(type: string, holder: Moddle, properties: Record<string, unknown>): Moddle {
    const made = this.factory.create(type, properties);
    made.$parent = holder;
    return made;
  }

  private change(element: Element, holder: Moddle, properties: Record<string, unknown>): void {
    this.modeling.updateModdleProperties(element, holder, properties);
  }
}
