// dmn-js brings no types of its own: what of it is used here.
declare module "dmn-js-shared/lib/base/EditingManager" {
  export type View = { element: import("./editor").Moddle; id: string; name?: string; type: string };
  export type Bus = { on(event: string, act: (event: never) => void): void };
  export default class EditingManager {
    constructor(options: object);
    importXML(xml: string): Promise<{ warnings: { message?: string }[] }>;
    saveXML(options: { format: boolean }): Promise<{ xml: string }>;
    getViews(): View[];
    getActiveView(): View | undefined;
    getActiveViewer(): { get(name: string): never } | undefined;
    getDefinitions(): import("./editor").Moddle;
    open(view: View): Promise<unknown>;
    on(event: string, act: (event: { viewer: Bus }) => void): void;
  }
}
declare module "dmn-js-decision-table/lib/Editor" {
  const Editor: unknown;
  export default Editor;
}
declare module "dmn-js-literal-expression/lib/Editor" {
  const Editor: unknown;
  export default Editor;
}
declare module "dmn-js-shared/lib/components/EditableComponent" {
  import { Component, type VNode } from "inferno";
  export default class EditableComponent<P> extends Component<P> {
    getClassName(): string;
    getEditor(): VNode;
  }
}
declare module "dmn-js-shared/lib/features/debounce-input" {
  const module: object;
  export default module;
}
declare module "dmn-js-decision-table/lib/features/annotations/components/AnnotationHeader" {
  const Header: unknown;
  export default Header;
}
declare module "dmn-js-decision-table/lib/features/annotations/editor/components/AnnotationCell" {
  const Cell: unknown;
  export default Cell;
}
declare module "table-js/lib/components" {
  export const Cell: import("inferno").ComponentType;
}
