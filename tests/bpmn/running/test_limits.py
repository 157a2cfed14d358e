"""What keeps one step from holding a worker for ever."""

from __future__ import annotations

import pytest

from engine.bpmn.program import compile_program
from engine.bpmn.runtime import seeing
from engine.errors import StepFailed
from tests.bpmn.drawing import chain, end, model, process, start, tag
from tests.bpmn.running.machines import a_run

DEAR = "{ n: count(for i in 1..900 return i * 2) }"


def many(scripts: int) -> bytes:
    names = [f"X{i}" for i in range(scripts)]
    parts = [tag("scriptTask", tag("script", DEAR), id=name, scriptFormat="feel") for name in names]
    return process(start(), end(), *parts, chain("S", *names, "E"))


def test_dear_expressions_of_one_step_share_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    a_run(compile_program(model(many(5))), {}).begin()
    monkeypatch.setattr(seeing, "FEEL_BUDGET", 10_000)
    with pytest.raises(StepFailed, match="one step take more than 10000") as failed:
        a_run(compile_program(model(many(20))), {}).begin()
    assert "合计超过 10000" in failed.value.text("zh")
