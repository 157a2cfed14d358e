"""What is wrong with a file: one sentence in each language, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lxml import etree

from engine.bpmn.namespaces import drawn_of


class Severity(StrEnum):
    """An error keeps the file out; a warning is said and the file is taken."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place.

    `line` counts from 1 (0: the whole file). `element` is the id of the element, or its tag where it has none, or "".
    `code` is a stable key for tests and programs; `zh` and `en` say what is wrong and what to do. `about` is the word at fault, where
    there is one: the name nobody knows.
    """

    file: str
    line: int
    element: str
    code: str
    zh: str
    en: str
    severity: Severity = Severity.ERROR
    about: str = ""

    def text(self, locale: str = "zh") -> str:
        """The sentence in `locale` ("zh" or "en")."""
        return self.zh if locale.startswith("zh") else self.en

    def line_for(self, locale: str = "en") -> str:
        """`file:line: element: sentence`, the line that `./run lint` prints."""
        return f"{self.file}:{self.line}: {self.element or '-'}: {self.text(locale)}"


@dataclass(slots=True)
class Problems:
    """The problems of one file, in the order in which they were found; at most `limit` errors and as many warnings are
    kept, so that no number of warnings hides an error."""

    file: str
    limit: int = 200
    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: str,
        zh: str,
        en: str,
        *,
        line: int = 0,
        element: str = "",
        severity: Severity = Severity.ERROR,
        about: str = "",
    ) -> None:
        """Keep one problem; a repetition of the same code at the same element is dropped."""
        if sum(each.severity is severity for each in self.found) >= self.limit:
            return
        new = Problem(self.file, line, clip(element), code, zh, en, severity, about)
        if new not in self.found:
            self.found.append(new)

    def warn(self, code: str, zh: str, en: str, *, line: int = 0, element: str = "", about: str = "") -> None:
        """Keep one warning."""
        self.add(code, zh, en, line=line, element=element, severity=Severity.WARNING, about=about)

    @property
    def errors(self) -> list[Problem]:
        """Those that keep the file out."""
        return [problem for problem in self.found if problem.severity is Severity.ERROR]

    def in_order(self) -> list[Problem]:
        """By line, errors before warnings on the same line."""
        return sorted(self.found, key=lambda each: (each.line, each.severity is Severity.WARNING))


def clip(value: Any, length: int = 80) -> str:
    """Text from a stranger's file, made fit to stand in a sentence: one line, printable, not long."""
    text = "".join(char if char.isprintable() else " " for char in str(value))
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def called_of(element: etree._Element) -> tuple[str, str]:
    """How a sentence about an element begins in Chinese and English: with the name of what is drawn of it, if it has one."""
    drawn = drawn_of(element)
    name = clip(drawn.get("name") or "", 40) if drawn is not None else ""
    return (f"“{name}”：", f"“{name}”: ") if name else ("", "")
