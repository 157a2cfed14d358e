"""What concerns a person: signing for, drafts, delegating, urging, copies, being named; on both databases, step by step on a real case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.acts import copying, delegating, drafts, receiving, talking, urging
from engine.audit.verifying import verify
from engine.errors import Invalid, LiandongError, NotAllowed, NotFound, TaskGone
from engine.tables import copy, notice
from tests import laws
from tests.db import organising
from tests.factories import ACCEPTOR, COLLECTOR, DISPATCHER, HANDLER, LEADER, OPERATOR, STRANGER, case_at, do, task_at
from web.city import City


def told(city: City, login: str) -> list[str]:
    """The kinds of what somebody was told, oldest first."""
    with city.core.db.read() as connection:
        query = select(notice.c.kind).where(notice.c.person_id == city.actor(login).id).order_by(notice.c.at, notice.c.id)
        return list(connection.execute(query).scalars())


def test_a_smoke(city: City) -> None:
    core = city.core
    case = case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    receiving.sign(core, ref, HANDLER)
    with pytest.raises(Invalid):
        receiving.sign(core, ref, HANDLER)
    drafts.save(core, ref, {"handle_note": "已"}, HANDLER)
    drafts.save(core, ref, {"handle_note": "已更"}, HANDLER)
    assert drafts.load(core, ref, HANDLER).answers == {"handle_note": "已更"}
    urging.urge(core, case, COLLECTOR, text="快")
    with pytest.raises(Invalid):
        urging.urge(core, case, COLLECTOR)
    stranger = city.actor(STRANGER).id
    with pytest.raises(NotFound):
        urging.urge(core, case, STRANGER)
    delegating.delegate(core, ref, stranger, HANDLER, reason="出差")
    with pytest.raises(NotAllowed):
        city.complete(ref, {"handle_result": "done", "handle_note": "x"}, STRANGER)
    with pytest.raises(LiandongError):
        city.complete(ref, {"handle_result": "done", "handle_note": "x"}, HANDLER)
    delegating.recall(core, ref, HANDLER)
    delegating.delegate(core, ref, stranger, HANDLER)
    delegating.resolve(core, ref, {"handle_result": "done", "handle_note": "受托"}, STRANGER)
    assert drafts.load(core, ref, HANDLER).answers["handle_note"] == "受托"
    copying.copy(core, case, [city.actor(ACCEPTOR).id], HANDLER, how="circulate", note="请阅")
    copying.read(core, case, ACCEPTOR, opinion="已阅")
    talking.comment(core, case, "@", HANDLER, people=[city.actor(ACCEPTOR).id])
    do(city, case, "Handle")
    laws.check(city, case)
    print(told(city, HANDLER), told(city, STRANGER), told(city, ACCEPTOR))
