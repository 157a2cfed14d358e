// A diagram in the language of the page: names are Chinese in `name`, English in ld:names (urn:liandong:bpmn:1).
const LD = "urn:liandong:bpmn:1";
const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";

const BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI";

/** Room for an English name where the drawing left room for two characters. */
const ENGLISH_WIDTH = 84;

export const chinese = document.documentElement.lang.startsWith("zh");

export function t(zh: string, en: string): string {
  return chinese ? zh : en;
}

/** What a library of bpmn.io says, in the language of the page. */
export function translator(words: Record<string, string>): (template: string, replacements?: Record<string, string>) => string {
  return (template, replacements = {}) => {
    const text = (chinese && words[template]) || template;
    return text.replace(/{([^}]+)}/g, (whole, key: string) => replacements[key] ?? whole);
  };
}

/** The XML with the names of the wanted language in `name`: for showing, never for saving. */
export function localised(xml: string): string {
  if (chinese) return xml;
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  if (parsed.querySelector("parsererror")) return xml;
  for (const names of Array.from(parsed.getElementsByTagNameNS(LD, "names"))) {
    const holder = names.parentElement;
    const english = names.getAttribute("en");
    if (english && holder?.localName === "extensionElements" && holder.namespaceURI === BPMN) {
      const named = holder.parentElement;
      const text = Array.from(named?.children ?? []).find((child) => child.localName === "text");
      if (named?.localName === "textAnnotation" && text) text.textContent = english;
      else if (named?.hasAttribute("name")) named.setAttribute("name", english);
    }
  }
  for (const label of Array.from(parsed.getElementsByTagNameNS(BPMNDI, "BPMNLabel"))) widen(label);
  return new XMLSerializer().serializeToString(parsed);
}

function widen(label: Element): void {
  const bounds = Array.from(label.children).find((child) => child.localName === "Bounds");
  const width = Number(bounds?.getAttribute("width"));
  if (!bounds || !(width < ENGLISH_WIDTH)) return;
  bounds.setAttribute("x", String(Number(bounds.getAttribute("x")) - (ENGLISH_WIDTH - width) / 2));
  bounds.setAttribute("width", String(ENGLISH_WIDTH));
}
