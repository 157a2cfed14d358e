// As bpmn-js writes: nothing but BPMN, colours, and what our own editor adds (`ld`).
const RED = ["#831311", "#ffcdd2"];
const BLUE = ["#0d4372", "#bbdefb"];

const candidates = (p, post, unit) => p.make("ld:Candidates", { post, ...(unit ? { unit } : {}) });

export default {
  // Everything that is drawn and does not run: colours, notes, groups, documentation.
  coloured(p) {
    const start = p.node("StartEvent", "StartEvent_1", { name: "接到报告", colour: RED });
    const check = p.node("UserTask", "Activity_0k2x9d1", {
      name: "核实现场",
      colour: BLUE,
      says: "拍照 <前> & 后",
      extensions: [p.make("ld:Names", { en: "Verify on site" }), candidates(p, "collector")],
    });
    const gate = p.node("ExclusiveGateway", "Gateway_1x", { name: "属实？" });
    const handle = p.node("UserTask", "Activity_1h", { name: "处置", extensions: [candidates(p, "handler", "=responsible_unit")] });
    const done = p.node("EndEvent", "Event_done", { name: "办结" });
    const none = p.node("EndEvent", "Event_none", { name: "不属实", colour: RED });
    p.chain(start, check, gate);
    p.flow(gate, handle, { name: "是", condition: '= verify_result = "confirmed"' });
    p.flow(gate, none, { name: "否", standard: true });
    p.flow(handle, done);
    const note = p.artifact("TextAnnotation", "TextAnnotation_1", { text: "两小时内\n到场" }, [300, 300, 120, 40]);
    p.association("Association_1", check, note);
    const value = p.make("CategoryValue", { id: "CategoryValue_1", value: "外业" });
    p.root("Category", { id: "Category_1", categoryValue: [value] });
    p.artifact("Group", "Group_1", { categoryValueRef: value }, [240, 60, 300, 200]);
  },

  // What somebody draws on a demo page and thinks it runs.
  sketch(p) {
    const [start, gate] = [p.node("StartEvent", "StartEvent_1"), p.node("ExclusiveGateway", "Gateway_0")];
    const [left, right] = [p.node("Task", "Activity_a", { name: "A" }), p.node("ServiceTask", "Activity_b", { name: "通知" })];
    p.chain(start, gate, left);
    p.flow(gate, right);
    p.chain(left, p.node("EndEvent", "Event_e"));
    p.node("Task", "Activity_lost", { name: "忘了连线" });
  },

  // Two pools with messages between them, one black box, lanes in lanes.
  pools(p, key) {
    const city = p.process(key, { name: "案件处置", isExecutable: true });
    const start = p.node("StartEvent", "Start", { name: "来电" });
    const take = p.node("UserTask", "受理", { name: "受理", extensions: [candidates(p, "acceptor")] });
    const answer = p.node("SendTask", "答复", { name: "答复市民", messageRef: p.root("Message", { id: "Message_reply", name: "reply" }) });
    const end = p.node("EndEvent", "End", { name: "结束" });
    p.chain(start, take, answer, end);
    const firm = p.process("firm", { name: "养护公司", isExecutable: false });
    p.row();
    const order = p.node("StartEvent", "firm_start");
    p.chain(order, p.node("Task", "firm_work", { name: "维修" }), p.node("EndEvent", "firm_end"));
    p.pool("Participant_city", "市城管监督指挥中心", city, [130, 80, 930, 360]);
    const people = p.pool("Participant_people", "市民", undefined, [130, 480, 930, 60]);
    p.pool("Participant_firm", "养护公司", firm, [130, 560, 930, 160]);
    p.lanes({ Lane_1: ["受理科", [start, take]], Lane_2: ["指挥科", { Lane_21: ["一组", [answer]], Lane_22: ["二组", [end]] }] }, city);
    p.messageFlow("MessageFlow_1", people, start, { name: "来电" });
    p.messageFlow("MessageFlow_2", answer, people);
    p.messageFlow("MessageFlow_3", take, order);
  },

  // Two processes of one file that both run and write to each other.
  partners(p, key) {
    const ask = p.root("Message", { id: "Message_ask", name: "ask" });
    const city = p.process(key, { name: "甲方", isExecutable: true });
    const send = p.node("IntermediateThrowEvent", "ask", { definitions: [p.about("Message", { messageRef: ask })] });
    p.chain(p.node("StartEvent", "a_start"), send, p.node("UserTask", "a_wait", { name: "等" }), p.node("EndEvent", "a_end"));
    const other = p.process(`${key}_other`, { name: "乙方", isExecutable: true });
    p.row();
    const heard = p.node("StartEvent", "b_start", { definitions: [p.about("Message", { messageRef: ask })] });
    p.chain(heard, p.node("Task", "b_work"), p.node("EndEvent", "b_end"));
    p.pool("Participant_a", "甲", city, [130, 80, 800, 160]);
    p.pool("Participant_b", "乙", other, [130, 260, 800, 160]);
    p.messageFlow("MessageFlow_1", send, heard);
  },

  // Data as bpmn-js draws it: objects, references to them, stores, dashed arrows.
  data(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const object = p.make("DataObject", { id: "DataObject_1" });
    p.own(p.current, object);
    const store = p.root("DataStore", { id: "DataStore_1", name: "档案库", extensions: [p.make("ld:Names", { en: "Archive" })] });
    const photo = p.node("DataObjectReference", "DataObjectReference_1", { name: "照片", dataObjectRef: object });
    const files = p.node("DataStoreReference", "DataStoreReference_1", { name: "档案", dataStoreRef: store });
    p.current.get("flowElements").push(object);
    p.row();
    const target = p.make("Property", { id: "Property_1", name: "__targetRef_placeholder" });
    const input = p.make("DataInputAssociation", { id: "DataInputAssociation_1", sourceRef: [photo], targetRef: target });
    const output = p.make("DataOutputAssociation", { id: "DataOutputAssociation_1", targetRef: files });
    const task = p.node("UserTask", "Activity_1", {
      name: "归档",
      properties: [target],
      dataInputAssociations: [input],
      dataOutputAssociations: [output],
    });
    for (const each of [target, input, output]) p.own(task, each);
    p.chain(start, task, p.node("EndEvent", "Event_1"));
    p.edge(input, photo, task);
    p.edge(output, task, files);
  },

  // Messages, signals, errors and escalations at every place.
  events(p) {
    const message = p.root("Message", { id: "Message_1", name: "paid" });
    const signal = p.root("Signal", { id: "Signal_1", name: "alarm" });
    const error = p.root("Error", { id: "Error_1", name: "退回", errorCode: "back" });
    const escalation = p.root("Escalation", { id: "Escalation_1", name: "超期", escalationCode: "late" });
    const sub = p.node("SubProcess", "Sub", { name: "办理" });
    p.inside(sub, () => {
      const start = p.node("StartEvent", "sub_start");
      const tell = p.node("IntermediateThrowEvent", "tell", { definitions: [p.about("Escalation", { escalationRef: escalation })] });
      const gate = p.node("ExclusiveGateway", "sub_gate");
      const bad = p.node("EndEvent", "bad", { name: "退回", definitions: [p.about("Error", { errorRef: error })] });
      const good = p.node("EndEvent", "good");
      p.chain(start, tell, p.node("UserTask", "work"), gate);
      p.flow(gate, bad, { condition: "=ok = false" });
      p.flow(gate, good, { standard: true });
    });
    const start = p.node("StartEvent", "StartEvent_1");
    const wait = p.node("IntermediateCatchEvent", "wait", { name: "付款", definitions: [p.about("Message", { messageRef: message })] });
    const end = p.node("EndEvent", "end", { definitions: [p.about("Signal", { signalRef: signal })] });
    p.chain(start, sub, wait, end);
    const back = p.node("BoundaryEvent", "caught", { on: sub, definitions: [p.about("Error", { errorRef: error })] });
    const late = { on: sub, cancelActivity: false, definitions: [p.about("Escalation", { escalationRef: escalation })] };
    const more = p.node("BoundaryEvent", "late", late);
    const stop = p.node("BoundaryEvent", "stop", { on: sub, definitions: [p.about("Signal", { signalRef: signal })] });
    p.row();
    p.row();
    p.flow(back, p.node("EndEvent", "returned"));
    p.chain(more, p.node("Task", "remind"), p.node("EndEvent", "reminded"));
    p.flow(stop, p.node("EndEvent", "stopped", { definitions: [p.about("Terminate")] }));
  },

  // An event sub-process of each sort of start.
  beside(p) {
    const signal = p.root("Signal", { id: "Signal_1", name: "alarm" });
    const start = p.node("StartEvent", "StartEvent_1");
    p.chain(start, p.node("UserTask", "work", { name: "办理" }), p.node("EndEvent", "end"));
    p.row();
    p.inside(p.node("SubProcess", "Reminding", { triggeredByEvent: true, name: "催办" }), () => {
      const every = p.node("StartEvent", "every", { isInterrupting: false, definitions: [p.timer("timeCycle", "R3/PT1H")] });
      p.chain(every, p.node("Task", "remind"), p.node("EndEvent", "reminded"));
    });
    p.row();
    p.inside(p.node("SubProcess", "Stopping", { triggeredByEvent: true }), () => {
      const heard = p.node("StartEvent", "heard", { definitions: [p.about("Signal", { signalRef: signal })] });
      p.chain(heard, p.node("EndEvent", "stopped"));
    });
  },

  // A transaction that is cancelled, and what undoes its work.
  undoing(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const sub = p.node("Transaction", "Booking", { name: "预订" });
    p.inside(sub, () => {
      const begin = p.node("StartEvent", "begin");
      const book = p.node("Task", "book", { name: "订" });
      const gate = p.node("ExclusiveGateway", "gate");
      const cancel = p.node("EndEvent", "cancel", { definitions: [p.about("Cancel")] });
      const fine = p.node("EndEvent", "fine");
      p.chain(begin, book, p.node("UserTask", "decide"), gate);
      p.flow(gate, cancel, { condition: "=cancelled = true" });
      p.flow(gate, fine, { standard: true });
      const undo = p.node("BoundaryEvent", "undo", { on: book, definitions: [p.about("Compensate")] });
      const unbook = p.node("Task", "unbook", { name: "退", isForCompensation: true });
      p.association("Association_1", undo, unbook, { associationDirection: "One" }, sub);
    });
    const cancelled = p.node("BoundaryEvent", "cancelled", { on: sub, definitions: [p.about("Cancel")] });
    p.chain(start, sub, p.node("EndEvent", "end"));
    p.flow(cancelled, p.node("EndEvent", "given_up"));
  },

  // A folded sub-process: its inside is a diagram of its own.
  folded(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const sub = p.node("SubProcess", "Folded", { name: "现场处置" });
    p.inside(
      sub,
      () => p.chain(p.node("StartEvent", "in_start"), p.node("UserTask", "in_work", { colour: BLUE }), p.node("EndEvent", "in_end")),
      { apart: 2 },
    );
    p.shapes.get(sub).isExpanded = undefined;
    p.chain(start, sub, p.node("EndEvent", "end"));
  },

  // Timers in every place, as the properties panel writes them.
  timers(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const work = p.node("UserTask", "work");
    const wait = p.node("IntermediateCatchEvent", "wait", { definitions: [p.timer("timeDuration", "P1DT2H")] });
    const due = p.node("IntermediateCatchEvent", "due", { definitions: [p.timer("timeDate", "2026-07-01T09:00:00+08:00")] });
    const late = p.node("BoundaryEvent", "late", { on: work, cancelActivity: false, definitions: [p.timer("timeCycle", "R2/PT1H")] });
    const gone = p.node("BoundaryEvent", "gone", { on: work, definitions: [p.timer("timeDuration", "=duration(limit)")] });
    p.chain(start, work, wait, due, p.node("EndEvent", "end"));
    p.row();
    p.flow(late, p.node("EndEvent", "told"));
    p.flow(gone, p.node("EndEvent", "over"));
  },

  // Markers drawn and nothing said: three lines without a list, a loop without a condition.
  markers(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const many = p.node("UserTask", "many", { of: p.make("MultiInstanceLoopCharacteristics", { isSequential: true }) });
    const round = p.node("UserTask", "round", { of: p.make("StandardLoopCharacteristics") });
    p.chain(start, many, round, p.node("EndEvent", "end"));
  },

  // What has no meaning a computer could follow, or none yet.
  adhoc(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const sub = p.node("AdHocSubProcess", "Anything", { name: "随意" });
    p.inside(sub, () => p.node("Task", "whatever"));
    p.chain(start, sub, p.node("EndEvent", "end"));
  },

  // Flows nobody gave an id, and ids that engines like to use themselves.
  nameless(p) {
    const start = p.node("StartEvent", "Start");
    const gate = p.node("ExclusiveGateway", "网关");
    const [again, end] = [p.node("UserTask", "Root"), p.node("EndEvent", "End")];
    p.flow(start, gate, { id: "" });
    p.flow(gate, again, { id: "", condition: "= 次数 < 1" });
    p.flow(gate, end, { id: "出口", standard: true });
    p.flow(again, end, { id: "" });
  },

  // Events that choose, and a complex gateway.
  choosing(p) {
    const message = p.root("Message", { id: "Message_1", name: "reply" });
    const start = p.node("StartEvent", "StartEvent_1");
    const race = p.node("EventBasedGateway", "race");
    const heard = p.node("IntermediateCatchEvent", "heard", { definitions: [p.about("Message", { messageRef: message })] });
    const late = p.node("IntermediateCatchEvent", "late", { definitions: [p.timer("timeDuration", "PT2H")] });
    const split = p.node("ParallelGateway", "split");
    const [a, b] = [p.node("UserTask", "a"), p.node("UserTask", "b")];
    const first = p.node("ComplexGateway", "first", { activationCondition: p.expression("=activationCount >= 1") });
    const [end, over] = [p.node("EndEvent", "end"), p.node("EndEvent", "over")];
    p.chain(start, race, heard, split, a, first, end);
    p.chain(race, late, over);
    p.chain(split, b, first);
  },
};
