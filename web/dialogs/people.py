"""Questions for people: whom the reader may choose, as a list in which words look."""

from __future__ import annotations

from engine.queries import choosing
from engine.queries.tasks import colleagues
from web.dialogs.asking import Ask, Given, Option, Subject, Words
from web.telling import names
from web.texts import locale, t


def several(
    subject: Subject, given: Given, name: str, zh: str, en: str, *, hint: Words = ("", ""), needed: bool = True
) -> Ask:
    """Any number of people who may be shown the case."""
    return _searched(subject, given, Ask(name, "people", zh, en, needed=needed, hint=hint))


def one(subject: Subject, given: Given, name: str, zh: str, en: str, *, hint: Words = ("", "")) -> Ask:
    """One person who may be shown the case."""
    return _searched(subject, given, Ask(name, "person", zh, en, needed=True, hint=hint))


def of_same_post(subject: Subject, name: str, zh: str, en: str) -> Ask:
    """A colleague who holds the post that the task is offered to."""
    row = subject.task.row if subject.task is not None else {}
    found = colleagues(subject.core, row, subject.actor.id) if row else []
    unit = names().unit(row.get("unit_id"), locale())
    options = tuple(Option(str(each["id"]), each["name"], unit) for each in found)
    return Ask(name, "person", zh, en, needed=True, options=options, hint=_nobody(options))


def _searched(subject: Subject, given: Given, ask: Ask) -> Ask:
    found = choosing.people(
        subject.core,
        subject.actor,
        subject.instance_id,
        text=given.text(f"q_{ask.name}", 100),
        chosen=given.people(ask.name),
    )
    options = tuple(Option(str(each.id), each.name, _where(each)) for each in found)
    return Ask(ask.name, ask.kind, ask.zh, ask.en, ask.needed, ask.hint, options, searched=True)


def _where(one: choosing.Choosable) -> str:
    parts = (names().unit(one.unit_id, locale()), names().post(one.post_key, locale()))
    return " · ".join(part for part in parts if part)


def _nobody(options: tuple[Option, ...]) -> Words:
    return ("", "") if options else ("本单位同岗位没有其他在职人员。", "Nobody else holds this post in this unit.")


def told(people: list[int]) -> str:
    """The names of those chosen, for a sentence."""
    names().learn(people)
    return t("、", ", ").join(each for each in (names().person(who) for who in people) if each)
