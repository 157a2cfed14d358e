// What an expression may use here: names with what people call them, functions, registers; and the server that judges what is written.
import { t } from "../bpmn/names";
import type { Name } from "./said";

type Function = { name: string; parameters: string[]; help: string };
type Option = { value: string; label: string };
export type Words = { names: Name[]; functions: Function[]; registers: string[] };

export class Vocabulary {
  names: Name[];
  readonly functions: Function[];
  readonly registers: string[];
  private readonly listening = new Set<() => void>();

  constructor(
    words: Words,
    readonly units: Option[],
    readonly posts: Option[],
    private readonly ask: (body: object) => Promise<{ problem?: string | null } | undefined>,
  ) {
    this.names = words.names;
    this.functions = words.functions;
    this.registers = words.registers;
  }

  /** What the last check knows: fields that show an expression judge it anew. */
  update(names: Name[]): void {
    this.names = names;
    for (const one of this.listening) one();
  }

  /** The names, units and posts with theirs as their choices: what a condition is told with. */
  get told(): Name[] {
    const choices: Record<string, Option[]> = { unit: this.units, post: this.posts };
    return this.names.map((one) => ({ ...one, choices: one.choices.length ? one.choices : (choices[one.type] ?? []) }));
  }

  /** The same with names that are known only at one place. */
  with(more: Name[]): Vocabulary {
    const names = (): Name[] => [...this.names.filter((one) => !more.some((own) => own.name === one.name)), ...more];
    return Object.create(this, { names: { get: names } }) as Vocabulary;
  }

  /** Called at each update, until what it answers is called. */
  onUpdate(act: () => void): () => void {
    this.listening.add(act);
    return () => this.listening.delete(act);
  }

  /** What is wrong with it as a sentence, null where nothing is; nothing is known while the server does not answer. */
  async judge(text: string): Promise<string | null | undefined> {
    const answer = await this.ask({ text: text.trim().replace(/^=/, "") });
    if (!answer) return t("没有连上服务器，暂时不能检查；写的内容不会丢", "The server was not reached, so it is not checked; nothing you write is lost");
    return answer.problem;
  }
}
