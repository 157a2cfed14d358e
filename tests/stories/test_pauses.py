"""Promise 19: every pause carries another unit's approval. Each way in which a clock can stand, in code and in every diagram that is
shipped, and who says yes to it there."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.bpmn.model import Kind, Node, ProcessModel
from engine.definitions import Definition
from engine.errors import BusinessError
from escalation import granting, requests, statutory
from escalation.tables import clock_entry
from tests.factories import task_at
from tests.laws import rows
from tests.stories.hearings import DUE, JUSTICE, WINDOW, hear
from tests.stories.permits import accepted, do
from web.city import City

ROOT = Path(__file__).parents[2]
ASKED, BY_LAW = "clock_pause", "clock_stand"
SHIPPED = sorted(path.parent.name for path in (ROOT / "processes").glob("*/*.bpmn"))


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_two_actions_let_a_clock_stand_and_no_other_code_does() -> None:
    found = {
        str(path.relative_to(ROOT)): len(re.findall(r"\b(?:sla|ledger|book)\.pause\(", path.read_text()))
        for package in ("engine", "escalation", "web")
        for path in (ROOT / package).rglob("*.py")
    }
    assert {name: many for name, many in found.items() if many} == {
        "escalation/ledger.py": 1,  # the arithmetic, for these two
        "escalation/granting.py": 1,
        "escalation/statutory.py": 1,
    }
    assert granting.ACTIONS[ASKED] is granting.pause
    assert statutory.ACTIONS[BY_LAW] is statutory.stand


def pausing(model: ProcessModel) -> list[Node]:
    """Nodes of a diagram that let clocks stand."""
    return [n for n in model.nodes.values() if n.settings.action and n.settings.action.name in (ASKED, BY_LAW)]


def approves(definition: Definition, node: Node) -> bool:
    """Whether a task decides, and nobody of the units it concerns does it."""
    form = definition.form_of(node)
    wanted = node.settings.candidates
    decides = form is not None and any(
        name.endswith("decision") and one.choices and statutory.AGREES in {c.value for c in one.choices}
        for name, one in form.properties.items()
    )
    return decides and wanted is not None and wanted.not_of is not None and bool(node.settings.four_eyes)


def reached(model: ProcessModel, without: str) -> set[str]:
    """What a token can come to that never completes this task."""
    found: set[str] = set()
    stack = [n.id for n in model.nodes.values() if n.kind is Kind.START and n.parent is None]
    while stack:
        here = model.nodes[stack.pop()]
        if here.id in found:
            continue
        found.add(here.id)
        inner = [n.id for n in model.nodes.values() if n.parent == here.id and n.kind is Kind.START]
        borders = [n.id for n in model.nodes.values() if n.host == here.id]
        onwards = [] if here.id == without or inner else [model.flows[f].target for f in here.outgoing]
        over = here.kind is Kind.END and here.parent is not None
        outer = [model.flows[f].target for f in model.nodes[here.parent].outgoing] if over and here.parent else []
        stack += [*inner, *borders, *onwards, *outer]
    return found


def test_in_every_shipped_diagram_somebody_of_another_unit_says_yes_first(city: City) -> None:
    seen = {}
    for key in SHIPPED:
        definition = city.definition(key)
        for node in pausing(definition.model):
            action = node.settings.action
            assert action is not None
            if action.name == BY_LAW:
                said = action.parameters.get("approved")
                assert said is not None, f"{key}: {node.id} names nobody who approved it"
                approver = definition.model.nodes[str(said.literal)]
                assert node.id not in reached(definition.model, approver.id), f"{key}: {node.id} without {approver.id}"
                deciding = [approver]
            else:  # the action itself takes the last answer of all, and of nobody around who asked (granting._granted)
                assert key in requests.KINDS
                deciding = [
                    n for n in definition.model.nodes.values() if n.settings.candidates and approves(definition, n)
                ]
            assert deciding, f"{key}: {node.id}"
            assert all(approves(definition, one) for one in deciding), f"{key}: {node.id}"
            seen[f"{key}.{node.id}"] = sorted(one.id for one in deciding)
    assert seen == {
        "clock_suspension.Pause": ["Decide"],
        "enforcement.Stand": ["ApproveStand"],
        "permit_hearing.Stand": ["ApproveStand"],
        "shelving.Pause": ["Decide", "Supervise"],
    }


def test_a_diagram_that_names_nobody_or_somebody_else_lets_nothing_stand(city: City) -> None:
    """What a designer forgets, the action does not forgive."""
    case = accepted(city)
    do(city, case, "TrafficReview")
    do(city, case, "MunicipalReview", **DUE)
    hear(city, case, "TellRight")
    task_at(city, case, "AskHearing")
    said = {"ground": "hearing", "until": "2026-07-10T18:00:00+08:00"}
    assert statutory.stand(city.core, case, said)["stood"] == 0
    for node, why in (("ApproveStand", "not_approved"), ("TellRight", "not_approved")):
        with pytest.raises(BusinessError) as refused:
            statutory.stand(city.core, case, {**said, "approved": node})
        assert refused.value.error_code == why
    hear(city, case, "AskHearing")
    hear(city, case, "ApproveStand", stand_decision="refuse", stand_note="申请书未签名")
    with pytest.raises(BusinessError):
        statutory.stand(city.core, case, {**said, "approved": "ApproveStand"})
    assert rows(city, clock_entry, case) == []


@pytest.mark.parametrize("theirs", ["justice", "city_government"])
def test_whoever_is_of_the_asker_s_unit_or_above_it_agrees_in_vain(
    city: City, monkeypatch: pytest.MonkeyPatch, theirs: str
) -> None:
    case = accepted(city)
    yes = SimpleNamespace(actor_id=city.actor(JUSTICE).id, for_id=None, unit_id=city.core.unit_id(theirs))
    asks = SimpleNamespace(actor_id=city.actor(WINDOW).id, for_id=None, unit_id=city.core.unit_id("justice"))
    monkeypatch.setattr(statutory, "_said", lambda *_: (asks, yes))
    with pytest.raises(BusinessError) as refused:
        statutory.stand(
            city.core, case, {"ground": "hearing", "until": "2026-07-10T18:00:00+08:00", "approved": "ApproveStand"}
        )
    assert refused.value.error_code == "not_independent"
