// A condition as rows that people click together, and the same as FEEL. What is not of this shape is no rows: then it is left as the text
// that it is. Pure, with no import: tests run it as it stands.
export type Value = { is: "text" | "number" | "truth" | "date" | "moment" | "name" | "now" | "today"; of: string };
export type Op = "=" | "!=" | "not=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "empty" | "filled" | "holds" | "fails";
/** `as`: how the fact is read before it is compared; dates are kept as text. */
export type Row = { name: string; as: "" | "date" | "date and time"; op: Op; values: Value[] };
export type Group = { join: "and" | "or"; rows: (Row | Group)[] };

export function isGroup(one: Row | Group): one is Group {
  return "join" in one;
}

/** FEEL, without a leading `=`. */
export function print(group: Group): string {
  return group.rows.map((one) => (isGroup(one) && one.rows.length > 1 ? `(${print(one)})` : isGroup(one) ? print(one) : printRow(one))).join(` ${group.join} `);
}

function printRow(row: Row): string {
  if ((row.op === "in" || row.op === "not in") && row.values.length === 1) return printRow({ ...row, op: row.op === "in" ? "=" : "not=" });
  const name = row.as ? `${row.as}(${row.name})` : row.name;
  const first = row.values[0] ? printValue(row.values[0]) : "null";
  const list = `(${row.values.map(printValue).join(", ")})`;
  switch (row.op) {
    case "empty":
      return `${row.name} = null`;
    case "filled":
      return `${row.name} != null`;
    case "holds":
      return row.name;
    case "fails":
      return `not(${row.name})`;
    case "not=":
      return `not(${name} = ${first})`;
    case "in":
      return `${name} in ${list}`;
    case "not in":
      return `not(${name} in ${list})`;
    default:
      return `${name} ${row.op} ${first}`;
  }
}

function printValue(value: Value): string {
  switch (value.is) {
    case "text":
      return `"${value.of.replace(/["\\]/g, "\\$&")}"`;
    case "date":
      return `date("${value.of}")`;
    case "moment":
      return `date and time("${value.of}")`;
    case "now":
    case "today":
      return `${value.is}()`;
    default:
      return value.of;
  }
}

/** The rows of a text; nothing where it is of another shape. */
export function parse(text: string): Group | undefined {
  const tokens = tokensOf(text);
  if (!tokens) return undefined;
  const reader = new Reader(tokens);
  const found = reader.any(0);
  return found && reader.done ? (isGroup(found) ? found : { join: "and", rows: [found] }) : undefined;
}

const TOKEN = /\s+|("(?:[^"\\\n]|\\["\\])*")|(-?\d+(?:\.\d+)?)(?![\w.])|(<=|>=|!=|[=<>(),])|([A-Za-z_\p{Lo}][\w\p{Lo}]*(?:\.[A-Za-z_\p{Lo}][\w\p{Lo}]*)*)/uy;
const WORDS = new Set(["and", "or", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "between", "instance", "of", "function"]);
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$/;

function tokensOf(text: string): string[] | undefined {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const one = TOKEN.exec(text);
    if (!one) return undefined;
    if (one[0].trim()) found.push(one[0]);
  }
  return found.length ? found : undefined;
}

class Reader {
  private at = 0;
  private readonly tokens: string[];

  constructor(tokens: string[]) {
    this.tokens = tokens;
  }

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  /** Rows joined by `or` of rows joined by `and`; parentheses once around the other word. */
  any(depth: number): Row | Group | undefined {
    return this.joined("or", () => this.joined("and", () => this.one(depth), depth), depth);
  }

  private joined(join: "and" | "or", next: () => Row | Group | undefined, depth: number): Row | Group | undefined {
    const rows: (Row | Group)[] = [];
    do {
      const found = next();
      if (!found) return undefined;
      rows.push(found);
    } while (this.take(join));
    if (rows.length === 1) return rows[0];
    // Only one level lies in another: more is read more easily as a text.
    if (rows.some((one) => isGroup(one) && (depth > 0 || one.join === join || one.rows.some(isGroup)))) return undefined;
    return { join, rows };
  }

  private one(depth: number): Row | Group | undefined {
    const before = this.at;
    if (this.take("(")) {
      const found = depth < 1 ? this.any(depth + 1) : undefined;
      return found && isGroup(found) && this.take(")") ? found : undefined;
    }
    if (this.take("not") && this.take("(")) {
      const row = this.row();
      const opposite: Partial<Record<Op, Op>> = { "=": "not=", in: "not in", holds: "fails" };
      const op = row && !isNothing(row) ? opposite[row.op] : undefined;
      return row && op && this.take(")") ? { ...row, op } : undefined;
    }
    this.at = before;
    return this.row();
  }

  private row(): Row | undefined {
    const as = this.conversion();
    const name = this.name();
    if (!name || (as && !this.take(")"))) return undefined;
    if (this.take("in")) {
      const values = this.list();
      return values ? { name, as, op: "in", values } : undefined;
    }
    const op = (["<=", ">=", "!=", "=", "<", ">"] as const).find((sign) => this.take(sign));
    if (!op) return as ? undefined : { name, as, op: "holds", values: [] };
    if ((op === "=" || op === "!=") && !as && this.take("null")) return { name, as, op: op === "=" ? "empty" : "filled", values: [] };
    const value = this.value();
    return value ? { name, as, op, values: [value] } : undefined;
  }

  private conversion(): Row["as"] {
    if (this.sees("date", "(")) return this.skip(2, "date");
    return this.sees("date", "and", "time", "(") ? this.skip(4, "date and time") : "";
  }

  private name(): string | undefined {
    const found = this.tokens[this.at];
    if (!found || !/^[A-Za-z_\p{Lo}]/u.test(found) || WORDS.has(found) || ["true", "false", "null", "not", "date", "time"].includes(found)) return undefined;
    if (this.tokens[this.at + 1] === "(") return undefined;
    this.at += 1;
    return found;
  }

  private list(): Value[] | undefined {
    if (!this.take("(")) return undefined;
    const found: Value[] = [];
    do {
      const value = this.value();
      if (!value || (value.is !== "text" && value.is !== "number")) return undefined;
      found.push(value);
    } while (this.take(","));
    // One in parentheses is no list, and two names of one word would be a range.
    return found.length > 1 && this.take(")") ? found : undefined;
  }

  private value(): Value | undefined {
    for (const is of ["now", "today"] as const) if (this.sees(is, "(", ")")) return this.skip(3, { is, of: "" });
    for (const [is, shape, ...words] of [["moment", MOMENT, "date", "and", "time", "("], ["date", DATE, "date", "("]] as const) {
      const text = this.tokens[this.at + words.length];
      if (this.sees(...words) && text?.startsWith('"') && this.tokens[this.at + words.length + 1] === ")") {
        const of = text.slice(1, -1);
        return shape.test(of) ? this.skip(words.length + 2, { is, of }) : undefined;
      }
    }
    const one = this.tokens[this.at];
    if (!one) return undefined;
    if (one.startsWith('"')) return this.skip(1, { is: "text", of: one.slice(1, -1).replace(/\\(["\\])/g, "$1") });
    if (/^-?\d/.test(one)) return this.skip(1, { is: "number", of: one });
    if (one === "true" || one === "false") return this.skip(1, { is: "truth", of: one });
    const name = this.name();
    return name ? { is: "name", of: name } : undefined;
  }

  private sees(...words: string[]): boolean {
    return words.every((word, index) => this.tokens[this.at + index] === word);
  }

  private skip<T>(count: number, found: T): T {
    this.at += count;
    return found;
  }

  private take(word: string): boolean {
    if (this.tokens[this.at] !== word) return false;
    this.at += 1;
    return true;
  }
}

function isNothing(row: Row): boolean {
  return row.op === "empty" || row.op === "filled";
}
