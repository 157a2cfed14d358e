"""What a drawing says of the fields of its forms, step by step: fields there are not, rights that cannot be, fields that nobody fills."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

import forms
from engine.bpmn.namespaces import LD, bpmn, id_of, is_bpmn, line, local, split
from engine.bpmn.problems import Problem, Problems, Severity, called_of, clip
from engine.bpmn.reading import document

_OPEN, _CLOSED = frozenset({"edit", "required"}), frozenset({"read", "hidden"})


def check(name: str, data: bytes, bundle: Mapping[str, forms.Form], written: Collection[str]) -> list[Problem]:
    """The problems of a BPMN file with the forms beside it, by their names. `written`: the facts that something else than a form writes."""
    problems = Problems(name)
    root = document.parse(data, Problems(name))
    steps = list(_steps(root, bundle)) if root is not None else []
    filled = {*written, *(name for step in steps for name in step.writes)}
    for step in steps:
        if not step.said:
            continue
        _check_names(step, problems)
        if step.form is not None:
            _check_open(step, step.form, problems)
            _check_filled(step, step.form, filled, problems)
    return problems.found


@dataclass(frozen=True, slots=True)
class _Said:
    """The right to a field, and where it is given."""

    name: str
    right: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class _Step:
    """What may have a form, with what it says of its fields. `asks`: it names a form; `form`: None where that is not known; `votes`: the
    fields in which a voter answers."""

    element: etree._Element
    form: forms.Form | None
    asks: bool
    votes: frozenset[str] = frozenset()
    said: Sequence[_Said] = ()

    @property
    def writes(self) -> Iterator[str]:
        """The fields that can be filled in there."""
        said = {one.name: one.right for one in self.said}
        for name, one in self.form.properties.items() if self.form is not None else ():
            if said.get(name, one.access) in _OPEN:
                yield name


def _steps(root: etree._Element, bundle: Mapping[str, forms.Form]) -> Iterator[_Step]:
    for element in root.iter(*map(bpmn, ("userTask", "manualTask", "startEvent"))):
        settings = [one for held in element.findall(bpmn("extensionElements")) for one in held if _is_ours(one)]
        ref = next((one.get("ref") for one in settings if local(one) == "form"), None)
        vote = next((one for one in settings if local(one) == "vote"), None)
        said = [_Said(one.get("name") or "", one.get("access") or "", one) for one in settings if local(one) == "field"]
        voted = {vote.get("field"), vote.get("opinion")} if vote is not None else set()
        yield _Step(
            element,
            bundle.get((ref or "").removesuffix(".json")),
            bool(ref),
            frozenset(str(each) for each in voted if each),
            [each for each in said if each.name],
        )


def _is_ours(one: object) -> bool:
    return isinstance(one, etree._Element) and isinstance(one.tag, str) and split(one.tag)[0] == LD and not is_bpmn(one)


def _check_names(step: _Step, problems: Problems) -> None:
    met: set[str] = set()
    for one in step.said:
        shown = clip(one.name, 40)
        if one.name in met:
            _say(
                "field-twice",
                f"字段“{shown}”的权限只能写一次。",
                f"the right to the field “{shown}” may be given only once.",
                step, one, problems,
            )  # fmt: skip
        elif not step.asks:
            _say(
                "field-unknown",
                f"这一步没有表单，字段“{shown}”的权限无处可用。",
                f"this step has no form, so there is no field “{shown}” to have rights to.",
                step, one, problems,
            )  # fmt: skip
        elif step.form is not None and one.name not in step.form.properties:
            _say(
                "field-unknown",
                f"表单“{clip(step.form.title.zh, 40)}”没有字段“{shown}”。",
                f"the form “{clip(step.form.title.en, 40)}” has no field “{shown}”.",
                step, one, problems,
            )  # fmt: skip
        met.add(one.name)


def _check_open(step: _Step, form: forms.Form, problems: Problems) -> None:
    """What must be filled in here: a vote, and what is personal, of which nothing is kept with the case that could be shown."""
    for said in step.said:
        one = form.properties.get(said.name)
        if one is None or said.right not in _CLOSED:
            continue
        zh, en = clip(one.title.zh, 40), clip(one.title.en, 40)
        if said.name in step.votes:
            _say(
                "field-closed",
                f"“{zh}”是表决时填写的字段，不能设为只读或不显示。",
                f"“{en}” is what voters fill in: it can be neither read-only nor hidden.",
                step, said, problems,
            )  # fmt: skip
        elif one.personal and said.right == "read":
            _say(
                "field-closed",
                f"“{zh}”是个人信息，加密另存，在此无从显示；可以设为不显示。",
                f"“{en}” is personal and kept apart, so it cannot be shown here; it can be hidden.",
                step, said, problems,
            )  # fmt: skip


def _check_filled(step: _Step, form: forms.Form, filled: Collection[str], problems: Problems) -> None:
    """What the form asks for, and here nobody may fill in, though nobody else does either."""
    for said in step.said:
        one = form.properties.get(said.name)
        if one is None or said.right not in _CLOSED or not one.required or one.personal or said.name in filled:
            continue
        _say(
            "field-unfilled",
            f"表单要求填写“{clip(one.title.zh, 40)}”，这一步却不能填，别的环节也都不填，它会一直空着。",
            f"the form asks for “{clip(one.title.en, 40)}”, but it cannot be filled in here, nor at any other step: it stays empty.",
            step, said, problems, Severity.WARNING,
        )  # fmt: skip


def _say(
    code: str, zh: str, en: str, step: _Step, said: _Said, problems: Problems, severity: Severity = Severity.ERROR
) -> None:
    before = called_of(step.element)
    problems.add(
        code,
        before[0] + zh,
        before[1] + en,
        line=line(said.element),
        element=id_of(step.element),
        severity=severity,
        about=said.name,
    )
