// What a step may do with each field of its form: one choice a field, kept as an `ld:field` where it is another than the form says.
import type { Element, Extension, Moddle } from "./extension";
import { t } from "./names";
import type { Field } from "./provider";
import { RIGHTS } from "./words";

const TYPE = "ld:Field";

/** A form to choose, with its fields and what it says of each. */
export type Form = { value: string; label: string; fields: { name: string; label: string; right: string }[] };

/** A choice for each field, in the order of the form; behind them what is said of fields that the form has not, to be taken away. */
export function rights(element: Element, holder: Moddle, extension: Extension, forms: Form[]): Field[] {
  const ref = String(extension.value(holder, "ld:Form", 0, "ref") ?? "").replace(/\.json$/, "");
  const known = forms.find((one) => one.value === ref)?.fields ?? [];
  const said = extension.all(holder, TYPE);
  const strangers = said.map((one) => String(one.get("name") ?? "")).filter((name) => !known.some((one) => one.name === name));
  return [
    ...known.map((one) => choice(element, holder, extension, one.name, one.label, one.right)),
    ...new Set(strangers),
  ].map((one) => (typeof one === "string" ? choice(element, holder, extension, one, t(`${one}（表单没有这个字段）`, `${one} (no field of the form)`)) : one));
}

function choice(element: Element, holder: Moddle, extension: Extension, name: string, label: string, usual?: string): Field {
  const find = (): Moddle | undefined => extension.all(holder, TYPE).find((one) => String(one.get("name") ?? "") === name);
  const options = Object.entries(RIGHTS).map(([value, word]) => ({ value, label: word }));
  return {
    id: `ld-field-right-${name}`,
    label,
    kind: "choice",
    options: [{ value: "", label: usual ? t(`照表单（${RIGHTS[usual] ?? usual}）`, `as the form says (${RIGHTS[usual] ?? usual})`) : t("（去掉）", "(take away)") }, ...options],
    get: () => find()?.get("access") ?? "",
    set: (value) => {
      const found = find();
      if (found && value) extension.change(element, found, { access: value });
      else if (found) extension.remove(element, holder, found);
      else if (value) extension.add(element, holder, TYPE, { name, access: value });
    },
  };
}
