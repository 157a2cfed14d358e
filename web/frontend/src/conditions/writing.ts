// A field for an expression: one writes, and is offered what there is; the server says at once whether it is one.
import { acceptCompletion, autocompletion, type Completion, type CompletionContext, type CompletionResult, snippet } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { feel } from "@bpmn-io/lang-feel";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, tooltips } from "@codemirror/view";
import { h } from "@bpmn-io/properties-panel/preact";
import { useEffect, useRef, useState } from "@bpmn-io/properties-panel/preact/hooks";
import { chinese, t } from "../bpmn/names";
import type { Vocabulary } from "./vocabulary";

const QUIET = 350;

type Props = { id: string; label: string; value: string; words: Vocabulary; set: (value: string) => void; placeholder?: string | undefined };

const CHINESE: Record<string, string> = { Completions: "可用的名称和函数", "Selection deleted": "已删除所选内容" };

/** The editor; what is written is handed on a moment after the last key, and on leaving. */
export function Writing({ id, label, value, words, set, placeholder }: Props): unknown {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef({ set, words, value });
  latest.current = { set, words, value };
  const [problem, setProblem] = useState<string | null | undefined>(undefined);
  const asked = useRef(0);

  useEffect(() => {
    let timer = 0;
    let dirty = false;
    const commit = (): void => {
      window.clearTimeout(timer);
      const text = view.current?.state.doc.toString() ?? "";
      if (!dirty) return;
      dirty = false;
      if (text !== latest.current.value) latest.current.set(text);
    };
    const judge = (text: string): void => {
      const number = ++asked.current;
      if (!text.trim()) return setProblem(undefined);
      void latest.current.words.judge(text).then((found) => {
        if (number === asked.current) setProblem(found);
      });
    };
    const listening = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      dirty = true;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        commit();
        judge(update.state.doc.toString());
      }, QUIET);
    });
    view.current = new EditorView({
      parent: host.current as unknown as Element,
      state: EditorState.create({ doc: value, extensions: [...basics(id, label, placeholder, () => latest.current.words), listening, EditorView.domEventHandlers({ blur: () => commit(), focus: () => judge(view.current?.state.doc.toString() ?? "") })] }),
    });
    // Fields in a closed group of the panel are there too, and wait until they are seen.
    const anew = (): void => {
      if (host.current?.offsetParent) judge(view.current?.state.doc.toString() ?? "");
    };
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((one) => one.isIntersecting)) anew();
    });
    seen.observe(host.current as unknown as Element);
    const over = words.onUpdate(anew);
    return () => {
      over();
      seen.disconnect();
      commit();
      asked.current += 1;
      view.current?.destroy();
    };
  }, []);

  useEffect(() => {
    const now = view.current?.state.doc.toString();
    if (now !== undefined && now !== value && !view.current?.hasFocus) view.current?.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);

  const said = problem === undefined ? "" : problem === null ? t("可用", "It can be used") : problem;
  return h("div", { class: "expression" } as never, [
    h("div", { class: "expression-text", ref: host } as never),
    h("p", { id: `${id}-said`, class: `expression-said${problem ? " expression-wrong" : ""}`, role: "status" } as never, said),
    h("p", { id: `${id}-keys`, class: "expression-keys" } as never, t("Ctrl+空格：可用的名称、函数、登记表", "Ctrl+Space: names, functions and registers")),
  ]);
}

function basics(id: string, label: string, placeholder: string | undefined, words: () => Vocabulary): Extension[] {
  return [
    history(),
    bracketMatching(),
    feel({ completions: [] }),
    syntaxHighlighting(defaultHighlightStyle),
    EditorView.lineWrapping,
    EditorState.phrases.of(chinese ? CHINESE : {}),
    // In the page's main part, not at its end: whoever reads by landmarks finds it.
    tooltips({ position: "fixed", parent: document.querySelector("main") ?? document.body }),
    autocompletion({ override: [(context) => offered(context, words())], icons: false, maxRenderedOptions: 60 }),
    keymap.of([{ key: "Tab", run: acceptCompletion }, ...historyKeymap, ...defaultKeymap]),
    EditorView.contentAttributes.of({
      id: `bio-properties-panel-${id}`,
      "aria-label": label,
      "aria-describedby": `${id}-said ${id}-keys`,
      ...(placeholder ? { "aria-placeholder": placeholder } : {}),
    }),
  ];
}

/** What could stand there: registers in their look-up, the choices of a fact it is compared with, else names and functions. */
export function offered(context: CompletionContext, words: Vocabulary): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const close = line.text[context.pos - line.from] === '"' ? "" : '"';
  const register = /register rows?\(\s*"([^"]*)$/.exec(before);
  if (register) return result(context, register[1] ?? "", words.registers.map((one) => ({ label: one, apply: one + close })));
  const compared = /([\p{L}_][\p{L}\w.]*)\s*!?=\s*"([^"]*)$/u.exec(before);
  if (compared) {
    const fact = words.names.find((one) => one.name === compared[1]);
    return result(context, compared[2] ?? "", (fact?.choices ?? []).map((one) => ({ label: String(one.value), detail: one.label, apply: String(one.value) + close })));
  }
  if ((before.match(/"/g)?.length ?? 0) % 2) return null;
  const typed = /[\p{L}_][\p{L}\w.]*$/u.exec(before)?.[0] ?? "";
  if (!typed && !context.explicit) return null;
  const names = words.names.map((one): Completion => ({ label: one.name, detail: one.label === one.name ? "" : one.label, info: choices(one.choices), boost: 1 }));
  const functions = words.functions.map(
    (one): Completion => ({ label: `${one.name}(${one.parameters.join(", ")})`, detail: one.help, apply: snippet(`${one.name}(${one.parameters.filter((name) => !name.endsWith("?")).map((name) => `\${${name}}`).join(", ")})`) }),
  );
  return result(context, typed, [...names, ...functions]);
}

function choices(found: { value: unknown; label: string }[]): string | (() => Node) {
  if (!found.length) return "";
  return () => {
    const list = document.createElement("div");
    list.textContent = found.slice(0, 12).map((one) => `${String(one.value)}：${one.label}`).join("\n");
    list.className = "expression-choices";
    return list;
  };
}

/** Found by the name as it is written, or by what people call it. */
function result(context: CompletionContext, typed: string, options: Completion[]): CompletionResult | null {
  const wanted = typed.toLowerCase();
  const fit = options.filter((one) => one.label.toLowerCase().includes(wanted) || (one.detail ?? "").toLowerCase().includes(wanted));
  const first = (one: Completion): number => (one.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  const sorted = fit.map((one) => (one.info ? one : withoutInfo(one))).sort((a, b) => first(a) - first(b));
  return sorted.length ? { from: context.pos - typed.length, options: sorted, filter: false } : null;
}

function withoutInfo(one: Completion): Completion {
  const { info: _, ...rest } = one;
  return rest;
}
