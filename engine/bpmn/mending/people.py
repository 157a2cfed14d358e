"""Mends of who does a task, and of what it is called."""

from __future__ import annotations

from collections.abc import Iterator

import forms
from engine.bpmn.mending.drawing import Drawing, Names, Wrong, nearest
from engine.bpmn.mending.mend import Do, Mend, Step, field
from engine.bpmn.namespaces import local


def nobody(wrong: Wrong) -> Iterator[Mend]:
    """Somebody is named: the post that bears the name of the task's lane, else whoever is chosen."""
    id_ = wrong.problem.element
    lane = next((one for one in wrong.drawing.ids("lane") if _holds(wrong.drawing, one, id_)), None)
    for post in nearest(wrong.drawing.title(lane), wrong.known.posts, 1) if lane is not None else ():
        steps = (Step(Do.SET, id_, "Candidates.post", post),)
        yield Mend(
            f"由岗位“{_called(post, wrong.known.posts)}”办理",
            f"The post “{_called(post, wrong.known.posts, 1)}” does it",
            steps,
        )
    yield Mend("选择单位或岗位…", "Choose a unit or post…", (Step(Do.CHOOSE, id_, "Candidates.post"),))


def fallback(wrong: Wrong) -> Iterator[Mend]:
    """A post that does it where nobody fits is chosen."""
    steps = (Step(Do.CHOOSE, wrong.problem.element, "Candidates.fallbackPost"),)
    yield Mend("选择后备岗位…", "Choose a post to fall back on…", steps)


def unit(wrong: Wrong) -> Iterator[Mend]:
    """The unit most like what is written."""
    yield from _nearest(wrong, wrong.known.units, ("unit", "fallbackUnit", "notOf"))


def post(wrong: Wrong) -> Iterator[Mend]:
    """The post most like what is written."""
    yield from _nearest(wrong, wrong.known.posts, ("post", "fallbackPost"))


def unnamed(wrong: Wrong) -> Iterator[Mend]:
    """The title of the task's form as its name, else a name is written."""
    ref = next(
        (one.get("ref", "") for one in wrong.drawing.settings(wrong.problem.element) if local(one) == "form"), ""
    )
    data = wrong.known.files.get(f"{ref}.json")
    if ref and data is not None:
        try:
            title = forms.load(data).title
        except forms.FormProblem:
            title = None
        if title is not None and title.zh:
            steps = (
                Step(Do.ATTRIBUTE, wrong.problem.element, "name", title.zh),
                Step(Do.SET, wrong.problem.element, "Names.en", title.en),
            )
            yield Mend(f"称为“{title.zh}”", f"Call it “{title.en}”", steps)
    yield Mend("填写名称…", "Write a name…", (Step(Do.CHOOSE, wrong.problem.element, "name"),))


def _nearest(wrong: Wrong, known: Names, attributes: tuple[str, ...]) -> Iterator[Mend]:
    places: list[str] = []
    met: dict[str, int] = {}
    for one in wrong.drawing.settings(wrong.problem.element):
        which = met[local(one)] = met.get(local(one), -1) + 1
        places += [field(local(one), name, which) for name in attributes if one.get(name) == wrong.problem.about]
    for key in nearest(wrong.problem.about, known) if places else ():
        steps = tuple(Step(Do.SET, wrong.problem.element, place, key) for place in places)
        yield Mend(f"改为“{_called(key, known)}”", f"Write “{_called(key, known, 1)}”", steps)
    for place in places[:1]:
        yield Mend("另选…", "Choose another…", (Step(Do.CHOOSE, wrong.problem.element, place),))


def _called(key: str, known: Names, which: int = 0) -> str:
    names = known.get(key, ())
    return names[which] if len(names) > which and names[which] else key


def _holds(drawing: Drawing, lane: str, id_: str) -> bool:
    found = drawing.element(lane)
    return found is not None and any((one.text or "").strip() == id_ for one in found if local(one) == "flowNodeRef")
