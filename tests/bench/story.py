"""The case every measurement works on: case dispatch, three send-backs old, then handled, checked and closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from engine.tables import membership, person, unit
from web.city import City

PROCESS = "case_dispatch"
REPORT = {
    "source": "hotline_12345",
    "title": "章华中路12号门前井盖缺失",
    "description": "路口东侧雨水井盖缺失，夜间有安全隐患，请尽快处理。",
    "area": "zhanghua",
    "place": "章华中路12号门前",
}
RETURN = {"sign_decision": "return", "return_reason": "place_unclear", "return_note": "位置不清，请核实后再派"}
DISPATCH = {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}
YOUNG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Verify", {"verify_result": "confirmed"}),
    ("File", {"file_decision": "file", "standard_code": "C-0101-1", "grade": "general"}),
    ("Dispatch", DISPATCH),
)
LOOP: tuple[tuple[str, dict[str, Any]], ...] = (("SignFor", RETURN), ("Dispatch", DISPATCH))
OLD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SignFor", {"sign_decision": "accept"}),
    ("Handle", {"handle_result": "done", "handle_note": "已更换同规格井盖，恢复通行。"}),
    ("Feedback", {"feedback_decision": "forward"}),
    ("Check", {"check_result": "pass"}),
    ("Close", {"close_note": "处置到位，同意结案"}),
)
"""The completions that are measured: the case is three send-backs old."""

POSTS = {
    "Verify": ("supervision_centre", "collector"),
    "File": ("supervision_centre", "shift_leader"),
    "Dispatch": ("command_centre", "dispatcher"),
    "SignFor": ("water_supply", "handler"),
    "Handle": ("water_supply", "handler"),
    "Feedback": ("command_centre", "dispatcher"),
    "Check": ("supervision_centre", "collector"),
    "Close": ("supervision_centre", "shift_leader"),
}


class Walker:
    """Works cases as the people whose turn it is."""

    def __init__(self, city: City) -> None:
        self.city = city
        with city.core.db.read() as connection:
            rows = connection.execute(
                select(unit.c.key, membership.c.post_key, person.c.login)
                .join(membership, membership.c.unit_id == unit.c.id)
                .join(person, person.c.id == membership.c.person_id)
                .order_by(person.c.id)
            ).all()
        self.people: dict[tuple[str, str], str] = {}
        for unit_key, post_key, login in rows:
            self.people.setdefault((unit_key, post_key), login)
        self.clerk = self.people["supervision_centre", "acceptor"]

    def start(self, key: str | None = None) -> int:
        """A new case."""
        return self.city.start(PROCESS, REPORT, by=self.clerk, idempotency_key=key)

    def walk(
        self, instance_id: int, steps: tuple[tuple[str, dict[str, Any]], ...], ref: str | None = None
    ) -> str | None:
        """Complete these tasks one after another; answers the reference of the task that is open then."""
        at = ref or self.city.tasks(instance_id)[0].ref
        opened: list[int] = []
        for node, answers in steps:
            reply = self.city.complete(at, answers, by=self.who(node), idempotency_key=f"bench:{at}")
            opened = reply["opened"]
            at = f"{instance_id}.{opened[0]}" if opened else ""
        return at or None

    def who(self, node: str) -> str:
        """Whose turn it is."""
        return self.people[POSTS[node]]

    def aged(self, count: int) -> Iterator[tuple[int, str]]:
        """Cases three send-backs old, with the task that is open."""
        for _ in range(count):
            instance_id = self.start()
            ref = self.walk(instance_id, YOUNG + LOOP * 3)
            assert ref is not None
            yield instance_id, ref
