"""What is known of who reported, in words: at first only that it is known; the values after they were asked for with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.definitions import Definition
from engine.identities import Known
from engine.unmasking import Reporter
from forms.model import Property
from web.telling_facts import Told, text_of
from web.texts import locale, t

_WORDS = {"reporter_name": ("来件人", "Reporter’s name"), "reporter_phone": ("联系电话", "Reporter’s phone")}
"""Of fields that no form of the case's own version names."""


@dataclass(frozen=True, slots=True)
class KnownReporter:
    """`fields`: labels of what is kept; `deleted`: of what was destroyed. Both empty: nobody gave a name; then `asked`: whether
    any form of the process asks for one."""

    fields: tuple[str, ...]
    deleted: tuple[str, ...]
    asked: bool


@dataclass(frozen=True, slots=True)
class ToldReporter:
    """One reporter, with the values."""

    at: datetime
    told: tuple[Told, ...]
    deleted: tuple[str, ...]


def reporter_known(definition: Definition, known: Iterable[Known]) -> KnownReporter:
    """For a case's page."""
    rows = sorted(known, key=lambda one: _place(definition, one.name))
    kept = dict.fromkeys(_label(definition, one.name) for one in rows if one.deleted_at is None)
    gone = dict.fromkeys(_label(definition, one.name) for one in rows if one.deleted_at is not None)
    return KnownReporter(tuple(kept), tuple(label for label in gone if label not in kept), _asks(definition))


def told(definition: Definition, reporters: Iterable[Reporter]) -> list[ToldReporter]:
    """Who reported, for whom may know."""
    return [
        ToldReporter(
            one.at,
            tuple(
                Told(name, _label(definition, name), _text(definition, name, value))
                for name, value in sorted(one.values.items(), key=lambda each: _place(definition, each[0]))
            ),
            tuple(_label(definition, name) for name in one.deleted),
        )
        for one in reporters
    ]


def _place(definition: Definition, name: str) -> tuple[int, str]:
    """In the order of the form that asks."""
    names = list(definition.start_form.properties) if definition.start_form is not None else []
    return (names.index(name) if name in names else len(names), name)


def _asks(definition: Definition) -> bool:
    first = definition.start_form
    forms = (*([first] if first is not None else ()), *definition.forms.values())
    return any(one.personal for form in forms for one in form.properties.values())


def _property(definition: Definition, name: str) -> Property | None:
    first = definition.start_form
    forms = (*([first] if first is not None else ()), *definition.forms.values())
    return next((form.properties[name] for form in forms if name in form.properties), None)


def _label(definition: Definition, name: str) -> str:
    one = _property(definition, name)
    if one is not None:
        return one.title.of(locale())
    return t(*_WORDS[name]) if name in _WORDS else name


def _text(definition: Definition, name: str, value: object) -> str:
    one = _property(definition, name)
    return text_of(one, value) if one is not None else str(value)
