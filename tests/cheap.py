"""What costs much in every test and is not what they test, made cheap: password hashes, compiling templates and routes, drawn tracebacks.

`tests/house/test_cheap.py` looks at the product without this."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

import structlog
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.routing import Rule

from engine import passwords

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

REAL_HASHER = passwords._hasher


class Remembered(BytecodeCache):
    """Compiled templates, for every application of this process. A bucket's key follows from name and source, so nothing grows old."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def remember_builders() -> None:
    """A route's function that builds addresses takes the route as an argument, and its text follows from what the route is made of:
    werkzeug compiles two for each of an application's routes, a third of the time that it takes to make one."""
    compile_builder = Rule._compile_builder
    known: dict[Any, Callable[..., tuple[str, str]]] = {}

    @wraps(compile_builder)
    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign, assignment]  # a method, given its self


@cache
def make_cheap() -> None:
    """Once a process."""
    # An honest hash takes a tenth of a second and 64 MB: that is its purpose.
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    # Every application compiles its templates by itself; a process of the product makes one, a worker of tests hundreds.
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Remembered()}
    remember_builders()
    # Unconfigured and with rich installed, structlog draws a traceback with all local variables: a second each. The product's own
    # settings (web/logs.py) write it plainly.
    *others, _last = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, plain])
