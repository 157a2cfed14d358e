// What the engine refuses, and what is said better in another way, is not offered for drawing. A file that has it opens all the same, and
// the check says so.
const NOT_OFFERED = /compensation|link-|cancel|complex|transaction|ad-hoc|conditional-start|data-store|create\.group/;

type Entries = Record<string, unknown>;
type Registry = { registerProvider(...args: unknown[]): void };

function filtered(entries: Entries): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !NOT_OFFERED.test(key)));
}

class Offered {
  static $inject = ["palette", "contextPad", "popupMenu"];
  constructor(palette: Registry, contextPad: Registry, popupMenu: Registry) {
    palette.registerProvider(100, { getPaletteEntries: () => filtered });
    contextPad.registerProvider(100, { getContextPadEntries: () => filtered });
    popupMenu.registerProvider("bpmn-replace", 100, { getPopupMenuEntries: () => filtered, getPopupMenuHeaderEntries: () => filtered });
  }
}

export const offeredModule = { __init__: ["offered"], offered: ["type", Offered] };
