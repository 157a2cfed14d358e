"""The DMN files of one bundle: a decision is found by its id, whichever file it is in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from engine.bpmn.problems import Problem, Problems
from engine.dmn.errors import DecisionFailed
from engine.dmn.model import Decision, Functions, Model
from engine.dmn.reading import read


class Decisions:
    """All decisions of a bundle. `problems` are those of all files; a file with errors takes no part."""

    def __init__(self, files: Mapping[str, bytes], *, functions: Collection[str] = ()) -> None:
        self.problems: list[Problem] = []
        self._models: dict[str, Model] = {}
        for name, data in files.items():
            reading = read(name, data, functions=functions)
            self.problems += reading.problems
            if reading.model is not None:
                self._take(reading.model)

    def _take(self, model: Model) -> None:
        problems = Problems(model.name)
        for decision in model.decisions.values():
            other = self._models.get(decision.id)
            if other is not None:
                problems.add(
                    "duplicate-decision",
                    f"决策 id“{decision.id}”在 {other.name} 中已有；同一包中不能重复。",
                    f"the decision id “{decision.id}” is in {other.name} already; it stands once in a bundle.",
                    line=decision.line,
                    element=decision.id,
                )
            else:
                self._models[decision.id] = model
        self.problems += problems.found

    def __contains__(self, decision_id: object) -> bool:
        return decision_id in self._models

    def __getitem__(self, decision_id: str) -> Decision:
        return self._models[decision_id].decisions[decision_id]

    def ids(self) -> list[str]:
        """The ids of all decisions, file by file."""
        return list(self._models)

    def evaluate(
        self,
        decision_id: str,
        data: Mapping[str, Any],
        *,
        now: dt.datetime | None = None,
        zone: dt.tzinfo | None = None,
        functions: Functions | None = None,
    ) -> object:
        """As `Model.evaluate`."""
        model = self._models.get(decision_id)
        if model is None:
            raise DecisionFailed(decision_id, "没有这个决策", "there is no such decision")
        return model.evaluate(decision_id, data, now=now, zone=zone, functions=functions)
