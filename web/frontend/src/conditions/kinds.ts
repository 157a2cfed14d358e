// What may be compared with what: the comparisons and the values of each kind of fact.
import type { Op, Row, Value } from "./rows";
import type { Name } from "./said";

const ORDERED: Op[] = ["=", "!=", "<", "<=", ">", ">=", "empty", "filled"];
const CHOSEN: Op[] = ["=", "!=", "in", "not in", "empty", "filled"];

/** The comparisons of a fact; the one that a row has stands among them whatever it is. */
export function opsOf(fact: Name | undefined, row: Row): Op[] {
  const own = ((): Op[] => {
    if (fact?.choices.length || fact?.type === "string" || fact?.type === "unit" || fact?.type === "post") return CHOSEN;
    if (fact?.type === "boolean") return ["=", "empty", "filled"];
    if (fact?.type === "array" || fact?.type === "object") return ["empty", "filled"];
    return ORDERED;
  })();
  const there = own.map((op) => (op === "!=" && row.op === "not=" ? "not=" : op));
  return there.includes(row.op) ? there : [...there, row.op];
}

/** What it may be compared with: the first is usual. */
export function valuesOf(fact: Name | undefined, row: Row): Value["is"][] {
  const current = row.values[0]?.is;
  const own = ((): Value["is"][] => {
    if (row.as === "date" || fact?.type === "date") return ["date", "today"];
    if (row.as === "date and time" || fact?.type === "date-time") return ["moment", "now"];
    if (fact?.type === "boolean") return ["truth"];
    if (fact?.choices.length) return [kindOf(fact.choices[0]?.value), "name"];
    if (fact?.type === "number" || fact?.type === "integer") return ["number", "name"];
    return fact && fact.type !== "any" ? ["text", "name"] : ["text", "number", "truth", "name"];
  })();
  return current && !own.includes(current) ? [...own, current] : own;
}

export function kindOf(value: unknown): Value["is"] {
  return typeof value === "number" ? "number" : typeof value === "boolean" ? "truth" : "text";
}

export function emptyValue(is: Value["is"]): Value {
  return { is, of: is === "truth" ? "true" : "" };
}

/** A row about another fact: the comparison stays where it may. */
export function about(fact: Name | undefined, name: string, before: Row | undefined): Row {
  const as: Row["as"] = fact?.type === "date" ? "date" : fact?.type === "date-time" ? "date and time" : "";
  const bare: Row = { name, as, op: before?.op ?? "=", values: [] };
  const ops = opsOf(fact, { ...bare, op: "=" });
  const op = ops.includes(bare.op) ? bare.op : (ops[0] ?? "=");
  return withOp(fact, { ...bare, op });
}

/** The same row by another comparison, with as many values as that has. */
export function withOp(fact: Name | undefined, row: Row): Row {
  if (["empty", "filled", "holds", "fails"].includes(row.op)) return { ...row, as: "", values: [] };
  const as: Row["as"] = fact?.type === "date" ? "date" : fact?.type === "date-time" ? "date and time" : row.as;
  const is = valuesOf(fact, { ...row, as, values: [] })[0] ?? "text";
  if (row.op === "in" || row.op === "not in") return { ...row, as, values: row.values.filter((one) => one.is === is && one.of !== "") };
  return { ...row, as, values: [row.values[0] ?? emptyValue(is)] };
}

const SHAPES: Partial<Record<Value["is"], RegExp>> = {
  number: /^-?\d+(\.\d+)?$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  moment: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$/,
  name: /./,
  truth: /^(true|false)$/,
};

/** Whether all is there that a comparison needs; a text may be empty only where somebody wrote it so. */
export function complete(row: Row): boolean {
  if (!row.name) return false;
  if (["empty", "filled", "holds", "fails"].includes(row.op)) return true;
  return row.values.length > 0 && row.values.every((one) => (one.is === "text" ? one.of !== "" : (SHAPES[one.is]?.test(one.of) ?? true)));
}
