"""Instances stored in the first format go on as if nothing had been changed under them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn import state, state_v1
from tests.bpmn.drawing import model
from tests.bpmn.running.machines import Ours
from tests.bpmn.running.pieces import Wait
from tests.factories import say

FOLDER = Path(__file__).resolve().parent / "v1"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text())
RANDOM: list[dict[str, Any]] = json.loads(gzip.decompress((FOLDER / "random.json.gz").read_bytes()))


def waits(stored: list[Any]) -> list[Wait]:
    return sorted((node, tuple((key, value) for key, value in items)) for node, items in stored)


def stands(machine: Ours, stand: dict[str, Any]) -> None:
    assert (machine.open(), machine.awaited(), machine.ended()) == (
        waits(stand["open"]),
        waits(stand["timers"]),
        stand["ended"],
    )


def finish(case: dict[str, Any]) -> Ours:
    """Open what was stored, and do what was left to do."""
    machine = Ours(model(case["bpmn"].encode()), case["facts"], restore=True, state=json.dumps(case["state"]))
    run = machine.run
    assert sorted([id_, token.task_spec.node.id] for id_, token in run._open.items()) == case["ids"]["open"]
    found = [(id_, run.workflow.find(id_)) for id_, _, _ in run._before]
    assert sorted([id_, token.task_spec.node.id] for id_, token in found if token) == case["ids"]["timers"]
    stands(machine, case["stand"])
    for step in case["steps"]:
        machine.decide(step["facts"])
        getattr(machine, step["act"])((step["node"], tuple((key, value) for key, value in step["items"])))
        stands(machine, step["stand"])
    return machine


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_goes_on_to_its_end(case: dict[str, Any]) -> None:
    assert finish(case).ended()


def test_random_instances_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    for case in RANDOM:
        finish(case)
    say(capsys, instances=len(RANDOM), steps=sum(len(case["steps"]) for case in RANDOM))


def test_who_did_what_is_kept() -> None:
    case = next(case for case in CASES if "performers" in case["name"])
    machine = Ours(model(case["bpmn"].encode()), case["facts"], restore=True, state=json.dumps(case["state"]))
    assert machine.run.workflow.performers["A"] == [7]


def test_ids_go_on_from_where_they_were() -> None:
    for case in CASES:
        program = Ours(model(case["bpmn"].encode()), case["facts"], restore=False).program
        document = state_v1.converted(case["state"], program)
        assert document["v"] == state.VERSION
        assert document["n"] == case["state"]["n"]
        given = [row[1] for rows in (document["t"], *(sub[1] for sub in document.get("s", ()))) for row in rows]
        assert len(set(given)) == len(given)
        assert max(given) <= document["n"]


def test_a_format_of_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="format 3"):
        Ours(model(CASES[0]["bpmn"].encode()), {}, restore=True, state='{"v": 3, "t": [], "n": 1}')
