// Chinese ids. XML allows them, the drawing library drops whatever has one. They are written in ASCII while a file is in its hands, and
// as they were when it comes back. A file that has none is not touched.
const ASCII = /^[A-Za-z_][\w.-]*$/;

export class Ids {
  private readonly plain = new Map<string, string>();
  private readonly given = new Map<string, string>();

  /** The file for the library. */
  taken(xml: string): string {
    const parsed = parse(xml);
    if (!parsed) return xml;
    for (const element of Array.from(parsed.querySelectorAll("[id]"))) {
      const id = element.getAttribute("id") ?? "";
      if (id && !ASCII.test(id)) this.remember(id);
    }
    return this.plain.size ? exchanged(parsed, this.plain) : xml;
  }

  /** The file from the library, with the ids that were given. */
  back(xml: string): string {
    const parsed = this.given.size ? parse(xml) : undefined;
    return parsed ? exchanged(parsed, this.given) : xml;
  }

  /** What the library calls an element. */
  inside(id: string): string {
    return this.plain.get(id) ?? id;
  }

  /** What the file calls an element of the library. */
  outside(id: string): string {
    return this.given.get(id) ?? id;
  }

  private remember(id: string): void {
    if (this.plain.has(id)) return;
    const plain = `_u${Array.from(id, (sign) => (/[\w.-]/.test(sign) ? sign : `_${(sign.codePointAt(0) ?? 0).toString(16)}_`)).join("")}`;
    this.plain.set(id, plain);
    this.given.set(plain, id);
  }
}

function parse(xml: string): Document | undefined {
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  return parsed.querySelector("parsererror") ? undefined : parsed;
}

// What names an element by its id: attributes (never a name, never an expression) and the text of references.
function exchanged(parsed: Document, ids: Map<string, string>): string {
  for (const element of Array.from(parsed.getElementsByTagName("*"))) {
    for (const attribute of Array.from(element.attributes)) {
      if (attribute.localName !== "name" && !attribute.value.startsWith("=")) attribute.value = words(attribute.value, ids);
    }
    if (!element.children.length && /(^incoming|^outgoing|^supports|Refs?)$/.test(element.localName)) {
      element.textContent = words(element.textContent ?? "", ids);
    }
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(parsed).replace(/^<\?xml[^>]*\?>\s*/, "")}`;
}

function words(text: string, ids: Map<string, string>): string {
  return text.replace(/\S+/g, (word) => ids.get(word) ?? word);
}
