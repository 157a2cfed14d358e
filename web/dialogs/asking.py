"""What a dialog asks, and what was answered: kept as it was typed when something has to be changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from werkzeug.datastructures import MultiDict

from engine.acts import catalogue
from engine.errors import Invalid
from engine.queries import choosing
from engine.queries.tasks import UserTask
from web.texts import t

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
Words = tuple[str, str]

LARGEST_PERSON: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose. `more` says what it is, or what comes of it."""

    value: str
    label: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `kind`: text, line, date, person (one), people (several), choice, tick. `on`: a tick or choice that holds at first."""

    name: str
    kind: str
    zh: str
    en: str
    needed: bool = False
    hint: Words = ("", "")
    options: tuple[Option, ...] = ()
    on: str = ""
    searched: bool = False
    """The list of people shows some at first; words find others."""
    of_units: bool = False
    """It lists units, not people."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed and chosen."""

    form: MultiDict[str, str] = field(default_factory=MultiDict)

    @property
    def fresh(self) -> bool:
        """Nothing was sent yet."""
        return not self.form

    @property
    def finds(self) -> bool:
        """They only look for people; nothing is done yet."""
        return "find" in self.form

    def text(self, name: str, most: int = 2000) -> str:
        """Free text, without what no database keeps."""
        said = self.form.get(name, "").replace("\x00", "").strip()
        return "".join(c for c in said if not "\ud800" <= c <= "\udfff")[: most + 1]

    def needed_text(self, name: str, zh: str, en: str) -> str:
        """The same where something has to be said. Invalid when nothing is."""
        said = self.text(name)
        if not said:
            raise Invalid(why_zh=f"请填写{zh}", why_en=f"write {en}")
        return said

    def people(self, name: str) -> list[int]:
        """People who were chosen, each once."""
        sent = (one for one in self.form.getlist(name) if one.isascii() and one.isdecimal() and len(one) < 11)
        return list(dict.fromkeys(int(one) for one in sent if int(one) <= LARGEST_PERSON))

    def needed_people(self, name: str) -> list[int]:
        """The same where somebody has to be chosen."""
        chosen = self.people(name)
        if not chosen:
            raise Invalid(why_zh="请选择人员", why_en="choose somebody")
        return chosen

    def choice(self, ask: Ask) -> str:
        """What was chosen of an ask's options; its first state when nothing was."""
        sent = self.form.get(ask.name, ask.on if self.fresh else "")
        return sent if any(one.value == sent for one in ask.options) else ""

    def ticked(self, name: str, *, at_first: bool = False) -> bool:
        """A box that is ticked."""
        return at_first if self.fresh else self.form.get(name) == "yes"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on, by whom: a case, or a task of one."""

    core: Core
    actor: Actor
    case: Row
    task: UserTask | None = None

    @property
    def instance_id(self) -> int:
        """The case."""
        return int(self.case["id"])

    @property
    def ref(self) -> str:
        """The task; NotFound in the engine when there is none."""
        return self.task.ref if self.task is not None else ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """An act: its words, what it asks, what it does, and what is said when it is done. `then`: the page that follows (inbox, task,
    case)."""

    act: str
    zh: str
    en: str
    do: Callable[[Subject, Given, str | None], Any]
    done: Words
    asks: Callable[[Subject, Given], Sequence[Ask]] = lambda _subject, _given: ()
    intro: Words = ("", "")
    then: str = "task"
    bad: bool = False

    @property
    def title(self) -> str:
        """What the act is called."""
        return t(self.zh, self.en)


def clocks(act: str) -> str:
    """What becomes of the clocks, for the reader of a dialog; of an act that the catalogue does not know nothing."""
    known = catalogue.ACTS.get(act)
    return t(f"计时：{known.clocks_zh}。", f"Time: {known.clocks_en}.") if known is not None else ""


def reason(
    zh: str = "原因", en: str = "Why", *, needed: bool = True, name: str = "reason", hint: Words = ("", "")
) -> Ask:
    """The question why."""
    return Ask(name, "text", zh, en, needed=needed, hint=hint)


def chosen(subject: Subject, given: Given, name: str) -> list[int]:
    """People who were chosen from a list in which one looks. Invalid: nobody, or somebody whom the reader may not know of."""
    found = given.needed_people(name)
    choosing.check(subject.core, subject.actor, subject.instance_id, found)
    return found
