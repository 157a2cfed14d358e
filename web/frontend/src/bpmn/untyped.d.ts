// The properties panel brings no types of its own.
declare module "@bpmn-io/properties-panel" {
  type Entry = (props: Record<string, unknown>) => unknown;
  export const TextFieldEntry: Entry;
  export const TextAreaEntry: Entry;
  export const SelectEntry: Entry;
  export const CheckboxEntry: Entry;
  export const useShowEntryEvent: (id: string) => { current: unknown };
  export const isTextFieldEntryEdited: (node: unknown) => boolean;
  export const isTextAreaEntryEdited: (node: unknown) => boolean;
  export const isSelectEntryEdited: (node: unknown) => boolean;
  export const isCheckboxEntryEdited: (node: unknown) => boolean;
}
declare module "bpmn-js-properties-panel" {
  export const BpmnPropertiesPanelModule: object;
  export const BpmnPropertiesProviderModule: object;
}
declare module "bpmn-js-token-simulation/lib/viewer" {
  const module: object;
  export default module;
}
declare module "bpmn-js-token-simulation/lib/util/EventHelper" {
  export const SCOPE_CREATE_EVENT: string;
}
