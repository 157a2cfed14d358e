"""Which acts a page offers its reader now. Only what is possible is shown; enforcement asks again when it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine import access, links
from engine.acts import catalogue, urging
from engine.acts.base import allowed_on_case
from engine.bpmn.runtime.held import DETOUR, SIGNER, VOTER
from engine.events import Event
from engine.queries import earlier
from engine.queries.cases import Case
from engine.queries.tasks import colleagues
from web.dialogs import of_cases, of_clocks, of_joint, of_paths, of_signers, of_tasks
from web.dialogs.asking import Dialog, Subject

FIRST, COMMON, FOOT, MORE = "first", "common", "foot", "more"
"""Where it stands: the first thing to do, beside the title, beside the form's button, in the menu of the rest."""

DIRECT = frozenset({"claim", "release", "sign", "recall"})
"""Acts that ask nothing: one click does them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that is possible. `direct`: it asks nothing, so that one click does it."""

    dialog: Dialog
    place: str
    direct: bool = False

    @property
    def act(self) -> str:
        """Its word."""
        return self.dialog.act


def of_task(subject: Subject, *, blocked: bool) -> list[Offer]:
    """What may be done with this task, in the order of the page. `blocked`: a four-eyes rule bars the reader."""
    found = subject.task
    if found is None or not found.is_open:
        return []
    row, process = found.row, subject.case["key"]
    actor = subject.actor

    def may(act: str) -> bool:
        if row["role"] == SIGNER and act not in catalogue.SIGNERS:
            return False
        return catalogue.allowed(act, found.node, found.definition.model)

    theirs = access.is_offered(actor, row, process)
    holds = theirs or access.holds_its_post(actor, row, process)
    delegated = access.is_delegated(row)
    claimed, of_post = row["assignee_id"] is not None, row["post_key"] is not None
    works = theirs and not blocked and not delegated
    adds = bool(of_signers.possible(subject))
    asks = of_clocks.offered(subject) if row["role"] is None else frozenset()
    return _offers(
        of_tasks.DIALOGS,
        (
            ("claim", FIRST if not theirs else COMMON, not claimed and holds and not blocked and may("claim")),
            ("recall", FIRST, access.owns(actor, row, process)),
            ("sign", COMMON, holds and row["signed_at"] is None and may("sign")),
            ("transfer", COMMON, works and may("transfer") and bool(colleagues(subject.core, row, actor.id))),
            ("delegate", COMMON, works and may("delegate")),
            ("add", COMMON, works and adds),
            ("assist", COMMON, works and row["role"] is None and of_joint.may_assist(subject)),
            ("remove_signer", MORE, works and adds and may("remove_signer") and of_signers.may_remove(subject)),
            ("release", MORE, works and claimed and of_post and may("release")),
            ("back", FOOT, works and row["role"] in (None, DETOUR) and of_paths.may_go_back(subject)),
            ("reject", FOOT, works and may("reject")),
            ("fail", MORE, works and bool(of_tasks.failures(subject))),
            *((act, MORE, act in asks) for act in of_clocks.ACTS),
        ),
    )


def of_case(subject: Subject, case: Case, copies: Iterable[dict[str, Any]] = ()) -> list[Offer]:
    """What may be done with the case as a whole."""
    core, actor = subject.core, subject.actor
    with core.db.read() as connection:
        own = access.can(lambda: access.check_can_see(connection, actor, subject.instance_id, copies=False))
    running = subject.case["status"] == "active" and bool(case.open_tasks)
    sent_on = any(row["closed_by"] == actor.id and row["state"] == "completed" for row in case.tasks)
    urges = subject.case["starter_id"] == actor.id or sent_on or not actor.powers.isdisjoint(urging.POWERS)
    unread = any(row["person_id"] == actor.id and row["read_at"] is None for row in copies)
    follows = links.may_follow(core, actor, subject.case)
    asks = of_clocks.offered(subject)
    may = {act: may_on_case(subject, case, act) for act in ("copy", "circulate")}
    may["urge"] = any(urging.may_be_urged(core, row) for row in case.open_tasks)
    return _offers(
        of_cases.DIALOGS,
        (
            ("read", FIRST, unread),
            ("withdraw", COMMON, running and sent_on and bool(earlier.withdrawable(core, actor, subject.instance_id))),
            ("urge", COMMON, running and urges and may["urge"]),
            ("copy", MORE, own and may["copy"]),
            ("circulate", MORE, own and may["circulate"]),
            ("lasting", MORE, own and subject.case["status"] in ("active", "completed") and follows),
            ("reopen", MORE, own and follows and access.can(links.check_can_reopen, core, subject.case)),
            ("remove_signer", MORE, running and _were_added(case) and of_signers.may_remove(subject)),
            ("join", MORE, own and of_joint.may_join(actor, case)),
            *((act, MORE, own and act in asks) for act in of_clocks.ACTS),
        ),
    )


def may_on_case(subject: Subject, case: Case, act: str) -> bool:
    """Whether the diagram lets the reader do this on the case: also what stands on its page without a dialog (comment, attach)."""
    waiting = [row for row in case.tasks if row["state"] in ("open", "suspended")]
    return allowed_on_case(subject.core, subject.actor, subject.case, waiting, act)


def _offers(dialogs: Any, found: Iterable[tuple[str, str, bool]]) -> list[Offer]:
    return [Offer(dialogs[act], place, direct=act in DIRECT) for act, place, possible in found if possible]


def _were_added(case: Case) -> bool:
    """Whether anybody was ever added to a task or a vote of it: cheap, before its state is asked."""
    roles = {row["role"] for row in case.tasks if row["state"] == "open"}
    return not roles.isdisjoint((SIGNER, VOTER)) or any(row["kind"] == Event.SIGNERS_ADDED for row in case.history)
