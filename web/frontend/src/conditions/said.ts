// A condition in plain words: 「报批类型」是「占道」，且「面积」大于「20」. Pure: tests run it as it stands.
import { type Group, isGroup, type Op, type Row, type Value } from "./rows.ts";

export type Choice = { value: string | number | boolean; label: string };
export type Name = { name: string; type: string; label: string; choices: Choice[] };

const CHINESE: Record<Op, string> = {
  "=": "是",
  "!=": "不是",
  "not=": "不是",
  "<": "小于",
  "<=": "不大于",
  ">": "大于",
  ">=": "不小于",
  in: "是其中之一：",
  "not in": "不是其中任何一个：",
  empty: "没有填",
  filled: "已填",
  holds: "成立",
  fails: "不成立",
};
const ENGLISH: Record<Op, string> = {
  "=": "is",
  "!=": "is not",
  "not=": "is not",
  "<": "is below",
  "<=": "is at most",
  ">": "is above",
  ">=": "is at least",
  in: "is one of",
  "not in": "is none of",
  empty: "is empty",
  filled: "is filled in",
  holds: "is true",
  fails: "is not true",
};
const CHINESE_TIME: Partial<Record<Op, string>> = { "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于" };
const ENGLISH_TIME: Partial<Record<Op, string>> = { "<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before" };

/** What a comparison is called, of numbers or of times. */
export function opWord(op: Op, time: boolean, zh: boolean): string {
  return (time ? (zh ? CHINESE_TIME : ENGLISH_TIME)[op] : undefined) ?? (zh ? CHINESE : ENGLISH)[op];
}

export function inWords(group: Group, names: Name[], zh: boolean): string {
  const known = new Map(names.map((one) => [one.name, one]));
  const said = phrase(group, known, zh);
  return zh ? `当${said}` : `When ${said}`;
}

function phrase(group: Group, known: Map<string, Name>, zh: boolean): string {
  const word = zh ? (group.join === "and" ? "，且" : "，或") : ` ${group.join} `;
  return group.rows.map((one) => (isGroup(one) ? `${zh ? "（" : "("}${phrase(one, known, zh)}${zh ? "）" : ")"}` : rowWords(one, known, zh))).join(word);
}

function rowWords(row: Row, known: Map<string, Name>, zh: boolean): string {
  const fact = known.get(row.name);
  const time = isTime(row, fact);
  const label = fact?.label ?? row.name;
  const values = row.values.map((one) => valueWords(one, fact, known, zh)).join(zh ? "、" : ", ");
  const op = opWord(row.op, time, zh);
  return zh ? `“${label}”${op}${values}` : `“${label}” ${op}${values ? ` ${values}` : ""}`;
}

export function isTime(row: Row, fact: Name | undefined): boolean {
  return row.as !== "" || fact?.type === "date" || fact?.type === "date-time" || row.values.some((one) => ["date", "moment", "now", "today"].includes(one.is));
}

function valueWords(value: Value, fact: Name | undefined, known: Map<string, Name>, zh: boolean): string {
  if (value.is === "now") return zh ? "现在" : "now";
  if (value.is === "today") return zh ? "今天" : "today";
  if (value.is === "truth") return zh ? (value.of === "true" ? "“是”" : "“否”") : value.of === "true" ? "“yes”" : "“no”";
  if (value.is === "name") return `“${known.get(value.of)?.label ?? value.of}”`;
  const choice = fact?.choices.find((one) => String(one.value) === value.of);
  if (value.is === "number" && !choice) return value.of;
  return `“${choice?.label ?? value.of}”`;
}
