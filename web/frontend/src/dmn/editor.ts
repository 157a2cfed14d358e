// dmn-js for the tables of a file: decision tables and literal expressions. Graphs and boxed expressions are kept as they are in the file.
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import TableEditor from "dmn-js-decision-table/lib/Editor";
import ExpressionEditor from "dmn-js-literal-expression/lib/Editor";
import { translator } from "../bpmn/names";
import { annotationsModule } from "./annotations";
import { CHINESE } from "./chinese";

type Link = { href?: string };

export type Moddle = {
  $type: string;
  $instanceOf(type: string): boolean;
  id?: string;
  name?: string;
  text?: string;
  label?: string;
  decisionLogic?: Moddle;
  drgElement?: Moddle[];
  informationRequirement?: Moddle[];
  knowledgeRequirement?: Moddle[];
  requiredDecision?: Link;
  requiredInput?: Link;
  requiredKnowledge?: Link;
  input?: Moddle[];
  output?: Moddle[];
  annotation?: Moddle[];
  rule?: Moddle[];
  inputExpression?: Moddle;
  inputValues?: Moddle;
  outputValues?: Moddle;
  defaultOutputEntry?: Moddle;
  inputEntry?: Moddle[];
  outputEntry?: Moddle[];
  annotationEntry?: Moddle[];
  description?: string;
};

/** The types that our engine knows, as dmn-js spells them. */
const TYPES = ["string", "boolean", "number", "date", "time", "dateTime", "dayTimeDuration", "yearMonthDuration", "Any"];

const shared = { translate: ["value", translator(CHINESE)] };

export class Tables extends EditingManager {
  constructor(container: HTMLElement) {
    super({
      container,
      height: "auto",
      common: { dataTypes: TYPES },
      decisionTable: { additionalModules: [shared, annotationsModule] },
      literalExpression: { additionalModules: [shared] },
    });
  }

  _getViewProviders(): object[] {
    return [
      { id: "decisionTable", constructor: TableEditor, opens: (one: Moddle) => is(one.decisionLogic, "dmn:DecisionTable") },
      { id: "literalExpression", constructor: ExpressionEditor, opens: (one: Moddle) => is(one.decisionLogic, "dmn:LiteralExpression") },
    ];
  }

  decisions(): Moddle[] {
    return (this.getDefinitions()?.drgElement ?? []).filter((one) => one.$type === "dmn:Decision");
  }
}

function is(one: Moddle | undefined, type: string): boolean {
  return one?.$instanceOf(type) ?? false;
}
