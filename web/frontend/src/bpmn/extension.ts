// Reading and writing the `ld` elements of a BPMN element, each change one step that can be undone.
export type Moddle = {
  $type: string;
  $parent?: Moddle;
  /** Attributes that the descriptor does not name. */
  $attrs?: Record<string, unknown>;
  get(name: string): unknown;
  $instanceOf(type: string): boolean;
  values?: Moddle[];
  extensionElements?: Moddle;
  processRef?: Moddle;
  body?: string;
};
export type Element = { id: string; type: string; businessObject: Moddle; labelTarget?: Element };
export type Modeling = {
  updateModdleProperties(element: Element, moddle: Moddle, properties: Record<string, unknown>): void;
};
export type Factory = { create(type: string, properties?: Record<string, unknown>): Moddle };

export class Extension {
  constructor(
    private readonly modeling: Modeling,
    private readonly factory: Factory,
  ) {}

  all(holder: Moddle, type: string): Moddle[] {
    return (holder.extensionElements?.values ?? []).filter((one) => one.$type === type);
  }

  value(holder: Moddle, type: string, index: number, property: string): string | boolean | undefined {
    const found = this.all(holder, type)[index]?.get(property);
    return typeof found === "boolean" ? found : found === undefined || found === null ? undefined : String(found);
  }

  /** One more of them, whole. */
  add(element: Element, holder: Moddle, type: string, properties: Record<string, unknown>): void {
    const made = this.factory.create(type, properties);
    this.put(element, holder, [...(holder.extensionElements?.values ?? []), made], made);
  }

  remove(element: Element, holder: Moddle, one: Moddle): void {
    this.put(element, holder, (holder.extensionElements?.values ?? []).filter((other) => other !== one));
  }

  change(element: Element, one: Moddle, properties: Record<string, unknown>): void {
    this.modeling.updateModdleProperties(element, one, properties);
  }

  /** An empty value takes the attribute away, and the element with its last attribute. */
  set(element: Element, holder: Moddle, type: string, index: number, property: string, value: unknown): void {
    const wanted = value === "" ? undefined : value;
    const found = this.all(holder, type)[index];
    if (found) {
      const left = Object.entries({ ...found.$attrs, ...found }).some(([key, kept]) => !key.startsWith("$") && key !== property && kept !== undefined && kept !== "");
      if (wanted === undefined && !left) this.remove(element, holder, found);
      else this.change(element, found, { [property]: wanted });
    } else if (wanted !== undefined) {
      this.add(element, holder, type, { [property]: wanted });
    }
  }

  private put(element: Element, holder: Moddle, values: Moddle[], made?: Moddle): void {
    const extension = holder.extensionElements;
    if (extension) {
      if (made) made.$parent = extension;
      this.modeling.updateModdleProperties(element, extension, { values });
    } else {
      const created = this.factory.create("bpmn:ExtensionElements", { values });
      created.$parent = holder;
      if (made) made.$parent = created;
      this.modeling.updateModdleProperties(element, holder, { extensionElements: created });
    }
  }
}
