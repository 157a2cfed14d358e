"""The list of fields a page draws: everything a template needs, nothing it must work out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forms import dialect
from forms.errors import Problem
from forms.formats import to_page_moment
from forms.model import Property, Root, Rule
from forms.strict_json import UNSAFE_CHARACTERS

_MOST_DRAWN_TEXT = dialect.LONGEST_TEXT + 1
_INPUT_TYPES = {"date": "date", "date-time": "datetime-local", "email": "email", "uri": "url", "phone": "tel"}


@dataclass(frozen=True, slots=True)
class DrawnChoice:
    """One option; `value` is what the page posts."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field is wanted: any of `rules`, each a rule's tests all holding (or, with `negate`, not all)."""

    rules: tuple[tuple[Rule, bool], ...]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether the field is wanted with these answers."""
        return any(
            all(test.holds(values.get(test.field)) for test in rule.tests) is not negate for rule, negate in self.rules
        )

    def settled(self, unlisted: Collection[str], values: Mapping[str, object]) -> Condition | bool:
        """The same without the fields that the page does not list: what is asked of them is decided by `values`. Whether it holds, where
        nothing else is asked."""
        left: list[tuple[Rule, bool]] = []
        for rule, negate in self.rules:
            open_tests = tuple(test for test in rule.tests if test.field not in unlisted)
            holds = all(test.holds(values.get(test.field)) for test in rule.tests if test.field in unlisted)
            if holds and open_tests:
                left.append((replace(rule, tests=open_tests), negate))
            elif holds is not negate:
                return True
        return Condition(tuple(left)) if left else False

    def as_json(self) -> list[dict[str, object]]:
        """For a script in the page: any of `[{"not": bool, "all": [{"field", "in"|"contains"|"minimum"…}]}]`."""
        return [{"not": negate, "all": [test.as_json() for test in rule.tests]} for rule, negate in self.rules]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field as drawn. `name` is the input's name, also inside groups (`a.b`) and rows (`a.0.b`).

    `value` is the raw value, `text` what goes into an input or on a read-only page. `required` holds without
    conditions (fit for HTML's attribute); `required_now` also counts the conditions with the present values.
    `visible_if` is for a script to hide the field; without a script it stays on the page, `visible` or not.
    `fields` are the parts of a group, or the columns of a new row (with the name `a.__row__.b`); `rows` those drawn.
    """

    name: str
    label: str
    help: str
    control: str
    input_type: str
    value: object
    text: str
    choices: tuple[DrawnChoice, ...] = ()
    required: bool = False
    required_now: bool = False
    readonly: bool = False
    hidden: bool = False
    multiple: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: str = ""
    minlength: int | None = None
    maxlength: int | None = None
    pattern: str = ""
    min_items: int | None = None
    max_items: int | None = None
    suffix: str = ""
    register: str = ""
    format: str = ""
    error: str = ""
    visible: bool = True
    visible_if: Condition | None = None
    fields: tuple[Field, ...] = ()
    rows: tuple[tuple[Field, ...], ...] = ()
    values: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """For the element's `id`, the label's `for` and the error's `aria-describedby`."""
        return "f-" + self.name.replace(".", "-")

    @property
    def checked(self) -> bool:
        """Whether a checkbox is ticked."""
        return self.value is True


def draw_fields(root: Root, values: Mapping[str, object], locale: str, problems: Sequence[Problem]) -> list[Field]:
    """Draws every property of the form that this page may show."""
    pen = _Pen(locale, problems)
    unlisted = {one.name for one in root.properties if one.access == "hidden"}
    wanted = conditions(root)
    required = _required_when(root)
    now = {one.name: values.get(one.name, one.default) for one in root.properties}
    drawn = []
    for one in root.properties:
        if one.access == "hidden":
            continue
        condition = wanted.get(one.name)
        if condition is not None and unlisted:
            settled = condition.settled(unlisted, now)
            if settled is False:
                continue
            condition = None if settled is True else settled
        needed = required.get(one.name)
        drawn.append(
            pen.draw(
                one,
                one.name,
                now[one.name],
                readonly=one.access == "read",
                condition=condition,
                visible=condition is None or condition.holds(now),
                required_now=one.required or (needed is not None and needed.holds(now)),
            )
        )
    return drawn


def conditions(root: Root) -> dict[str, Condition]:
    """Fields that are shown on a condition: named in one branch of a rule and never in the other."""
    found: dict[str, list[tuple[Rule, bool]]] = defaultdict(list)
    always = {one.name for one in root.properties if one.required}
    for rule in root.rules:
        always |= rule.then.mentioned & rule.other.mentioned
        for branch, negate in ((rule.then, False), (rule.other, True)):
            for name in branch.mentioned:
                found[name].append((rule, negate))
    return {name: Condition(tuple(rules)) for name, rules in found.items() if name not in always}


def _required_when(root: Root) -> dict[str, Condition]:
    found: dict[str, list[tuple[Rule, bool]]] = defaultdict(list)
    for rule in root.rules:
        for branch, negate in ((rule.then, False), (rule.other, True)):
            for name in branch.required:
                found[name].append((rule, negate))
    return {name: Condition(tuple(rules)) for name, rules in found.items()}


class _Pen:
    def __init__(self, locale: str, problems: Sequence[Problem]) -> None:
        self.locale = locale
        self.errors: dict[str, str] = {}
        for problem in problems:
            self.errors.setdefault(problem.path, problem.text(locale))

    def draw(
        self,
        one: Property,
        name: str,
        value: object,
        *,
        readonly: bool,
        condition: Condition | None = None,
        visible: bool = True,
        required_now: bool | None = None,
    ) -> Field:
        parts, rows = self.parts(one, name, value, readonly=readonly)
        return Field(
            name=name,
            label=one.title.of(self.locale),
            help=one.help.of(self.locale) if one.help else "",
            control=one.control,
            input_type=_input_type(one),
            value=value,
            text=self.text(one, value, readonly=readonly),
            choices=self.choices(one, value),
            required=one.required,
            required_now=one.required if required_now is None else required_now,
            readonly=readonly,
            hidden=one.control == "hidden",
            multiple=one.type == "array",
            minimum=one.minimum,
            maximum=one.maximum,
            step={"integer": "1", "number": "any"}.get(one.type, ""),
            minlength=one.min_length,
            maxlength=one.max_length,
            pattern=_page_pattern(one.pattern),
            min_items=one.min_items,
            max_items=dialect.MOST_ITEMS if one.type == "array" and one.max_items is None else one.max_items,
            suffix=one.suffix.of(self.locale) if one.suffix else "",
            register=one.register or "",
            format=one.format or "",
            error=self.error(one, name),
            visible=visible,
            visible_if=condition,
            fields=parts,
            rows=rows,
            values=_texts(value),
        )

    def parts(
        self, one: Property, name: str, value: object, *, readonly: bool
    ) -> tuple[tuple[Field, ...], tuple[tuple[Field, ...], ...]]:
        if one.type == "object":
            held = value if isinstance(value, dict) else {}
            return self.row(one, name, held, readonly=readonly), ()
        if not one.is_rows or one.items is None:
            return (), ()
        items = value if isinstance(value, list) else []
        rows = [
            self.row(one.items, f"{name}.{index}", item if isinstance(item, dict) else {}, readonly=readonly)
            for index, item in enumerate(items[: dialect.MOST_ITEMS])
        ]
        return self.row(one.items, f"{name}.__row__", {}, readonly=readonly), tuple(rows)

    def row(self, one: Property, name: str, held: Mapping[str, object], *, readonly: bool) -> tuple[Field, ...]:
        return tuple(
            self.draw(part, f"{name}.{part.name}", held.get(part.name, part.default), readonly=readonly)
            for part in one.properties
        )

    def choices(self, one: Property, value: object) -> tuple[DrawnChoice, ...]:
        offered = one.items.choices if one.type == "array" and one.items else one.choices
        if offered is None:
            if one.type != "boolean":
                return ()
            labels = ("Yes", "No") if self.locale.startswith("en") else ("是", "否")
            return (
                DrawnChoice("true", labels[0], value is True),
                DrawnChoice("false", labels[1], value is False),
            )
        chosen = set(_texts(value))
        return tuple(
            DrawnChoice(posted(choice.value), choice.title.of(self.locale), posted(choice.value) in chosen)
            for choice in offered
        )

    def text(self, one: Property, value: object, *, readonly: bool) -> str:
        if value is None or one.is_rows or one.type == "object":
            return ""
        if readonly:
            labels = {choice.value: choice.label for choice in self.choices(one, value)}
            separator = ", " if self.locale.startswith("en") else "、"
            return separator.join(labels.get(text, text) for text in self.shown(one, value))
        return "\n".join(self.shown(one, value))

    def shown(self, one: Property, value: object) -> tuple[str, ...]:
        texts = _texts(value)
        return tuple(to_page_moment(text) for text in texts) if one.format == "date-time" else texts

    def error(self, one: Property, name: str) -> str:
        if name in self.errors or one.type != "array" or one.is_rows:
            return self.errors.get(name, "")
        # A list drawn as one control has no place for each item's error: show the first.
        return next((text for path, text in self.errors.items() if path.startswith(name + ".")), "")


def _input_type(one: Property) -> str:
    if one.control == "hidden":
        return "hidden"
    if one.type in ("number", "integer"):
        return "number"
    return _INPUT_TYPES.get(one.format or "", "text")


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(posted(item) for item in value[: dialect.MOST_ITEMS] if not isinstance(item, dict | list))
    return () if isinstance(value, dict) else (posted(value),)


def posted(value: object) -> str:
    """A value as a page posts it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) <= dialect.LARGEST_NUMBER:
        value = int(value)  # 1.0 is the choice 1, and is read as 1
    try:
        return UNSAFE_CHARACTERS.sub("\ufffd", str(value)[:_MOST_DRAWN_TEXT])
    except ValueError:  # an integer of thousands of digits
        return ""


def _page_pattern(pattern: str | None) -> str:
    # HTML's attribute means the whole text, JSON Schema's keyword any part of it: pass on only where both agree.
    if pattern and pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern:
        return pattern
    return ""
