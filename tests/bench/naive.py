"""SpiffWorkflow as its manual shows it: the whole document read, deserialised, run, serialised and written at each step, with the
floor's four statements. The same diagram, with FEEL in place of Python, so that expressions cost it no more than us."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine import feel
from engine.bpmn.model import ProcessModel
from tests.bench import floor
from tests.bench.story import LOOP, OLD, REPORT, YOUNG


class _Passing(BpmnSpecMixin):  # type: ignore[misc]
    """Look-ups and scripts pass: their results are put into the data by hand."""


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  the library reads it as a class attribute
        full_tag(tag): (TaskParser, _Passing) for tag in ("task", "scriptTask", "businessRuleTask", "serviceTask")
    }


class _Feel(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:  # noqa: ARG002
        return feel.compile(expression).evaluate(context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:  # noqa: ARG002  the library's signature
        return True


_LOOKED_UP = {"limit_amount": 2, "limit_unit": "urgent_hour", "closing_condition": "恢复", "class": "C-0101"}


class Naive:
    """Cases of the naive engine, one document a row of the floor's table."""

    def __init__(self, model: ProcessModel) -> None:
        parser = _Parser()
        parser.add_bpmn_str(model.normalised)
        self.spec = parser.get_spec(model.spec)
        self.engine = PythonScriptEngine(environment=_Feel())
        registry = BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, _Passing: BpmnTaskSpecConverter})
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
