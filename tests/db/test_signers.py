"""加签, 减签 and 会签 as rows: who may, who may be asked, what is kept, and that nothing is ever nobody's."""

from __future__ import annotations

from typing import Any

from engine import opinion
from engine.acts import signers
from engine.errors import Invalid, NotAllowed, NotFound, TaskGone
from engine.tables import notice, task
from forms import InvalidAnswers
from tests import laws
from tests.bpmn.drawing import chain, end, start, tag, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import DESIGNER, HANDLER, OPERATOR, STRANGER, only_task
from web.city import City

ACTS = '<ld:acts allow="add_before add_beside add_after remove_signer"/>'
OWNER = "luqiuju"  # handler of the municipal works
HEAD, FAR, THIRD = "jiangweimin", "cailihua", "dingyumei"  # their head; handlers of other units

SIGNED = bundle(
    start(),
    user("Check", settings='<ld:candidates unit="municipal_works" post="unit_head"/>'),
    user("A", settings=f'<ld:candidates unit="municipal_works" post="handler"/><ld:fourEyes with="Check"/>{ACTS}'),
    user("C", settings='<ld:candidates unit="municipal_works" post="handler"/>'),
    end(),
    chain("S", "Check", "A", "C", "E"),
    key="signed",
)
VOTED = bundle(
    start(),
    user(
        "V",
        tag(
            "multiInstanceLoopCharacteristics",
            tag("loopDataInputRef", "units") + tag("inputDataItem", id="in_units", name="unit"),
            isSequential="false",
        ),
        '<ld:candidates unit="=unit" post="handler"/><ld:form ref="vote"/>'
        + ACTS
        + '<ld:vote rule="ratio" share="1/2" more="true" field="agree" opinion="opinion" into="result"/>',
    ),
    end(),
    tag("scriptTask", tag("script", '{units: ["municipal_works", "drainage"]}'), id="D", scriptFormat="feel"),
    chain("S", "D", "V", "E"),
    key="voted",
    files={"vote.json": opinion.FILE.read_bytes()},
)


def at(city: City, case: int) -> str:
    """The one task of a case brought to A."""
    city.complete(only_task(city, case), {}, HEAD)
    return only_task(city, case).ref


def ref(city: City, case: int, who: str) -> str:
    """The open task of one person."""
    me = city.actor(who).id
    (found,) = [r for r in laws.rows(city, task, case) if r["state"] == "open" and r["assignee_id"] == me]
    return f"{case}.{found['id']}"


def ids(city: City, *people: str) -> list[int]:
    return [city.actor(each).id for each in people]


def refused(error: type[Exception], act: Any, *args: Any, **given: Any) -> str:
    try:
        act(*args, **given)
    except error as told:
        return str(told)
    raise AssertionError(f"{act.__name__} went through")


def test_signers_come_before_beside_and_after(city: City) -> None:
    city.deploy(SIGNED)
    case = city.start("signed", {}, DESIGNER)
    first = at(city, case)

    # whoever may not be asked, and whoever may not ask
    for people in ([], [HEAD], [OWNER], [FAR, FAR, "shenjiahao"]):
        refused(Invalid, signers.add, city.core, first, OWNER, people=ids(city, *people), how="beside")
    refused(Invalid, signers.add, city.core, first, OWNER, people=[10**6], how="beside")
    assert "four eyes" in refused(Invalid, signers.add, city.core, first, OWNER, people=ids(city, HEAD), how="before")
    refused(NotFound, signers.add, city.core, first, STRANGER, people=ids(city, FAR), how="beside")
    refused(Invalid, signers.add, city.core, first, OWNER, people=ids(city, FAR), how="sideways")

    # before: the task is held, and comes back to its owner under a new id
    reply = signers.add(city.core, first, OWNER, people=ids(city, FAR, THIRD), how="before", reason="请核对", key="k1")
    assert reply["held"] is True
    assert (
        signers.add(city.core, first, OWNER, people=ids(city, FAR, THIRD), how="before", reason="请核对", key="k1")
        == reply
    )
    refused(TaskGone, city.complete, first, {}, OWNER)
    laws.check(city, case)
    far = ref(city, case, FAR)
    refused(InvalidAnswers, city.complete, far, {"agree": "no"}, FAR)  # who disagrees says why
    refused(NotAllowed, city.transfer, far, THIRD, FAR)
    refused(NotFound, city.complete, far, {"agree": "yes"}, OWNER)
    city.complete(far, {"agree": "no", "opinion": "数据不全"}, FAR)
    refused(NotAllowed, signers.remove, city.core, ref(city, case, THIRD), FAR, reason="不必了")
    signers.remove(city.core, ref(city, case, THIRD), OWNER, reason="不必了")
    again = ref(city, case, OWNER)
    assert again != first
    trail = city.trail(case)
    assert [row["kind"] for row in trail] == ["started", "completed", "signers_added", "completed", "signer_removed"]
    assert trail[2]["data"]["people"] == ids(city, FAR, THIRD)
    assert trail[3]["data"]["answers"] == {"agree": "no", "opinion": "数据不全"}
    assert "agree" not in city.instance(case)["facts"], "an opinion is no fact"
    told = [
        (row["kind"], row["person_id"])
        for row in laws.rows(city, notice, case)
        if row["kind"] in ("asked", "signer_removed")
    ]
    assert sorted(told) == sorted(
        [("asked", i) for i in ids(city, FAR, THIRD)] + [("signer_removed", *ids(city, THIRD))]
    )

    # beside and after; a signer asks one more
    signers.add(city.core, again, OWNER, people=ids(city, FAR), how="beside")
    assert "is asked on this task already" in refused(
        Invalid, signers.add, city.core, again, OWNER, people=ids(city, FAR), how="after"
    )
    signers.add(city.core, again, OWNER, people=ids(city, THIRD, HANDLER), how="after", in_order=True)
    signers.add(city.core, ref(city, case, FAR), FAR, people=ids(city, STRANGER), how="before")
    signers.remove(city.core, again, OWNER, reason="改由他人", person=city.actor(HANDLER).id)
    city.complete(again, {}, OWNER)
    laws.check(city, case)
    for who in (STRANGER, FAR):
        city.complete(ref(city, case, who), {"agree": "yes"}, who)
    signers.remove(city.core, ref(city, case, THIRD), OPERATOR, reason="休假")
    assert only_task(city, case).node == "C"
    laws.check(city, case)


def test_a_vote_of_units_with_an_added_voter(city: City) -> None:
    city.deploy(VOTED)
    case = city.start("voted", {}, DESIGNER)
    tasks = {t.unit: t.ref for t in city.tasks(case)}
    signers.add(city.core, tasks["drainage"], FAR, people=ids(city, THIRD), how="beside", reason="涉及环卫")
    assert {str(r["item"]) for r in laws.rows(city, task, case)} == {"municipal_works", "drainage", "sanitation"}
    laws.check(city, case)
    refused(NotAllowed, signers.remove, city.core, tasks["municipal_works"], FAR, reason="不要反对票")
    city.complete(tasks["municipal_works"], {"agree": "no", "opinion": "无经费"}, OWNER)
    city.complete(tasks["drainage"], {"agree": "yes"}, FAR)
    assert len(city.tasks(case)) == 1, "the added voter decides"
    city.complete(ref(city, case, THIRD), {"agree": "yes"}, THIRD)
    result = city.instance(case)["facts"]["result"]
    assert (result["passed"], result["yes"], result["no"]) == (True, 2, 1)
    assert {each["item"]: each["opinion"] for each in result["votes"]}["municipal_works"] == "无经费"
    assert city.instance(case)["status"] == "completed"

    case = city.start("voted", {}, DESIGNER)
    refs = sorted(t.ref for t in city.tasks(case))
    signers.remove(city.core, refs[0], OPERATOR, reason="与本事项无关")
    refused(Invalid, signers.remove, city.core, refs[1], OPERATOR, reason="与本事项无关")
    city.complete(refs[1], {"agree": "yes"}, FAR)
    assert city.instance(case)["facts"]["result"]["voters"] == 1
    laws.check(city, case)


def test_whoever_the_case_turns_out_to_be_about_is_asked_no_more(city: City) -> None:
    """Those of the unit, asked now or later; nothing waits for them."""
    fork, join = tag("parallelGateway", id="F"), tag("parallelGateway", id="J")
    about = tag("scriptTask", tag("script", '{recused_unit: "drainage"}'), id="D", scriptFormat="feel")
    settings = f'<ld:candidates unit="municipal_works" post="handler"/>{ACTS}'
    parts = (start(), fork, user("A", settings=settings), user("B", settings=settings), about, join, end())
    flows = (chain("S", "F", "A", "J", "E"), chain("F", "B", "D", "J"))
    city.deploy(bundle(*parts, *flows, key="about"))
    case = city.start("about", {}, DESIGNER)
    first = next(t.ref for t in city.tasks(case) if t.node == "A")
    signers.add(city.core, first, OWNER, people=ids(city, THIRD, FAR, STRANGER), how="before", in_order=True)
    signers.add(city.core, ref(city, case, THIRD), THIRD, people=ids(city, FAR), how="beside")
    city.complete(next(t.ref for t in city.tasks(case) if t.node == "B"), {}, OWNER)
    assert [r["assignee_id"] for r in laws.rows(city, task, case) if r["state"] == "open"] == ids(city, THIRD)
    laws.check(city, case)
    for who in (THIRD, STRANGER):
        city.complete(ref(city, case, who), {"agree": "yes"}, who)
    refused(Invalid, signers.add, city.core, ref(city, case, OWNER), OWNER, people=ids(city, FAR), how="beside")
    city.complete(ref(city, case, OWNER), {}, OWNER)
    assert city.instance(case)["status"] == "completed"


def test_nobody_and_no_unit_gets_a_second_vote(city: City) -> None:
    city.deploy(VOTED)
    organising.hire(city, "drainage_colleague", "drainage", "handler")
    organising.hire(city, "sanitation_colleague", "sanitation", "handler")
    case = city.start("voted", {}, DESIGNER)
    tasks = {t.unit: t.ref for t in city.tasks(case)}

    def add(*people: str, of: str = "drainage", by: str = FAR) -> dict[str, Any]:
        return signers.add(city.core, tasks[of], by, people=ids(city, *people), how="beside")

    for twice in (
        ["drainage_colleague"],
        [OWNER],
        [THIRD, "sanitation_colleague"],
    ):  # a unit that votes; two of one unit
        assert "has a vote here already" in refused(Invalid, add, *twice)
    add(THIRD)
    added = ref(city, case, THIRD)
    for again in (THIRD, "sanitation_colleague"):
        assert "has a vote here already" in refused(Invalid, add, again, of="municipal_works", by=OWNER)
    city.complete(added, {"agree": "yes"}, THIRD)
    refused(Invalid, add, "sanitation_colleague")  # it has spoken by its first one
    assert city.instance(case)["status"] == "active"

    case = city.start("voted", {}, DESIGNER)
    tasks = {t.unit: t.ref for t in city.tasks(case)}
    add(THIRD)
    signers.remove(city.core, ref(city, case, THIRD), FAR, reason="改由同事")
    add("sanitation_colleague")  # who was taken away has no vote
    assert len(city.tasks(case)) == 3
    laws.check(city, case)
