"""Small values of a diagram: names in two languages, and what is a literal or an expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """A name in both languages. `zh` is the BPMN `name`, `en` comes from `<ld:names en="…"/>`; either may be ""."""

    zh: str = ""
    en: str = ""

    def text(self, locale: str = "zh") -> str:
        """The name in `locale`, else in the other language, else ""."""
        return (self.zh or self.en) if locale.startswith("zh") else (self.en or self.zh)


NAMELESS = Names()
"""No name at all."""


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute that is a literal, or a FEEL expression over the facts (written with a leading `=`, kept without)."""

    text: str
    is_feel: bool = False

    @property
    def literal(self) -> str | None:
        """The text when it is a literal, None when it must be evaluated."""
        return None if self.is_feel else self.text
