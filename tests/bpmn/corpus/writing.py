"""A writer of XML that says the same thing in any of the ways XML allows: quotes, order of attributes, CDATA, references, comments."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, DC, DI, LD, XSI, split

USUAL: Mapping[str, str] = {BPMN: "bpmn", BPMNDI: "bpmndi", DC: "dc", DI: "di", XSI: "xsi", LD: "ld"}
_MIXED = frozenset(("extensionElements",))  # what lies inside belongs to others: its text stays as it is
_QNAME = f"{{{XSI}}}type"


class Writer:
    """One odd hand: the same habits all through a file, drawn from `rng`."""

    def __init__(self, rng: random.Random, prefixes: Mapping[str, str] | None = None) -> None:
        self.rng = rng
        self.prefixes = dict(USUAL, **(prefixes or {}))
        self.chatty = rng.choice((0.0, 0.05, 0.4))
        self.spaced = rng.choice((0.0, 0.3))
        self.cut = rng.choice((0.0, 0.5))
        self.coded = rng.choice((0.0, 0.2))
        self.indent = rng.choice((None, "  ", "\t", ""))

    def write(self, root: etree._Element) -> bytes:
        for space in sorted({split(str(name))[0] for each in root.iter() for name in (each.tag, *each.attrib)} - {""}):
            prefix = next((str(p) for p, uri in root.nsmap.items() if uri == space and p), None)
            self.prefixes.setdefault(space, prefix or f"n{len(self.prefixes)}")
        declared = [f'xmlns{":" + p if p else ""}="{space}"' for space, p in self.prefixes.items()]
        self.rng.shuffle(declared)
        return (self._element(root, 0, " ".join(declared)) + self._chat() + "\n").encode()

    def _element(self, element: etree._Element, depth: int, more: str = "") -> str:
        name = self._name(str(element.tag))
        attributes = [
            f"{self._name(str(k), attribute=True)}={self._value(str(k), str(v))}" for k, v in element.attrib.items()
        ]
        self.rng.shuffle(attributes)
        gap = self.rng.choice((" ", "  ", "\n      ", "\t")) if self.rng.random() < self.spaced else " "
        head = gap.join([name, *([more] if more else []), *attributes])
        inside = self._inside(element, depth)
        if not inside:
            return f"<{head}/>" if self.rng.random() < 0.7 else f"<{head}></{name}{self._blank()}>"
        return f"<{head}{self._blank()}>{inside}</{name}{self._blank()}>"

    def _inside(self, element: etree._Element, depth: int) -> str:
        foreign = split(str(element.tag))[1] in _MIXED or split(str(element.tag))[0] not in (BPMN, BPMNDI, DC, DI)
        parts = [self._text(element.text or "", plain=foreign)]
        for child in element:
            parts += [self._line(depth), self._chat() if not foreign else "", self._element(child, depth + 1)]
            parts.append(self._text(child.tail or "", plain=foreign))
        if len(element) and any(part.strip() for part in parts):
            parts.append(self._line(depth - 1))
        return "".join(parts)

    def _line(self, depth: int) -> str:
        return "" if self.indent is None else "\n" + self.indent * (depth + 1)

    def _chat(self) -> str:
        """A comment or an instruction to nobody."""
        if self.rng.random() >= self.chatty:
            return ""
        return self.rng.choice(
            (
                "<!-- 注释：<bpmn:task id='X'/> -->",
                "<?editor keep='yes'?>",
                "<!---->",
                "<!-- ]]> & < > -->",
                "<?xml-stylesheet href='x.css'?>",
            )
        )

    def _blank(self) -> str:
        return self.rng.choice((" ", "\n", "\t ")) if self.rng.random() < self.spaced else ""

    def _name(self, tag: str, *, attribute: bool = False) -> str:
        space, name = split(tag)
        if not space:
            return name
        if tag == f"{{http://www.w3.org/XML/1998/namespace}}{name}":
            return f"xml:{name}"
        prefix = self.prefixes[space]
        assert prefix or not attribute
        return f"{prefix}:{name}" if prefix else name

    def _value(self, name: str, value: str) -> str:
        if name == _QNAME:
            prefix = self.prefixes[BPMN]
            local = value.rpartition(":")[2]
            value = f"{prefix}:{local}" if prefix else local
        quote = self.rng.choice("\"'")
        text = "".join(self._char(char, '&<"' if quote == '"' else "&<'") for char in value)
        return f"{quote}{text}{quote}"

    def _char(self, char: str, special: str) -> str:
        if char in "\n\r\t":
            return f"&#{ord(char)};"
        if char in special:
            names: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "'": "&apos;"}
            return self.rng.choice((names[char], f"&#x{ord(char):x};"))
        return f"&#{ord(char)};" if self.rng.random() < self.coded * 0.3 and char != " " else char

    def _text(self, text: str, *, plain: bool) -> str:
        if not text.strip():
            return "" if not plain else text
        pieces = [text]
        if not plain and self.rng.random() < self.cut and len(text) > 2:
            at = self.rng.randrange(1, len(text))
            pieces = [text[:at], text[at:]]
        spelled: list[Callable[[str], str]] = [self._escaped, self._escaped, self._cdata]
        between = "" if plain else self.rng.choice(("", "<!-- hier -->", "<?pi ?>"))
        return between.join(self.rng.choice(spelled)(piece) for piece in pieces)

    def _escaped(self, text: str) -> str:
        return "".join(self._char(c, "&<>") if c not in ">\n\t" else ("&gt;" if c == ">" else c) for c in text)

    def _cdata(self, text: str) -> str:
        return f"<![CDATA[{text}]]>" if "]]>" not in text else self._escaped(text)
