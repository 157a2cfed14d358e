"""Mends done to XML: the problem is gone, and none that is an error came for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.bpmn.lint import FACTS_FILE, lint
from engine.bpmn.mending import Do, Known
from engine.bpmn.mending.timers import nearest_time
from engine.bpmn.mending.wording import renamed, respelled
from engine.bpmn.problems import Severity
from tests.bpmn.drawing import (
    CANDIDATES,
    boundary,
    chain,
    end,
    ext,
    flow,
    handler,
    process,
    simple,
    start,
    tag,
    timer,
    user,
)
from tests.bpmn.mending.mended import Files, done, known_of, proposed

FORM = {"title": "表", "x-title": {"en": "Form"}, "type": "object"}


def form(**properties: object) -> bytes:
    made = {
        name: one if isinstance(one, dict) else {"type": one, "title": name, "x-title": {"en": name}}
        for name, one in properties.items()
    }
    return json.dumps({**FORM, "properties": made}).encode()


def choosing(*conditions: str | None, default: str = "", facts: tuple[str, ...] = ("amount",), **more: bytes) -> Files:
    """A gateway with a flow for each condition, to tasks B0, B1 …"""
    gateway = tag("exclusiveGateway", id="G", name="额度", **({"default": default} if default else {}))
    tasks = "".join(user(f"B{n}") + flow(f"B{n}", "E") for n in range(len(conditions)))
    flows = "".join(flow("G", f"B{n}", condition) for n, condition in enumerate(conditions))
    drawn = process(start(), user(), gateway, end(), chain("S", "A", "G"), tasks, flows)
    return {"t.bpmn": drawn, FACTS_FILE: form(**dict.fromkeys(facts, "number")), **more}


def settings(inside: str, **beside: bytes) -> Files:
    return {"t.bpmn": simple(settings=inside), **beside}


def rights(*said: tuple[str, str]) -> Files:
    """A task with a form, and what it says of the form's fields; the form asks for `result`."""
    fields = {
        "result": titled("结果", "Result"),
        "amount": titled("数额", "Amount"),
        "who": {**titled("姓名", "Name"), "x-personal": "name"},
    }
    asked = json.loads(form(**fields)) | {"required": ["result"]}
    told = "".join(f'<ld:field name="{name}" access="{access}"/>' for name, access in said)
    return settings(CANDIDATES + '<ld:form ref="a"/>' + told, **{"a.json": json.dumps(asked).encode()})


def titled(zh: str, en: str) -> dict[str, object]:
    return {"type": "string", "title": zh, "x-title": {"en": en}}


def errors(files: Files) -> set[tuple[str, str]]:
    return {(one.code, one.element) for one in lint(files) if one.severity is Severity.ERROR}


TASK_WITH_LIMIT = process(
    start(), user(), end(), boundary("A", inside=timer("2 小时")), end("E2"), chain("S", "A", "E"), flow("B", "E2")
)
UNREACHED = process(start(), user(), end(), user("Z"), chain("S", "A", "E"), flow("Z", "E"))
DEAD = process(start(), user(), end(), user("Z"), chain("S", "A", "E"), flow("A", "Z"))
JOINED = process(
    start(), tag("exclusiveGateway", id="G", default="G-B"), user("A"), user("B"), tag("parallelGateway", id="J"), end(),
    chain("S", "G", "B", "J", "E"), flow("G", "A", "amount > 1"), flow("A", "J"),
)  # fmt: skip
_SCRIPT = tag("scriptTask", tag("script", "{n: 1}"), id="X", scriptFormat="js")
SCRIPT = process(start(), user(), _SCRIPT, end(), chain("S", "A", "X", "E"))
ASKING = settings(CANDIDATES + '<ld:form ref="a"/>', **{"a.json": form(x="number"), FACTS_FILE: form(y="string")})
FOUR = process(
    start(), user(), user("C", settings=CANDIDATES + '<ld:fourEyes with="AA"/>'), end(), chain("S", "A", "C", "E")
)

CASES: list[tuple[str, Files, str]] = [
    ("no-default", choosing("amount > 1", "amount < 1"), "默认流"),
    ("condition-missing", choosing("amount > 1", None), "默认流"),
    ("condition-alone", choosing("amount > 1"), "去掉条件"),
    ("condition-misplaced", {"t.bpmn": process(start(), user(), end(), flow("S", "A", "true"), flow("A", "E"))}, "去掉条件"),
    ("default", choosing("amount > 1", "amount < 1", default="G-B1"), "去掉条件"),
    ("flow-into-event", {"t.bpmn": process(start(), user(), end(), chain("S", "A", "E"), flow("A", "S"))}, "删除 1 条连线"),
    ("flow-out-of-end", {"t.bpmn": process(start(), user(), end(), chain("S", "A", "E"), flow("E", "A"))}, "删除 1 条连线"),
    ("event-subprocess", {"t.bpmn": simple(handler("H", timer()), flow("A", "H"))}, "删除 1 条连线"),
    ("unreachable", {"t.bpmn": UNREACHED}, "删除“Z”"),
    ("no-way-out", {"t.bpmn": DEAD}, "结束事件"),
    ("join-never", {"t.bpmn": JOINED, FACTS_FILE: form(amount="number")}, "排他网关"),
    ("not-executable", {"t.bpmn": simple().replace(b'isExecutable="true"', b'isExecutable="false"')}, "可执行"),
    ("form-missing", settings(CANDIDATES + '<ld:form ref="verfy"/>', **{"verify.json": form()}), "改为“verify”"),
    ("form-missing", settings(CANDIDATES + '<ld:form ref="verfy"/>'), "不用表单"),
    ("field-unknown", rights(("reslt", "read")), "改为“结果”（result）"),
    ("field-unknown", rights(("amount", "read"), ("zzz", "hidden")), "去掉"),
    ("field-unknown", settings(CANDIDATES + '<ld:field name="x" access="read"/>'), "去掉"),
    ("field-twice", rights(("amount", "read"), ("amount", "hidden")), "去掉"),
    ("field-closed", rights(("who", "read")), "不显示"),
    ("field-closed", rights(("who", "read")), "去掉"),
    ("field-unfilled", rights(("amount", "read"), ("result", "hidden")), "在这一步必填"),
    ("field-unfilled", rights(("amount", "read"), ("result", "hidden")), "在这一步可填"),
    ("dangling", {"t.bpmn": FOUR}, "改指“A”"),
    ("unknown-fact", choosing("amuont > 1", None, default="G-B1"), "改为“amount”"),
    ("unknown-fact", choosing("price > 1", None, default="G-B1"), "列为流程数据（数字）"),
    ("unknown-function", choosing("flor(amount) > 1", None, default="G-B1"), "floor"),
    ("expression", choosing("amount ＞ 1 && amount < 5", None, default="G-B1"), "amount > 1 and amount < 5"),
    ("expression", choosing("amount 大于 1", None, default="G-B1"), "amount > 1"),
    ("expression-language", choosing("${amount == 1}", None, default="G-B1"), "amount = 1"),
    ("expression-language", choosing("amount = None", None, default="G-B1"), "amount = null"),
    ("timer", {"t.bpmn": TASK_WITH_LIMIT}, "PT2H"),
    ("form-undeclared", ASKING, "x（x）"),
    ("setting", settings('<ld:candidates post="handler" choose="dutty"/>'), "改为“duty”"),
    ("setting-misplaced", {"t.bpmn": simple(tag("endEvent", ext(CANDIDATES), id="E3"), flow("A", "E3"))}, "ld:candidates"),
    ("setting-unknown", settings(CANDIDATES + '<ld:color name="red"/>'), "ld:color"),
    ("setting-twice", settings(CANDIDATES + '<ld:candidates post="x"/>'), "只留第一个"),
    ("script-language", {"t.bpmn": SCRIPT}, "FEEL"),
]  # fmt: skip


@pytest.mark.parametrize("code, files, said", CASES, ids=[f"{code}-{said}" for code, _, said in CASES])
def test_what_is_proposed_mends(code: str, files: Files, said: str) -> None:
    mend = next((one for one in proposed(files, code) if said in one.zh), None)
    assert mend is not None, [one.zh for one in proposed(files, code)]
    assert mend.en
    after = done(files, mend)
    assert code not in {one.code for one in lint(after)}, [one.line_for() for one in lint(after)]
    assert errors(after) <= errors(files), [one.line_for() for one in lint(after)]


CHOSEN: list[tuple[str, Files, str]] = [
    ("no-candidates", settings(""), "Candidates.post"),
    ("no-fallback", settings('<ld:candidates head="0"/>'), "Candidates.fallbackPost"),
    (
        "no-lookup",
        {"t.bpmn": process(start(), user(), tag("businessRuleTask", id="X"), end(), chain("S", "A", "X", "E"))},
        "Decision.ref",
    ),
    (
        "no-action",
        {"t.bpmn": process(start(), user(), tag("serviceTask", id="X"), end(), chain("S", "A", "X", "E"))},
        "Action.name",
    ),
    ("condition-missing", choosing("amount > 1", None), "condition"),
    ("no-name", {"t.bpmn": simple(name="")}, "name"),
    ("setting", settings('<ld:candidates post="handler"/><ld:clock budget="3"/>'), "Clock.id"),
]


@pytest.mark.parametrize("code, files, field", CHOSEN, ids=[f"{code}-{field}" for code, _, field in CHOSEN])
def test_what_only_people_know_opens_the_field(code: str, files: Files, field: str) -> None:
    steps = [step for mend in proposed(files, code) for step in mend.steps if step.kind is Do.CHOOSE]
    assert field in {step.property for step in steps}


def test_people_are_found_by_key_and_by_name() -> None:
    units, posts = (
        {"drainage": ("排水管理处", "Drainage")},
        {"handler": ("承办人", "Handler"), "head": ("负责人", "Head")},
    )
    known = Known(units=units, posts=posts)
    for written, wanted in (("drainge", "drainage"), ("排水处", "drainage")):
        files = settings(f'<ld:candidates post="handler" unit="{written}"/>')
        if written.isascii():
            (mend, _) = proposed(files, "unit-missing", known, units=units, posts=posts)
            after = done(files, mend)
            assert b'unit="drainage"' in after["t.bpmn"], wanted
            assert lint(after, units=units, posts=posts) == []
    files = settings('<ld:candidates post="handler"/><ld:copy post="handler"/><ld:copy post="haed"/>')
    mend = proposed(files, "post-missing", known, units=units, posts=posts)[0]
    assert mend.steps[0].property == "Copy#1.post"
    assert lint(done(files, mend), units=units, posts=posts) == []


def test_a_post_is_proposed_by_the_name_of_the_lane() -> None:
    lane = tag("laneSet", tag("lane", tag("flowNodeRef", "A"), id="L", name="派遣员"), id="LS")
    files = {"t.bpmn": process(lane, start(), user(settings=""), end(), chain("S", "A", "E"))}
    known = Known(posts={"dispatcher": ("派遣员", "Dispatcher"), "handler": ("承办人", "Handler")})
    mend = proposed(files, "no-candidates", known)[0]
    assert "dispatcher" in {step.value for step in mend.steps}
    assert lint(done(files, mend)) == []


def test_a_task_is_called_as_its_form() -> None:
    files = settings(CANDIDATES + '<ld:form ref="a"/>', **{"a.json": form()})
    files = {**files, "t.bpmn": files["t.bpmn"].replace(b' name="A"', b"")}
    mend = proposed(files, "no-name")[0]
    after = done(files, mend)
    assert 'name="表"'.encode() in after["t.bpmn"].replace(b"&#34920;", "表".encode())
    assert lint(after) == []


def test_registers_in_settings_and_in_expressions() -> None:
    drawn = choosing('register row("dutty", {}).x = 1', None, default="G-B1")
    known = replace(known_of(drawn), registers=["duty"])
    mend = proposed(drawn, "register-missing", known, registers=["duty"])[0]
    assert lint(done(drawn, mend), registers=["duty"]) == []


def test_what_the_city_has_is_called() -> None:
    call = tag("callActivity", id="X", calledElement="superwision")
    files = {"t.bpmn": process(start(), user(), call, end(), chain("S", "A", "X", "E"))}
    mend = proposed(files, "call", Known(processes=["supervision"]), processes=["supervision"])[0]
    assert lint(done(files, mend), processes=["supervision"]) == []


def test_a_name_is_changed_where_it_is_a_name() -> None:
    assert renamed('x = "x" and a.x > x', "x", "grade") == 'grade = "x" and a.x > grade'
    assert renamed("={x: x + 1}", "x", "y") == "={x: y + 1}"
    assert renamed('"x"', "x", "y") is None


@pytest.mark.parametrize(
    "written, feel",
    [
        ("a == 1 || b == 'x'", 'a = 1 or b = "x"'),
        ("a=“是”", 'a="是"'),
        ("a 大于 3 且 b 等于 true", "a > 3 and b = true"),
        ('a = "x', 'a = "x"'),
        ("(a > 1", "(a > 1)"),
        ("=a ≥ 3", "=a >= 3"),
        ("#{a != True}", "a != true"),
        ('a = "x == y"', None),
        ("a > 1", None),
        ("a b c", None),
    ],
)
def test_spellings_of_other_languages(written: str, feel: str | None) -> None:
    assert respelled(written) == feel


@pytest.mark.parametrize(
    "kind, written, lawful",
    [
        ("timeDuration", "3天", "P3D"),
        ("timeDuration", "2 小时", "PT2H"),
        ("timeDuration", "1天12小时", "P1DT12H"),
        ("timeDuration", "90 min", "PT90M"),
        ("timeDuration", "2 weeks", "P14D"),
        ("timeDuration", "P2H", "PT2H"),
        ("timeDuration", "PT3D", "P3D"),
        ("timeDuration", "pt30m", "PT30M"),
        ("timeDuration", "２小时", "PT2H"),
        ("timeDuration", "soon", None),
        ("timeDuration", "99年", None),
        ("timeDate", "2026/5/1 8:00", "2026-05-01T08:00:00+08:00"),
        ("timeDate", "2026年5月1日", "2026-05-01T00:00:00+08:00"),
        ("timeDate", "2026-13-01", None),
        ("timeCycle", "R3/2小时", "R3/PT2H"),
        ("timeCycle", "每天", "R/P1D"),
        ("timeCycle", "every 2 hours", "R/PT2H"),
        ("timeCycle", "0 8 * * *", None),
    ],
)
def test_times_as_people_write_them(kind: str, written: str, lawful: str | None) -> None:
    assert nearest_time(kind, written) == lawful
