"""Which acts a page offers its reader now. Only what is possible is shown; enforcement asks again when it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine import access, definitions, links
from engine.acts import catalogue, signers, urging
from engine.bpmn.runtime.held import SIGNER
from engine.queries import earlier
from engine.queries.cases import Case
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
            ("transfer", COMMON, works and of_post and may("transfer")),
            ("delegate", COMMON, works and may("delegate")),
            ("add", COMMON, works and adds),
            ("assist", COMMON, works and row["role"] is None and of_joint.may_assist(subject)),
            ("remove_signer", MORE, works and adds and may("remove_signer") and _asked(subject)),
            ("release", MORE, works and claimed and of_post and may("release")),
            ("back", FOOT, works and row["role"] is None and of_paths.may_go_back(subject)),
            ("reject", FOOT, works and may("reject")),
            ("fail", MORE, works and bool(of_tasks.failures(subject))),
            *((act, MORE, act in asks) for act in of_clocks.ACTS),
        ),
    )


def of_case(subject: Subject, case: Case, copies: Iterable[dict[str, Any]] = ()) -> list[Offer]:
    """What may be done with the case as a whole."""
    core, actor = subject.core, subject.actor
    model = definitions.get(core, subject.case["definition_id"]).model
    with core.db.read() as connection:
        own = access.can(lambda: access.check_can_see(connection, actor, subject.instance_id, copies=False))
    running = subject.case["status"] == "active" and bool(case.open_tasks)
    sent_on = any(row["closed_by"] == actor.id and row["state"] == "completed" for row in case.tasks)
    urges = subject.case["starter_id"] == actor.id or sent_on or not actor.powers.isdisjoint(urging.POWERS)
    unread = any(row["person_id"] == actor.id and row["read_at"] is None for row in copies)
    follows = links.may_follow(core, actor, subject.case)
    asks = of_clocks.offered(subject)
    may = {act: catalogue.allowed_on_case(act, model) for act in ("urge", "copy", "circulate")}
    return _offers(
        of_cases.DIALOGS,
        (
            ("read", FIRST, unread),
            ("withdraw", COMMON, running and sent_on and bool(earlier.withdrawable(core, actor, subject.instance_id))),
            ("urge", COMMON, running and urges and may["urge"]),
            ("copy", MORE, own and may["copy"]),
            ("circulate", MORE, own and may["circulate"]),
            ("lasting", MORE, own and subject.case["status"] == "active" and follows),
            ("reopen", MORE, own and subject.case["status"] == "completed" and follows),
            ("join", MORE, own and of_joint.may_join(actor, case)),
            *((act, MORE, own and act in asks) for act in of_clocks.ACTS),
        ),
    )


def _offers(dialogs: Any, found: Iterable[tuple[str, str, bool]]) -> list[Offer]:
    return [Offer(dialogs[act], place, direct=act in DIRECT) for act, place, possible in found if possible]


def _asked(subject: Subject) -> bool:
    return any(one.person is not None for one in signers.asked(subject.core, subject.ref))
