// The names of our extension's elements and attributes on the panel, by tag and attribute of liandong.moddle.json.
import { t } from "./names";

export const GROUPS: Record<string, string> = {
  Names: t("英文名称", "English name"),
  Form: t("表单", "Form"),
  Candidates: t("由谁办理", "Who works on it"),
  Clock: t("时限", "Term"),
  FourEyes: t("四眼", "Four eyes"),
  Acts: t("不提供的操作", "Acts not offered"),
  Lookup: t("查登记表", "Look-up"),
  Action: t("系统动作", "Server action"),
};

export const FIELDS: Record<string, [string, string?]> = {
  "Names.en": [t("英文名称", "English name")],
  "Form.ref": [t("表单", "Form")],
  "Candidates.unit": [t("单位", "Unit"), t("或以 = 开头的表达式，例如 =responsible_unit；留空为任何单位", "or an expression beginning with =, such as =responsible_unit; none: any unit")],
  "Candidates.post": [t("岗位", "Post"), t("或以 = 开头的表达式", "or an expression beginning with =")],
  "Candidates.head": [t("上几级的单位负责人", "Head of the unit, levels up"), t("0 本单位负责人，1 上级单位负责人……；单位留空时从发起人的单位算起；不能与岗位并用", "0 its own head, 1 that of the unit above …; without a unit from the starter's; not beside a post")],
  "Candidates.person": [t("指定人员", "A person"), t("登录名，或得到登录名（可为列表）的表达式，例如 =inspector；不能办理时按岗位派", "A login, or an expression giving one (or a list), for example =inspector; the post when they cannot")],
  "Candidates.starter": [t("由发起人办理", "Who started it")],
  "Candidates.choose": [t("选定一人", "Given to one"), t("不选则派给全部符合的人，由其领取", "None: offered to all who fit, and claimed")],
  "Candidates.fallbackUnit": [t("无人时改由单位", "Otherwise unit"), t("无人任职、值班或因四眼、回避不能办理时", "when nobody holds the post, is on duty, or may do it (four eyes, recusal)")],
  "Candidates.fallbackPost": [t("无人时改由岗位", "Otherwise post")],
  "Clock.id": [t("时钟标识", "Id of the clock")],
  "Clock.budget": [t("时限数额", "Amount"), t("数字，或以 = 开头的表达式", "A number, or an expression beginning with =")],
  "Clock.unit": [t("时限单位", "Unit of time"), t("或以 = 开头的表达式", "or an expression beginning with =")],
  "Clock.warn": [t("剩余多少时变黄（0–1）", "Yellow when this share is left (0–1)")],
  "Clock.due": [t("给定期限", "Given due time"), t("表达式，得到时刻；有值时优先于数额", "An expression giving an instant; wins over the amount")],
  "Clock.from": [t("自离开此节点起", "From leaving node")],
  "Clock.to": [t("至离开此节点止", "To leaving node")],
  "Clock.name": [t("名称（中文）", "Name in Chinese")],
  "Clock.nameEn": [t("英文名称", "English name")],
  "FourEyes.with": [t("不得由这些环节的办理人办理", "Not by who did these steps"), t("节点标识，以空格分开；可写子流程、调用活动，开始事件即发起人；双向有效", "ids of nodes, separated by spaces; also sub-processes and calls, a start event is who started it; holds both ways")],
  "Acts.deny": [t("操作", "Acts"), "claim release transfer comment attach"],
  "Lookup.register": [t("登记表", "Register")],
  "Lookup.match": [t("匹配条件", "Match"), t("例如 ={code: standard_code}", "for example ={code: standard_code}")],
  "Lookup.into": [t("结果写入", "Result into fact")],
  "Lookup.required": [t("查不到时停住", "Stop when nothing is found")],
  "Action.name": [t("动作名称", "Name of the action")],
};

export const UNITS: Record<string, string> = {
  urgent_hour: t("紧急工作时", "urgent hours"),
  natural_hour: t("自然时", "natural hours"),
  urgent_day: t("紧急工作日", "urgent days"),
  natural_day: t("自然日", "natural days"),
  work_hour: t("工作时", "working hours"),
  work_day: t("工作日", "working days"),
  planting_work_day: t("种植季节工作日", "planting-season working days"),
  duty: t("值班人员", "who is on duty"),
  turn: t("轮流", "in turn"),
  load: t("在办最少者", "who has the fewest open tasks"),
};
