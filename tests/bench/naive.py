"""SpiffWorkflow as its manual shows it: the whole document read, deserialised, run, serialised and written at each step, with the
floor's four statements. The same diagram, with FEEL in place of Python, so that expressions cost it no more than us."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import ProcessModel
from tests.bench import floor
from tests.bench.story import LOOP, OLD, REPORT, YOUNG
from tests.bpmn import stock

_LOOKED_UP = {"limit_amount": 2, "limit_unit": "urgent_hour", "closing_condition": "恢复", "class": "C-0101"}


class Naive:
    """Cases of the naive engine, one document a row of the floor's table."""

    def __init__(self, model: ProcessModel) -> None:
        self.spec, _ = stock.parsed(model)  # look-ups and scripts pass: their results are put into the data by hand
        self.engine = stock.engine()
        registry = BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, stock.Passing: BpmnTaskSpecConverter})
        self.serializer = BpmnWorkflowSerializer(registry)

    def aged_document(self) -> str:
        """A case three send-backs old."""
        workflow = BpmnWorkflow(self.spec, script_engine=self.engine)
        workflow.task_tree.data.update(REPORT, **_LOOKED_UP)
        workflow.do_engine_steps()
        for _, answers in YOUNG + LOOP * 3:
            self._complete(workflow, answers)
        return str(self.serializer.serialize_json(workflow))

    def run(self, connection: psycopg.Connection[Any], case: int) -> int:
        """Carry out the measured completions of one case; answers how many."""
        for number, (_, answers) in enumerate(OLD):
            row = connection.execute("select document from floor_case where id = %s", (case,)).fetchone()
            assert row is not None
            workflow = self.serializer.deserialize_json(row[0])
            workflow.script_engine = self.engine
            self._complete(workflow, answers)
            workflow.get_tasks(state=TaskState.READY, manual=True)
            floor.step(connection, case, number, str(self.serializer.serialize_json(workflow)))
        return len(OLD)

    def prepare(self, connection: psycopg.Connection[Any], cases: int) -> None:
        """Rows with an aged document each."""
        floor.prepare(connection, cases)
        connection.execute("update floor_case set document = %s", (self.aged_document(),))
        connection.commit()

    def _complete(self, workflow: BpmnWorkflow, answers: dict[str, Any]) -> None:
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data.update(json.loads(json.dumps(answers)))
        task.run()
        workflow.do_engine_steps()
