// What a designer allows or forbids on a task: one choice for each act, kept in the two lists of words of `ld:acts`.
import type { Element, Extension, Moddle } from "./extension";
import { t } from "./names";
import type { Field } from "./provider";
import { ACTS, UNUSUAL } from "./words";

const TYPE = "ld:Acts";

export function acts(element: Element, holder: Moddle, extension: Extension): Field[] {
  const words = (name: string): string[] => String(extension.value(holder, TYPE, 0, name) ?? "").split(/\s+/).filter(Boolean);
  const put = (name: string, kept: string[]): void => extension.set(element, holder, TYPE, 0, name, kept.join(" "));
  return Object.entries(ACTS).map(([act, label]) => ({
    id: `ld-${holder.$type}-Acts-${act}`.replace(/[:.]/g, "-"),
    label,
    kind: "choice",
    options: [
      { value: "", label: UNUSUAL.has(act) ? t("照常（不允许）", "as usual (not allowed)") : t("照常（允许）", "as usual (allowed)") },
      { value: "allow", label: t("允许", "allowed") },
      { value: "deny", label: t("不允许", "not allowed") },
    ],
    get: () => ["deny", "allow"].find((name) => words(name).includes(act)) ?? "",
    set: (value) => {
      for (const name of ["allow", "deny"]) {
        const before = words(name);
        const after = before.filter((word) => word !== act);
        if (value === name) after.push(act);
        if (before.join(" ") !== after.join(" ")) put(name, after);
      }
    },
  }));
}
