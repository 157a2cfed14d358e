"""A form as one step has it."""

from __future__ import annotations

import pytest

import forms
from tests.unit.forms.build import choice, form, text

ASKED = form(
    {
        "result": text("结果", "Result", type="string", oneOf=[choice("done", "已办", "Done"), choice("cannot", "不能办", "Cannot")]),
        "reason": text("原因", "Reason", type="string", maxLength=100),
        "amount": text("数额", "Amount", type="integer", minimum=1, default=5),
        "caller": text("来电人", "Caller", type="string", x_personal="name"),
        "shown": text("地点", "Place", type="string", x_access="read"),
    },
    required=["result", "amount"],
    **{
        "if": {"properties": {"result": {"const": "cannot"}}, "required": ["result"]},
        "then": {"required": ["reason"]},
    },
)  # fmt: skip
FORM = forms.load(ASKED)


def refused(one: forms.Form, answers: dict[str, object], known: dict[str, object] | None = None) -> list[str]:
    try:
        one.validate(answers, known)
    except forms.InvalidAnswers as error:
        return [problem.path for problem in error.problems]
    return []


def test_each_right_is_what_it_says() -> None:
    assert forms.at_step(FORM, {}) is FORM
    step = forms.at_step(FORM, {"amount": "edit", "reason": "required", "shown": "edit"})
    assert refused(step, {"result": "done"}) == ["reason"]
    assert refused(step, {"result": "done", "reason": "x", "shown": "here"}) == []
    closed = forms.at_step(FORM, {"amount": "read", "reason": "hidden"})
    assert refused(closed, {"result": "done", "amount": 2}) == ["amount"]
    assert refused(closed, {"result": "done", "reason": "x"}) == ["reason"]
    assert refused(closed, {"result": "cannot"}) == [], "what nobody can fill in is asked for by no condition"
    drawn = {one.name: one for one in closed.fields({"amount": 7, "reason": "canary"})}
    assert "reason" not in drawn
    assert "canary" not in repr(drawn)
    assert (drawn["amount"].readonly, drawn["amount"].text) == (True, "7")
    assert closed.fields({})[1].text == "", "a default that nobody can send is not shown as if it were known"
    assert FORM.document == ASKED, "the form itself is as it was"


def test_a_condition_on_what_is_closed_asks_what_is_known() -> None:
    for right in ("read", "hidden"):
        step = forms.at_step(FORM, {"result": right, "amount": "edit"})
        assert refused(step, {}, {"result": "cannot"}) == ["reason"]
        assert refused(step, {}, {"result": "done"}) == []
    hidden = forms.at_step(FORM, {"result": "hidden"})
    reason = {one.name: one for one in hidden.fields({"result": "cannot"})}["reason"]
    assert (reason.visible, reason.visible_if) == (True, None), "a page that has no such field could not decide"
    assert "reason" not in {one.name for one in hidden.fields({"result": "done"})}


def test_what_is_personal_can_be_hidden_and_not_shown() -> None:
    assert "caller" not in {one.name for one in forms.at_step(FORM, {"caller": "hidden"}).fields({})}
    with pytest.raises(forms.FormProblem):
        forms.at_step(FORM, {"caller": "read"})


def test_what_is_no_field_is_passed_over() -> None:
    assert forms.at_step(FORM, {"nothing": "hidden"}).document["properties"] == ASKED["properties"]
