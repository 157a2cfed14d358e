// What the system does by itself: which action, and what that is given. A value is a text, or an expression after a leading =.
import type { Extension, Moddle } from "./extension";
import { t } from "./names";
import type { Field, Property } from "./provider";

const TYPE = "ld:Action";

/** The actions, as escalation and engine name them; one that is not here stands under its name. */
export const ACTION_NAMES: Record<string, string> = {
  notify: t("发通知", "Tell people"),
  certificate: t("出具证照", "Issue a certificate"),
  certificate_state: t("变更证照状态", "Change a certificate's state"),
  register_put: t("写入登记表", "Write into a register"),
  dossier: t("生成卷宗", "Make the dossier"),
  reserve: t("预留资源", "Reserve means"),
  release: t("释放资源", "Release means"),
  take_files: t("转带附件", "Take files along"),
  clock_request: t("时限申请：登记", "Request about a limit: note it"),
  clock_request_over: t("时限申请：不同意", "Request about a limit: refused"),
  clock_extend: t("时限：延期", "A limit: extend it"),
  clock_pause: t("时限：暂停", "A limit: pause it"),
  clock_resume: t("时限：恢复", "A limit: resume it"),
  clock_stand: t("时限：中止", "A limit: let it stand"),
  clock_go_on: t("时限：继续", "A limit: let it go on"),
  clock_standing: t("时限：查中止情况", "A limit: ask whether it stands"),
  clock_told: t("时限：告知对象", "A limit: who is told"),
  late_matters: t("查超期事项", "Ask for late matters"),
  inspection_terms: t("督查期限", "Terms of an inspection"),
};

const NOTICE: Property[] = [
  { name: "unit", type: "String", meta: { feel: true } },
  { name: "post", type: "String", meta: { feel: true } },
  { name: "to", type: "String", meta: { feel: true, values: ["substitute", "head", "duty_leader", "person"] } },
  { name: "person", type: "String", meta: { feel: true } },
  { name: "zh", type: "String", meta: { feel: true } },
  { name: "en", type: "String", meta: { feel: true } },
  { name: "kind", type: "String", meta: { feel: true } },
  { name: "urgent", type: "Boolean" },
];

/** What other actions take, in the order in which one thinks of it. */
const TAKES: Record<string, string[]> = {
  certificate: ["kind", "number", "id", "holder", "valid_from", "valid_until", "lines", "public"],
  certificate_state: ["number", "id", "state", "why"],
  register_put: ["register", "key", "set", "add", "expect", "id", "why"],
  dossier: ["case_id"],
  reserve: ["register", "row", "begins", "ends", "from", "until", "purpose", "state", "public", "id"],
  release: ["id"],
  clock_request_over: ["outcome", "text"],
  clock_stand: ["ground", "approved", "until", "why"],
  clock_standing: ["case_id", "since", "raised"],
  clock_told: ["clock"],
  late_matters: ["process", "most"],
};

const TAKEN: Record<string, string> = {
  kind: t("种类", "Kind"),
  number: t("编号", "Number"),
  id: t("标识（同一标识不重复做）", "Id (the same is not done twice)"),
  holder: t("持有人", "Holder"),
  valid_from: t("有效期自", "Valid from"),
  valid_until: t("有效期至", "Valid until"),
  lines: t("证面各行", "Lines on it"),
  public: t("公开哪些内容", "What the public sees"),
  state: t("状态", "State"),
  why: t("理由", "Why"),
  register: t("登记表", "Register"),
  key: t("哪一行", "Which row"),
  row: t("哪一行", "Which row"),
  set: t("写入哪些列", "Columns and values"),
  add: t("哪些列加减多少", "Columns to add to"),
  expect: t("只在这些列如此时", "Only where columns are so"),
  case_id: t("案件（内部 id）", "Case (its id)"),
  begins: t("起点（米）", "Begins at (m)"),
  ends: t("终点（米）", "Ends at (m)"),
  from: t("自", "From"),
  until: t("至", "Until"),
  purpose: t("用途", "Purpose"),
  outcome: t("结果", "Outcome"),
  text: t("说明", "Text"),
  ground: t("事由", "Ground"),
  approved: t("由哪个环节批准", "Approved at which step"),
  since: t("自何时", "Since"),
  raised: t("只看已提出的", "Only what was raised"),
  clock: t("哪个时限", "Which limit"),
  process: t("哪些流程", "Which processes"),
  most: t("最多几件", "How many at most"),
};

/** What the action that is chosen is given: what it takes, and whatever else stands there. */
export function given(holder: Moddle, extension: Extension, make: (property: Property) => Field): Field[] {
  const action = extension.all(holder, TYPE)[0];
  const name = String(extension.value(holder, TYPE, 0, "name") ?? "");
  if (!action || !name) return [];
  const known = name === "notify" ? NOTICE : (TAKES[name] ?? []).map(plain);
  const others = Object.keys(action.$attrs ?? {}).filter((one) => !/:|^xmlns/.test(one) && !known.some((each) => each.name === one));
  const word = (one: Property, field: Field): Field => (name === "notify" && NOTICE.includes(one) ? field : { ...field, label: TAKEN[one.name] ?? one.name, help: undefined, kind: field.kind === "choice" ? "text" : field.kind });
  return [...known, ...others.map(plain)].map((one) => word(one, make(one)));
}

function plain(name: string): Property {
  return { name, type: "String", meta: { feel: true } };
}
