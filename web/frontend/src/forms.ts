// The form editor: who else is in the draft, and whether it was saved by somebody else meanwhile. All else works without a script.
import "./forms.css";
import { type Here, Presence } from "./bpmn/presence";

type Config = { here: string; every: number; draft: number; revision: number; tab: string };

const host = document.querySelector<HTMLElement>('[data-island="forms"]');
const token = document.querySelector<HTMLInputElement>("input[name=csrf_token]")?.value;
if (host && token) {
  const config = JSON.parse(host.dataset.config ?? "{}") as Config;
  const others = host.querySelector<HTMLElement>("[data-others]");
  const newer = host.querySelector<HTMLElement>("[data-newer]");
  const page: Here = { tab: config.tab, config: { draft: config.draft, revision: config.revision } };
  if (others && newer) new Presence(config.here, config.every, token, page, others, newer);
}
