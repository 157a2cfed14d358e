"""A changed document as text: what did not change keeps its own lines, so that a difference shows what somebody meant to change."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

_WIDTH = 120
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class _Node:
    """A value of the old text, and where it stands there."""

    value: Any
    start: int
    end: int
    members: dict[str, _Node] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)


def written(document: dict[str, Any], before: bytes | None = None) -> bytes:
    """The bytes of a document. `before`: the file it was read from, whose text is kept wherever its values are; the same document gives
    the same bytes."""
    if before is None:
        return (_Writer("", expanded=False).render(document, None, 0, 0) + "\n").encode()
    text = before.decode("utf-8-sig")
    node = _scan(text, _blank(text, 0))
    if _same(document, node.value):
        return before
    expanded = text.strip() == json.dumps(node.value, ensure_ascii=False, indent=2)
    return (_Writer(text, expanded=expanded).render(document, node, 0, 0) + "\n").encode()


def _same(one: object, other: object) -> bool:
    # As texts: the order of keys counts, and 1 is neither 1.0 nor true.
    return json.dumps(one, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


class _Writer:
    def __init__(self, text: str, *, expanded: bool) -> None:
        self.text = text
        self.expanded = expanded

    def render(self, value: Any, node: _Node | None, indent: int, used: int) -> str:
        """`value` as text. `node`: what stood there. `indent`: of the line it begins on, of which `used` characters are taken."""
        if node is not None and _same(value, node.value):
            return self.text[node.start : node.end]
        line = json.dumps(value, ensure_ascii=False)
        if not isinstance(value, dict | list) or not value:
            return line
        lines = node is not None and "\n" in self.text[node.start : node.end]
        if indent and not lines and not self.expanded and used + len(line) < _WIDTH:
            return line
        deeper = indent + 2
        parts = []
        if isinstance(value, dict):
            for key, one in value.items():
                head = json.dumps(key, ensure_ascii=False) + ": "
                parts.append(
                    head + self.render(one, node.members.get(key) if node else None, deeper, deeper + len(head))
                )
        else:
            parts = [self.render(one, _alike(one, at, node), deeper, deeper) for at, one in enumerate(value)]
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        inside = ",\n".join(" " * deeper + part for part in parts)
        return f"{opening}\n{inside}\n{' ' * indent}{closing}"


def _alike(value: Any, at: int, node: _Node | None) -> _Node | None:
    items = node.items if node is not None else []
    equal = next((one for one in items if _same(one.value, value)), None)
    return equal or (items[at] if at < len(items) else None)


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _scan(text: str, at: int) -> _Node:
    """The value that begins at `at`, of a text that is known to be JSON."""
    if text[at] == "{":
        found = _Node({}, at, at)
        at = _blank(text, at + 1)
        while text[at] != "}":
            key, at = _DECODER.raw_decode(text, at)
            one = _scan(text, _blank(text, _blank(text, at) + 1))
            found.members[key], found.value[key] = one, one.value
            at = _blank(text, one.end)
            at = _blank(text, at + 1) if text[at] == "," else at
        found.end = at + 1
        return found
    if text[at] == "[":
        found = _Node([], at, at)
        at = _blank(text, at + 1)
        while text[at] != "]":
            one = _scan(text, at)
            found.items.append(one)
            found.value.append(one.value)
            at = _blank(text, one.end)
            at = _blank(text, at + 1) if text[at] == "," else at
        found.end = at + 1
        return found
    value, end = _DECODER.raw_decode(text, at)
    return _Node(value, at, end)
