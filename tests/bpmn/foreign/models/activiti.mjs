// As Activiti's designer writes.
export default {
  // People's work with a listener: it runs.
  leave(p) {
    const listener = p.make("activiti:TaskListener", { event: "complete", delegateExpression: "${done}" });
    const start = p.node("StartEvent", "start", { "activiti:formKey": "leave", "activiti:initiator": "applyUserId" });
    const lead = p.node("UserTask", "deptLeaderAudit", { name: "部门领导审批", "activiti:candidateGroups": "deptLeader", extensions: [listener] });
    const say = p.node("UserTask", "reportBack", { name: "销假", "activiti:assignee": "${applyUserId}", "activiti:dueDate": "P3D" });
    p.chain(start, lead, say, p.node("EndEvent", "end"));
  },

  // Code by class and by expression.
  services(p) {
    const field = p.make("activiti:Field", { name: "text", expression: "${hello}" });
    p.chain(
      p.node("StartEvent", "start"),
      p.node("ServiceTask", "by_class", { "activiti:class": "org.example.Send", extensions: [field] }),
      p.node("ServiceTask", "by_expression", { "activiti:expression": "#{printer.print()}" }),
      p.node("EndEvent", "end"),
    );
  },
};
