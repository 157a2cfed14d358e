// Walking through a diagram with tokens: on a picture of its own over the editor's, which draws, knows and saves nothing of it. Loaded when
// it is first asked for.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import TokenSimulationModule from "bpmn-js-token-simulation/lib/viewer";
import { SCOPE_CREATE_EVENT } from "bpmn-js-token-simulation/lib/util/EventHelper";
import "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css";
import "./simulating.css";
import { chinese, localised, t } from "./names";
import { type Box, type Canvas, View } from "./view";

/** Drawn smaller than this the library shows no buttons at elements. */
const BUTTONS = 0.5;

type Registry = { filter(test: (one: Box & { type: string }) => boolean): Box[] };
type Mode = { toggleMode(active: boolean): void };

type Scope = { parent?: Scope; colors?: { primary: string; auxiliary: string } };

/** The library takes colours by chance, some of which nobody can read. */
class Colours {
  static $inject = ["eventBus"];
  private readonly colours = ["#1f4e8c", "#8a3b00", "#5b2a86", "#7a1f3d", "#0f5f66", "#4a5a00"];
  private at = 0;

  constructor(bus: { on(event: string, priority: number, act: (event: { scope: Scope }) => void): void }) {
    bus.on(SCOPE_CREATE_EVENT, 1500, ({ scope }) => {
      scope.colors = scope.parent?.colors ?? { primary: this.colours[this.at++ % this.colours.length] ?? "", auxiliary: "#fff" };
    });
  }
}

export class Simulation {
  private readonly place = document.createElement("div");
  private readonly viewer: NavigatedViewer;
  private readonly words = new MutationObserver((changes) => changes.forEach((one) => one.addedNodes.forEach(speak)));

  constructor(private readonly stage: HTMLElement) {
    this.place.className = "designer-simulation diagram-host";
    const canvas = document.createElement("div");
    canvas.className = "designer-canvas";
    const told = document.createElement("p");
    told.className = "designer-walk";
    told.textContent = t(
      "点开始事件旁的播放钮放出一个令牌；等待中的事件点它的按钮触发；点网关旁的按钮选走哪条线。这里不看条件、时限和由谁办理，也不保存任何内容。",
      "The play button at a start event lets a token go; an event that waits is triggered by its button; a gateway's button chooses its way. Conditions, terms and people do not count here, and nothing is saved.",
    );
    this.place.append(told, canvas);
    stage.append(this.place);
    if (chinese) this.words.observe(this.place, { childList: true, subtree: true });
    this.viewer = new NavigatedViewer({ container: canvas, additionalModules: [TokenSimulationModule, { coloredScopes: ["type", Colours] }] as never[] });
  }

  async open(xml: string): Promise<void> {
    await this.viewer.importXML(localised(xml));
    const view = new View(this.stage, this.viewer.get("canvas") as unknown as Canvas, 60);
    view.open(this.start(), BUTTONS);
    const bar = document.createElement("div");
    bar.className = "designer-zoom";
    bar.append(view.buttons());
    this.place.append(bar);
    (this.viewer.get("toggleMode") as unknown as Mode).toggleMode(true);
    this.place.querySelector(".bts-toggle-mode")?.remove(); // the page's own button does that
  }

  /** Where it begins, with room for what follows. */
  private start(): Box | undefined {
    const found = (this.viewer.get("elementRegistry") as unknown as Registry).filter((one) => one.type === "bpmn:StartEvent")[0];
    return found && { x: found.x, y: found.y, width: 900, height: found.height };
  }

  close(): void {
    this.words.disconnect();
    this.viewer.destroy();
    this.place.remove();
  }
}

// The library speaks English only, and not through bpmn-js.
const SAID: Record<string, string> = {
  "Simulation Log": "经过",
  "No Entries": "还没有",
  Close: "关闭",
  "Toggle Simulation Log": "经过",
  "Reset Simulation": "重来",
  "Play/Pause Simulation": "继续或暂停",
  "Play Simulation": "继续",
  "Pause Simulation": "已暂停",
  "Set Sequence Flow": "换一条线走",
  "Trigger Event": "触发",
  "Add pause point": "在此停一停",
  "Remove pause point": "不在此停",
  "Found unsupported elements": "有些元素不能这样走",
  "Not supported": "不能这样走",
  Finished: "已走完",
  "Process started": "流程开始",
  "Process finished": "流程结束",
  "Process canceled": "流程取消",
  "Service Task": "系统动作",
  "User Task": "人工任务",
  "Call Activity": "调用流程",
  "Script Task": "计算任务",
  "Business Rule Task": "查表任务",
  "Manual Task": "线下任务",
  "Receive Task": "收消息任务",
  "Send Task": "发消息任务",
  Task: "任务",
  "Exclusive Gateway": "排他网关",
  "Parallel Gateway": "并行网关",
  "Inclusive Gateway": "包容网关",
  "Start Event": "开始事件",
  "Intermediate Event": "中间事件",
  "Boundary Event": "边界事件",
  "End Event": "结束事件",
};
const PATTERNS: [RegExp, string][] = [
  [/^(.+) started$/, "$1 开始"],
  [/^(.+) finished$/, "$1 结束"],
  [/^(.+) canceled$/, "$1 取消"],
  [/^Focus process instance (.+)$/, "只看实例 $1"],
  [/^Set animation speed = (.+)$/, "速度：$1"],
];
const SPEEDS: Record<string, string> = { Slow: "慢", Normal: "正常", Fast: "快" };

function said(text: string): string {
  const whole = text.trim();
  const known = SAID[whole];
  if (known) return known;
  for (const [pattern, words] of PATTERNS) {
    if (pattern.test(whole)) return whole.replace(pattern, words).replace(/\b(Slow|Normal|Fast|SubProcess)\b/, (word) => SPEEDS[word] ?? "子流程");
  }
  return text;
}

function speak(node: Node): void {
  if (node instanceof Text) {
    const words = said(node.data);
    if (words !== node.data) node.data = words;
    return;
  }
  if (!(node instanceof HTMLElement)) return;
  for (const one of [node, ...node.querySelectorAll<HTMLElement>("[title], [aria-label]")]) {
    if (one.title) one.title = said(one.title);
    const label = one.getAttribute("aria-label");
    if (label) one.setAttribute("aria-label", said(label));
  }
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) speak(texts.currentNode);
}
