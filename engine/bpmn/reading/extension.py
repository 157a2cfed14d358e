"""What the `ld` extension says of an element, checked against its descriptor and typed."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lxml import etree

from engine import feel
from engine.bpmn import limits
from engine.bpmn.namespaces import LD, bpmn, is_bpmn, label, line, local, split
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import moddle, timers
from engine.bpmn.reading.expressions import Expressions
from engine.bpmn.reading.supported import TRIGGERS
from engine.bpmn.values import Value
from engine.feel.nodes import Context

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z")
_FACT = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_SHARE = re.compile(r"\d{1,6}(/[1-9]\d{0,5}|\.\d{1,6})?\Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?\Z")


_READ = (
    moddle.FLOW_NODES
    | frozenset(TRIGGERS)
    | {"process", "participant", "lane", "sequenceFlow", "dataObject", "dataObjectReference", "dataInput", "dataOutput"}
    | {"property", "inputDataItem", "outputDataItem", "dataInputAssociation"}
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One element of the namespace whose attributes are good as far as they are kept."""

    element: etree._Element
    owner: str
    values: Mapping[str, Value]

    def literal(self, name: str) -> str | None:
        """The text of an attribute that can be no expression."""
        value = self.values.get(name)
        return value.text if value else None


class Extension:
    """Reads the namespace for one file."""

    def __init__(self, problems: Problems, expressions: Expressions) -> None:
        self.problems = problems
        self.expressions = expressions

    def check_elsewhere(self, root: etree._Element, ignored: Collection[etree._Element] = ()) -> None:
        """Settings where nothing reads them are refused, so that none is without effect and nobody told."""
        stack = [root]
        while stack:
            owner = stack.pop()
            if not is_bpmn(owner) or owner.tag == bpmn("extensionElements") or owner in ignored:
                continue
            stack.extend(reversed(list(owner)))
            if local(owner) in _READ:
                continue
            for name in map(str, owner.attrib):
                if split(name)[0] == LD:
                    self._unknown(owner, f"ld:{split(name)[1]}", owner)
            for element in _elements(owner):
                kind = moddle.types().get(local(element))
                if kind is None or not kind.allowed_in & moddle.names_of(local(owner)):
                    self._misplaced(element, owner)

    def read(self, owner: etree._Element, scope: Iterable[str] = ()) -> dict[str, list[Setting]]:
        """The settings of a BPMN element by tag. What is wrong with them is said and left out."""
        found: dict[str, list[Setting]] = {}
        for name in map(str, owner.attrib):
            if split(name)[0] == LD:
                self._unknown(owner, f"ld:{split(name)[1]}", owner)
        for element in _elements(owner):
            kind = moddle.types().get(local(element))
            if kind is None:
                self._unknown(element, f"ld:{local(element)}", owner)
                continue
            if not kind.allowed_in & moddle.names_of(local(owner)):
                self._misplaced(element, owner)
                continue
            if found.get(kind.tag) and not kind.many:
                self._say(
                    "setting-twice",
                    element,
                    owner,
                    f"ld:{kind.tag} 只能写一次",
                    f"ld:{kind.tag} may be given only once",
                )
                continue
            if len(element):
                self._unknown(element[0], f"ld:{kind.tag}/{local(element[0])}", owner)
            setting = Setting(element, label(owner), self._values(kind, element, owner, tuple(scope)))
            if all(name in setting.values for name, each in kind.properties.items() if _required(each, owner)):
                found.setdefault(kind.tag, []).append(setting)
        return found

    def _values(
        self, kind: moddle.Type, element: etree._Element, owner: etree._Element, scope: tuple[str, ...]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, raw in ((str(key), str(text)) for key, text in element.attrib.items()):
            known = kind.properties.get(name)
            if known is None and (not kind.open or split(name)[0]):
                self._unknown(element, f"ld:{kind.tag}/@{split(name)[1]}", owner)
                continue
            where = f"ld:{kind.tag} {name}"
            names = known.meta.get("names", ()) if known is not None else ()
            value = self.expressions.value(raw, element, (where, where), (*scope, *names), checked=names != "any")
            if value is not None and (known is None or self._fits(known, value, where, element, owner)):
                values[name] = value
                if known is not None and known.meta.get("fact"):
                    self.expressions.written.add(value.text)
                if known is not None and known.meta.get("context") == "written":
                    self.expressions.written.update(_keys(value.text) or ())
        for name, each in kind.properties.items():
            if _required(each, owner) and name not in element.attrib:
                self._bad(element, owner, f"ld:{kind.tag}", f"缺少属性 {name}", f"lacks the attribute {name}")
        if "into" in values:
            self.expressions.written.add(values["into"].text)
        return values

    def _fits(
        self, known: moddle.Property, value: Value, where: str, element: etree._Element, owner: etree._Element
    ) -> bool:
        """Whether a value is what the descriptor says of its property."""
        wrong = _wrong(known, value, local(owner))
        if wrong:
            self._bad(element, owner, where, *wrong)
        return wrong is None

    def _bad(self, element: etree._Element, owner: etree._Element, where: str, zh: str, en: str) -> None:
        self._say("setting", element, owner, f"{where}：{zh}", f"{where}: {en}")

    def _misplaced(self, element: etree._Element, owner: etree._Element) -> None:
        tag, place = clip(local(element), 40), local(owner)
        zh, en = f"ld:{tag} 不能用在 {place} 上", f"ld:{tag} has no meaning on a {place}"
        self._say("setting-misplaced", element, owner, zh, en)

    def _unknown(self, element: etree._Element, what: str, owner: etree._Element) -> None:
        shown = clip(what, 60)
        self._say("setting-unknown", element, owner, f"没有“{shown}”这项设置", f"there is no setting “{shown}”")

    def _say(self, code: str, element: etree._Element, owner: etree._Element, zh: str, en: str) -> None:
        self.problems.add(code, f"{zh}。", f"{en}.", line=line(element), element=label(owner))


def _elements(owner: etree._Element) -> Iterator[etree._Element]:
    for extensions in owner.findall(bpmn("extensionElements")):
        for element in extensions:
            if split(str(element.tag))[0] == LD:
                yield element


def _required(known: moddle.Property, owner: etree._Element) -> bool:
    only = known.meta.get("onlyIn")
    return bool(known.meta.get("required")) and (only is None or bool(moddle.names_of(local(owner)) & set(only)))


Wrong = tuple[str, str] | None


def _wrong(known: moddle.Property, value: Value, owner: str) -> Wrong:
    meta = known.meta
    if value.is_feel:
        return _wrong_context(meta, value.text) if meta.get("feel") else ("不能是表达式", "cannot be an expression")
    if meta.get("literal") == "none":
        return "应以 = 开头的 FEEL 表达式", "must be a FEEL expression after a leading ="
    if "onlyIn" in meta and not moddle.names_of(owner) & set(meta["onlyIn"]):
        return f"不能用在 {owner} 上", f"has no meaning on a {owner}"
    if not value.text:
        return None if meta.get("empty") else ("不能为空", "cannot be empty")
    return _wrong_word(meta, value.text) or _wrong_type(meta.get("literal", known.type), value.text, meta)


def _wrong_context(meta: Mapping[str, Any], text: str) -> Wrong:
    """An expression that must be a context, and is none, or whose keys must be those of facts, and are not."""
    if "context" not in meta:
        return None
    keys = _keys(text)
    if keys is None:
        return (
            "应是一个 FEEL 上下文，例如 ={code: standard_code}",
            "must be a FEEL context such as ={code: standard_code}",
        )
    odd = [key for key in keys if not is_fact_key(key)]
    if odd and meta["context"] != "any":
        shown = clip(odd[0], 40)
        return (
            f"“{shown}”不是数据键（小写字母、数字、下划线）",
            f"“{shown}” is no fact key (small letters, digits, underscores)",
        )
    return None


def _keys(text: str) -> tuple[str, ...] | None:
    """The keys of a context written out, None for anything else."""
    tree = feel.compile(text).tree
    return tuple(entry.key for entry in tree.entries) if isinstance(tree, Context) else None


def _wrong_word(meta: Mapping[str, Any], text: str) -> Wrong:
    """A text that is none of those allowed, or no key."""
    shown = clip(text, 40)
    if meta.get("key") and not _KEY.match(text):
        return f"“{shown}”不是合法的键（字母、数字、_ . -）", f"“{shown}” is no key (letters, digits, _ . -)"
    if meta.get("fact") and not is_fact_key(text):
        return (
            f"“{shown}”不是数据键（小写字母、数字、下划线）",
            f"“{shown}” is no fact key (small letters, digits, underscores)",
        )
    if meta.get("literal") == "Times" and times(text) == 0:
        most = limits.MAX_REPETITIONS
        return f"“{shown}”不是 1 到 {most} 的次数，也不是 always（一直重复）", (
            f"“{shown}” is no number of times from 1 to {most}, nor always"
        )
    if meta.get("literal") == "Share" and share(text) is None:
        return f"“{shown}”不是 0 到 1 的比例（如 2/3）", f"“{shown}” is no share from 0 to 1, such as 2/3"
    words = [text] if "values" in meta else text.split()
    allowed: list[str] = meta.get("values") or meta.get("words") or words
    odd = [word for word in words if word not in allowed]
    if not odd:
        return None
    shown = clip(odd[0], 40)
    return f"“{shown}”应为 {'、'.join(allowed)} 之一", f"“{shown}” must be one of {', '.join(allowed)}"


def _wrong_type(kind: str, text: str, meta: Mapping[str, Any]) -> Wrong:
    if kind == "Boolean" and text not in ("true", "false"):
        return "应为 true 或 false", "must be true or false"
    if kind == "Level" and not re.fullmatch(r"\d", text, re.ASCII):
        return f"“{clip(text, 40)}”不是 0 到 9 的级数", f"“{clip(text, 40)}” is no number of levels from 0 to 9"
    if kind == "Real":
        if not _NUMBER.match(text):
            return f"“{clip(text, 40)}”不是非负数", f"“{clip(text, 40)}” is no number of at least 0"
        least, most = meta.get("minimum", 0), meta.get("maximum", math.inf)
        if not least <= float(text) <= most:
            return f"应在 {least} 到 {most} 之间", f"must lie between {least} and {most}"
    if kind == "DateTime":
        try:
            timers.moment(text)
        except timers.BadTimer as error:
            return error.zh, error.en
    return None


def times(text: str) -> int | None:
    """How often something comes: `3`; `always` is without end (None). 0 for anything else."""
    if text == "always":
        return None
    return int(text) if re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII) and int(text) <= limits.MAX_REPETITIONS else 0


def share(text: str) -> Fraction | None:
    """A part of a whole: `2/3`, `0.5`, `1`; none for anything else."""
    found = Fraction(text) if _SHARE.match(text) else None
    return found if found is not None and found <= 1 else None


def is_fact_key(text: str) -> bool:
    """Whether a text may be the key of a fact."""
    return bool(_FACT.match(text))
