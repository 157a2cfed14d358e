"""What a message says: texts of the city's table (register `notice_templates`), in the reader's language, of a case they may see.

`{names}` in the table are filled in as text and nothing else of it is read. Nothing that a person wrote goes out: a case's title and what
a diagram tells do, by channels that the city lets tell them (`sending_tells`), and never the number of a telephone or of an identity
card in them. Of a confidential case, and of one that the reader sees no more, a message says that there is something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from engine import access, definitions, registers
from engine.errors import LiandongError, NotFound
from engine.notices import NO_CASE, POWER
from engine.people import Actor, load_actor
from engine.tables import instance, notice, person, task, world
from engine.worlds import DRILL
from escalation import reminding
from escalation.sending.rules import FULL, NOTHING, Rules
from escalation.tables import delivery

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

REGISTER: Final = "notice_templates"
OTHERWISE, CONFIDENTIAL, DIGEST, CODE = "*", "confidential", "digest", "code"
OURS: Final = frozenset({OTHERWISE, CONFIDENTIAL, DIGEST, CODE})
"""Rows of the table that are no kind of notice."""

_USUAL: Row = {
    "subject_zh": "案件有新情况",
    "body_zh": "请登录查看。",
    "subject_en": "News",
    "body_en": "Log in to see it.",
}
_PLACE = re.compile(r"\{(\w+)\}")
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[ -]?\d{4}){2}|\d{17}[\dXx]|0\d{2,3}[ -]?\d{7,8})(?!\d)")
LONGEST_SUBJECT = 120
DRILL_MARKS: Final = {"zh": "【演练】", "en": "[DRILL] "}
"""What a message of a drill begins with: nobody may take it for real."""


def templates(core: Core) -> dict[str, Row]:
    """The city's texts by kind."""
    return {row["kind"]: row for row in registers.rows(core, REGISTER)}


def is_urgent(known: Mapping[str, Row], kind: str, data: Any) -> bool:
    """Does it go out at any hour, alone and at once? By the table; what a diagram tells says so itself too."""
    told = isinstance(data, dict) and data.get("urgent") is True
    return told or bool((known.get(kind) or known.get(OTHERWISE) or {}).get("urgent"))


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text of the table with its places filled; one that nothing is known for is empty."""
    return _PLACE.sub(lambda found: values.get(found.group(1), ""), text)


def plain(text: str) -> str:
    """A text without what a telephone or an identity card is known by."""
    return _PERSONAL.sub("•••", text)


def of_code(core: Core, locale: str, code: str, minutes: int) -> tuple[str, str]:
    """Subject and text of a code that proves a channel."""
    row = templates(core).get(CODE) or {**_USUAL, f"subject_{_side(locale)}": code}
    return _say(row, locale, {"code": code, "minutes": str(minutes)})


class Writer:
    """Writes messages for one person: their language, their sight of each case, the city's texts."""

    def __init__(self, core: Core, connection: Connection, law: Rules, person_id: int, tells: str) -> None:
        self._core, self._connection, self._law, self._tells = core, connection, law, tells
        self._known = templates(core)
        self._actor: Actor | None
        try:
            self._actor = load_actor(connection, person_id)
        except NotFound:
            self._actor = None
        self.locale = self._actor.locale if self._actor is not None else "zh"

    @property
    def gone(self) -> bool:
        """They left, or were switched off."""
        return self._actor is None

    def one(self, row: Row) -> tuple[str, str, str]:
        """Subject, text and link of a notice. `row`: as `details` has it. Of a drill both say first that it is one."""
        subject, text, link = self._one(row)
        if row["world_kind"] != DRILL:
            return subject, text, link
        mark = DRILL_MARKS[_side(self.locale)]
        return f"{mark}{subject}"[:LONGEST_SUBJECT], f"{mark}{text}", link

    def _one(self, row: Row) -> tuple[str, str, str]:
        if self._tells == NOTHING or row["confidential"] or not self._sees(row["instance_id"]):
            subject, text = _say(self._known.get(CONFIDENTIAL) or _USUAL, self.locale, {})
            return subject, text, self._link("/notices")
        values = self._values(row)
        found = self._known.get(row["kind"])
        subject, text = _say(found or self._known.get(OTHERWISE) or _USUAL, self.locale, values)
        if not text:  # a text that may not go by this channel
            text = _say(self._known.get(OTHERWISE) or _USUAL, self.locale, values)[1]
        return subject, text, self._link(_where(row))

    def many(self, rows: Sequence[Row]) -> tuple[str, str, str]:
        """The same for several in one message, in their order."""
        head = self._known.get(DIGEST) or _USUAL
        subject, text = _say(head, self.locale, {"count": str(len(rows))})
        said = [self.one(row) for row in rows]
        lines = [f"{n}. {each[0]}" + (f"\n   {each[2]}" if each[2] else "") for n, each in enumerate(said, 1)]
        return subject, "\n".join([text, "", *lines]), self._link("/notices")

    def _sees(self, instance_id: int) -> bool:
        if instance_id == NO_CASE:
            return self._actor is not None and POWER in self._actor.powers
        return self._actor is not None and access.can(access.check_can_see, self._connection, self._actor, instance_id)

    def _values(self, row: Row) -> dict[str, str]:
        side = _side(self.locale)
        full = self._tells == FULL
        data = row["data"] if isinstance(row["data"], dict) else {}
        title = plain(row["title"] or "") if full else ""
        if row["instance_id"] == NO_CASE:
            process = plain(str(data.get(side) or data.get("zh") or ""))
            return {
                "case": process,
                "process": process,
                "who": row["by_name"] or ("系统" if side == "zh" else "the system"),
            }
        between = ("（", "）") if side == "zh" else (" (", ")")
        case = f"{title}{between[0]}{row['number']}{between[1]}" if title else row["number"]
        step = self._node(row["definition_id"], row["node"]) or ("任务" if side == "zh" else "the task")
        return {
            "case": case,
            "number": row["number"],
            "title": title or row["number"],
            "process": self._process(row["case_definition_id"]),
            "step": step,
            "result": self._node(row["case_definition_id"], row["outcome"]) or ("办结" if side == "zh" else "done"),
            "who": row["by_name"] or ("系统" if side == "zh" else "the system"),
            "clocks": ("、" if side == "zh" else ", ").join(map(plain, self._clocks(row))) or step,
            "text": plain(str(data.get(side) or data.get("zh") or data.get("en") or "")) if full else "",
        }

    def _node(self, definition_id: int | None, node: str | None) -> str:
        if node is None or definition_id is None:
            return ""
        try:
            found = definitions.get(self._core, definition_id).model.nodes.get(node)
        except LiandongError:
            return ""
        return plain(found.names.text(self.locale)) if found is not None else ""

    def _clocks(self, row: Row) -> list[str]:
        try:
            return reminding.clocks_of(self._core, row, self.locale)
        except LiandongError:
            return []

    def _process(self, definition_id: int) -> str:
        try:
            return definitions.get(self._core, definition_id).names.text(self.locale)
        except LiandongError:
            return ""

    def _link(self, path: str) -> str:
        return self._law.site + path if self._law.site else ""


def details(connection: Connection, keys: Sequence[tuple[int, str]]) -> list[Row]:
    """What a message about these deliveries may need, in the order that they happened."""
    found: list[Row] = []
    query = (
        select(
            delivery.c.instance_id, delivery.c.id, delivery.c.seq, delivery.c.at, delivery.c.urgent,
            notice.c.kind, notice.c.data,
            instance.c.number, instance.c.title, instance.c.confidential, world.c.kind.label("world_kind"),
            instance.c.definition_id.label("case_definition_id"), instance.c.outcome,
            task.c.node, task.c.definition_id, person.c.name.label("by_name"),
        )
        .join(notice, (notice.c.instance_id == delivery.c.instance_id) & (notice.c.id == delivery.c.notice_id))
        .outerjoin(instance, instance.c.id == delivery.c.instance_id)
        .join(world, world.c.id == delivery.c.world_id)
        .outerjoin(task, (task.c.instance_id == notice.c.instance_id) & (task.c.id == notice.c.task_id))
        .outerjoin(person, person.c.id == notice.c.by_id)
    )  # fmt: skip
    for instance_id, id_ in keys:
        row = (
            connection.execute(query.where(delivery.c.instance_id == instance_id, delivery.c.id == id_))
            .mappings()
            .first()
        )
        if row is not None:
            found.append(dict(row))
    return sorted(found, key=lambda row: (row["at"], row["instance_id"], row["seq"]))


def _where(row: Row) -> str:
    """The page that a notice is about."""
    if row["instance_id"] != NO_CASE:
        return f"/cases/{row['instance_id']}"
    data = row["data"] or {}
    if "plan" in data:
        return f"/definitions/migrations/{int(data['plan'])}"
    return f"/definitions/proposals/{int(data['proposal'])}" if "proposal" in data else "/notices"


def _side(locale: str) -> str:
    return "en" if locale == "en" else "zh"


def _say(row: Row, locale: str, values: Mapping[str, str]) -> tuple[str, str]:
    side = _side(locale)
    subject = " ".join(fill(row.get(f"subject_{side}") or "", values).split())
    return subject[:LONGEST_SUBJECT], fill(row.get(f"body_{side}") or "", values).strip()
