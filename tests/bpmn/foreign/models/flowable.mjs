// As Flowable's modeler writes: BPMN's namespace without a prefix, JUEL, its own settings.
export default {
  // The holiday request of every tutorial.
  holiday(p) {
    const field = { id: "days", name: "天数", type: "long", required: "true" };
    const start = p.node("StartEvent", "startEvent1", { "flowable:initiator": "employee", extensions: [p.make("flowable:FormProperty", field)] });
    const approve = p.node("UserTask", "approveTask", { name: "审批", "flowable:candidateGroups": "managers" });
    const gate = p.node("ExclusiveGateway", "decision");
    const book = p.node("ServiceTask", "book", { "flowable:class": "org.flowable.Book" });
    const mail = p.node("ServiceTask", "mail", {
      "flowable:type": "mail",
      extensions: [p.make("flowable:Field", { name: "to", string: "<nobody@example.org>" })],
    });
    const end = p.node("EndEvent", "approveEnd");
    p.chain(start, approve, gate);
    p.flow(gate, book, { id: "yes", condition: "${approved && days > 3}" });
    p.flow(gate, mail, { id: "no", condition: "${!approved}" });
    p.chain(book, end);
    p.chain(mail, end);
  },

  // Two people side by side: it runs.
  side_by_side(p) {
    const start = p.node("StartEvent", "startEvent1", { "flowable:formFieldValidation": "true" });
    const split = p.node("ParallelGateway", "split");
    const a = p.node("UserTask", "a", { name: "甲", "flowable:assignee": "$INITIATOR", "flowable:formFieldValidation": "true" });
    const b = p.node("UserTask", "b", { name: "乙", says: "第二个人", "flowable:candidateUsers": "x,y", "flowable:category": "日常" });
    const join = p.node("ParallelGateway", "join");
    p.chain(start, split, a, join, p.node("EndEvent", "end"));
    p.chain(split, b, join);
  },

  // Several, calls and decisions as Flowable writes them.
  several(p) {
    const of = p.make("MultiInstanceLoopCharacteristics", { "flowable:collection": "people", "flowable:elementVariable": "person" });
    const sign = p.node("UserTask", "sign", { "flowable:assignee": "${person}", of });
    const call = p.node("CallActivity", "call", {
      calledElement: "inspection",
      "flowable:calledElementType": "key",
      extensions: [p.make("flowable:In", { source: "x", target: "x" }), p.make("flowable:Out", { source: "y", target: "y" })],
    });
    const decide = p.node("ServiceTask", "decide", {
      "flowable:type": "dmn",
      extensions: [p.make("flowable:Field", { name: "decisionTableReferenceKey", string: "grade_of" })],
    });
    p.chain(p.node("StartEvent", "startEvent1"), sign, call, decide, p.node("EndEvent", "end"));
  },

  // Timers and signals without expressions: it runs.
  waiting(p) {
    const signal = p.root("Signal", { id: "sig", name: "go", "flowable:scope": "processInstance" });
    const start = p.node("StartEvent", "startEvent1", { "flowable:async": true });
    const wait = p.node("IntermediateCatchEvent", "wait", { definitions: [p.timer("timeDuration", "PT10H")] });
    const work = p.node("UserTask", "work", { name: "处理", "flowable:dueDate": "P1D" });
    const heard = p.node("BoundaryEvent", "heard", { on: work, cancelActivity: true, definitions: [p.about("Signal", { signalRef: signal })] });
    p.chain(start, wait, work, p.node("EndEvent", "end"));
    p.flow(heard, p.node("EndEvent", "stopped"));
  },

  // Shell, script and skipped work.
  scripts(p) {
    const shell = p.node("ServiceTask", "shell", { "flowable:type": "shell", extensions: [p.make("flowable:Field", { name: "command", string: "rm" })] });
    const script = p.node("ScriptTask", "script", { scriptFormat: "groovy", script: "execution.setVariable('a', 1)", "flowable:autoStoreVariables": "false" });
    const skipped = p.node("UserTask", "skipped", { "flowable:skipExpression": "${true}" });
    p.chain(p.node("StartEvent", "startEvent1"), shell, script, skipped, p.node("EndEvent", "end"));
  },

  // Pools with lanes and an event sub-process.
  pool(p, key) {
    const process = p.process(key, { name: "流程", isExecutable: true });
    const start = p.node("StartEvent", "startEvent1");
    const work = p.node("UserTask", "work", { "flowable:candidateGroups": "hall" });
    const end = p.node("EndEvent", "end", { definitions: [p.about("Terminate", { "flowable:terminateAll": "false" })] });
    p.chain(start, work, end);
    p.row();
    const error = p.root("Error", { id: "broken", errorCode: "broken" });
    p.inside(p.node("SubProcess", "Broken", { triggeredByEvent: true }), () => {
      const begin = p.node("StartEvent", "begin", { definitions: [p.about("Error", { errorRef: error })] });
      p.chain(begin, p.node("ManualTask", "mend"), p.node("EndEvent", "mended"));
    });
    p.pool("pool1", "大厅", process, [130, 80, 900, 400]);
    p.lanes({ lane1: ["窗口", [start, work, end]] }, process);
  },
};
