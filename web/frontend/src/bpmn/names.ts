// A diagram in the language of the page: names are Chinese in `name`, English in ld:names (urn:liandong:bpmn:1).
const LD = "urn:liandong:bpmn:1";
const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";

export const chinese = document.documentElement.lang.startsWith("zh");

export function t(zh: string, en: string): string {
  return chinese ? zh : en;
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
  return new XMLSerializer().serializeToString(parsed);
}
