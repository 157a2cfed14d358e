"""What people do to a case, each act tried on a task or person picked at random; and how often. An act answers None when it was done,
False when there was nothing to do it to."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.acts import delegating, rejecting, returning, signers, withdrawing
from engine.operating import suspending
from engine.queries import earlier
from engine.tables import history, task
from tests.factories import OPERATOR
from tests.properties.acts.trees import terms

if TYPE_CHECKING:
    from tests.properties.acts.office import Case

Row = dict[str, Any]

PEOPLE = tuple(f"worker{n}" for n in range(1, 7))

Done = bool | None
Do = Callable[["Case", random.Random, list[Row]], Done]


def complete(case: Case, rng: random.Random, tasks: list[Row], *, surely: bool = False) -> Done:
    """Do a task."""
    if not tasks:
        return False
    row = rng.choice(tasks)
    who = case.who(rng, row)
    case.said = f"task {row['id']} {row['node']} by {who}"
    if surely:
        who = case.office.logins.get(row["assignee_id"]) or rng.choice(PEOPLE)
    answers = {"agree": rng.choice(("yes", "no")), "opinion": "x"} if row["role"] == "signer" else {}
    if row["node"].startswith("MULTI") and row["role"] is None and terms(row["node"]) and rng.random() < 0.9:
        answers = {"agree": rng.choice(("yes", "yes", "no", "abstain"))}
    if row["owner_id"] is not None:
        case.twice(
            rng, lambda key: delegating.resolve(case.office.node(rng).core, case.ref(row), answers, who, key=key)
        )
        return None
    city = case.office.node(rng)
    case.twice(rng, lambda key: city.complete(case.ref(row), answers, who, key))
    return None


def simple(name: str) -> Do:
    """Claim or release."""

    def do(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
        if not tasks:
            return False
        row = rng.choice(tasks)
        getattr(case.office.node(rng), name)(case.ref(row), case.who(rng, row))
        return None

    return do


def transfer(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Hand on."""
    if not tasks:
        return False
    row = rng.choice(tasks)
    case.office.node(rng).transfer(case.ref(row), rng.choice(PEOPLE), case.who(rng, row), "请接办")
    return None


def delegate(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Ask somebody else to do it, or take that back."""
    if not tasks:
        return False
    row, core = rng.choice(tasks), case.office.node(rng).core
    if row["owner_id"] is not None:
        delegating.recall(core, case.ref(row), case.office.logins[row["owner_id"]])
    else:
        delegating.delegate(
            core, case.ref(row), case.office.ids[rng.choice(PEOPLE)], case.who(rng, row), reason="请代办"
        )
    return None


def back(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Send back somewhere."""
    if not tasks:
        return False
    row, city = rng.choice(tasks), case.office.node(rng)
    who = case.who(rng, row)
    offered = earlier.targets(city.core, city.actor(who), case.ref(row))
    if not offered and rng.random() < 0.8:
        return False
    case.said = f"by {who}, task {row['id']}"
    to = rng.choice([None, *(t.node for t in offered)]) if rng.random() < 0.95 else rng.choice(list(case.tree.paths))
    again = rng.random() < 0.6
    case.said += f" to {to}, again={again}"
    case.twice(
        rng, lambda key: returning.back(city.core, case.ref(row), who, to=to, again=again, reason="请补充", key=key)
    )
    return None


def withdraw(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Take back what one sent on."""
    city, who = case.office.node(rng), rng.choice(PEOPLE)
    last = [h["actor_id"] for h in case.office.rows(history, case.id) if h["kind"] == "completed"]
    if last and rng.random() < 0.9:
        who = case.office.logins[last[-1]]
    found = earlier.withdrawable(city.core, city.actor(who), case.id)
    if found:
        ref = rng.choice(found)
    else:
        done = [t for t in case.office.rows(task, case.id) if t["state"] == "completed"]
        if not done or rng.random() < 0.7:
            return False
        ref = case.ref(rng.choice(done))
    case.said = f"{ref} by {who}"
    case.twice(rng, lambda key: withdrawing.withdraw(city.core, ref, who, reason="填错了", key=key))
    return None


def add(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Add signers."""
    if not tasks:
        return False
    row, core = rng.choice(tasks), case.office.node(rng).core
    people = [case.office.ids[p] for p in rng.sample(PEOPLE, rng.choice((1, 2)))]
    how, in_order = rng.choice(("before", "beside", "after")), rng.random() < 0.3
    who = case.who(rng, row)
    case.said = f"task {row['id']} {how} by {who}: {people}, in order {in_order}"
    case.twice(
        rng,
        lambda key: signers.add(
            core, case.ref(row), who, people=people, how=how, in_order=in_order, reason="请会签", key=key
        ),
    )
    return None


def remove(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Remove a signer."""
    added = [t for t in tasks if t["role"] == "signer"] or [t for t in tasks if rng.random() < 0.1]
    if not added:
        return False
    row = rng.choice(added)
    signers.remove(case.office.node(rng).core, case.ref(row), rng.choice(PEOPLE), reason="不必了")
    return None


def reject(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """End it by saying no."""
    if not tasks:
        return False
    row = rng.choice(tasks)
    rejecting.reject(case.office.node(rng).core, case.ref(row), case.who(rng, row), reason="不同意")
    return None


def cancel(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """End it from outside."""
    if rng.random() < 0.7:
        return False
    case.office.node(rng).cancel(case.id, OPERATOR, "演练")
    return None


def suspend(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Make it stand still."""
    who = OPERATOR if rng.random() < 0.9 else rng.choice(PEOPLE)
    suspending.suspend(case.office.node(rng).core, case.id, who, "核对数据")
    case.suspended_at = case.office.clock.now()
    return None


def resume(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Let it go on: its timers wait as long as they had left."""
    if case.status != "suspended" and rng.random() < 0.9:
        return False
    suspending.resume(case.office.node(rng).core, case.id, OPERATOR, "核对完毕")
    assert case.suspended_at is not None
    stood = case.office.clock.now() - case.suspended_at
    case.due = {id_: due + stood for id_, due in case.due.items()}
    return None


def let_time_pass(case: Case, rng: random.Random, tasks: list[Row]) -> Done:
    """Timers fire on some node, or nobody looks."""
    case.office.clock.advance(timedelta(minutes=rng.choice((1, 10, 30, 61))))
    if rng.random() < 0.8:
        case.office.node(rng).run_due()
    return None


ACTS: dict[str, tuple[int, Do]] = {
    "complete": (40, complete),
    "claim": (6, simple("claim")),
    "release": (3, simple("release")),
    "transfer": (4, transfer),
    "delegate": (6, delegate),
    "back": (14, back),
    "withdraw": (8, withdraw),
    "add signers": (10, add),
    "remove signer": (4, remove),
    "reject": (1, reject),
    "cancel": (1, cancel),
    "suspend": (2, suspend),
    "resume": (8, resume),
    "time": (8, let_time_pass),
}


for _name in filter(None, os.environ.get("LIANDONG_ACTS_WITHOUT", "").split(",")):
    del ACTS[_name]
