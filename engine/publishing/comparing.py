"""What differs between two bundles of files of one process: in its diagram, its forms, its decision tables. Pure: bytes in, plain values
out; pages find the words. A file that cannot be read is compared as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.publishing import diagrams, form_fields, rule_tables
from engine.publishing.differing import Change, Element, FormChange, TableChange


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. `moved`: ids of elements that are drawn elsewhere and say the same. `names`: what elements are called in Chinese
    and English, by id, for values that name one; `unnamed`: the others, what each is, and for a flow what it joins; `fields`: the titles
    of the fields of all forms, by name."""

    elements: tuple[Element, ...]
    moved: tuple[str, ...]
    forms: tuple[FormChange, ...]
    tables: tuple[TableChange, ...]
    files: tuple[tuple[str, Change], ...]
    names: Mapping[str, tuple[str, str]]
    unnamed: Mapping[str, tuple[str, str, str]]
    fields: Mapping[str, tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether they are the same in all that counts (a file may still be spelled otherwise: then `files` names it)."""
        return not (self.elements or self.moved or self.forms or self.tables)

    def marked(self, change: Change) -> list[str]:
        """The ids of what was added, changed or removed on the diagram."""
        return [one.id for one in self.elements if one.change == change]


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Difference:
    """What one must do to `before` to have `after`."""
    drawn = diagrams.compare(_diagram(before), _diagram(after))
    return Difference(
        elements=drawn.elements,
        moved=drawn.moved,
        forms=tuple(form_fields.compare(_kind(before, ".json"), _kind(after, ".json"))),
        tables=tuple(rule_tables.compare(_kind(before, ".dmn"), _kind(after, ".dmn"))),
        files=tuple(_files(before, after)),
        names=drawn.names,
        unnamed=drawn.unnamed,
        fields={**form_fields.titles(_kind(before, ".json")), **form_fields.titles(_kind(after, ".json"))},
    )


def _diagram(files: Mapping[str, bytes]) -> bytes:
    return next((content for name, content in sorted(files.items()) if name.endswith(".bpmn")), b"")


def _kind(files: Mapping[str, bytes], ending: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.endswith(ending)}


def _files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[tuple[str, Change]]:
    found = []
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            change = Change.CHANGED
            if name not in before:
                change = Change.ADDED
            elif name not in after:
                change = Change.REMOVED
            found.append((name, change))
    return found
