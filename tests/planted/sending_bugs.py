"""Bugs that were nearly made around notices: acknowledged before the effect, no fence, order forgotten, decided twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import false, update

from escalation.sending import deciding, delivering, desk, doors, posting
from escalation.sending.delivering import Taken
from escalation.sending.posting import Answer
from escalation.tables import delivery
from tests.factories import LEADER, case_at
from tests.planted.bug import Bug
from tests.receivers import FAIL, http_receiver, in_turn
from tests.sending import HASTE, deliveries, hooks_at, lapse, put, reach, tell, work
from web.city import City


def told_at_last(city: City) -> None:
    """What failed is sent again, and in order."""
    case = case_at(city, "Dispatch")
    put(city, **HASTE)
    clock: Any = city.core.clock
    with http_receiver(in_turn(FAIL)) as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        ids = tell(city, case, LEADER, 3)
        for _ in range(4):
            work(city)
            clock.advance(timedelta(minutes=5))
        assert [id_.rpartition(".")[0] for id_ in hook.ids()] == [f"{case}.{each}" for each in ids]
        assert len(hook.arrived) == 3


def fenced(city: City) -> None:
    """A worker that slept through its lease writes nothing."""
    case = case_at(city, "Dispatch")
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        tell(city, case, LEADER)
        deciding.decide_due(city.core)
        law = desk.law(city.core)
        (late,) = delivering.take(city.core, law, "webhook", 1)
        lapse(city)
        delivering.take(city.core, law, "webhook", 1)
        assert delivering.carry_out(city.core, law, late) == "fenced"
        assert deliveries(city)[0]["state"] == "waiting"


def bots_refuse(city: City) -> None:
    """A bot's refusal inside a good answer is a failure."""
    case = case_at(city, "Dispatch")
    put(city, **HASTE)
    with http_receiver(says='{"errcode": 45009, "errmsg": "too often"}') as bot:
        put(city, wecom_address=f"http://127.0.0.1:{bot.port}/send")
        reach(city, LEADER, "wecom", "0123456789-abcdef")
        tell(city, case, LEADER)
        work(city)
        assert len(bot.arrived) == 1
    assert deliveries(city)[0]["state"] == "waiting"


def acknowledged_before_the_effect(patch: pytest.MonkeyPatch) -> None:
    real = delivering.carry_out

    def carry_out(core: Any, law: Any, taken: Taken) -> str:
        delivering._close(core, taken, "sent", None)
        return real(core, law, taken)

    patch.setattr(delivering, "carry_out", carry_out)


def failures_taken_for_success(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "accepted", lambda answer, _host: answer)


def no_fence(patch: pytest.MonkeyPatch) -> None:
    def put_anyway(connection: Any, taken: Taken, values: dict[str, Any]) -> bool:
        for instance_id, id_ in taken.keys:
            connection.execute(
                update(delivery).where(delivery.c.instance_id == instance_id, delivery.c.id == id_).values(**values)
            )
        return True

    patch.setattr(delivering, "_put", put_anyway)


def order_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(delivering, "_blocked", false)


def a_new_id_each_time(patch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace  # noqa: PLC0415
    from itertools import count  # noqa: PLC0415

    real, numbers = doors.send, count()

    def send(law: Any, channel: str, address: str, message: doors.Message) -> None:
        real(law, channel, address, replace(message, id=f"{next(numbers)}.x"))

    patch.setattr(doors, "send", send)


def errcode_not_read(patch: pytest.MonkeyPatch) -> None:
    real = posting.post

    def post(*given: Any, **more: Any) -> Answer:
        return Answer(real(*given, **more).status, b"{}")

    patch.setattr(posting, "post", post)


SENDING_BUGS = (
    Bug(acknowledged_before_the_effect, told_at_last),
    Bug(failures_taken_for_success, told_at_last),
    Bug(order_forgotten, told_at_last),
    Bug(a_new_id_each_time, told_at_last),
    Bug(no_fence, fenced),
    Bug(errcode_not_read, bots_refuse),
)
