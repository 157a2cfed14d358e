"""A form: read from its file, then validating answers, drawing fields, reading posts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from forms.compiled import INVALID, Check, compile_check, please_fill, undeclared
from forms.errors import MOST_PROBLEMS, FormProblem, InvalidAnswers, Problem
from forms.facts import FactsSchema, as_bytes
from forms.fields import Field, draw_fields
from forms.model import Branch, Property, Root, Rule, Text
from forms.posted import read_post
from forms.schema import read_root
from forms.strict_json import clip, parse_object


def load(source: bytes | Mapping[str, object]) -> Form:
    """Returns the compiled form of a file's bytes, or of a document already parsed (cached by content).

    Raises FormProblem listing every place outside the safe dialect.
    """
    return _load(source if isinstance(source, bytes) else as_bytes(source))


@lru_cache(maxsize=512)
def _load(data: bytes) -> Form:
    document = parse_object(data)
    root = read_root(document)
    form = Form(document, root)
    form.check_defaults()
    return form


class Form:
    """A compiled form. It holds no answers and never changes, so threads may share it."""

    def __init__(self, document: Mapping[str, object], root: Root) -> None:
        self.document = document
        self.root = root
        self.properties: Mapping[str, Property] = {one.name: one for one in root.properties}
        self._order = {name: index for index, name in enumerate(self.properties)}
        self._checks: dict[str, Check] = {
            one.name: compile_check(one) for one in root.properties if one.access == "edit"
        }
        self._required = tuple(one for one in root.properties if one.required)
        self._rules = tuple(_CompiledRule(rule, self.properties) for rule in root.rules)

    @property
    def title(self) -> Text:
        """The form's title in both languages."""
        return self.root.title

    @property
    def editable(self) -> tuple[str, ...]:
        """Names of the fields this form may write, in drawing order."""
        return tuple(self._checks)

    def validate(self, answers: Mapping[str, object], known: Mapping[str, object] | None = None) -> dict[str, object]:
        """Returns the answers cleaned; raises InvalidAnswers with every problem, in drawing order.

        Texts are stripped. An optional field given as null, blank or an empty list comes back as None (“now empty”);
        one not given at all is left out. `known` are the facts: conditions on fields that this form only shows read
        their values there.
        """
        if not isinstance(answers, Mapping):
            raise InvalidAnswers([Problem("", "答案应为对象。", "The answers must be an object.")])
        problems: list[Problem] = []
        cleaned: dict[str, object] = {}
        wrong: set[str] = set()
        checks = self._checks
        for name, value in answers.items():
            check = checks.get(name)
            if check is None:
                self._refuse(name, problems)
                if len(problems) >= MOST_PROBLEMS:
                    break
                continue
            result = check(value, name, problems)
            if result is INVALID:
                wrong.add(name)
            else:
                cleaned[name] = result
        for one in self._required:
            if cleaned.get(one.name) is None and one.name not in wrong:
                self._ask(one, problems)
        for rule in self._rules:
            rule.apply(cleaned, known, wrong, problems)
        if problems:
            raise InvalidAnswers(self._in_order(problems))
        return cleaned

    def _refuse(self, name: object, problems: list[Problem]) -> None:
        one = self.properties.get(name) if isinstance(name, str) else None
        if one is None:
            undeclared(problems, clip(name), name)
        elif one.access == "read":
            zh, en = f"“{one.title.zh}”在此只读，不能修改。", f"“{one.title.en}” is read-only here."
            problems.append(Problem(one.name, zh, en))
        else:
            zh, en = f"不能在此填写“{one.name}”。", f"“{one.name}” cannot be answered here."
            problems.append(Problem(one.name, zh, en))

    def _ask(self, one: Property, problems: list[Problem]) -> None:
        # A missing group is asked for at the parts that are required, where the page can show it.
        if one.type == "object" and any(part.required for part in one.properties):
            problems.extend(please_fill(part, f"{one.name}.{part.name}") for part in one.properties if part.required)
        else:
            problems.append(please_fill(one, one.name))

    def _in_order(self, problems: Sequence[Problem]) -> list[Problem]:
        last = len(self._order)
        unlike = {(problem.path, problem.zh): problem for problem in problems}
        ordered = sorted(unlike.values(), key=lambda one: self._order.get(one.path.split(".")[0], last))
        return ordered[:MOST_PROBLEMS]

    def fields(
        self,
        values: Mapping[str, object],
        locale: str = "zh",
        errors: InvalidAnswers | Sequence[Problem] | None = None,
    ) -> list[Field]:
        """What a page draws, in order, with `values` (facts or refused answers) and the sentences of `errors`.

        Fields whose x-access is hidden are not among them.
        """
        listed = errors.problems if isinstance(errors, InvalidAnswers) else errors or ()
        return draw_fields(self.root, values, locale, listed)

    def parse_post(
        self,
        pairs: Mapping[str, Sequence[str]],
        *,
        clear: bool = False,
        ignore: Collection[str] = (),
    ) -> dict[str, object]:
        """Answers from an HTML form's post, ready for `validate`. Never raises.

        Blank inputs are dropped; with `clear`, those posted blank come back as None, so that a value can be emptied.
        Names starting with `_`, `csrf_token` and those in `ignore` are the page's own. Every other name is kept, so
        that `validate` can refuse it by name.
        """
        return read_post(self.root, pairs, clear=clear, ignore=ignore)

    def check_against(self, facts: FactsSchema) -> list[Problem]:
        """Where this form and the facts of its process disagree about a type; empty when they agree."""
        return facts.disagreements(self.root.properties)

    def check_defaults(self) -> None:
        """Raises FormProblem when a default would not be accepted as an answer."""
        found: list[Problem] = []
        for one in self.root.properties:
            if one.default is None:
                continue
            problems: list[Problem] = []
            compile_check(one)(one.default, one.name, problems)
            found.extend(Problem(f"/properties/{one.name}/default", p.zh, p.en) for p in problems)
        if found:
            raise FormProblem(found)


class _CompiledRule:
    def __init__(self, rule: Rule, properties: Mapping[str, Property]) -> None:
        self._rule = rule
        self._properties = properties
        self._then = _narrowing(rule.then)
        self._other = _narrowing(rule.other)
        self._shown = frozenset(test.field for test in rule.tests if properties[test.field].access != "edit")

    def apply(
        self,
        cleaned: Mapping[str, object],
        known: Mapping[str, object] | None,
        wrong: Collection[str],
        problems: list[Problem],
    ) -> None:
        rule = self._rule
        # While the field it depends on is wrong, neither branch can be asked for.
        if any(test.field in wrong for test in rule.tests):
            return
        holds = all(
            test.holds((known or {}).get(test.field) if test.field in self._shown else cleaned.get(test.field))
            for test in rule.tests
        )
        branch, narrowing = (rule.then, self._then) if holds else (rule.other, self._other)
        problems.extend(
            please_fill(self._properties[name], name)
            for name in branch.required
            if cleaned.get(name) is None and name not in wrong
        )
        for name, check in narrowing:
            value = cleaned.get(name)
            if value is not None:
                check(value, name, problems)


def _narrowing(branch: Branch) -> tuple[tuple[str, Callable[[object, str, list[Problem]], object]], ...]:
    # Items were checked already; only the list's own limits are narrower here.
    return tuple((one.name, compile_check(_without_items(one))) for one in branch.narrowed)


def _without_items(one: Property) -> Property:
    return replace(one, items=None) if one.type == "array" else one
