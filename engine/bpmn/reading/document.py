"""From bytes to a tree of elements: only UTF-8, no DOCTYPE, no entities, no network, and never larger than the limits."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from typing import Any
from xml.parsers import expat

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.namespaces import BPMN, BPMNDI
from engine.bpmn.problems import Problems, clip

_FOREIGN_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(r"""\A<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")


_DRAWING = f"{BPMNDI} BPMNDiagram"


def parse(data: bytes, problems: Problems) -> etree._Element | None:
    """The root element of a BPMN file, or None with the problems said."""
    root = parse_xml(data, problems)
    if root is not None and root.tag != f"{{{BPMN}}}definitions":
        problems.add(
            "not-bpmn",
            f"这不是 BPMN 2.0 文件：根元素是“{clip(root.tag)}”，应为 BPMN 2.0 的 definitions。",
            f"this is not a BPMN 2.0 file: the root is “{clip(root.tag)}”, expected BPMN 2.0 definitions.",
            line=root.sourceline or 1,
        )
        return None
    return root


def parse_xml(
    data: bytes, problems: Problems, *, elements: int = limits.MAX_ELEMENTS, drawings: Collection[str] = (_DRAWING,)
) -> etree._Element | None:
    """The root element of a file, whatever it is, or None with the problems said. `elements`: the most it may have;
    `drawings` are names (namespace, space, local) of elements whose contents are not counted as such."""
    text = _decoded(data, problems)
    if text is None or not _scanned(text, problems, elements, drawings):
        return None
    return _tree(text, problems)


def _decoded(data: bytes, problems: Problems) -> str | None:
    if len(data) > limits.MAX_BYTES:
        problems.add(
            "too-large",
            f"文件有 {len(data)} 字节，最多 {limits.MAX_BYTES} 字节；请拆分文件。",
            f"the file has {len(data)} bytes, the most is {limits.MAX_BYTES}; split it.",
        )
        return None
    if not data.strip():
        problems.add("empty", "文件是空的。", "the file is empty.")
        return None
    if data.startswith(_FOREIGN_MARKS) or b"\0" in data:
        problems.add(
            "encoding",
            "文件不是 UTF-8 编码（含有 UTF-16/UTF-32 标记或空字节）；请另存为 UTF-8。",
            "the file is not UTF-8 (it has a UTF-16/UTF-32 mark or NUL bytes); save it as UTF-8.",
            line=1,
        )
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = data.count(b"\n", 0, error.start) + 1
        problems.add(
            "encoding",
            f"第 {place} 行不是 UTF-8 编码；请另存为 UTF-8。",
            f"line {place} is not UTF-8; save the file as UTF-8.",
            line=place,
        )
        return None
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8"):
        problems.add(
            "encoding",
            f"文件声明的编码是“{clip(declared[1])}”；请另存为 UTF-8。",
            f"the file declares the encoding “{clip(declared[1])}”; save it as UTF-8.",
            line=1,
        )
        return None
    return text


class _Stop(Exception):
    """The scan has seen enough."""


class _Scan:
    """One pass over the file that builds nothing: counts, and stops at the first thing that is not allowed."""

    def __init__(self, problems: Problems, elements: int, drawings: Collection[str]) -> None:
        self.problems = problems
        self.most = elements
        self.drawings = drawings
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.opened
        self.parser.EndElementHandler = self.closed
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.doctype
        self.depth = self.elements = self.drawn = 0
        self.drawing_at = 0

    def refuse(self, code: str, zh: str, en: str) -> None:
        self.problems.add(code, zh, en, line=self.parser.CurrentLineNumber)
        raise _Stop

    def doctype(self, *_: Any) -> None:
        self.refuse(
            "doctype",
            "文件含有 DOCTYPE 声明，可能夹带实体或外部文件；请删去。",
            "the file has a DOCTYPE, which can carry entities or outside files; remove it.",
        )

    def opened(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.drawn += 1
        if not self.drawing_at:
            if name in self.drawings:
                self.drawing_at = self.depth
            else:
                self.elements += 1
        if self.depth > limits.MAX_NESTING:
            self.refuse(
                "too-deep",
                f"元素嵌套超过 {limits.MAX_NESTING} 层。",
                f"elements are nested more than {limits.MAX_NESTING} deep.",
            )
        drawn = max(limits.MAX_ELEMENTS_DRAWN, self.most)
        if self.elements > self.most or self.drawn > drawn:
            self.refuse(
                "too-many-elements",
                f"元素超过 {self.most} 个（连同图形 {drawn} 个）；请拆分文件。",
                f"there are more than {self.most} elements ({drawn} with the drawing); split the file.",
            )
        if len(attributes) > 2 * limits.MAX_ATTRIBUTES:
            self.refuse(
                "too-many-attributes",
                f"一个元素的属性超过 {limits.MAX_ATTRIBUTES} 个。",
                f"one element has more than {limits.MAX_ATTRIBUTES} attributes.",
            )

    def closed(self, _: str) -> None:
        if self.depth == self.drawing_at:
            self.drawing_at = 0
        self.depth -= 1


def _scanned(text: str, problems: Problems, elements: int, drawings: Collection[str]) -> bool:
    scan = _Scan(problems, elements, drawings)
    try:
        scan.parser.Parse(text.encode("utf-8"), True)
    except _Stop:
        return False
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, str(error.code))
        _not_xml(problems, error.lineno, reason)
        return False
    return True


def _not_xml(problems: Problems, line: int, reason: str) -> None:
    problems.add(
        "not-xml",
        f"文件不是正确的 XML：{clip(reason, 200)}。",
        f"the file is not well-formed XML: {clip(reason, 200)}.",
        line=line,
    )


def _tree(text: str, problems: Problems) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        _not_xml(problems, error.lineno or 0, error.msg or "?")
        return None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None or info.externalDTD is not None:
        problems.add("doctype", "文件含有 DOCTYPE 声明；请删去。", "the file has a DOCTYPE; remove it.")
        return None
    return root
