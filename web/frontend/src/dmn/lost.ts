// What the editor would drop of a file: all that the file says and that is not in what the editor writes of it, untouched.

/** The first few, as paths; none where all is kept. Comments and blanks say nothing. */
export function lost(before: string, after: string): string[] {
  const kept = said(after);
  const missing: string[] = [];
  for (const [path, count] of said(before)) if ((kept.get(path) ?? 0) < count) missing.push(path);
  return missing.slice(0, 3);
}

/** What the reader takes for granted where nothing is said. */
const USUAL = /@(hitPolicy=UNIQUE|preferredOrientation=Rule-as-Row|isCollection=false|expressionLanguage=.*|typeLanguage=.*|exporter(Version)?=.*)$/;

function said(xml: string): Map<string, number> {
  const found = new Map<string, number>();
  const put = (path: string): void => void found.set(path, (found.get(path) ?? 0) + 1);
  const walk = (element: Element, around: string): void => {
    const path = `${around}/${element.localName}`;
    put(path);
    for (const one of Array.from(element.attributes)) {
      const line = `${path}@${one.localName}=${one.value.trim()}`;
      if (one.prefix !== "xmlns" && one.name !== "xmlns" && !USUAL.test(line)) put(line);
    }
    const own = Array.from(element.childNodes).filter((one) => one.nodeType === Node.TEXT_NODE || one.nodeType === Node.CDATA_SECTION_NODE);
    const text = own.map((one) => one.nodeValue ?? "").join("").trim();
    if (text) put(`${path}=${text.replace(/\r\n?/g, "\n")}`);
    for (const child of Array.from(element.children)) walk(child, path);
  };
  const root = new DOMParser().parseFromString(xml, "application/xml").documentElement;
  walk(root, "");
  return found;
}
