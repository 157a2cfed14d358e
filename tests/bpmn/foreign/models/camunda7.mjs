// As Camunda Modeler writes for Camunda 7.
const panel = (p, ...values) => p.make("camunda:Properties", { values });

export default {
  // The invoice everybody knows: people by name, JUEL in the flows, a delegate at the end.
  invoice(p) {
    p.current.set("camunda:historyTimeToLive", "180");
    p.current.set("camunda:candidateStarterGroups", "accounting");
    const start = p.node("StartEvent", "StartEvent_1", { name: "Invoice received", "camunda:formKey": "embedded:app:forms/start.html" });
    const approve = p.node("UserTask", "approve", {
      name: "Approve Invoice",
      "camunda:formKey": "embedded:app:forms/approve.html",
      "camunda:assignee": "${approver}",
      "camunda:candidateGroups": "accounting,management",
      "camunda:dueDate": "${dateTime().plusWeeks(1).toDate()}",
      "camunda:priority": "50",
      extensions: [p.make("camunda:TaskListener", { class: "org.example.Notify", event: "create", id: "listener_1" })],
    });
    const gate = p.node("ExclusiveGateway", "approved", { name: "Invoice approved?" });
    const archive = p.node("ServiceTask", "archive", { name: "Archive", "camunda:class": "org.example.Archive" });
    const [end, no] = [p.node("EndEvent", "end"), p.node("EndEvent", "rejected")];
    p.chain(start, approve, gate);
    p.flow(gate, archive, { id: "yes", name: "yes", condition: "${approved}" });
    p.flow(gate, no, { id: "no", name: "no", condition: "${!approved}" });
    p.flow(archive, end);
  },

  // Forms, listeners, properties and retries on people's work: it runs, and each setting without effect is named.
  forms(p) {
    p.current.set("camunda:versionTag", "1.4");
    p.current.set("camunda:isStartableInTasklist", false);
    const start = p.node("StartEvent", "StartEvent_1", { "camunda:initiator": "starter" });
    const value = p.make("camunda:Value", { id: "urgent", name: "紧急" });
    const required = p.make("camunda:Constraint", { name: "required" });
    const validation = p.make("camunda:Validation", { constraints: [required] });
    const field = { id: "level", label: "级别", type: "enum", defaultValue: "urgent", values: [value], validation };
    const work = p.node("UserTask", "work", {
      name: "填报",
      "camunda:asyncBefore": true,
      "camunda:exclusive": false,
      "camunda:candidateUsers": "demo,john",
      "camunda:followUpDate": "2026-07-01T00:00:00",
      extensions: [
        p.make("camunda:FormData", { fields: [p.make("camunda:FormField", field)], businessKey: "level" }),
        panel(p, p.make("camunda:Property", { name: "部门", value: "城管" })),
        p.make("camunda:ExecutionListener", { expression: "${log.info(execution)}", event: "start" }),
        p.make("camunda:FailedJobRetryTimeCycle", { body: "R3/PT10M" }),
      ],
    });
    p.chain(start, work, p.node("EndEvent", "end"));
  },

  // Every way Camunda has of saying what a service task does.
  services(p) {
    const field = p.make("camunda:Field", { name: "text", stringValue: "您好" });
    const input = [p.make("camunda:InputParameter", { name: "url", value: "https://example.org" })];
    const script = p.make("camunda:Script", { scriptFormat: "groovy", value: "System.exit(1)" });
    const output = [p.make("camunda:OutputParameter", { name: "answer", definition: script })];
    const inputOutput = p.make("camunda:InputOutput", { inputParameters: input, outputParameters: output });
    const connector = p.make("camunda:Connector", { connectorId: "http-connector", inputOutput });
    p.chain(
      p.node("StartEvent", "StartEvent_1"),
      p.node("ServiceTask", "by_class", { "camunda:class": "org.example.Mail", extensions: [field] }),
      p.node("ServiceTask", "by_bean", { "camunda:delegateExpression": "${mailBean}" }),
      p.node("ServiceTask", "by_expression", { "camunda:expression": "${a.b()}", "camunda:resultVariable": "c" }),
      p.node("ServiceTask", "outside", { "camunda:type": "external", "camunda:topic": "mails", "camunda:taskPriority": "5" }),
      p.node("ServiceTask", "by_connector", { extensions: [connector] }),
      p.node("SendTask", "sent", { "camunda:class": "org.example.Mail" }),
      p.node("EndEvent", "end"),
    );
  },

  // A call with mappings in and out.
  calling(p) {
    const call = p.node("CallActivity", "call", {
      calledElement: "inspection",
      "camunda:calledElementBinding": "version",
      "camunda:calledElementVersion": "3",
      extensions: [
        p.make("camunda:In", { source: "area", target: "place" }),
        p.make("camunda:In", { businessKey: "#{execution.processBusinessKey}" }),
        p.make("camunda:In", { sourceExpression: "${x + 1}", target: "x", local: true }),
        p.make("camunda:Out", { variables: "all" }),
      ],
    });
    p.chain(p.node("StartEvent", "StartEvent_1"), call, p.node("EndEvent", "end"));
  },

  // A call by key and nothing else.
  plain_call(p) {
    const call = p.node("CallActivity", "call", { name: "踏勘", calledElement: "inspection", "camunda:asyncAfter": true });
    p.chain(p.node("StartEvent", "StartEvent_1"), call, p.node("EndEvent", "end"));
  },

  // Timers with retries, and a job's settings.
  timers(p) {
    const retry = () => p.make("camunda:FailedJobRetryTimeCycle", { body: "R5/PT1M" });
    const start = p.node("StartEvent", "StartEvent_1", { "camunda:asyncAfter": true });
    const wait = p.node("IntermediateCatchEvent", "wait", { extensions: [retry()], definitions: [p.timer("timeDuration", "PT15M")] });
    const work = p.node("UserTask", "work", { "camunda:jobPriority": "10" });
    const late = p.node("BoundaryEvent", "late", { on: work, definitions: [p.timer("timeDate", "2030-01-01T12:00:00Z")] });
    p.chain(start, wait, work, p.node("EndEvent", "end"));
    p.flow(late, p.node("EndEvent", "over"));
  },

  // A cron line and a Java expression where time is meant.
  cron(p) {
    const start = p.node("StartEvent", "nightly", { definitions: [p.timer("timeCycle", "0 0/5 * * * ?")] });
    const wait = p.node("IntermediateCatchEvent", "wait", { definitions: [p.timer("timeDate", "${dueDate}")] });
    p.chain(start, wait, p.node("EndEvent", "end"));
  },

  // Events whose names and variables Camunda computes.
  variables(p) {
    const message = p.root("Message", { id: "Message_1", name: "paid-${orderId}" });
    const error = p.root("Error", { id: "Error_1", name: "e", errorCode: "e1", "camunda:errorMessage": "坏了" });
    const start = p.node("StartEvent", "StartEvent_1");
    const heard = p.node("IntermediateCatchEvent", "heard", { definitions: [p.about("Message", { messageRef: message })] });
    const sub = p.node("SubProcess", "sub");
    p.inside(sub, () => p.chain(p.node("StartEvent", "s"), p.node("UserTask", "u"), p.node("EndEvent", "e")));
    const caught = p.about("Error", { errorRef: error, "camunda:errorCodeVariable": "code", "camunda:errorMessageVariable": "why" });
    const failed = p.node("BoundaryEvent", "failed", { on: sub, definitions: [caught] });
    const condition = p.expression("${amount > 3}");
    const holds = p.node("IntermediateCatchEvent", "holds", {
      definitions: [p.about("Conditional", { condition, "camunda:variableName": "amount", "camunda:variableEvents": "update" })],
    });
    p.chain(start, heard, sub, holds, p.node("EndEvent", "end"));
    p.flow(failed, p.node("EndEvent", "over"));
  },

  // Signals, errors and escalations as the panel writes them when nothing is computed.
  plain_events(p) {
    const signal = p.root("Signal", { id: "Signal_1", name: "停工" });
    const escalation = p.root("Escalation", { id: "Escalation_1", name: "上报", escalationCode: "up" });
    const start = p.node("StartEvent", "StartEvent_1");
    const throwing = p.node("IntermediateThrowEvent", "shout", { definitions: [p.about("Signal", { signalRef: signal })] });
    const sub = p.node("SubProcess", "sub");
    p.inside(sub, () => {
      const up = p.node("EndEvent", "up", { definitions: [p.about("Escalation", { escalationRef: escalation })] });
      p.chain(p.node("StartEvent", "s"), p.node("UserTask", "u"), up);
    });
    const raised = p.node("BoundaryEvent", "raised", { on: sub, definitions: [p.about("Escalation", { escalationRef: escalation })] });
    p.chain(start, throwing, sub, p.node("EndEvent", "end"));
    p.chain(raised, p.node("ManualTask", "call_in", { name: "到场" }), p.node("EndEvent", "over"));
  },

  // Several by a Java collection.
  several(p) {
    const many = { "camunda:collection": "units", "camunda:elementVariable": "unit", isSequential: false };
    const completionCondition = p.expression("${nrOfCompletedInstances >= 2}");
    const of = p.make("MultiInstanceLoopCharacteristics", { ...many, completionCondition });
    const work = p.node("UserTask", "ask", { name: "会签", "camunda:assignee": "${unit}", of });
    p.chain(p.node("StartEvent", "StartEvent_1"), work, p.node("EndEvent", "end"));
  },

  // Several by a number.
  three(p) {
    const of = p.make("MultiInstanceLoopCharacteristics", { isSequential: true, loopCardinality: p.expression("3") });
    p.chain(p.node("StartEvent", "StartEvent_1"), p.node("UserTask", "sign", { of }), p.node("EndEvent", "end"));
  },

  // A decision by id, its one result kept under a name.
  decision(p) {
    const rule = p.node("BusinessRuleTask", "grade", {
      name: "定级",
      "camunda:decisionRef": "grade_of",
      "camunda:resultVariable": "grade",
      "camunda:mapDecisionResult": "singleEntry",
    });
    p.chain(p.node("StartEvent", "StartEvent_1"), rule, p.node("UserTask", "work"), p.node("EndEvent", "end"));
  },

  // Decisions asked for in ways that mean something else here.
  decisions(p) {
    const listed = { "camunda:decisionRef": "d", "camunda:resultVariable": "r", "camunda:mapDecisionResult": "collectEntries" };
    const versioned = { "camunda:decisionRef": "d", "camunda:decisionRefBinding": "version", "camunda:decisionRefVersion": "2" };
    p.chain(
      p.node("StartEvent", "StartEvent_1"),
      p.node("BusinessRuleTask", "listed", listed),
      p.node("BusinessRuleTask", "versioned", versioned),
      p.node("BusinessRuleTask", "computed", { "camunda:decisionRef": "${which}" }),
      p.node("BusinessRuleTask", "coded", { "camunda:class": "org.example.Rules" }),
      p.node("EndEvent", "end"),
    );
  },

  // Scripts and conditions in languages that would run code.
  scripts(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const groovy = p.node("ScriptTask", "groovy", { scriptFormat: "groovy", script: '"rm -rf /".execute()', "camunda:resultVariable": "x" });
    const js = p.node("ScriptTask", "js", { scriptFormat: "javascript", script: "java.lang.System.exit(0)" });
    const outside = p.node("ScriptTask", "outside", { scriptFormat: "javascript", "camunda:resource": "deployment://x.js" });
    const gate = p.node("ExclusiveGateway", "gate");
    const [end, other] = [p.node("EndEvent", "end"), p.node("EndEvent", "other")];
    p.chain(start, groovy, js, outside, gate);
    p.flow(gate, other, { id: "scripted", condition: p.expression("x == 1", { language: "javascript" }) });
    p.flow(gate, end, { standard: true });
  },

  // Undoing, and what runs beside.
  undoing(p) {
    const start = p.node("StartEvent", "StartEvent_1");
    const book = p.node("UserTask", "book", { name: "登记", "camunda:candidateGroups": "clerks" });
    const throwing = p.node("IntermediateThrowEvent", "give_up", { definitions: [p.about("Compensate", { activityRef: book })] });
    p.chain(start, book, throwing, p.node("EndEvent", "end"));
    const undo = p.node("BoundaryEvent", "undo", { on: book, definitions: [p.about("Compensate")] });
    p.row();
    const unbook = p.node("UserTask", "unbook", { name: "注销", isForCompensation: true, "camunda:assignee": "demo" });
    p.association("Association_1", undo, unbook, { associationDirection: "One" }, p.current);
  },

  // A pool as Camunda writes it, with a template from its store and an unknown tool's notes.
  pool(p, key) {
    const process = p.process(key, { name: "窗口受理", isExecutable: true, "camunda:historyTimeToLive": "P30D" });
    const note = p.any("miwg:note", "http://www.omg.org/miwg", { by: "某工具", priority: "高" });
    const start = p.node("StartEvent", "StartEvent_1", { extensions: [note] });
    const take = p.node("UserTask", "take", { "camunda:modelerTemplate": "org.example.take", "camunda:modelerTemplateVersion": 2 });
    const give = p.node("ReceiveTask", "wait", { messageRef: p.root("Message", { id: "Message_1", name: "delivered" }) });
    const end = p.node("EndEvent", "end");
    p.chain(start, take, give, end);
    p.pool("Participant_1", "政务大厅", process, [130, 80, 900, 240]);
    p.lanes({ Lane_1: ["前台", [start, take]], Lane_2: ["后台", [give, end]] }, process);
  },
};
