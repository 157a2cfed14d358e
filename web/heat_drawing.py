"""A diagram with its numbers as one SVG file, drawn here: for pages without a script, for print and for keeping. Text goes in as text,
whatever it holds; nothing of a file is copied as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from lxml import etree

from engine.bpmn.limits import MAX_ELEMENTS
from engine.bpmn.model import Kind, ProcessModel
from engine.bpmn.namespaces import BPMNDI, DC, DI
from engine.bpmn.problems import Problems
from engine.bpmn.reading.document import parse
from web.plain import plain
from web.texts import locale

SVG = "http://www.w3.org/2000/svg"
FILLS = ("#ffffff", "#fdf1dc", "#f9d9a6", "#f2b266", "#e58a2e")
"""No heat, then level 1 to 4; dark text is readable on each, and each badge says its number."""
INK, LINE, BADGE = "#1c2733", "#5f6b79", "#173b6b"
FONT = "Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
AIR = 30

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(slots=True)
class Drawn:
    """Where things stand in the first drawing of a file."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)


def places(diagram: bytes) -> Drawn:
    """Boxes and lines of a BPMN file's first plane, by the element they draw."""
    root = parse(plain(diagram), Problems("diagram"))
    found = Drawn()
    plane = root.find(f".//{{{BPMNDI}}}BPMNPlane") if root is not None else None
    if plane is None:
        return found
    for shape in plane.iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None:
            x, y, width, height = (_number(bounds.get(name)) for name in ("x", "y", "width", "height"))
            found.boxes[shape.get("bpmnElement") or ""] = (x, y, width, height)
    for edge in plane.iter(f"{{{BPMNDI}}}BPMNEdge"):
        points = [(_number(p.get("x")), _number(p.get("y"))) for p in edge.iter(f"{{{DI}}}waypoint")]
        if len(points) > 1:
            found.lines[edge.get("bpmnElement") or ""] = points[:MAX_ELEMENTS]
    return found


def draw(model: ProcessModel, drawn: Drawn, shown: Mapping[str, tuple[str, int]], title: str) -> bytes:
    """The picture. `shown`: text (empty: none) and level of each element that has a number, by id."""
    xs = [x for x, _, _, _ in drawn.boxes.values()] + [x for line in drawn.lines.values() for x, _ in line]
    ys = [y for _, y, _, _ in drawn.boxes.values()] + [y for line in drawn.lines.values() for _, y in line]
    right = [x + w for x, _, w, _ in drawn.boxes.values()] + xs
    below = [y + h for _, y, _, h in drawn.boxes.values()] + ys
    left, top = min(xs, default=0) - AIR, min(ys, default=0) - AIR
    width, height = max(right, default=0) + AIR - left, max(below, default=0) + AIR - top
    root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    _set(root, viewBox=f"{left:g} {top:g} {width:g} {height:g}", width=width, height=height, role="img")
    root.set("aria-labelledby", "title")
    _add(root, "title", text=title, id="title")
    _arrow(root)
    for lane in model.lanes:
        if lane.id in drawn.boxes:
            x, y, w, h = drawn.boxes[lane.id]
            _add(root, "rect", x=x, y=y, width=w, height=h, fill="none", stroke="#d5dbe2")
            _words(root, lane.names.text(locale()), x + w / 2, y + 14, 160, color=LINE)
    for flow in model.flows.values():
        _flow(root, drawn.lines.get(flow.id), flow.names.text(locale()), shown.get(flow.id))
    # what holds others is drawn before them
    for node in sorted(model.nodes.values(), key=lambda one: not one.kind.is_scope):
        if node.id in drawn.boxes:
            level = shown.get(node.id, ("", 0))[1]
            _node(root, node.kind, drawn.boxes[node.id], node.names.text(locale()), FILLS[level])
    for element, (text, _) in shown.items():
        if element in drawn.boxes:
            x, y, w, _ = drawn.boxes[element]
            _badge(root, text, x + w, y)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# ---------------------------------------------------------------- inside


def _number(raw: str | None) -> float:
    try:
        value = float(raw or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1_000_000 else 0.0


def _set(element: etree._Element, **values: Any) -> None:
    for name, value in values.items():
        element.set(name.replace("_", "-"), f"{value:g}" if isinstance(value, float) else str(value))


def _add(parent: etree._Element, tag: str, text: Any = "", **values: Any) -> etree._Element:
    made = etree.SubElement(parent, f"{{{SVG}}}{tag}")
    _set(made, **values)
    if text:
        made.text = str(text)
    return made


def _arrow(root: etree._Element) -> None:
    marker = _add(root, "marker", id="tip", viewBox="0 0 10 10", refX=9, refY=5, markerWidth=9, markerHeight=9)
    marker.set("markerUnits", "userSpaceOnUse")
    marker.set("orient", "auto-start-reverse")
    _add(marker, "path", d="M0 0L10 5L0 10z", fill=LINE)


def _flow(root: etree._Element, line: list[Point] | None, name: str, shown: tuple[str, int] | None) -> None:
    if line is None:
        return
    points = " ".join(f"{x:g},{y:g}" for x, y in line)
    width = 1.2 + (shown[1] if shown is not None else 0)
    _add(root, "polyline", points=points, fill="none", stroke=LINE, stroke_width=width, marker_end="url(#tip)")
    x, y = middle(line)
    if name:
        _words(root, name, x, y - 14, 110, color=LINE)
    if shown is not None and shown[0]:
        _badge(root, shown[0], x, y, flow=True)


def middle(line: list[Point]) -> Point:
    """The point half-way along a line."""
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairwise(line)]
    left = sum(lengths) / 2
    for (a, b), length in zip(pairwise(line), lengths, strict=True):
        if length and left <= length:
            share = left / length
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= length
    return line[-1]


def _node(root: etree._Element, kind: Kind, box: Box, name: str, fill: str) -> None:
    x, y, w, h = box
    look: dict[str, Any] = {"fill": fill, "stroke": INK, "stroke_width": 1.4}
    if kind.is_event:
        if kind is Kind.END:
            look["stroke_width"] = 3.0
        _add(root, "circle", cx=x + w / 2, cy=y + h / 2, r=w / 2, **look)
        if kind in (Kind.CATCH, Kind.THROW, Kind.BOUNDARY):
            _add(root, "circle", cx=x + w / 2, cy=y + h / 2, r=max(1.0, w / 2 - 3), fill="none", stroke=INK)
        _words(root, name, x + w / 2, y + h + 14, 100)
    elif kind.is_gateway:
        corners = ((x + w / 2, y), (x + w, y + h / 2), (x + w / 2, y + h), (x, y + h / 2))
        _add(root, "polygon", points=" ".join(f"{a:g},{b:g}" for a, b in corners), **look)
        sign = {Kind.PARALLEL: "+", Kind.INCLUSIVE: "○", Kind.COMPLEX: "＊", Kind.EVENT_BASED: "◇"}.get(kind, "×")
        _words(root, sign, x + w / 2, y + h / 2 + 6, 40, size=18)
        _words(root, name, x + w / 2, y + h + 14, 100)
    elif kind.is_scope:
        _add(root, "rect", x=x, y=y, width=w, height=h, rx=10, **look)
        _words(root, name, x + w / 2, y + 18, w - 12)
    else:
        _add(root, "rect", x=x, y=y, width=w, height=h, rx=10, **look)
        if kind is Kind.CALL:
            _add(root, "rect", x=x + 3, y=y + 3, width=w - 6, height=h - 6, rx=8, fill="none", stroke=INK)
        _words(root, name, x + w / 2, y + h / 2 + 4, w - 12, centred=True)


def _words(
    root: etree._Element,
    text: str,
    x: float,
    y: float,
    width: float,
    *,
    size: float = 12,
    color: str = INK,
    centred: bool = False,
) -> None:
    lines = _folded(text, max(2.0, width / size))
    y -= (len(lines) - 1) * size * 0.62 if centred else 0
    holder = _add(root, "text", x=x, y=y, fill=color, font_size=size, font_family=FONT, text_anchor="middle")
    for number, one in enumerate(lines):
        _add(holder, "tspan", text=one, x=x, dy=0 if number == 0 else round(size * 1.25, 1))


def _folded(text: str, width: float) -> list[str]:
    """A text in at most three lines of so many Chinese signs; a Latin one takes half of the room."""
    lines, room = [""], width
    for part in _parts("".join(c for c in text if c.isprintable())):
        need = sum(0.56 if sign.isascii() else 1.0 for sign in part)
        if need > room and lines[-1]:
            lines.append("")
            room = width
        lines[-1] += part if lines[-1] else part.lstrip()
        room -= need
    return [*lines[:2], lines[2][:-1] + "…"] if len(lines) > 3 else lines


def _parts(text: str) -> list[str]:
    """Words of Latin letters with the blank before them; every other sign alone."""
    found: list[str] = []
    for sign in text:
        if found and sign.isascii() and sign != " " and found[-1][-1].isascii():
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _badge(root: etree._Element, text: str, x: float, y: float, *, flow: bool = False) -> None:
    width = 12 + sum(7.0 if sign.isascii() else 12.0 for sign in text)
    fill, ink = ("#ffffff", BADGE) if flow else (BADGE, "#ffffff")
    _add(root, "rect", x=x - width / 2, y=y - 10, width=width, height=20, rx=10, fill=fill, stroke=BADGE)
    _add(root, "text", text=text, x=x, y=y + 4.5, fill=ink, font_size=12, font_family=FONT, text_anchor="middle")
