"""Registers: typed by their definition, looked up from every expression, kept by people and by processes, each change with its reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

import forms
from engine import registers
from engine.audit.digests import register_digest
from engine.bpmn.lint import lint
from engine.errors import BusinessError, Invalid, NotAllowed, NotFound, StepFailed
from engine.people import Actor, load_actor
from engine.registers import importing, keeping, putting
from engine.registers.importing import NotAsPreviewed
from engine.registers.keeping import RowChanged, RowTaken
from engine.tables import audit, register_row
from tests.bpmn.drawing import chain, end, ext, flow, start, tag, user
from tests.db.talking import OPERATOR, bundle
from tests.dmn.drawing import decision, dmn_file, literal
from web.city import City

KEEPER, READER = "yinshuwen", "hejianping"

PITS: dict[str, Any] = {
    "key": "pits",
    "name_zh": "测试坑",
    "name_en": "Test pits",
    "row_key": "key",
    "label": "name",
    "match": ["town", "depth"],
    "editors": ["keep_registers"],
    "schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "坑",
        "x-title": {"en": "Pit"},
        "type": "object",
        "properties": {
            "key": {"type": "string", "title": "编号", "x-title": {"en": "Number"}, "maxLength": 40},
            "name": {"type": "string", "title": "名称", "x-title": {"en": "Name"}, "maxLength": 40},
            "town": {"type": "string", "title": "街镇", "x-title": {"en": "Town"}, "maxLength": 40},
            "depth": {"type": "number", "title": "深度", "x-title": {"en": "Depth"}, "minimum": 0, "maximum": 90},
            "post": {"type": "string", "title": "岗位", "x-title": {"en": "Post"}, "maxLength": 40},
            "open": {"type": "boolean", "title": "开放", "x-title": {"en": "Open"}},
            "since": {"type": "string", "format": "date", "title": "启用", "x-title": {"en": "Since"}},
            "phone": {
                "type": "string",
                "title": "电话",
                "x-title": {"en": "Phone"},
                "maxLength": 30,
                "x-personal": "contact",
            },
        },
        "required": ["key", "name", "town"],
        "additionalProperties": False,
    },
}
ROWS = (
    {"key": "a", "name": "甲", "town": "yuanlin", "depth": "1", "post": "operator", "phone": "0728-1", "source": "s"},
    {"key": "b", "name": "乙", "town": "yuanlin", "depth": "2.50", "open": "是", "since": "2020-05-01"},
    {"key": "c", "name": "丙", "town": "yangshi", "depth": "1"},
)


@pytest.fixture
def pits(city: City) -> registers.Register:
    registers.define(city.core, [PITS])
    found = registers.find(city.core, "pits")
    assert found is not None
    registers.load(city.core, "pits", "key", [registers.typed(found, row) for row in ROWS])
    return found


def actor(city: City, login: str = KEEPER) -> Actor:
    with city.core.db.read() as connection:
        return load_actor(connection, login)


def found(city: City, **match: Any) -> list[str]:
    return [row["row_key"] for row in registers.matching(city.core, "pits", match, every=True)]


def test_rows_are_typed_and_found_by_any_column(city: City, pits: registers.Register) -> None:
    assert found(city, town="yuanlin", depth=2.5) == ["b"]
    assert found(city, depth=1, town="yuanlin") == ["a"], "in any order"
    assert found(city, depth=1.0) == ["a", "c"], "also by columns without an index"
    row = registers.lookup(city.core, "pits", {"key": "b"})
    assert row is not None
    assert (row["depth"], row["open"], row["since"]) == (2.5, True, "2020-05-01")
    first = registers.lookup(city.core, "pits", {"key": "a"})
    assert first is not None
    assert not {"phone", "source"} & set(first), "what is about a person never becomes a fact"
    registers.define(city.core, [{**PITS, "match": ["name"]}])
    assert found(city, name="丙") == ["c"]
    assert found(city, town="yuanlin", depth=1) == ["a"]
    with city.core.db.read() as connection:
        kept = select(register_row.c.match_key).where(register_row.c.register == "pits", register_row.c.current)
        assert set(connection.execute(kept).scalars()) == {"甲", "乙", "丙"}, "found by the new columns"
    with pytest.raises(forms.InvalidAnswers) as refused:
        registers.typed(pits, {"key": "d", "name": "丁", "town": "yuanlin", "depth": "99", "colour": "red"})
    assert {problem.path for problem in refused.value.problems} == {"depth", "colour"}


EVERYWHERE = 'register row("pits", {town: where, depth: 1}).name'
DECIDES = decision("Which", literal('register row("pits", {key: "b"}).name'))


def asking(where: str = "yuanlin", expression: str = EVERYWHERE) -> dict[str, bytes]:
    """A process that looks the register up in a script, a decision table's file, a condition and the rule who gets a task."""
    parts = (
        start(),
        tag("scriptTask", tag("script", f'{{where: "{where}"}}'), id="W", scriptFormat="feel"),
        tag("scriptTask", tag("script", "{" + f'said: {expression}, many: count(register rows("pits", {{}}))' + "}"),
            id="Q", scriptFormat="feel"),
        tag("businessRuleTask", ext('<ld:decision ref="Which" into="decided"/>'), id="D"),
        tag("exclusiveGateway", id="G", default="G-E"),
        user("A", settings="""<ld:candidates post='=register row("pits", {key: "a"}).post'/>"""),
        end(),
        chain("S", "W", "Q", "D", "G"),
        flow("G", "A", 'register row("pits", {town: where, depth: 1}).name = "甲"'),
        flow("G", "E"),
        flow("A", "E"),
    )  # fmt: skip
    return {**bundle(*parts, key="asks"), "which.dmn": dmn_file(DECIDES)}


def test_every_expression_of_a_step_looks_it_up(city: City, pits: registers.Register) -> None:
    (asks,) = city.deploy(asking())
    case = city.start(asks.key, {}, OPERATOR)
    facts = city.instance(case)["facts"]
    assert (facts["said"], facts["many"], facts["decided"]) == ("甲", 3, "乙")
    assert [task.node for task in city.tasks(case)] == ["A"]
    (asks,) = city.deploy(asking("yangshi"))
    assert not city.tasks(city.start(asks.key, {}, OPERATOR)), "丙 is not 甲"
    (wrong,) = city.deploy(asking(expression='register row("pitts", {}).name'))
    with pytest.raises(StepFailed, match="there is no register “pitts”"):
        city.start(wrong.key, {}, OPERATOR)


def test_a_realm_reads_its_own(city: City, pits: registers.Register) -> None:
    registers.load(city.core, "boston/pits", "key", [{"key": "a", "name": "Boston", "town": "yuanlin", "depth": 1}])
    said = registers.lookup(city.core, "pits", {"town": "yuanlin", "depth": 1}, "boston")
    assert said is not None
    assert said["name"] == "Boston"


def test_people_keep_it_with_a_reason(city: City, pits: registers.Register) -> None:
    core, keeper = city.core, actor(city)
    new = {"key": "d", "name": "丁", "town": "yangshi", "depth": 3, "source": "测试"}
    with pytest.raises(NotAllowed):
        keeping.add(core, actor(city, READER), pits, new, "因为")
    with pytest.raises(Invalid):
        keeping.add(core, keeper, pits, new, "  ")
    assert keeping.add(core, keeper, pits, new, "新建成") == "d"
    with pytest.raises(RowTaken):
        keeping.add(core, keeper, pits, new, "新建成")
    assert found(city, town="yangshi", depth=3) == ["d"]
    assert keeping.change(core, keeper, pits, "d", 1, {**new, "depth": 4}, "重新测量") == 2
    assert keeping.change(core, keeper, pits, "d", 2, {**new, "depth": 4}, "没有变化") == 2
    with pytest.raises(RowChanged) as late:
        keeping.change(core, actor(city, "lianyufang"), pits, "d", 1, {**new, "depth": 5}, "旧页面")
    assert "尹书文" in late.value.text("zh")
    keeping.end(core, keeper, pits, "d", 2, "已回填")
    with pytest.raises(RowChanged):
        keeping.end(core, keeper, pits, "d", 2, "再来")
    with pytest.raises(NotFound):
        keeping.end(core, keeper, pits, "nothing", 1, "没有")
    assert found(city, town="yangshi", depth=4) == []
    told = [(v.number, v.why, v.ended, v.data["depth"]) for v in keeping.versions(core, pits, "d")]
    assert told == [(3, "已回填", True, 4), (2, "重新测量", False, 4), (1, "新建成", False, 3)]
    with core.db.read() as connection:
        rows = connection.execute(select(audit.c.data).where(audit.c.about == "register:pits")).scalars().all()
    assert [row["why"] for row in rows if "why" in row] == ["新建成", "重新测量", "已回填"]
    with core.db.read() as connection:
        digest = register_digest(connection, "pits")
    assert rows[-1]["digest"] == digest, "what the audit says can be held against what is"


def test_a_process_puts_a_row_once(city: City, pits: registers.Register) -> None:
    core = city.core
    (asks,) = city.deploy(asking())
    case = city.start(asks.key, {}, OPERATOR)
    wanted = {"register": "pits", "key": "a", "set": {"depth": 7, "phone": None}, "why": "验收"}
    first = putting.action(core, case, wanted)
    assert (first["row_version"], first["written"], first["row"]["depth"]) == (2, True, 7)
    keeping.change(core, actor(city), pits, "a", 2, {**first["row"], "name": "甲甲"}, "改名")
    assert putting.action(core, case, wanted)["row_version"] == 2, "repeated after a crash it changes nothing"
    assert found(city, depth=7) == ["a"]
    for bad in ({"register": "none"}, {"set": {"depth": "deep"}}, {"set": {"colour": 1}}, {"key": ""}):
        with pytest.raises(BusinessError) as refused:
            putting.action(core, case, {**wanted, **bad})
        assert refused.value.error_code == "register_refused"
    made = putting.action(core, case, {"register": "pits", "key": "z", "set": {"name": "新", "town": "yangshi"}})
    assert made["row_version"] == 1


def test_a_sheet_does_what_its_preview_said(city: City, pits: registers.Register) -> None:
    core, keeper = city.core, actor(city)
    rows = registers.rows(core, "pits")
    whole = importing.read(importing.export(pits, rows, "zh", city.world().zone, keeps=True), "pits.xlsx")
    assert whole[0] == ["编号", "名称", "街镇", "深度", "岗位", "开放", "启用", "电话", "来源"]
    assert importing.preview(core, pits, whole, ends=True).same == 3
    csv = "编号,名称,街镇,深度,开放\na,甲,yuanlin,1,\nb,=1+1,yuanlin,3,否\nn,新,yangshi,2,是\n".encode("gb18030")
    seen = importing.preview(core, pits, importing.read(csv, "pits.csv"), ends=True)
    assert not seen.problems
    assert ([r["key"] for r in seen.added], [c.key for c in seen.changed], seen.ended) == (["n"], ["b"], ["c"])
    assert seen.changed[0].after["since"] == "2020-05-01", "a column that the sheet lacks stays"
    with pytest.raises(NotAllowed):
        importing.apply(core, actor(city, READER), pits, seen.rows, ends=True, digest=seen.digest, why="年度核查")
    with pytest.raises(NotAsPreviewed):
        importing.apply(core, keeper, pits, seen.rows[:1], ends=True, digest=seen.digest, why="年度核查")
    importing.apply(core, keeper, pits, seen.rows, ends=True, digest=seen.digest, why="年度核查")
    with pytest.raises(NotAsPreviewed):
        importing.apply(core, keeper, pits, seen.rows, ends=True, digest=seen.digest, why="年度核查")
    assert {row["key"]: row["name"] for row in registers.rows(core, "pits")} == {"a": "甲", "b": "=1+1", "n": "新"}
    bad = importing.preview(
        core,
        pits,
        [["编号", "名称", "街镇", "深度", "颜色"], ["a", "甲", "x", 99, "红"], ["a", None, "x", 1, None]],
        ends=False,
    )
    assert {(w.line, w.column) for w in bad.problems} == {(1, "颜色"), (2, "深度"), (3, "名称")}
    assert importing.preview(core, pits, [["名称"], ["甲"]], ends=False).problems[0].zh == "缺少“编号”列。"


def test_lint_knows_the_registers() -> None:
    files = asking()
    assert not [p for p in lint(files, registers=["pits"]) if p.code == "register-missing"]
    assert len([p for p in lint(files, registers=["standards"]) if p.code == "register-missing"]) == 4, (
        "script, rule who, condition, decision"
    )


def test_what_several_take_at_once_is_counted_where_the_row_is_locked(city: City, pits: registers.Register) -> None:
    """No amount is lost, none is taken twice, none below what the schema allows; and a row that stands otherwise is refused."""
    core = city.core
    (asks,) = city.deploy(asking())
    cases = [city.start(asks.key, {}, OPERATOR) for _ in range(8)]
    putting.action(core, cases[0], {"register": "pits", "key": "a", "set": {"depth": 7}, "id": "filled"})

    def take(case: int) -> str:
        wanted = {"register": "pits", "key": "a", "add": {"depth": -1}, "id": "take"}
        try:
            first = putting.action(core, case, wanted)
        except BusinessError as refused:
            return refused.error_code
        assert putting.action(core, case, wanted)["row_version"] == first["row_version"], "repeated after a crash"
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(take, cases))
    assert (told.count("taken"), told.count("register_refused")) == (7, 1)
    assert (found(city, depth=0), found(city, depth=1)) == (["a"], ["c"])
    expecting = {"register": "pits", "key": "a", "set": {"post": "out"}}
    for expect in ({"post": "out"}, {"post": None}, {"town": ["yangshi", None]}):
        with pytest.raises(BusinessError):
            putting.action(core, cases[0], {**expecting, "expect": expect})
    assert putting.action(core, cases[0], {**expecting, "expect": {"post": ["operator", None]}})["row"]["post"] == "out"
