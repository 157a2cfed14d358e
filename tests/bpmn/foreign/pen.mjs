// Draws one file: elements, flows and the diagram beside them, in the handwriting of a tool.
import { createRequire } from "node:module";

// The packages are those of the front end: one lock file for everything that comes from npm.
const require = createRequire(new URL("../../../web/frontend/package.json", import.meta.url));
const { BpmnModdle } = require("bpmn-moddle");

const EXTENSIONS = {
  camunda: require("camunda-bpmn-moddle/resources/camunda.json"),
  zeebe: require("zeebe-bpmn-moddle/resources/zeebe.json"),
  flowable: require("flowable-bpmn-moddle/resources/camunda.json"),
  activiti: require("activiti-bpmn-moddle/resources/activiti.json"),
  ld: require("../../engine/bpmn/liandong.moddle.json"),
};
const MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const MODELER = { "xmlns:modeler": "http://camunda.org/schema/modeler/1.0", "modeler:executionPlatform": "Camunda Platform" };
const XSI = { "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance" };

/** What the tools write at the head of a file, and which extension they speak. */
export const TOOLS = {
  bpmnjs: {
    speaks: ["ld"],
    head: { targetNamespace: "http://bpmn.io/schema/bpmn", exporter: "bpmn-js (https://demo.bpmn.io)", exporterVersion: "18.31.1" },
    more: XSI,
  },
  camunda7: {
    speaks: ["camunda", "ld"],
    head: { targetNamespace: "http://bpmn.io/schema/bpmn", exporter: "Camunda Modeler", exporterVersion: "5.44.0" },
    more: { ...XSI, "xmlns:camunda": EXTENSIONS.camunda.uri, ...MODELER, "modeler:executionPlatformVersion": "7.24.0" },
  },
  camunda8: {
    speaks: ["zeebe", "ld"],
    head: { targetNamespace: "http://bpmn.io/schema/bpmn", exporter: "Camunda Modeler", exporterVersion: "5.44.0" },
    more: {
      ...XSI,
      "xmlns:zeebe": EXTENSIONS.zeebe.uri,
      ...MODELER,
      "modeler:executionPlatform": "Camunda Cloud",
      "modeler:executionPlatformVersion": "8.8.0",
    },
  },
  flowable: old("flowable", "Flowable Open Source Modeler", "6.8.0", "http://www.flowable.org/processdef"),
  activiti: old("activiti", undefined, undefined, "http://www.activiti.org/processdef"),
};

// Both write without a prefix and name the diagram's namespaces otherwise.
function old(name, exporter, exporterVersion, targetNamespace) {
  return {
    speaks: [name, "ld"],
    head: {
      targetNamespace,
      exporter,
      exporterVersion,
      typeLanguage: "http://www.w3.org/2001/XMLSchema",
      expressionLanguage: "http://www.w3.org/1999/XPath",
    },
    more: {
      xmlns: MODEL,
      ...XSI,
      "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
      [`xmlns:${name}`]: EXTENSIONS[name].uri,
      "xmlns:omgdc": "http://www.omg.org/spec/DD/20100524/DC",
      "xmlns:omgdi": "http://www.omg.org/spec/DD/20100524/DI",
    },
  };
}

/** The editor's own reader and writer: it knows our extension, and no other tool's. */
export function editor() {
  return new BpmnModdle({ ld: structuredClone(EXTENSIONS.ld) });
}

const SIZES = { Event: [36, 36], Gateway: [50, 50], DataObjectReference: [36, 50], DataStoreReference: [50, 50], TextAnnotation: [120, 40] };
const GAP = 60;

export class Pen {
  constructor(tool, key, { alone = true } = {}) {
    this.tool = TOOLS[tool];
    this.moddle = new BpmnModdle(Object.fromEntries(this.tool.speaks.map((each) => [each, structuredClone(EXTENSIONS[each])])));
    this.definitions = this.make("Definitions", { id: `Definitions_${key}`, ...this.tool.head });
    Object.assign(this.definitions.$attrs, this.tool.more);
    this.plane = this.diagram(1);
    this.shapes = new Map();
    this.where = { x: 160, y: 100, top: 100 };
    if (alone) this.process(key, { isExecutable: true });
  }

  // ------------------------------------------------------------ any element

  /** `make("UserTask", {…})`, `make("camunda:In", {…})`; `extensions` becomes extensionElements, `says` documentation. */
  make(type, { extensions, says, ...attributes } = {}) {
    const made = this.moddle.create(type.includes(":") ? type : `bpmn:${type}`, clean(attributes));
    if (says) made.set("documentation", [this.own(made, this.make("Documentation", { text: says }))]);
    if (extensions) made.set("extensionElements", this.own(made, this.extensions(extensions)));
    for (const value of Object.values(attributes)) if (value?.$type && !value.$parent && !value.id) this.own(made, value);
    return made;
  }

  extensions(values) {
    const made = this.moddle.create("bpmn:ExtensionElements", { values });
    for (const each of values) each.$parent = made;
    return made;
  }

  /** An element of a namespace nobody here describes. */
  any(name, uri, attributes = {}) {
    return this.moddle.createAny(name, uri, attributes);
  }

  own(parent, child) {
    child.$parent = parent;
    return child;
  }

  expression(body, attributes = {}) {
    return this.make("FormalExpression", { body, ...attributes });
  }

  root(type, attributes) {
    const made = this.own(this.definitions, this.make(type, attributes));
    this.definitions.get("rootElements").push(made);
    return made;
  }

  // ------------------------------------------------------------ what holds elements

  process(key, attributes) {
    this.holder = this.current = this.root("Process", { id: key, ...attributes });
    if (!this.plane.bpmnElement) this.plane.bpmnElement = this.current;
    return this.current;
  }

  diagram(number, element) {
    const plane = this.moddle.create("bpmndi:BPMNPlane", clean({ id: `BPMNPlane_${number}`, bpmnElement: element }));
    const made = this.moddle.create("bpmndi:BPMNDiagram", { id: `BPMNDiagram_${number}`, plane });
    plane.$parent = made;
    made.$parent = this.definitions;
    this.definitions.get("diagrams").push(made);
    return plane;
  }

  /** Draw inside a sub-process, and its frame around that; `apart`: on a diagram of its own, the frame folded. */
  inside(sub, draw, { apart } = {}) {
    const [holder, plane, where] = [this.holder, this.plane, this.where];
    this.holder = sub;
    if (apart) this.plane = this.diagram(apart, sub);
    const frame = this.shapes.get(sub).bounds;
    this.where = apart ? { x: 180, y: 160, top: 160 } : { x: frame.x + 40, y: frame.y + 60, top: frame.y + 60 };
    draw();
    if (!apart) {
      frame.width = this.where.x - frame.x;
      frame.height = this.where.y - frame.y + 140;
      where.x = frame.x + frame.width + GAP;
    }
    [this.holder, this.plane, this.where] = [holder, plane, where];
    return sub;
  }

  row() {
    this.where.y += 160;
    this.where.x = this.where.left ?? 160;
  }

  pool(id, name, process, [x, y, width, height]) {
    this.collaboration ??= this.root("Collaboration", { id: "Collaboration_1", participants: [], messageFlows: [] });
    const roots = this.definitions.get("rootElements");
    roots.splice(roots.indexOf(this.collaboration), 1);
    roots.unshift(this.collaboration); // as bpmn-js writes it: before the processes
    this.plane.bpmnElement = this.collaboration;
    const made = this.own(this.collaboration, this.make("Participant", { id, name, processRef: process }));
    this.collaboration.get("participants").push(made);
    this.shape(made, x, y, width, height, { isHorizontal: true });
    return made;
  }

  messageFlow(id, sourceRef, targetRef, attributes = {}) {
    const made = this.own(this.collaboration, this.make("MessageFlow", { id, sourceRef, targetRef, ...attributes }));
    this.collaboration.get("messageFlows").push(made);
    this.edge(made, sourceRef, targetRef);
    return made;
  }

  /** Lanes: `{ Lane_1: ["名称", [nodes]], Lane_2: ["名称", { nested }] }`. */
  lanes(named, holder = this.current, y = 80) {
    const nested = holder.$type === "bpmn:Lane";
    const set = this.own(holder, this.make("LaneSet", { id: `LaneSet_${holder.id}`, lanes: [] }));
    for (const [id, [name, inside]] of Object.entries(named)) {
      const lane = this.own(set, this.make("Lane", { id, name }));
      set.get("lanes").push(lane);
      this.shape(lane, nested ? 190 : 160, y, 900, 120, { isHorizontal: true });
      if (Array.isArray(inside)) lane.set("flowNodeRef", inside);
      else this.lanes(inside, lane, y);
      y += 120;
    }
    if (nested) holder.set("childLaneSet", set);
    else holder.get("laneSets").push(set);
  }

  // ------------------------------------------------------------ nodes and flows

  /** A node in the next free place. `definitions`: of an event; `on`: the host of a boundary event; `colour`: [stroke, fill]. */
  node(type, id, { definitions, on, colour, of, ...attributes } = {}) {
    const made = this.own(this.holder, this.make(type, { id, ...attributes, ...(on ? { attachedToRef: on } : {}) }));
    for (const each of definitions ?? []) this.own(made, each);
    if (definitions) made.set("eventDefinitions", definitions);
    if (of) this.own(made, of);
    if (of) made.set("loopCharacteristics", of);
    this.holder.get("flowElements").push(made);
    const [width, height] = Object.entries(SIZES).find(([part]) => type.endsWith(part))?.[1] ?? [100, 80];
    const y = this.where.y + (80 - height) / 2;
    let drawn;
    if (on) {
      const host = this.shapes.get(on).bounds;
      const beside = [...this.shapes.keys()].filter((each) => each.attachedToRef === on).length;
      drawn = this.shape(made, host.x + 20 + 44 * beside, host.y + host.height - 18, width, height);
    } else {
      drawn = this.shape(made, this.where.x, y, width, height);
      this.where.x += width + GAP;
    }
    if (type.includes("ubProcess") || type === "Transaction") drawn.isExpanded = true;
    if (type === "ExclusiveGateway") drawn.isMarkerVisible = true;
    if (attributes.name && (type.includes("Event") || type.includes("Gateway"))) this.label(drawn);
    if (colour) this.colour(drawn, colour);
    return made;
  }

  flow(source, target, { id = `Flow_${source.id}_${target.id}`, condition, standard, ...attributes } = {}) {
    const given = { id: id || undefined, sourceRef: source, targetRef: target, ...attributes };
    if (condition !== undefined) given.conditionExpression = condition.$type ? condition : this.expression(condition);
    const made = this.own(this.holder, this.make("SequenceFlow", given));
    this.holder.get("flowElements").push(made);
    if (id) source.get("outgoing").push(made); // what has no id cannot be named
    if (id) target.get("incoming").push(made);
    if (standard) source.set("default", made);
    if (id) this.edge(made, source, target, attributes.name);
    return made;
  }

  /** Flows from each to the next. */
  chain(...nodes) {
    nodes.slice(1).forEach((node, at) => this.flow(nodes[at], node));
    return nodes.at(-1);
  }

  /** Event definitions by short names. */
  timer(kind, body) {
    return this.make("TimerEventDefinition", { id: `TimerEventDefinition_${this.next()}`, [kind]: this.expression(body) });
  }

  about(type, attributes = {}) {
    return this.make(`${type}EventDefinition`, { id: `${type}EventDefinition_${this.next()}`, ...attributes });
  }

  artifact(type, id, attributes, [x, y, width, height]) {
    const made = this.own(this.current, this.make(type, { id, ...attributes }));
    this.current.get("artifacts").push(made);
    this.shape(made, x, y, width, height);
    return made;
  }

  association(id, sourceRef, targetRef, attributes = {}, holder = this.holder) {
    const made = this.own(holder, this.make("Association", { id, sourceRef, targetRef, ...attributes }));
    holder.get("artifacts").push(made);
    this.edge(made, sourceRef, targetRef);
    return made;
  }

  // ------------------------------------------------------------ the drawing

  shape(element, x, y, width, height, attributes = {}) {
    const bounds = this.moddle.create("dc:Bounds", { x, y, width, height });
    const made = this.moddle.create("bpmndi:BPMNShape", { id: `${element.id}_di`, bpmnElement: element, bounds, ...attributes });
    this.own(made, bounds);
    this.own(this.plane, made);
    this.plane.get("planeElement").push(made);
    this.shapes.set(element, made);
    return made;
  }

  edge(element, source, target, name) {
    const [from, to] = [source, target].map((each) => this.shapes.get(each).bounds);
    const waypoint = [
      this.moddle.create("dc:Point", { x: from.x + from.width, y: from.y + from.height / 2 }),
      this.moddle.create("dc:Point", { x: to.x, y: to.y + to.height / 2 }),
    ];
    const made = this.moddle.create("bpmndi:BPMNEdge", { id: `${element.id}_di`, bpmnElement: element, waypoint });
    for (const each of waypoint) this.own(made, each);
    this.own(this.plane, made);
    this.plane.get("planeElement").push(made);
    if (name) this.label(made, { x: (waypoint[0].x + waypoint[1].x) / 2, y: waypoint[0].y - 18, width: 44, height: 14 });
    return made;
  }

  label(drawn, place) {
    const at = place ?? { x: drawn.bounds.x - 7, y: drawn.bounds.y + drawn.bounds.height + 7, width: 50, height: 14 };
    const bounds = this.moddle.create("dc:Bounds", at);
    drawn.label = this.own(drawn, this.moddle.create("bpmndi:BPMNLabel", { bounds }));
    this.own(drawn.label, bounds);
  }

  /** As bpmn-js writes colours: in its own way, and in the standard's. */
  colour(drawn, [stroke, fill]) {
    drawn.set("bioc:stroke", stroke);
    drawn.set("bioc:fill", fill);
    drawn.set("color:background-color", fill);
    drawn.set("color:border-color", stroke);
  }

  next() {
    this.count = (this.count ?? 0) + 1;
    return this.count;
  }

  async xml() {
    return (await this.moddle.toXML(this.definitions, { format: true })).xml;
  }
}

function clean(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
