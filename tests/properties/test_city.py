"""Any sequence of acts, right and wrong, by anybody, on two nodes, as time goes on: every instance keeps every law after each."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from engine.acts import signature
from engine.clock import ManualClock
from engine.errors import Invalid, NotAllowed, NotFound, TaskGone
from engine.tables import instance, membership, person, task
from forms.errors import InvalidAnswers
from tests import laws
from tests.conftest import A_WORKING_MORNING, _sqlite_template
from tests.emergency import COORDINATOR
from tests.factories import ACCEPTOR, ANSWERS, COLLECTOR, REPORT, say
from tests.faults import drill
from tests.plans import OWN, SHARED
from tests.stories import permits
from tests.stories.test_processes import RAISED, ZHU
from web.city import City
from web.demo import pictures
from web.wiring import open_city

NEVER_INVOLVED = "shidaqing"  # market regulation: no diagram here sends it anything

RETURNED = {"return_reason": "not_ours", "return_note": "不属本单位"}
STARTS: list[tuple[str, dict[str, Any], str]] = [
    ("case_dispatch", REPORT, COLLECTOR),
    ("case_dispatch", {**REPORT, "source": "hotline_12345"}, ACCEPTOR),
    ("case_dispatch", {**REPORT, "self_handled": True, "self_handled_note": "已扶正"}, COLLECTOR),
    ("supervision", RAISED, ZHU),
    ("excavation_permit", permits.APPLIED, permits.APPLICANT),
    ("plan_cover", {"title": "井盖缺失", "missing_count": 1, "area": "zhanghua"}, COORDINATOR),
    ("drill", {}, drill.OPERATOR),
]
CHOICES: dict[tuple[str, str], list[dict[str, Any]]] = {
    **{("case_dispatch", node): [answers] for node, (_, answers) in ANSWERS.items()},
    ("case_dispatch", "File"): [
        ANSWERS["File"][1],
        {"file_decision": "file", "standard_code": "C-0123-1"},
        {"file_decision": "self_handled", "standard_code": "C-0101-1"},
        {"file_decision": "void", "void_reason": "重复"},
    ],
    ("case_dispatch", "Dispatch"): [
        ANSWERS["Dispatch"][1],
        {"dispatch_decision": "dispatch", "responsible_unit": "town_yuanlin"},
        {"dispatch_decision": "not_a_case", "dispatch_note": "非案件"},
    ],
    ("case_dispatch", "SignFor"): [ANSWERS["SignFor"][1], {"sign_decision": "return", **RETURNED}],
    ("case_dispatch", "Handle"): [ANSWERS["Handle"][1], {"handle_result": "return", **RETURNED}],
    ("case_dispatch", "Feedback"): [ANSWERS["Feedback"][1], {"feedback_decision": "return", "feedback_note": "补照片"}],
    ("case_dispatch", "Check"): [ANSWERS["Check"][1], {"check_result": "fail", "check_note": "未恢复"}],
    ("supervision", "Reply"): [{"reply_text": "已整改"}],
    ("supervision", "Hear"): [{"hear_text": "待停水"}],
    ("supervision", "Review"): [{"review_decision": "accept"}, {"review_decision": "again", "review_note": "无进展"}],
    ("supervision", "Archive"): [{"conclusion": "归档"}],
    ("supervision", "DeclareMajor"): [
        {"declare_decision": "major", "declare_reason": "多次督办无进展"},
        {"declare_decision": "not", "declare_reason": "影响有限"},
    ],
    ("supervision", "ReferUp"): [{"refer_decision": "refer", "refer_reason": "无进展"}],
    **{("excavation_permit", node): [said] for node, (_, said) in permits.ANSWERS.items()},
    ("excavation_permit", "Accept"): [
        {"accept_decision": "accept"},
        {"accept_decision": "supplement", "missing": "设计文件"},
        {"accept_decision": "refuse", "not_accepted_reason": "不属许可范围"},
    ],
    ("excavation_permit", "Decide"): [{"decision": "grant"}, {"decision": "refuse", "decision_note": "禁挖期"}],
    ("excavation_permit", "Patrol"): [{"patrol_result": "ok"}, {"patrol_result": "violation", "patrol_note": "无围挡"}],
    ("excavation_permit", "Inspect"): [
        {"inspect_result": "pass"},
        {"inspect_result": "restore", "inspect_note": "路面沉陷"},
    ],
    **{("plan_cover", node): [answers] for node, answers in {**SHARED, **OWN["plan_cover"]}.items()},
    ("plan_cover", "Verify"): [{"verify_decision": "real"}, {"verify_decision": "not", "verify_note": "已盖好"}],
    ("plan_cover", "CarryOut"): [SHARED["CarryOut"], {"order_result": "unable", "done_note": "没有备件"}],
    ("plan_cover", "Reassign"): [
        {"reassign_decision": "other_unit", "order_unit": "drainage", "reassign_note": "由排水代办"},
        {"reassign_decision": "drop", "reassign_note": "不再需要"},
    ],
    ("plan_cover", "SituationReport"): [{"situation": "已看护", "wish_level": "keep"}],
    ("plan_cover", "Assess"): [
        {"assess_decision": "regrade", "wanted_level": 3, "assess_reason": "又缺失两个"},
        {"assess_decision": "end", "assess_reason": "已补装"},
    ],
    ("plan_cover", "ChangeOrder"): [
        {"change_decision": "approve", "duration_hours": 4, "measures": "增派"},
        {"change_decision": "refuse", "change_note": "不必"},
    ],
    ("plan_cover", "CoverRecovery"): [{"recover_amount": 400}],
    ("responsibility_dispute", "Answer"): [{"answer_position": "ours", "answer_basis": "依职责分工"}],
    ("responsibility_dispute", "Draft"): [{"ruling_unit": "drainage", "ruling_text": "依职责分工"}],
    ("responsibility_dispute", "Rule"): [
        {"rule_decision": "agree"},
        {"rule_decision": "back", "rule_note": "写明依据"},
    ],
    ("drill", "A"): [{}],
    ("drill", "C"): [{}],
}
SIGNED = ("StartOrder", "ChangeOrder", "StandDownOrder")
WRONG: list[Any] = [{"nonsense": 1}, {"verified": True, "state": "ended"}, {"check_result": "maybe"}, {"title": "\x00"}]
tally: Counter[str] = Counter()

seeds = st.integers(0, 2**32 - 1)


class CityMachine(RuleBasedStateMachine):
    """Two nodes on one SQLite file and one clock."""

    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = shutil.copy(_sqlite_template("city"), Path(self.folder.name) / "city.db")
        self.clock = ManualClock(A_WORKING_MORNING)
        self.nodes = [open_city(f"sqlite:///{path}", self.clock, durable=False) for _ in range(2)]
        self.nodes[0].deploy(drill.BUNDLE)
        with self.nodes[0].core.db.read() as connection:
            self.holders: dict[tuple[int | None, str], list[str]] = {}
            self.logins: dict[int, str] = dict(connection.execute(select(person.c.id, person.c.login)).all())
            for unit_id, post, login in connection.execute(
                select(membership.c.unit_id, membership.c.post_key, person.c.login).join(person)
            ):
                self.holders.setdefault((unit_id, post), []).append(login)
                self.holders.setdefault((None, post), []).append(login)
        self.repeatable: list[tuple[Any, Any]] = []
        self.keys = 0

    def teardown(self) -> None:
        for each in self.nodes:
            each.close()
        self.folder.cleanup()

    def node(self, rng: random.Random) -> City:
        return rng.choice(self.nodes)

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    # ------------------------------------------------------------ acts

    @initialize(target=cases, seed=seeds)
    def first(self, seed: int) -> Any:
        return self._start(random.Random(seed))

    @precondition(lambda self: self.keys < 200)
    @rule(target=cases, seed=seeds)
    def start(self, seed: int) -> Any:
        with self.nodes[0].core.db.read() as connection:
            if len(connection.execute(select(instance.c.id)).all()) > 4:
                return multiple()
        return self._start(random.Random(seed))

    def _start(self, rng: random.Random) -> int:
        process, facts, by = rng.choice(STARTS)
        city, key = self.node(rng), self.key()

        def act() -> int:
            return city.start(process, facts, by, idempotency_key=key)

        case = act()
        self.repeatable.append((act, case))
        tally[f"start {process}"] += 1
        return case

    def _open(self, rng: random.Random, case: int) -> dict[str, Any] | None:
        with self.nodes[0].core.db.read() as connection:
            found = connection.execute(
                select(task, instance.c.key)
                .join(instance, instance.c.id == task.c.instance_id)
                .where(task.c.instance_id == case, task.c.state == "open")
                .order_by(task.c.id)
            ).mappings()
            rows = [dict(r) for r in found]
        return rng.choice(rows) if rows else None

    def _holder(self, rng: random.Random, row: dict[str, Any]) -> str:
        if row["post_key"] is None:  # meant for one person
            return self.logins[row["assignee_id"]]
        return rng.choice(self.holders[row["unit_id"], row["post_key"]])

    @rule(case=cases, seed=seeds)
    def complete(self, case: int, seed: int) -> None:
        self._complete(case, random.Random(seed))

    @rule(case=cases, seed=seeds)
    def complete_much(self, case: int, seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(4):
            self._complete(case, rng)

    def _complete(self, case: int, rng: random.Random) -> None:
        row = self._open(rng, case)
        if row is None:
            return
        answers = rng.choice(CHOICES[row["key"], row["node"]])
        city, key, by, ref = self.node(rng), self.key(), self._holder(rng, row), f"{case}.{row['id']}"
        signed = signature.drawn(city.core, pictures.signature(1)) if row["node"] in SIGNED else None

        def act() -> Any:
            return city.complete(ref, answers, by, key, signed=signed)

        try:
            reply = act()
        except (NotAllowed, TaskGone) as error:  # four eyes; claimed by a colleague
            tally[type(error).__name__] += 1
            return
        except InvalidAnswers:
            assert row["key"] == "excavation_permit"  # its forms ask for more where the system found something
            tally["asked for more"] += 1
            return
        tally["complete"] += 1
        self.repeatable.append((act, reply))
        with pytest.raises(TaskGone):
            city.complete(ref, answers, by, signed=signed)

    @rule(case=cases, seed=seeds)
    def complete_wrongly(self, case: int, seed: int) -> None:
        rng = random.Random(seed)
        row = self._open(rng, case)
        if row is None or row["key"] == "drill":
            return
        before = self.nodes[0].instance(case)
        # a task to be signed is refused for want of a signature first: Invalid
        refusals = (Invalid, NotAllowed, TaskGone) if row["node"] in SIGNED else (InvalidAnswers, NotAllowed, TaskGone)
        with pytest.raises(refusals):
            self.node(rng).complete(f"{case}.{row['id']}", rng.choice(WRONG), self._holder(rng, row))
        assert self.nodes[1].instance(case) == before
        tally["refused"] += 1

    @rule(case=cases, seed=seeds, act=st.sampled_from(["claim", "release", "transfer"]))
    def move(self, case: int, seed: int, act: str) -> None:
        rng = random.Random(seed)
        row = self._open(rng, case)
        if row is None:
            return
        people = [self._holder(rng, row) for _ in range(2)]
        more = [people[1]] if act == "transfer" else []
        try:
            getattr(self.node(rng), act)(f"{case}.{row['id']}", *more, people[0])
        except (TaskGone, NotAllowed, Invalid):
            return
        tally[act] += 1

    @rule(case=cases, seed=seeds)
    def stranger(self, case: int, seed: int) -> None:
        rng = random.Random(seed)
        city = self.node(rng)
        before = city.instance(case)
        row = self._open(rng, case)
        with pytest.raises(NotFound):
            city.comment(case, "路过", NEVER_INVOLVED)
        if row is not None:
            ref = f"{case}.{row['id']}"
            with pytest.raises(NotFound):
                city.complete(ref, {}, NEVER_INVOLVED)
            with pytest.raises(NotFound):
                city.claim(ref, NEVER_INVOLVED)
        assert city.instance(case) == before
        tally["stranger"] += 1

    @rule(case=cases, seed=seeds)
    def comment(self, case: int, seed: int) -> None:
        city = self.node(random.Random(seed))
        starter = city.instance(case)["starter_id"]
        city.comment(case, "请尽快", starter)

    @rule(case=cases, seed=seeds)
    def cancel(self, case: int, seed: int) -> None:
        rng = random.Random(seed)
        if rng.random() < 0.8:
            return
        try:
            self.node(rng).cancel(case, drill.OPERATOR, "演练")
        except NotFound:
            assert self.nodes[0].instance(case)["status"] != "active"
        except NotAllowed:  # a supervision: by nobody of the late unit, and by two
            assert self.nodes[0].instance(case)["key"] == "supervision"
            tally["refused"] += 1
            return
        tally["cancel"] += 1

    @precondition(lambda self: self.repeatable)
    @rule(seed=seeds)
    def repeat(self, seed: int) -> None:
        act, reply = random.Random(seed).choice(self.repeatable)
        assert act() == reply
        tally["repeated"] += 1

    # ------------------------------------------------------------ time and nodes

    @rule(minutes=st.sampled_from([1, 20, 61, 24 * 60, 5 * 24 * 60]), seed=seeds)
    def advance(self, minutes: int, seed: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        tally["due"] += self.node(random.Random(seed)).run_due()

    @rule(minutes=st.sampled_from([1, 600]))
    def advance_without_a_worker(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(seed=seeds)
    def reopen(self, seed: int) -> None:
        place = random.Random(seed).randrange(2)
        old = self.nodes[place]
        self.nodes[place] = open_city(str(old.core.db.url), self.clock, durable=False)
        old.close()
        self.repeatable.clear()  # those acts belonged to the node that is gone

    # ------------------------------------------------------------ laws

    @invariant()
    def laws_hold(self) -> None:
        laws.check(self.nodes[0])


def test_every_course_keeps_the_laws(capsys: pytest.CaptureFixture[str]) -> None:
    tally.clear()
    run_state_machine_as_test(
        CityMachine,
        settings=settings(max_examples=12, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
    say(capsys, **tally)
