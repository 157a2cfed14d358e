"""Mends of what a step says of the fields of its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import forms
from engine.bpmn.mending.drawing import Wrong, nearest
from engine.bpmn.mending.mend import Do, Mend, Step, field
from engine.bpmn.namespaces import local


def unknown(wrong: Wrong) -> Iterator[Mend]:
    """The field most like it; or the form's own rights count."""
    form, name = _form(wrong), wrong.problem.about
    said = _said(wrong)
    titles = {key: (one.title.zh, one.title.en) for key, one in form.properties.items()} if form is not None else {}
    free: Mapping[str, tuple[str, ...]] = {key: names for key, names in titles.items() if key not in said}
    for near in nearest(name, free) if name in said else ():
        zh, en = titles[near]
        step = Step(Do.SET, wrong.problem.element, field("field", "name", said.index(name)), near)
        yield Mend(f"改为“{zh}”（{near}）", f"It is “{en}” ({near})", (step,))
    yield from _dropped(wrong, first=True)


def twice(wrong: Wrong) -> Iterator[Mend]:
    """The later one goes, or the earlier."""
    yield from _dropped(wrong, first=False)


def closed(wrong: Wrong) -> Iterator[Mend]:
    """It is not listed at all, where that can be; or the form's own right counts."""
    form = _form(wrong)
    one = form.properties.get(wrong.problem.about) if form is not None else None
    if one is not None and one.personal and wrong.problem.about in _said(wrong):
        yield Mend("设为不显示", "Hide it", (_right(wrong, "hidden"),))
    yield from _dropped(wrong, first=True)


def unfilled(wrong: Wrong) -> Iterator[Mend]:
    """It is asked for here, or may be filled in here."""
    if wrong.problem.about in _said(wrong):
        yield Mend("在这一步必填", "Ask for it at this step", (_right(wrong, "required"),))
        yield Mend("在这一步可填", "Let it be filled in at this step", (_right(wrong, "edit"),))


def _right(wrong: Wrong, right: str) -> Step:
    which = _said(wrong).index(wrong.problem.about)
    return Step(Do.SET, wrong.problem.element, field("field", "access", which), right)


def _dropped(wrong: Wrong, *, first: bool) -> Iterator[Mend]:
    said = _said(wrong)
    there = [at for at, name in enumerate(said) if name == wrong.problem.about]
    if there:
        step = Step(Do.DROP, wrong.problem.element, "field", str(there[0] if first else there[-1]))
        yield Mend("去掉这项字段权限", "Take this right away", (step,))


def _said(wrong: Wrong) -> list[str]:
    """The fields of which the step says something, in its order."""
    return [one.get("name") or "" for one in wrong.drawing.settings(wrong.problem.element) if local(one) == "field"]


def _form(wrong: Wrong) -> forms.Form | None:
    refs = (one.get("ref") for one in wrong.drawing.settings(wrong.problem.element) if local(one) == "form")
    content = wrong.known.files.get((next(refs, None) or "").removesuffix(".json") + ".json")
    try:
        return forms.load(content) if content is not None else None
    except forms.FormProblem:
        return None
