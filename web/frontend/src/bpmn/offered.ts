// What the engine refuses, and what is said better in another way, is not offered for drawing. A file that has it opens all the same, and
// the check says so.
const NOT_OFFERED = /compensation|link-|cancel|complex|transaction|ad-hoc|conditional-start|data-store|create\.group/;

/** What somebody puts down as a task and gives a name is done by people: a task of no kind would be passed without a word. The wrench has the others. */
const TASK = "bpmn:UserTask";
const ICON = "bpmn-icon-user-task";

type Entry = { className: string; title: string; action: Record<string, unknown> };
type Entries = Record<string, Entry>;
type Registry = { registerProvider(...args: unknown[]): void };
type Factory = { createShape(of: { type: string }): object };
type Create = { start(event: unknown, shape: object, context?: { source: object }): void };
type Place = { append(source: object, shape: object): void };
type Preview = { create(source: object, type: string): void; cleanUp(): void };

function filtered(entries: Entries): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !NOT_OFFERED.test(key)));
}

class Offered {
  static $inject = ["palette", "contextPad", "popupMenu", "elementFactory", "create", "autoPlace", "appendPreview"];
  constructor(palette: Registry, contextPad: Registry, popupMenu: Registry, factory: Factory, create: Create, place: Place, preview: Preview) {
    const shape = (): object => factory.createShape({ type: TASK });
    const put = (event: unknown): void => create.start(event, shape());
    const pull = (event: unknown, source: object): void => create.start(event, shape(), { source });
    const append = (_: unknown, source: object): void => place.append(source, shape());
    const hover = (_: unknown, source: object): (() => void) => {
      preview.create(source, TASK);
      return () => preview.cleanUp();
    };
    const changed = (entries: Entries, key: string, action: Record<string, unknown>): Entries => {
      const found = entries[key];
      return filtered(found ? { ...entries, [key]: { ...found, className: ICON, action } } : entries);
    };
    palette.registerProvider(100, { getPaletteEntries: () => (entries: Entries) => changed(entries, "create.task", { dragstart: put, click: put }) });
    contextPad.registerProvider(100, { getContextPadEntries: () => (entries: Entries) => changed(entries, "append.append-task", { dragstart: pull, click: append, hover }) });
    popupMenu.registerProvider("bpmn-replace", 100, { getPopupMenuEntries: () => filtered, getPopupMenuHeaderEntries: () => filtered });
  }
}

export const offeredModule = { __init__: ["offered"], offered: ["type", Offered] };
