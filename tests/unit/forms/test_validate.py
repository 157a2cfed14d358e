import math
from typing import Any

import pytest

import forms
from tests.unit.forms.build import choice, form, handling, text

GOOD: dict[str, Any] = {"result": "done", "sure": True, "photos": ["a1"]}


def refused(document: dict[str, Any], answers: dict[Any, Any], **known: object) -> dict[str, str]:
    with pytest.raises(forms.InvalidAnswers) as caught:
        forms.load(document).validate(answers, known or None)
    return {problem.path: problem.text("zh") for problem in caught.value.problems}


def test_good_answers_come_back_stripped() -> None:
    cleaned = forms.load(handling()).validate({**GOOD, "reason": "  下雨了 　", "count": 3.0})
    assert cleaned == {**GOOD, "reason": "下雨了", "count": 3}
    assert isinstance(cleaned["count"], int)


def test_a_missing_required_answer_is_asked_for_by_title_in_both_languages() -> None:
    with pytest.raises(forms.InvalidAnswers) as caught:
        forms.load(handling()).validate({"sure": True, "reason": "太远了"})
    (problem,) = caught.value.problems
    assert problem == forms.Problem("result", "请选择处置结果", "Please choose Result")
    assert caught.value.text("zh") == "有 1 项需要修改：请选择处置结果"
    assert str(caught.value) == "1 answer(s) need a change: Please choose Result"


@pytest.mark.parametrize("blank", ["", "  　", None])
def test_a_blank_answer_does_not_satisfy_required(blank: object) -> None:
    document = form({"result": text("处置结果", "Result", type="string")}, required=["result"])
    assert refused(document, {"result": blank}) == {"result": "请填写处置结果"}


def test_a_blank_optional_answer_means_now_empty_and_a_missing_one_says_nothing() -> None:
    cleaned = forms.load(handling()).validate({**GOOD, "phone": " ", "causes": [], "materials": [{}]})
    assert cleaned == {**GOOD, "phone": None, "causes": None, "materials": None}


def test_undeclared_read_only_and_hidden_keys_are_refused_by_name() -> None:
    problems = refused(handling(), {**GOOD, "verified": True, "case_class": "d1", "secret": "x", 7: 1})
    assert problems == {
        "case_class": "“类别”在此只读，不能修改。",
        "secret": "不能在此填写“secret”。",
        "verified": "表单没有“verified”这一项。",
        "7": "表单没有“7”这一项。",
    }


def test_problems_stand_in_drawing_order() -> None:
    problems = refused(handling(), {"evil": 1, "count": 99, "sure": "x", "day": "soon"})
    assert list(problems) == ["result", "reason", "count", "day", "sure", "evil"]


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("result", "nothing", "请从列出的选项中选择“处置结果”。"),
        ("result", 1, "“处置结果”应为文字。"),
        ("reason", "x" * 301, "“原因”最多 300 个字，现在有 301 个。"),
        ("reason", " x ", "“原因”至少 2 个字，现在只有 1 个。"),
        ("reason", "a\x00b", "“原因”含有无法保存的字符，请删去后重写。"),
        ("reason", "a\ud800b", "“原因”含有无法保存的字符，请删去后重写。"),
        ("phone", "12345678901", "“手机”的格式不对。"),
        ("count", 0, "“数量”不能小于 1。"),
        ("count", 11, "“数量”不能大于 10。"),
        ("count", 1.5, "“数量”应为整数。"),
        ("count", True, "“数量”应为数字。"),
        ("count", math.nan, "“数量”应为数字。"),
        pytest.param("count", 10**5000, "“数量”不能大于 10。", id="huge"),
        ("count", math.inf, "“数量”应为数字。"),
        ("day", "2026-02-30", "“日期”应为日期，例如 2026-02-13。"),
        ("until", "2026-02-13T16:30:00", "“期限”应为带时区的日期时间，例如 2026-02-13T16:30:00+08:00。"),
        ("causes", ["rain", "rain"], "“成因”有重复的项。"),
        ("causes", "rain", "“成因”应为列表。"),
        ("photos", list("abcd"), "“照片”最多 3 项，现在有 4 项。"),
        ("notes", ["x"] * 201, "“备注”最多 200 项，现在有 201 项。"),
        ("sure", 1, "“已到现场”应为是或否。"),
        ("spot", "here", "“位置”应由多项组成。"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(name: str, value: object, sentence: str) -> None:
    assert refused(handling(), {**GOOD, name: value}) == {name: sentence}


def test_rows_are_checked_cell_by_cell() -> None:
    rows = [{"name": "沙", "amount": 1}, {"amount": -1}, {"name": "石", "evil": 1}, "row"]
    assert refused(handling(), {**GOOD, "materials": rows}) == {
        "materials.1.amount": "“数量”不能小于 0。",
        "materials.1.name": "请填写名称",
        "materials.2.evil": "表单没有“evil”这一项。",
        "materials.3": "“材料”应由多项组成。",
    }


def test_a_required_group_is_asked_for_at_its_parts() -> None:
    document = handling()
    document["required"] = ["spot"]
    assert refused(document, {**GOOD}) == {"spot.street": "请填写街道"}
    assert refused(document, {**GOOD, "spot": {"house": 3}}) == {"spot.street": "请填写街道"}


def test_then_and_else_ask_for_their_own_fields() -> None:
    assert refused(handling(), {"result": "done", "sure": False}) == {"photos": "请上传照片"}
    assert refused(handling(), {"result": "cannot", "sure": False}) == {"reason": "请填写原因"}


def test_contains_asks_and_narrows() -> None:
    assert refused(handling(), {**GOOD, "causes": ["theft"], "count": 3}) == {
        "phone": "请填写手机",
        "count": "“数量”不能大于 2。",
    }


def test_neither_branch_is_asked_for_while_the_deciding_field_is_wrong() -> None:
    assert list(refused(handling(), {"result": "nothing", "sure": True})) == ["result"]


def test_a_condition_on_a_read_only_field_reads_the_facts() -> None:
    document = form(
        {
            "grade": text("等级", "Grade", type="string", enum=["A", "B"], x_access="read"),
            "reason": text("原因", "Reason", type="string"),
        },
        **{
            "if": {"properties": {"grade": {"const": "A"}}, "required": ["grade"]},
            "then": {"required": ["reason"]},
        },
    )
    assert refused(document, {}, grade="A") == {"reason": "请填写原因"}
    assert forms.load(document).validate({}, {"grade": "B"}) == {}
    assert forms.load(document).validate({}) == {}


def test_a_yes_that_must_be_given() -> None:
    document = form({"agree": text("同意", "Agreed", type="boolean", const=True)}, required=["agree"])
    assert refused(document, {"agree": False}) == {"agree": "请勾选“同意”。"}
    assert forms.load(document).validate({"agree": True}) == {"agree": True}


def test_true_is_not_one() -> None:
    document = form({"level": text("级别", "Level", type="integer", oneOf=[choice(1, "一级", "First")])})
    assert list(refused(document, {"level": True})) == ["level"]


@pytest.mark.parametrize("scheme", ["javascript:alert(1)", "data:text/html,x", "https://", "https://a b", "HTTP://x"])
def test_an_address_is_a_web_address(scheme: str) -> None:
    document = form({"link": text("链接", "Link", type="string", format="uri")})
    assert list(refused(document, {"link": scheme})) == ["link"]


@pytest.mark.parametrize(
    "format, value",
    [("uri", "https://example.org/a?b=c#d"), ("email", "a.b@example.org"), ("phone", "+86 138-0000-0000")],
)
def test_formats_accept_what_they_should(format: str, value: str) -> None:
    document = form({"it": text("它", "It", type="string", format=format)})
    assert forms.load(document).validate({"it": value}) == {"it": value}


def test_hostile_answers_give_short_lists_of_short_sentences() -> None:
    answers: dict[Any, Any] = {f"x{n}" + "长" * 10_000: n for n in range(5000)}
    answers["materials"] = [{f"k{n}": 1} for n in range(200)]
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    answers["notes"] = deep
    with pytest.raises(forms.InvalidAnswers) as caught:
        forms.load(handling()).validate(answers)
    assert len(caught.value.problems) <= 100
    assert all(len(problem.zh) < 200 and len(problem.path) < 100 for problem in caught.value.problems)
    while isinstance(deep, list):  # taken apart by hand: its own destructor would recurse
        deep = deep.pop()


def test_answers_that_are_no_object() -> None:
    with pytest.raises(forms.InvalidAnswers):
        forms.load(handling()).validate(["result"])  # type: ignore[arg-type]
