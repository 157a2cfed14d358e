"""What a step may do with a field of its form holds wherever the step is met: its page, its answers, programs, paper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import drafts
from engine.publishing.comparing import compare
from escalation.papers import form as paper
from forms.errors import InvalidAnswers
from tests.bpmn.drawing import chain, end, ext, start, user
from tests.db.talking import ME, OPERATOR, bundle
from tests.factories import task_at
from tests.web.api.calling import DESIGNER, caller
from tests.web.visitor import Visit
from web.city import City
from web.setting_up import bundle as shipped
from web.telling_differences import settings
from web.wiring import PROCESSES

CANARY = "知道的人只有一个"
PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # forms


def text(zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": zh, "x-title": {"en": en}, **more}


FIELDS = {
    "title": text("标题", "Title"),
    "source": text("线索来源", "Where it comes from", maxLength=100),
    "sketch": text("草图", "Sketch", **{"x-control": "file"}),
    "amount": {**text("数额", "Amount"), "type": "integer"},
    "note": text("说明", "Note", maxLength=100),
}
FORM = {"title": "核实", "x-title": {"en": "Verify"}, "type": "object", "properties": FIELDS, "required": ["amount"]}
FACTS = {"title": "案件", "x-title": {"en": "Case"}, "type": "object", "properties": FIELDS}


def drawn(*rights: tuple[str, str]) -> dict[str, bytes]:
    said = "".join(f'<ld:field name="{name}" access="{access}"/>' for name, access in rights)
    files = {"a.json": json.dumps(FORM).encode(), "facts.json": json.dumps(FACTS).encode()}
    first = start(inside=ext('<ld:form ref="a"/>'))
    second = user("Verify", settings=ME + '<ld:form ref="a"/>' + said, name="核实线索")
    third = user("After", settings=ME + '<ld:form ref="a"/>')
    return bundle(first, second, third, end(), chain("S", "Verify", "After", "E"), key="hearsay", files=files)


RIGHTS = (("title", "read"), ("source", "hidden"), ("sketch", "hidden"), ("amount", "read"), ("note", "required"))


@pytest.fixture
def case(city: City) -> int:
    city.deploy(drawn(*RIGHTS))
    kept = city.accept("sketch.pdf", PAPER)
    facts = {"title": "线索一", "source": CANARY, "sketch": kept.id, "amount": 3, "note": "x"}
    return city.start("hearsay", facts, OPERATOR, accepted=[kept])


def test_the_page_the_program_and_the_paper_never_tell_what_is_hidden(
    visit: Visit, city: City, app: Any, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = task_at(city, case, "Verify").ref
    person = visit(OPERATOR)
    for address in (f"/tasks/{ref}", f"/street/tasks/{ref}"):
        page = person.get(address).text
        assert CANARY not in page, address
        assert "sketch.pdf" not in page
        assert city.instance(case)["facts"]["sketch"] not in page
        assert 'name="source"' not in page
        assert 'name="amount"' not in page, "it is read, not sent"
        assert 'name="note"' in page
    told = caller(app, city, OPERATOR).get(f"/tasks/{ref}").json
    assert set(told["facts"]) == {"title", "amount", "note"}
    asked = told["form"]
    assert asked["required"] == ["note"]
    assert {name: one.get("x-access", "edit") for name, one in asked["properties"].items()} == {
        "title": "read", "source": "hidden", "sketch": "hidden", "amount": "read", "note": "edit",
    }  # fmt: skip
    printed: list[Any] = []

    def render(filled: Any, *_: Any) -> tuple[bytes, int]:
        printed.append(filled)
        return b"%PDF-", 1

    monkeypatch.setattr(paper, "render", render)
    assert person.get(f"/tasks/{ref}/form.pdf").status_code == 200
    assert [label for label, _ in printed[0].rows] == ["标题", "数额", "说明"]
    assert CANARY not in repr(printed)
    # The next step has the form as it is: what was hidden is still known.
    city.complete(ref, {"note": "好"}, OPERATOR)
    after = task_at(city, case, "After").ref
    assert CANARY in person.get(f"/tasks/{after}").text


@pytest.mark.parametrize("name, value", [("amount", 4), ("source", "mine"), ("sketch", "0" * 64)])
def test_a_hostile_client_is_refused_by_name(
    visit: Visit, city: City, app: Any, case: int, name: str, value: Any
) -> None:
    ref = task_at(city, case, "Verify").ref
    before = city.instance(case)["facts"]
    with pytest.raises(InvalidAnswers) as refused:
        city.complete(ref, {"note": "好", name: value}, OPERATOR)
    assert [one.path for one in refused.value.problems] == [name]
    answer = caller(app, city, OPERATOR).post(f"/tasks/{ref}/complete", {"answers": {"note": "好", name: value}})
    assert (answer.status_code, name in answer.text) == (422, True)
    person = visit(OPERATOR)
    sent = {**person.form(f"/tasks/{ref}", f"/tasks/{ref}"), "note": "好", name: str(value)}
    page = person.post(f"/tasks/{ref}", sent)
    assert page.status_code == 422
    assert CANARY not in page.text
    person.post(f"/tasks/{ref}/draft", {**sent, "quiet": "1"})
    kept = city.draft(ref, OPERATOR)
    assert kept is None or name not in kept.answers
    assert city.instance(case)["facts"] == before


def test_what_is_required_here_is_asked_for(city: City, case: int) -> None:
    ref = task_at(city, case, "Verify").ref
    with pytest.raises(InvalidAnswers) as refused:
        city.complete(ref, {}, OPERATOR)
    assert [one.path for one in refused.value.problems] == ["note"], (
        "and the amount, which nobody may fill in here, is not"
    )


def test_the_form_is_looked_at_as_a_step_has_it(visit: Visit, city: City, case: int) -> None:
    person = visit(OPERATOR)
    version = person.get("/definitions/hearsay/1").text
    assert "/definitions/hearsay/1/forms/a?step=Verify" in version.replace("&amp;", "&")
    whole, step = (person.get(f"/definitions/hearsay/1/forms/a{more}").text for more in ("", "?step=Verify"))
    assert 'name="source"' in whole
    assert 'name="source"' not in step
    assert "核实线索" in step


def test_what_differs_between_versions_names_the_field(app: Any) -> None:
    before, after = drawn(("note", "read")), drawn(("note", "required"), ("source", "hidden"))
    difference = compare(before, after)
    (element,) = difference.elements
    wanted = {
        "zh": {("字段权限（说明） · 权限", "只读", "必填"), ("字段权限（线索来源） · 权限", "", "不显示")},
        "en": {
            ("Right to the field (Note) · Right", "read only", "required"),
            ("Right to the field (Where it comes from) · Right", "", "not shown"),
        },
    }
    for language, said in wanted.items():
        with app.test_request_context("/", headers={"Accept-Language": language}):
            assert set(settings(element, difference)) == said


def test_a_form_is_tried_as_a_step_has_it(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    files = shipped(PROCESSES / "waste_transport_permit")
    made = drafts.begin(city.core, "waste_transport_permit", files, DESIGNER, base=1)
    address = f"/definitions/drafts/{made.id}/forms/annual/try"
    page = designer.get(address).text
    assert "补交年审材料" in page
    assert "?step=LateAnnual" in page
    tried = designer.submit(f"{address}?step=LateAnnual", address)
    assert "check_note" in tried.text
    assert tried.status_code == 422
    assert "请填写年审说明" in tried.text
    assert "请填写年审说明" not in designer.submit(address, address).text
