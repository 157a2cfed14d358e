"""The form editor: what a designer clicks becomes a form that deploys; nothing broken or hostile gets in; two people keep what they did."""

from __future__ import annotations

import json
from typing import Any

import pytest

import forms
from engine import drafts
from engine.bpmn.lint import lint
from tests.web.visitor import COLLECTOR, Visit, Visitor, words
from web.city import City

DESIGNER, OTHER = "xuguangming", "fangzhiyuan"
KEY = "excavation_permit"
LIST = "/definitions/drafts/1/forms"
FORM = f"{LIST}/exception"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def begun(designer: Visitor, key: str = KEY) -> None:
    answer = designer.submit(f"/definitions/{key}/1", f"/definitions/{key}/forms", base="1")
    assert answer.status_code == 303
    assert answer.location == LIST


def files(city: City, draft: int = 1) -> dict[str, bytes]:
    return drafts.files_of(city.core, draft)


def document(city: City, name: str = "exception", draft: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(city, draft)[name + ".json"])
    return found


def add(designer: Visitor, form: str = FORM, **given: str) -> Any:
    page = f"{form}?add=1" + (f"&inside={given['inside']}" if "inside" in given else "")
    action = f"{form}/add?add=1" + (f"&inside={given['inside']}" if "inside" in given else "")
    typed = designer.form(page, action)
    return designer.post(action, {**typed, **given})


def keep(designer: Visitor, path: str, **given: str) -> Any:
    return designer.submit(f"{FORM}?field={path}", f"{FORM}/fields/{path}", **given)


def test_a_form_is_made_field_by_field_and_deploys(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    before = files(city)
    assert "禁挖期内挖掘审批" in designer.get(LIST).text
    made = designer.submit(LIST, LIST, zh="安全审查", en="Safety review")
    assert made.location == f"{LIST}/safety_review"
    form = made.location
    for kind, zh, en in (
        ("choice", "安全意见", "Safety opinion"), ("textarea", "理由", "Grounds"), ("rows", "措施清单", "Measures"),
        ("photo", "现场照片", "Site photos"), ("place", "集合地点", "Meeting point"), ("person", "安全员", "Safety officer"),
        ("register", "所属路段", "Road stretch"), ("date", "复查日期", "Look again on"), ("signature", "签名", "Signature"),
    ):  # fmt: skip
        answer = add(designer, form, kind=kind, zh=zh, en=en, register="road_segments")
        assert answer.status_code == 303, words(answer.text)
    answer = add(designer, form, kind="number", zh="数量", en="Amount", inside="measures")
    assert answer.location == f"{form}?field=measures.amount"
    assert add(designer, form, kind="fact", fact="title", access="read").status_code == 303
    written = document(city, "safety_review")
    assert list(written["properties"])[:2] == ["safety_opinion", "grounds"]
    assert written["properties"]["road_stretch"]["x-register"] == "road_segments"
    assert written["properties"]["title"]["x-access"] == "read"
    assert {"lat", "lon"} <= set(written["properties"])
    facts = json.loads(files(city)["facts.json"])
    assert facts["properties"]["safety_opinion"]["oneOf"] == written["properties"]["safety_opinion"]["oneOf"]
    assert "amount" in facts["properties"]["measures"]["items"]["properties"]
    assert [one for one in lint(files(city)) if one.file.endswith(".json")] == []
    same = {name: content for name, content in files(city).items() if name not in ("safety_review.json", "facts.json")}
    assert same == {name: content for name, content in before.items() if name != "facts.json"}


def test_what_is_set_on_a_field_is_written_and_nothing_else(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    before = files(city)["exception.json"]
    assert keep(designer, "exception_document").status_code == 303
    assert files(city)["exception.json"] == before
    assert (
        keep(
            designer, "exception_document", zh="文号", max_length="60", help_zh="照抄", help_en="As it stands"
        ).status_code
        == 303
    )
    one = document(city)["properties"]["exception_document"]
    assert (one["title"], one["maxLength"], one["x-description"]) == ("文号", 60, {"en": "As it stands"})
    was = json.loads(before)
    was["properties"]["exception_document"] = one
    assert document(city) == was
    assert json.loads(files(city)["facts.json"])["properties"]["exception_document"]["maxLength"] in (60, 100)
    designer.post(
        f"{FORM}/fields/exception_note/move", {**designer.form(FORM, f"{FORM}/fields/exception_note/move"), "way": "up"}
    )
    names = list(document(city)["properties"])
    assert names.index("exception_note") == names.index("exception_document") - 1


def test_problems_are_said_at_their_input_and_nothing_is_kept(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    before = files(city)
    for given, sentence in (
        ({"zh": ""}, "缺少 title"), ({"en": "中文"}, "缺少英文"), ({"max_length": "many"}, "请填整数"),
        ({"max_length": "99999"}, "10000"), ({"min_length": "90", "max_length": "3"}, "大于"), ({"pattern": "(?=a)"}, "RE2"),
    ):  # fmt: skip
        answer = keep(designer, "exception_document", **given)
        assert answer.status_code == 422, given
        assert sentence in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert f'value="{next(iter(given.values()))}"' in answer.text
    taken = keep(designer, "exception_decision", **{"option.1.value": "approve"})
    assert "重复" in taken.text
    assert files(city) == before
    for name in ("csrf_token", "_x", "A b", "../../etc", "名称", "title", "x" * 80, "a.b"):
        answer = add(designer, kind="text", zh="栏", en="Field", name=name)
        assert answer.status_code == 422, name
        made = designer.submit(LIST, LIST, zh="表", en="Form", name=name if name != "title" else "facts")
        assert made.status_code == 422, name
    for kind in ("link", "other", "nothing", "__class__"):
        assert add(designer, kind=kind, zh="栏", en="Field").status_code == 422
    assert files(city) == before
    for path in ("nothing", "overlaps.nothing", "..", "properties"):
        assert designer.get(f"{FORM}?field={path}").status_code == 200
        assert designer.post(f"{FORM}/fields/{path}/remove", designer.form(FORM, FORM)).status_code == 404
    for name in ("facts", "no_such", "excavation_permit"):
        assert designer.get(f"{LIST}/{name}").status_code == 404


def test_choices_are_reordered_and_named_by_clicking(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    more = keep(designer, "exception_decision", do="more")
    assert 'name="option.2.zh"' in more.text
    swapped = keep(designer, "exception_decision", do="up.1")
    assert swapped.text.index('value="refuse"') < swapped.text.index('value="approve"')
    assert [one["const"] for one in document(city)["properties"]["exception_decision"]["oneOf"]] == [
        "approve",
        "refuse",
    ]
    given = {"option.2.zh": "退回补充", "option.2.en": "Ask for more", "option.2.value": ""}
    assert keep(designer, "exception_decision", **given).status_code == 303
    options = document(city)["properties"]["exception_decision"]["oneOf"]
    assert [one["const"] for one in options] == ["approve", "refuse", "ask_for_more"]
    facts = json.loads(files(city)["facts.json"])["properties"]["exception_decision"]["oneOf"]
    assert "ask_for_more" in [one["const"] for one in facts]


def test_a_field_is_shown_on_a_condition_by_clicking(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    add(designer, kind="textarea", zh="安全措施", en="Safety measures")
    page = f"{FORM}?field=safety_measures&on=exception_decision"
    action = f"{FORM}/fields/safety_measures/when"
    assert designer.submit(page, action, on="exception_decision").status_code == 422
    assert designer.submit(page, action, on="exception_decision", value="0", needed="1").status_code == 303
    # The form asks the same already: the field joins that rule.
    assert document(city)["then"]["required"] == ["exception_document", "safety_measures"]
    shown = designer.get(f"{FORM}?field=safety_measures").text
    assert "“市人民政府意见” 是 批准在禁挖期内挖掘；这时必填" in words(shown)
    answer = designer.post(action, {**designer.form(page, action), "drop": "0.0"})
    assert answer.status_code == 303
    assert document(city)["then"]["required"] == ["exception_document"]
    designer.submit(page, action, on="exception_decision", value="1")
    assert document(city)["allOf"] == [
        {
            "if": {"properties": {"exception_decision": {"const": "refuse"}}, "required": ["exception_decision"]},
            "then": {"properties": {"safety_measures": True}},
        }
    ]
    # What is only read is never asked for.
    designer.submit(page, action, on="exception_decision", value="0", needed="1")
    assert keep(designer, "safety_measures", access="read").status_code == 303
    assert "allOf" not in document(city)


def test_a_default_who_fills_it_in_and_no_item_twice_are_set_by_clicking(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    made = designer.submit(LIST, LIST, zh="登记", en="Register")
    form = made.location
    for kind, zh, en in (
        ("choice", "结果", "Result"),
        ("integer", "数量", "Count"),
        ("checkbox", "加急", "Urgent"),
        ("units", "协办", "Helpers"),
    ):
        assert add(designer, form, kind=kind, zh=zh, en=en).status_code == 303

    def set_on(path: str, **given: object) -> Any:
        page, action = f"{form}?field={path}", f"{form}/fields/{path}"
        return designer.post(action, {**designer.form(page, action), **given})

    assert set_on("result", default="second").status_code == 303
    wrong = set_on("count", default="many")
    assert (wrong.status_code, "请填数字" in wrong.text) == (422, True)
    assert set_on("count", default="9", maximum="5").status_code == 422, "a default that could not be sent"
    assert set_on("count", default="3", maximum="5").status_code == 303
    assert set_on("urgent", default="no").status_code == 303
    assert set_on("helpers", unique="1").status_code == 303
    written = document(city, "register")["properties"]
    assert written["result"]["default"] == "second"
    assert written["count"]["default"] == 3
    assert written["urgent"]["default"] is False
    assert written["helpers"]["uniqueItems"] is True
    assert set_on("result", default="").status_code == 303
    assert "default" not in document(city, "register")["properties"]["result"]
    # Who may fill it in is asked on the form of a start alone.
    assert "posts_offered" not in designer.get(f"{form}?field=count").text
    assert "posts_offered" in designer.get(f"{LIST}/apply?field=title").text
    start = f"{LIST}/apply"
    page, action = f"{start}?field=title", f"{start}/fields/title"
    kept = {**designer.form(page, action), "posts": ["window", "handler"]}
    assert designer.post(action, kept).status_code == 303
    assert set(document(city, "apply")["properties"]["title"]["x-posts"]) == {"window", "handler"}


def test_a_default_that_is_no_choice_any_more_is_said(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    form = designer.submit(LIST, LIST, zh="登记", en="Register").location
    assert add(designer, form, kind="choice", zh="结果", en="Result").status_code == 303
    page, action = f"{form}?field=result", f"{form}/fields/result"
    assert designer.post(action, {**designer.form(page, action), "default": "second"}).status_code == 303
    before = files(city)["register.json"]
    typed = {name: value for name, value in designer.form(page, action).items() if not name.startswith("option.1")}
    answer = designer.post(action, typed)
    assert answer.status_code == 422
    assert "field-error" in answer.text or "data-problems" in answer.text
    assert files(city)["register.json"] == before
    numbered = json.loads(before)
    numbered["properties"]["result"]["oneOf"] = [
        {"const": number, "title": str(number), "x-title": {"en": str(number)}} for number in (1, 2)
    ]
    numbered["properties"]["result"] |= {"type": "integer", "default": 2}
    now = drafts.get(city.core, 1)
    drafts.save(city.core, 1, now.revision, {"register.json": json.dumps(numbered).encode()}, DESIGNER)
    assert designer.submit(page, action, zh="结论").status_code == 303
    assert document(city, "register")["properties"]["result"]["default"] == 2


def test_two_conditions_are_joined_by_clicking(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    form = designer.submit(LIST, LIST, zh="登记", en="Register").location
    for kind, zh, en in (("choice", "结果", "Result"), ("checkbox", "加急", "Urgent"), ("text", "原因", "Reason")):
        add(designer, form, kind=kind, zh=zh, en=en)
    when = f"{form}/fields/reason/when"
    designer.submit(f"{form}?field=reason&on=result", when, value="1")
    page = designer.get(f"{form}?field=reason").text
    assert "with=0.0" in page
    joining = designer.get(f"{form}?field=reason&with=0.0").text
    assert "同时成立才显示" in joining
    assert '<option value="result"' not in joining
    joined = {"on": "urgent", "with": "0.0", "value": "yes"}
    assert 'name="with" value="0.0"' in designer.get(f"{form}?field=reason&with=0.0&on=urgent").text
    assert designer.submit(f"{form}?field=reason&with=0.0&on=urgent", when, **joined).status_code == 303
    (rule,) = document(city, "register")["allOf"]
    assert rule["if"]["properties"] == {"result": {"const": "second"}, "urgent": {"const": True}}
    assert "，且" in designer.get(f"{form}?field=reason").text
    gone = designer.submit(f"{form}?field=reason&on=urgent", when, **{**joined, "with": "7.0"})
    assert gone.status_code == 409
    # Another beside it: either will do.
    assert designer.submit(f"{form}?field=reason&on=urgent", when, on="urgent", value="no").status_code == 303
    assert len(document(city, "register")["allOf"]) == 2


def test_answers_are_tried_and_nothing_is_kept(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    page = designer.get(f"{FORM}/try")
    assert page.status_code == 200
    assert "案件已有的内容" in page.text
    answer = designer.submit(f"{FORM}/try", f"{FORM}/try", exception_decision="approve")
    assert answer.status_code == 422
    assert "请填写批准文号" in answer.text
    answer = designer.submit(
        f"{FORM}/try",
        f"{FORM}/try",
        exception_decision="approve",
        exception_document="府批〔2026〕1 号",
        works="excavation",
    )
    assert answer.status_code == 200
    assert "可以提交，会写入" in answer.text
    assert "批准在禁挖期内挖掘" in answer.text
    assert "府批〔2026〕1 号" in answer.text
    assert "phone" in designer.get(f"{FORM}/try?width=phone").text


def test_two_people_are_told_and_nothing_is_lost(visit: Visit, city: City) -> None:
    designer, other = visit(DESIGNER), visit(OTHER)
    begun(designer)
    path = f"{FORM}/fields/exception_document"
    typed = designer.form(f"{FORM}?field=exception_document", path)
    theirs = other.form(f"{FORM}?field=exception_note", f"{FORM}/fields/exception_note")
    assert other.submit(f"{FORM}?field=exception_document", path, zh="对方的名称").status_code == 303
    late = designer.post(path, {**typed, "zh": "我的名称"})
    assert late.status_code == 409
    assert "我的名称" in late.text
    assert "尚未保存" in late.text
    assert document(city)["properties"]["exception_document"]["title"] == "对方的名称"
    # Another field of the same form: both stay.
    assert (
        designer.submit(
            f"{FORM}?field=exception_decision", f"{FORM}/fields/exception_decision", zh="市政府意见"
        ).status_code
        == 303
    )
    assert other.post(f"{FORM}/fields/exception_note", {**theirs, "zh": "备注"}).status_code == 303
    now = document(city)["properties"]
    assert [now[name]["title"] for name in ("exception_document", "exception_decision", "exception_note")] == [
        "对方的名称", "市政府意见", "备注",
    ]  # fmt: skip
    drafts.discard(city.core, 1, DESIGNER)
    assert designer.post(path, {**typed, "zh": "再改"}).status_code == 422
    assert "已经关闭" in designer.get(FORM).text


def test_what_the_editor_does_not_know_stays(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    odd = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "手写", "title": "表", "x-title": {"en": "Form"},
        "type": "object", "$defs": {"t": {"type": "string", "title": "共", "x-title": {"en": "Shared"}}},
        "properties": {
            "one": {"$ref": "#/$defs/t", "title": "一", "x-title": {"en": "One"}},
            "two": {"type": "string", "title": "二", "x-title": {"en": "Two"}, "$comment": "留下", "default": "x", "x-posts": ["handler"]},
            "broken": {"type": "string", "title": "坏", "x-title": {"en": "Broken"}, "x-unknown": 1},
        },
    }  # fmt: skip
    begun(designer)
    found = drafts.get(city.core, 1)
    drafts.save(city.core, 1, found.revision, {"exception.json": json.dumps(odd).encode(), "torn.json": b"{"}, DESIGNER)
    page = designer.get(FORM)
    assert "不支持的关键字“x-unknown”" in page.text
    assert keep(designer, "two", zh="贰").status_code == 303
    assert (
        keep(designer, "broken", zh="坏了").status_code == 303
    )  # an old mistake does not keep one from mending others
    assert "引用了多处共用的定义" in designer.get(f"{FORM}?field=one").text
    odd["properties"]["two"]["title"] = "贰"  # type: ignore[index]
    odd["properties"]["broken"]["title"] = "坏了"  # type: ignore[index]
    assert document(city) == odd
    assert "不是能读取的 JSON" in designer.get(f"{LIST}/torn").text
    assert designer.get(f"{LIST}/torn/try").status_code == 200
    assert designer.get(LIST).status_code == 200


def test_a_form_in_use_is_not_deleted_and_others_are(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    begun(designer)
    used = designer.submit(FORM, f"{FORM}/delete")
    assert used.status_code == 422
    assert "还在用这张表单" in used.text
    copied = designer.submit(LIST, LIST, zh="另一份", en="Another", copy="exception")
    assert copied.location == f"{LIST}/another"
    copy = document(city, "another")
    assert {**copy, "title": 0, "x-title": 0} == {**document(city), "title": 0, "x-title": 0}
    assert designer.submit(copied.location, f"{copied.location}/delete").status_code == 303
    assert "another.json" not in files(city)


def test_only_designers_come_here(visit: Visit, city: City) -> None:
    begun(visit(DESIGNER))
    reader = visit(COLLECTOR)
    for path in (LIST, FORM, f"{FORM}/try"):
        assert reader.get(path).status_code == 403
    for path in (
        f"/definitions/{KEY}/forms",
        LIST,
        FORM,
        f"{FORM}/add",
        f"{FORM}/fields/title",
        f"{FORM}/try",
        f"{FORM}/delete",
    ):
        assert reader.post(path, {"csrf_token": ""}).status_code in (400, 403)
    assert "编辑表单" not in reader.get(f"/definitions/{KEY}/1").text


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_form_of_the_permit_opens_in_its_editor(visit: Visit, city: City, locale: str) -> None:
    designer = visit(DESIGNER, locale=locale)
    begun(designer)
    for name, content in files(city).items():
        if not name.endswith(".json") or name == "facts.json":
            continue
        form = f"{LIST}/{name.removesuffix('.json')}"
        assert designer.get(form).status_code == 200
        fields = list(json.loads(content)["properties"])
        for path in fields[:: max(1, len(fields) // 4)]:
            assert designer.get(f"{form}?field={path}").status_code == 200
        assert designer.get(f"{form}/try").status_code == 200
        forms.load(content)
