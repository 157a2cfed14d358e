// What the drawing library would drop of a good file or write wrongly, kept.
export type Warning = { message: string; element?: Referring; property?: string; value?: string };
type Referring = { get(name: string): unknown; set(name: string, value: unknown): void; $model: Moddle };
type Property = { xml?: { serialize: string } };
type Moddle = {
  create(type: string, attributes: object): unknown;
  getType(type: string): { $descriptor: { propertiesByName: Record<string, Property> } };
};

/** The events of a multi-instance are written under the names they have in the standard. */
export function mended(moddle: Moddle): void {
  const named = moddle.getType("bpmn:ComplexBehaviorDefinition").$descriptor.propertiesByName;
  for (const one of [named.condition, named.event]) if (one) one.xml = { serialize: "property" };
}

/** A reference to what is no element of the file (the list of a multi-instance is a fact) gets something that bears its name and is
 *  drawn and written nowhere. Answers the warnings that are left. */
export function kept(warnings: Warning[]): Warning[] {
  return warnings.filter((one) => {
    if (!one.message.startsWith("unresolved reference") || !one.element || !one.property || !one.value) return true;
    const named = one.element.$model.create("bpmn:Property", { id: one.value });
    const now = one.element.get(one.property);
    if (Array.isArray(now)) now.push(named);
    else one.element.set(one.property, named);
    return false;
  });
}
