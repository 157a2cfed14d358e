from typing import Any

import pytest

import forms
from tests.unit.forms.build import form, handling, text


def posted(pairs: dict[str, list[str]], **rest: Any) -> dict[str, object]:
    return forms.load(handling()).parse_post(pairs, **rest)


def test_texts_become_answers_that_validate() -> None:
    answers = posted(
        {
            "csrf_token": ["t"],
            "_next": ["/inbox"],
            "result": ["done"],
            "reason": ["  "],
            "count": ["３"],
            "day": ["2026-02-13"],
            "until": ["2026-02-13T16:30"],
            "causes": ["rain", "", "wear"],
            "sure": ["on"],
            "photos": ["a1", "a2"],
            "materials.0.name": ["沙"],
            "materials.0.amount": ["1,200.5"],
            "materials.3.name": [""],
            "materials.7.name": ["石"],
            "materials.7.spare": ["on"],
            "materials.__row__.name": [""],
            "spot.street": ["一路"],
            "spot.house": ["12"],
            "notes": ["甲\r\n\r\n乙"],
            "token": [""],
        }
    )
    assert answers == {
        "result": "done",
        "count": 3,
        "day": "2026-02-13",
        "until": "2026-02-13T16:30:00+08:00",
        "causes": ["rain", "wear"],
        "sure": True,
        "photos": ["a1", "a2"],
        "materials": [{"name": "沙", "amount": 1200.5, "spare": False}, {"name": "石", "spare": True}],
        "spot": {"street": "一路", "house": 12},
        "notes": ["甲", "乙"],
    }
    assert forms.load(handling()).validate(answers) == answers


def test_a_box_that_is_not_ticked_is_a_no_and_the_last_of_two_inputs_counts() -> None:
    assert posted({})["sure"] is False
    assert posted({"sure": ["false", "true"]})["sure"] is True


def test_a_box_that_is_not_shown_says_nothing() -> None:
    document = form(
        {"a": text("甲", "A", type="string"), "b": text("乙", "B", type="boolean")},
        **{"if": {"properties": {"a": {"const": "x"}}, "required": ["a"]}, "then": {"required": ["b"]}},
    )
    assert forms.load(document).parse_post({"a": ["y"]}) == {"a": "y"}
    assert forms.load(document).parse_post({"a": ["x"]}) == {"a": "x", "b": False}


def test_clear_says_which_fields_are_now_empty() -> None:
    assert posted({"reason": [""], "count": [" "], "materials.0.name": [""], "causes": [""]}, clear=True) == {
        "reason": None, "count": None, "materials": None, "causes": None, "sure": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["verified", "secret", "case_class", "materials.0.evil", "spot.evil", "result.x", "materials.x.y"]
)
def test_undeclared_names_are_kept_so_that_validate_refuses_them(name: str) -> None:
    pairs = {"result": ["done"], "sure": ["on"], "photos": ["a"], "materials.0.name": ["沙"], "spot.street": ["x"]}
    with pytest.raises(forms.InvalidAnswers) as caught:
        forms.load(handling()).validate(posted({**pairs, name: ["true"]}))
    assert len(caught.value.problems) == 1
    assert "verified" not in posted({"verified": ["true"]}, ignore={"verified"})


@pytest.mark.parametrize("value", ["abc", "1e999", "0x10", "1_000", "1" * 5000, "--1", "NaN", "1,2,3", "٣.٤.٥"])
def test_what_is_no_number_stays_text_so_that_validate_complains(value: str) -> None:
    assert posted({"count": [value]})["count"] == value
    with pytest.raises(forms.InvalidAnswers):
        forms.load(handling()).validate(posted({"count": [value]}))


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "materials",
        "materials.",
        "materials.99999999999.name",
        "materials.-1.name",
        "spot",
        "spot.",
        "spot.street.x",
    ],
)
def test_odd_names_never_crash(name: str) -> None:
    for texts in ([], ["x"], ["x", "y"]):
        with pytest.raises(forms.InvalidAnswers):
            forms.load(handling()).validate(posted({name: texts}))
