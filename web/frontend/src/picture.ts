// The live picture of a process: <div data-island="picture" data-xml="…" data-show="waiting" data-heat="[…]" hidden>.
// The tables beside it say the same in words for whoever has no script or cannot see it.
import { Heat } from "./bpmn/heat";
import { t } from "./bpmn/names";

for (const host of document.querySelectorAll<HTMLElement>('[data-island="picture"]')) {
  new Heat(host).show().catch(() => {
    host.hidden = false;
    host.classList.add("diagram-failed");
    host.textContent = t("流程图没有加载出来，请刷新页面；数字见下表。", "The diagram could not be loaded; reload the page. The numbers are in the tables.");
  });
}
