// As Camunda Modeler writes for Camunda 8 (Zeebe): FEEL, and settings in elements.
export default {
  // People's work and FEEL in the flows: the same here, but for who gets it.
  permit(p) {
    const start = p.node("StartEvent", "StartEvent_1", { name: "申请" });
    const check = p.node("UserTask", "check", {
      name: "审查",
      extensions: [
        p.make("zeebe:UserTask"),
        p.make("zeebe:FormDefinition", { formId: "check-form", bindingType: "deployment" }),
        p.make("zeebe:AssignmentDefinition", { assignee: "=applicant", candidateGroups: "clerks" }),
        p.make("zeebe:TaskSchedule", { dueDate: '=now() + duration("P3D")' }),
        p.make("zeebe:PriorityDefinition", { priority: "70" }),
      ],
    });
    const gate = p.node("ExclusiveGateway", "gate", { name: "金额？" });
    const big = p.node("UserTask", "big", { name: "上会", extensions: [p.make("zeebe:UserTask")] });
    const end = p.node("EndEvent", "end");
    p.chain(start, check, gate);
    p.flow(gate, big, { id: "more", condition: "=amount >= 10000" });
    p.flow(gate, end, { id: "less", standard: true });
    p.flow(big, end);
  },

  // Workers by type, mappings, headers, a connector's template.
  workers(p) {
    const mapping = p.make("zeebe:IoMapping", {
      inputParameters: [p.make("zeebe:Input", { source: "=order.id", target: "orderId" })],
      outputParameters: [p.make("zeebe:Output", { source: "=response", target: "answer" })],
    });
    const headers = p.make("zeebe:TaskHeaders", { values: [p.make("zeebe:Header", { key: "method", value: "post" })] });
    const work = p.node("ServiceTask", "work", {
      extensions: [p.make("zeebe:TaskDefinition", { type: "mail", retries: "5" }), mapping, headers],
    });
    const connector = p.node("ServiceTask", "connector", {
      "zeebe:modelerTemplate": "io.camunda.connectors.HttpJson.v2",
      "zeebe:modelerTemplateVersion": 11,
      "zeebe:modelerTemplateIcon": "data:image/svg+xml;utf8,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E",
      extensions: [p.make("zeebe:TaskDefinition", { type: "io.camunda:http-json:1" })],
    });
    p.chain(p.node("StartEvent", "StartEvent_1"), work, connector, p.node("EndEvent", "end"));
  },

  // A called process by Zeebe's element.
  calling(p) {
    const called = p.make("zeebe:CalledElement", { processId: "inspection", propagateAllChildVariables: false });
    const call = p.node("CallActivity", "call", { extensions: [called] });
    p.chain(p.node("StartEvent", "StartEvent_1"), call, p.node("EndEvent", "end"));
  },

  // Several by Zeebe's collection.
  several(p) {
    const each = { inputCollection: "=units", inputElement: "unit", outputCollection: "answers", outputElement: "=answer" };
    const of = p.make("MultiInstanceLoopCharacteristics", { extensions: [p.make("zeebe:LoopCharacteristics", each)] });
    const work = p.node("UserTask", "ask", { of, extensions: [p.make("zeebe:UserTask")] });
    p.chain(p.node("StartEvent", "StartEvent_1"), work, p.node("EndEvent", "end"));
  },

  // A decision by id.
  decision(p) {
    const called = p.make("zeebe:CalledDecision", { decisionId: "grade_of", resultVariable: "grade" });
    const rule = p.node("BusinessRuleTask", "grade", { name: "定级", extensions: [called] });
    p.chain(p.node("StartEvent", "StartEvent_1"), rule, p.node("UserTask", "work"), p.node("EndEvent", "end"));
  },

  // A decision by an expression.
  computed_decision(p) {
    const called = p.make("zeebe:CalledDecision", { decisionId: "=which", resultVariable: "grade" });
    const rule = p.node("BusinessRuleTask", "grade", { extensions: [called] });
    p.chain(p.node("StartEvent", "StartEvent_1"), rule, p.node("EndEvent", "end"));
  },

  // Messages with Zeebe's correlation.
  messages(p) {
    const subscription = p.make("zeebe:Subscription", { correlationKey: "=order_id" });
    const message = p.root("Message", { id: "Message_1", name: "paid", extensions: [subscription] });
    const wait = p.node("IntermediateCatchEvent", "wait", { definitions: [p.about("Message", { messageRef: message })] });
    p.chain(p.node("StartEvent", "StartEvent_1"), wait, p.node("EndEvent", "end"));
  },

  // A message without correlation starts it; timers by FEEL.
  timers(p) {
    const message = p.root("Message", { id: "Message_1", name: "ordered" });
    const start = p.node("StartEvent", "StartEvent_1", { definitions: [p.about("Message", { messageRef: message })] });
    const wait = p.node("IntermediateCatchEvent", "wait", { definitions: [p.timer("timeDuration", '=duration("PT" + string(hours) + "H")')] });
    const work = p.node("UserTask", "work", { extensions: [p.make("zeebe:UserTask")] });
    const late = p.node("BoundaryEvent", "late", { on: work, cancelActivity: false, definitions: [p.timer("timeCycle", "R3/PT1H")] });
    p.chain(start, wait, work, p.node("EndEvent", "end"));
    p.flow(late, p.node("EndEvent", "told"));
  },

  // A script as Zeebe keeps it, beside one as the standard does; listeners with workers.
  scripts(p) {
    const script = p.make("zeebe:Script", { expression: "=a + 1", resultVariable: "b" });
    const listener = p.make("zeebe:ExecutionListener", { eventType: "start", type: "audit", retries: "3" });
    const told = p.make("zeebe:ExecutionListeners", { listeners: [listener] });
    const work = p.node("UserTask", "work", { extensions: [p.make("zeebe:UserTask"), told] });
    p.chain(p.node("StartEvent", "StartEvent_1"), p.node("ScriptTask", "add", { extensions: [script] }), work, p.node("EndEvent", "end"));
  },

  // A file taken over: the same task said for Zeebe and for here.
  both(p) {
    const definition = p.make("zeebe:Properties", { properties: [p.make("zeebe:Property", { name: "色", value: "红" })] });
    const work = p.node("UserTask", "work", {
      name: "办理",
      extensions: [p.make("zeebe:UserTask"), definition, p.make("ld:Candidates", { post: "handler", unit: "=responsible_unit" })],
    });
    const notify = p.node("ServiceTask", "tell", { extensions: [p.make("ld:Action", { name: "notify", text: "已办结" })] });
    p.chain(p.node("StartEvent", "StartEvent_1"), work, notify, p.node("EndEvent", "end"));
  },
};
