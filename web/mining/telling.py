"""What an exported event is called, and who stands in it: steps by their names, people by pseudonyms, never by names.

A pseudonym is the same for the same account in every export of an installation, and follows from its key: without it nobody finds
whose it is. The setting `mining_people` (`pseudonyms` or `units`) says whether there are any; where not, units stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from engine import definitions, settings, vault
from engine.events import Event
from engine.queries.names import Directory, directory

if TYPE_CHECKING:
    from engine.core import Core
    from engine.queries.mining import Case

Row = dict[str, Any]

DEFAULTS: Final = {"mining_people": "pseudonyms"}
PSEUDONYMS: Final = "pseudonyms"

COMPLETE, UNKNOWN = "complete", "unknown"

OF_A_STEP: Final[dict[str, str]] = {
    Event.STARTED: COMPLETE,
    Event.COMPLETED: COMPLETE,
    Event.TIMER_FIRED: COMPLETE,
    Event.ACTION_DONE: COMPLETE,
    Event.MESSAGE: COMPLETE,
    Event.SIGNAL: COMPLETE,
    Event.CLAIMED: "assign",
    Event.RELEASED: "reassign",
    Event.TRANSFERRED: "reassign",
    Event.DELEGATED: "reassign",
    Event.RESOLVED: "reassign",
    Event.RECALLED: "reassign",
    Event.RETURNED: "withdraw",
    Event.WITHDRAWN: "withdraw",
    Event.ERROR: "ate_abort",
}
"""Kinds of history rows that move a step, with the transition of XES's standard lifecycle model (IEEE 1849-2016, 7.2)."""

OF_THE_CASE: Final[dict[str, str]] = {
    Event.REJECTED: "pi_abort",
    Event.CANCELLED: "pi_abort",
    Event.SUSPENDED: "suspend",
    Event.RESUMED: "resume",
}
"""The same of those that move the whole case; all others move nothing there: `unknown`."""

_WORDS: Final[dict[str, tuple[str, str]]] = {
    Event.STARTED: ("启动", "started"),
    Event.REJECTED: ("否决", "rejected"),
    Event.CANCELLED: ("终止", "cancelled"),
    Event.SUSPENDED: ("挂起", "suspended"),
    Event.RESUMED: ("恢复", "resumed"),
    Event.SIGNED: ("签收", "signed for"),
    Event.SIGNERS_ADDED: ("加签", "signers added"),
    Event.SIGNER_REMOVED: ("减签", "signer removed"),
    Event.ASSIST_ASKED: ("请求协办", "assistance asked"),
    Event.URGED: ("催办", "urged"),
    Event.COPIED: ("抄送", "copied"),
    Event.READ: ("已阅", "read"),
    Event.COMMENTED: ("留言", "commented"),
    Event.ATTACHED: ("上传附件", "attached"),
    Event.SENT: ("发出消息", "sent"),
    Event.MISSED: ("消息未接收", "missed"),
    Event.PROPOSED: ("运维申请", "operation proposed"),
    Event.REVIEWED: ("运维审核", "operation reviewed"),
    Event.TOKEN_MOVED: ("人工移动", "token moved"),
    Event.VARIABLE_SET: ("修改数据", "variable set"),
    Event.FAILED: ("异常", "failed"),
    Event.RETRIED: ("重试", "retried"),
    Event.BREACHED: ("超时", "breached"),
    Event.REMINDED: ("临期提醒", "reminded"),
    Event.CLOCK_PAUSED: ("时限中止", "clock paused"),
    Event.CLOCK_RESUMED: ("时限恢复", "clock resumed"),
    Event.CLOCK_EXTENDED: ("延期", "clock extended"),
    Event.CLOCK_ASKED: ("申请延期或挂账", "more time asked"),
    Event.CLOCK_REFUSED: ("延期未获准", "more time refused"),
    Event.CLOCK_MOVED: ("时限随日历调整", "clock moved with the calendar"),
    Event.CLOCK_BUDGET: ("时限变更", "limit changed"),
    Event.RUNG: ("督办", "supervised"),
    Event.TIMERS_MOVED: ("定时随日历调整", "timers moved with the calendar"),
    Event.STALLED: ("停滞", "stalled"),
    Event.JOINED: ("并入", "joined"),
    Event.LINKED: ("关联", "linked"),
    Event.MOVED: ("机构调整", "organisation changed"),
    Event.MIGRATED: ("改按另一版流程", "went on by another version"),
    Event.WROTE: ("与上报人联系", "wrote to the reporter"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event as both formats say it. `unit` is a key, `person` a pseudonym; none: the system, or not told."""

    id: str
    at: datetime
    name: str
    transition: str
    kind: str
    node: str | None
    unit: str | None
    post: str | None
    person: str | None


class Teller:
    """Turns rows into events, in one language."""

    def __init__(self, core: Core, locale: str) -> None:
        self.core = core
        self.locale = locale
        self.names: Directory = directory(core)
        self._keys = {id: key for key, id in self.names.unit_keys.items()}
        self._people: dict[int, str] = {}
        with core.db.read() as connection:
            self.with_people = settings.read(connection, DEFAULTS)["mining_people"] == PSEUDONYMS

    def word(self, zh: str, en: str) -> str:
        """The text in the export's language."""
        return zh if self.locale == "zh" else en

    def process(self, row: Row) -> str:
        """The name of a case's process, of its version."""
        return definitions.get(self.core, row["definition_id"]).names.text(self.locale)

    def unit(self, unit_id: int | None) -> str | None:
        """A unit's key."""
        return self._keys.get(unit_id) if unit_id is not None else None

    def person(self, person_id: int | None) -> str | None:
        """What stands for an account."""
        if person_id is None or not self.with_people:
            return None
        if person_id not in self._people:
            self._people[person_id] = pseudonym(person_id)
        return self._people[person_id]

    def happened(self, case: Case) -> list[Told]:
        """The history rows of a case, in their order."""
        return [self._happened(case, row) for row in case.history]

    def opened(self, case: Case) -> list[Told]:
        """That each task of it was there to be done, in the order of tasks."""
        return [
            Told(
                f"{case.row['id']}.task.{row['id']}",
                row["opened_at"],
                self._step(case, row["node"], row["definition_id"]),
                "schedule",
                "opened",
                row["node"],
                self.unit(row["unit_id"]),
                row["post_key"],
                None,
            )
            for row in case.tasks.values()
        ]

    def _happened(self, case: Case, row: Row) -> Told:
        kind = row["kind"]
        moves = OF_A_STEP.get(kind)
        task = case.tasks.get(row["task_id"])
        if moves is not None and row["node"]:
            name = self._step(case, row["node"], task["definition_id"] if task else case.row["definition_id"])
        else:
            name = self.word(*_WORDS[kind]) if kind in _WORDS else str(kind).replace("_", " ")
        return Told(
            f"{case.row['id']}.{row['seq']}",
            row["at"],
            name,
            moves or OF_THE_CASE.get(kind, UNKNOWN),
            kind,
            row["node"],
            self.unit(row["unit_id"]),
            row["post_key"],
            self.person(row["actor_id"]),
        )

    def _step(self, case: Case, node: str, definition_id: int) -> str:
        for known in (definition_id, case.row["definition_id"]):
            found = definitions.get(self.core, known).model.nodes.get(node)
            if found is not None:
                return found.names.text(self.locale) or node
        return node


def pseudonym(person_id: int) -> str:
    """The same for an account as long as the installation keeps its oldest key."""
    return "P-" + vault.derive("mining", f"person:{person_id}")[-1].hex()[:16]


def instant(at: datetime) -> str:
    """ISO 8601 in UTC, as both formats want it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
