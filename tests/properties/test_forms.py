"""The compiled validator and jsonschema give one verdict on the dialect they share."""

import copy
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms.dialect import LARGEST_NUMBER, LONGEST_TEXT, MOST_ITEMS
from forms.formats import is_moment
from forms.reference import check_document, reference_validator
from tests.properties.form_makers import FormMaker


def reference_document(document: dict[str, Any]) -> dict[str, Any]:
    """The same form for a plain validator: our standing limits written out, what cannot be edited left out."""
    written = copy.deepcopy(document)
    written["properties"] = {
        name: one for name, one in written["properties"].items() if one.get("x-access", "edit") == "edit"
    }
    _write_limits(written)
    return written


def _write_limits(schema: dict[str, Any]) -> None:
    kind = schema["type"]
    if kind == "object":
        schema["additionalProperties"] = False
        for one in schema["properties"].values():
            _write_limits(one)
    elif kind == "array":
        schema.setdefault("maxItems", MOST_ITEMS)
        if "oneOf" in schema["items"]:
            schema["uniqueItems"] = True
        _write_limits(schema["items"])
    elif kind == "string":
        schema.setdefault("maxLength", LONGEST_TEXT)
    elif kind != "boolean":
        schema.setdefault("minimum", -LARGEST_NUMBER)
        schema.setdefault("maximum", LARGEST_NUMBER)


MISSING: Any = object()


def without_blanks(schema: dict[str, Any], value: Any) -> Any:
    """What the answers say once texts are stripped and blanks left out; MISSING when nothing is left."""
    kind = schema["type"]
    if value is None:
        return MISSING
    if kind == "string" and isinstance(value, str):
        return value.strip() or MISSING
    if kind == "array" and isinstance(value, list):
        items = [without_blanks(schema["items"], item) for item in value]
        return [item for item in items if item is not MISSING] or MISSING
    if kind == "object" and isinstance(value, dict):
        parts = {
            name: without_blanks(schema["properties"][name], part) if name in schema["properties"] else part
            for name, part in value.items()
        }
        return {name: part for name, part in parts.items() if part is not MISSING} or MISSING
    return value


def test_one_verdict_and_the_same_answers() -> None:
    verdicts = {True: 0, False: 0}
    for seed in range(400):
        maker = FormMaker(seed)
        document = maker.document()
        form = forms.load(document)
        check_document(document)
        reference = reference_document(document)
        validator = reference_validator(reference)
        for _ in range(8):
            answers = maker.answers(document)
            plain = without_blanks(reference, answers)
            plain = {} if plain is MISSING else plain
            try:
                cleaned = form.validate(answers)
            except forms.InvalidAnswers as error:
                accepted, said = False, str(error)
            else:
                accepted, said = True, ""
                assert {name: value for name, value in cleaned.items() if value is not None} == plain, seed
                assert form.validate(cleaned) == cleaned, seed
            verdicts[accepted] += 1
            assert validator.is_valid(plain) is accepted, (seed, document, answers, said)
    assert min(verdicts.values()) > 800


VALUES = st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.text(max_size=3), max_size=3))


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5), st.integers(0, 50))
def test_any_answers_at_all_are_accepted_or_refused(answers: dict[str, Any], seed: int) -> None:
    document = FormMaker(seed).document()
    form = forms.load(document)
    for given_answers in (answers, dict.fromkeys(form.properties, next(iter(answers.values()), None))):
        try:
            cleaned = form.validate(given_answers)
        except forms.InvalidAnswers as error:
            form.fields(given_answers, "zh", error)
        else:
            assert set(cleaned) <= set(form.editable)


@given(
    st.dictionaries(st.text("abcde.0123_x", max_size=8), st.lists(st.text(max_size=5), max_size=3)), st.integers(0, 50)
)
def test_any_post_at_all_is_read(pairs: dict[str, list[str]], seed: int) -> None:
    form = forms.load(FormMaker(seed).document())
    answers = form.parse_post(pairs, clear=True)
    undeclared = {name for name in pairs if name.partition(".")[0] not in form.properties and not name.startswith("_")}
    assert undeclared <= set(answers)
    try:
        form.validate(answers)
    except forms.InvalidAnswers as error:
        form.fields(answers, "en", error)


def test_what_a_page_draws_is_posted_back_as_the_same_answers() -> None:
    count = 0
    for seed in range(300):
        maker = FormMaker(seed)
        document = maker.document()
        form = forms.load(document)
        for _ in range(5):
            try:
                cleaned = form.validate(maker.answers(document))
            except forms.InvalidAnswers:
                continue
            count += 1
            pairs: dict[str, list[str]] = {}
            for field in form.fields(cleaned):
                if not field.readonly:
                    _post(field, pairs)
            # A page cannot tell “no” from “not answered” where it draws a box to tick.
            assert _without_no(form.parse_post(pairs)) == _without_no(cleaned), (seed, document, cleaned)
    assert count > 300


def _without_no(value: Any) -> Any:
    if isinstance(value, dict):
        parts = {name: _without_no(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in (None, {}, []) and part is not False}
    if isinstance(value, list):
        items = [part for part in map(_without_no, value) if part != {}]
        # Boxes are posted in the order drawn, whatever order they were chosen in; rows keep theirs.
        return items if any(isinstance(item, dict) for item in items) else sorted(items, key=str)
    if isinstance(value, str) and is_moment(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def _post(field: forms.Field, pairs: dict[str, list[str]]) -> None:
    """What a browser would send for a field as drawn."""
    inner = [part for row in field.rows for part in row] if field.control == "rows" else list(field.fields)
    if inner or field.control in ("rows", "group"):
        for part in inner:
            _post(part, pairs)
    elif field.choices and field.control != "checkbox":
        pairs[field.name] = [choice.value for choice in field.choices if choice.selected]
    elif field.control == "checkbox":
        if field.checked:
            pairs[field.name] = ["on"]
    elif field.control == "list":
        pairs[field.name] = list(field.values)
    else:
        pairs[field.name] = [field.text]
