import forms
from tests.unit.forms.build import choice, form, handling, text


def drawn(
    values: dict[str, object], locale: str = "zh", errors: forms.InvalidAnswers | None = None
) -> dict[str, forms.Field]:
    return {one.name: one for one in forms.load(handling()).fields(values, locale, errors)}


def test_every_property_is_drawn_in_order_with_its_control() -> None:
    found = drawn({})
    assert {name: one.control for name, one in found.items()} == {
        "case_class": "radio", "result": "radio", "reason": "textarea", "phone": "text", "count": "number",
        "day": "date", "until": "date-time", "causes": "choices", "sure": "checkbox", "photos": "photo",
        "helper": "person", "unit": "unit", "road": "register", "materials": "rows", "spot": "group",
        "notes": "list", "token": "hidden",
    }  # fmt: skip
    assert list(found) == [one for one in handling()["properties"] if one != "secret"]


def test_a_hidden_property_is_not_even_listed() -> None:
    assert "secret" not in drawn({"secret": "canary"})
    assert "canary" not in repr(drawn({"secret": "canary"}))


def test_labels_and_limits_for_the_template() -> None:
    found = drawn({}, "en")
    assert found["reason"].label == "Reason"
    assert (found["reason"].minlength, found["reason"].maxlength) == (2, 300)
    assert (found["count"].minimum, found["count"].maximum, found["count"].step) == (1, 10, "1")
    assert found["phone"].pattern == "^1[3-9][0-9]{9}$"
    assert found["road"].register == "roads"
    assert found["until"].input_type == "datetime-local"
    assert found["photos"].multiple
    assert found["photos"].max_items == 3
    assert found["token"].hidden
    assert found["spot"].fields[0].id == "f-spot-street"


def test_choices_show_what_is_chosen() -> None:
    found = drawn({"result": "cannot", "causes": ["rain", "wear"]})
    assert [(one.value, one.label) for one in found["result"].choices if one.selected] == [("cannot", "无法处置")]
    assert [one.value for one in found["causes"].choices if one.selected] == ["rain", "wear"]


def test_a_read_only_field_shows_the_title_of_its_value() -> None:
    assert drawn({"case_class": "d1"})["case_class"].text == "井盖"
    assert drawn({"case_class": "d1"}, "en")["case_class"].text == "Manhole"
    assert drawn({"case_class": "d1"})["case_class"].readonly


def test_a_moment_is_drawn_in_shanghai_time_for_the_input() -> None:
    assert drawn({"until": "2026-02-13T08:30:00Z"})["until"].text == "2026-02-13T16:30"
    assert drawn({"until": "rubbish"})["until"].text == "rubbish"


def test_rows_are_drawn_with_names_and_a_model_for_new_ones() -> None:
    materials = drawn({"materials": [{"name": "沙", "amount": 2}, {}]})["materials"]
    assert [[one.name for one in row] for row in materials.rows][1] == [
        "materials.1.name", "materials.1.amount", "materials.1.spare",
    ]  # fmt: skip
    assert [one.text for one in materials.rows[0]] == ["沙", "2", ""]
    assert materials.fields[1].name == "materials.__row__.amount"
    assert materials.fields[1].suffix == "米"


def test_conditional_fields_say_when_they_are_wanted() -> None:
    found = drawn({"result": "cannot"})
    assert (found["reason"].visible, found["reason"].required, found["reason"].required_now) == (True, False, True)
    assert (found["photos"].visible, found["photos"].required_now) == (False, False)
    assert found["photos"].visible_if is not None
    assert found["photos"].visible_if.as_json() == [{"not": False, "all": [{"field": "result", "in": ["done"]}]}]
    assert found["reason"].visible_if is not None
    assert found["reason"].visible_if.as_json() == [{"not": True, "all": [{"field": "result", "in": ["done"]}]}]


def test_a_field_named_in_both_branches_is_always_shown() -> None:
    assert drawn({})["count"].visible_if is None
    assert drawn({})["phone"].visible_if is not None


def test_errors_stand_at_their_fields() -> None:
    loaded = forms.load(handling())
    answers: dict[str, object] = {"count": "many", "causes": ["snow"], "materials": [{"amount": 3}]}
    try:
        loaded.validate(answers)
    except forms.InvalidAnswers as error:
        found = drawn(answers, "zh", error)
        again = drawn(answers, "en", error)
    assert found["count"].error == "“数量”应为数字。"
    assert found["count"].text == "many"
    assert found["result"].error == "请选择处置结果"
    assert again["result"].error == "Please choose Result"
    assert found["causes"].error == "请从列出的选项中选择“成因”。"
    assert found["materials"].rows[0][0].error == "请填写名称"
    assert found["materials"].error == ""


def test_defaults_are_drawn_until_there_is_a_value_and_decide_what_is_shown() -> None:
    document = form(
        {
            "kind": text("类型", "Kind", type="string", oneOf=[choice("a", "甲", "A")], default="a"),
            "more": text("补充", "More", type="string"),
        },
        **{"if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]}, "then": {"required": ["more"]}},
    )
    kind, more = forms.load(document).fields({})
    assert kind.choices[0].selected
    assert more.visible


def test_junk_values_never_break_the_drawing() -> None:
    junk: list[object] = [None, True, 7, 1.5, 10**5000, "x", [], [1, None, {}], {}, {"a": []}, "\ud800", object()]
    names = list(handling()["properties"])
    for value in junk:
        for one in forms.load(handling()).fields(dict.fromkeys(names, value), "zh"):
            one.text.encode()
