"""A mend: what a button says in both languages, and the steps behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Do(StrEnum):
    """What a step does with the element it names. A change of a diagram is one of the editor's own commands, so it can be undone.

    `property` and `value` by kind: SET an attribute of an `ld` element (`Candidates.post`; of the second of several `Copy#1.unit`; "" takes
    it away); DROP an `ld` element (`form`; value "rest": all but the first; "2": the third alone); ATTRIBUTE of the element itself
    (`default`; "" takes it away); CONDITION of a flow ("" takes it away); REWRITE the text of an expression or a time (`property` is the
    whole text that stands there); REMOVE the element; END: an end event after it; BECOME another element (`exclusiveGateway`); CHOOSE: the
    panel opens at a field, nothing changes; DECLARE a fact (`property` its key, `value` its schema as JSON) in the facts of the process."""

    SET = "set"
    DROP = "drop"
    ATTRIBUTE = "attribute"
    CONDITION = "condition"
    REWRITE = "rewrite"
    REMOVE = "remove"
    END = "end"
    BECOME = "become"
    CHOOSE = "choose"
    DECLARE = "declare"


@dataclass(frozen=True, slots=True)
class Step:
    """One change, or one field to open. `element`: its id, "process" for the process itself."""

    kind: Do
    element: str
    property: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """What is proposed: the words of its button, and its steps, done and undone as one."""

    zh: str
    en: str
    steps: tuple[Step, ...]

    def text(self, locale: str) -> str:
        """The words in `locale`."""
        return self.zh if locale.startswith("zh") else self.en


def field(tag: str, attribute: str, which: int = 0) -> str:
    """The `property` of a SET or CHOOSE step: an attribute of the `which`th (from 0) `ld` element of a tag."""
    return f"{tag[:1].upper()}{tag[1:]}{f'#{which}' if which else ''}.{attribute}"
