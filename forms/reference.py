"""jsonschema, the judge our own reading and compiled checks are compared with, in tests.

The only module that imports it, and no other module imports this one: jsonschema takes over a second to import (its
URI grammar) and several times as long to validate, and the dialect is closed, so the meta-schema has nothing to add to it;
tests hold that against thousands of files. It fetches a remote `$ref` by default: the empty registry forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry

from forms.errors import FormProblem, Problem
from forms.patterns import compile_pattern
from forms.strict_json import clip


def check_document(document: Mapping[str, object]) -> None:
    """Raises FormProblem when the JSON Schema 2020-12 meta-schema does not accept the document."""
    try:
        # Without format checks: Python's `re` would judge `pattern`, and that is RE2's office.
        Draft202012Validator.check_schema(document, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        path = "/" + "/".join(str(part) for part in error.absolute_path)
        said = clip(error.message, 160)
        raise FormProblem([Problem(path, f"不符合 JSON Schema 2020-12：{said}", said)]) from None


def reference_validator(document: Mapping[str, Any]) -> Draft202012Validator:
    """A plain JSON Schema validator of the document, with RE2 patterns, format checks and no network."""
    with_re2 = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    validator: Draft202012Validator = with_re2(document, registry=Registry(), format_checker=FormatChecker())
    return validator


def _pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not compile_pattern(pattern)(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")
