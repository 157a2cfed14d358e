// The columns of a table that say why (`annotation`, `annotationEntry`), which dmn-js keeps but neither shows nor writes: it has a rule's
// description instead, which is shown where a table has no such column, or a rule has a description all the same.
import EditableComponent from "dmn-js-shared/lib/components/EditableComponent";
import debounceInput from "dmn-js-shared/lib/features/debounce-input";
import DescriptionHeader from "dmn-js-decision-table/lib/features/annotations/components/AnnotationHeader";
import DescriptionCell from "dmn-js-decision-table/lib/features/annotations/editor/components/AnnotationCell";
import { Component, createComponentVNode, createVNode, type VNode } from "inferno";
import { Cell } from "table-js/lib/components";
import type { Moddle } from "./editor";

/** More columns of this kind than anybody reads. */
const MOST = 6;
const ELEMENT = 1;
const COMPONENT = 2;

type Row = { id: string; businessObject: Moddle };
type Sheet = { getRoot(): { businessObject: Moddle } };
type Changes = { onElementsChanged(id: string, act: () => void): void; offElementsChanged(id: string, act: () => void): void };
type Modeling = { updateProperties(element: Moddle, properties: object): void };
type Factory = { create(type: string, attributes: object): Moddle };
type Injector = { get(name: "sheet"): Sheet; get(name: "modeling"): Modeling; get(name: "dmnFactory"): Factory };
type Components = { onGetComponent(type: string, give: (asked: { cellType?: string }) => unknown): void };
type Props = { row: Row; rowIndex: number };
type Written = { label: string; className: string; value: string; ctrlForNewline: boolean; onChange: (text: string) => void };

class Text extends EditableComponent<Written> {
  override render(): VNode {
    return createVNode(ELEMENT, "div", this.getClassName(), this.getEditor(), 0);
  }
}

function header(at: number): unknown {
  return class extends Component {
    override render(): VNode {
      const injector = (this.context as { injector: Injector }).injector;
      const named = injector.get("sheet").getRoot().businessObject.annotation?.[at]?.name ?? "";
      return createVNode(ELEMENT, "th", "annotation header", named, 0);
    }
  };
}

function cell(at: number): unknown {
  return class extends Component<Props> {
    private readonly injector = (this.context as { injector: Injector }).injector;
    private readonly changes = (this.context as { changeSupport: Changes }).changeSupport;
    private readonly changed = (): void => this.forceUpdate();

    override componentWillMount(): void {
      this.changes.onElementsChanged(this.props.row.id, this.changed);
    }

    override componentWillUnmount(): void {
      this.changes.offElementsChanged(this.props.row.id, this.changed);
    }

    private readonly write = (text: string): void => {
      const rule = this.props.row.businessObject;
      const factory = this.injector.get("dmnFactory");
      const entries = [...(rule.annotationEntry ?? [])];
      while (entries.length <= at) entries.push(factory.create("dmn:RuleAnnotation", { text: "" }));
      entries[at] = factory.create("dmn:RuleAnnotation", { text });
      this.injector.get("modeling").updateProperties(rule, { annotationEntry: entries });
    };

    override render(): VNode {
      const { row, rowIndex } = this.props;
      const label = this.injector.get("sheet").getRoot().businessObject.annotation?.[at]?.name ?? "";
      const value = row.businessObject.annotationEntry?.[at]?.text ?? "";
      return createComponentVNode(COMPONENT, Cell, {
        className: "annotation",
        elementId: `${row.id}__annotation${at}`,
        coords: `${rowIndex}:annotation${at}`,
        "data-row-id": row.id,
        children: createComponentVNode(COMPONENT, Text as never, { label, className: "annotation-editor", ctrlForNewline: true, value, onChange: this.write } as never),
      } as never);
    }
  };
}

class Annotations {
  static $inject = ["components", "sheet"];
  constructor(components: Components, sheet: Sheet) {
    const table = (): Moddle | undefined => sheet.getRoot()?.businessObject;
    for (let at = 0; at < MOST; at++) {
      const parts: Record<string, unknown> = { "after-label-cells": header(at), "after-rule-cells": cell(at) };
      components.onGetComponent("cell", ({ cellType }) => (at < (table()?.annotation?.length ?? 0) ? parts[cellType ?? ""] : undefined));
    }
    const parts: Record<string, unknown> = { "after-label-cells": DescriptionHeader, "after-rule-cells": DescriptionCell };
    const described = (one: Moddle | undefined): boolean => !one?.annotation?.length || (one.rule ?? []).some((rule) => rule.description);
    components.onGetComponent("cell", ({ cellType }) => (described(table()) ? parts[cellType ?? ""] : undefined));
  }
}

export const annotationsModule = { __depends__: [debounceInput], __init__: ["annotationsProvider"], annotationsProvider: ["type", Annotations] };
