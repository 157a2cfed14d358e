"""What costs much in every test and is not what they test, made cheap: password hashes, compiling templates, routes and processes, drawn
tracebacks.

`tests/house/test_cheap.py` looks at the product without this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

import structlog
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import bindparam, select
from werkzeug.routing import Rule

from engine import definitions, passwords
from engine.bpmn.values import Names
from engine.tables import definition

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

    from engine.core import Core
    from engine.definitions import Definition

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


MOST_DEFINITIONS = 300


def remember_definitions() -> None:
    """A version's program, forms and decisions follow from its files: a city reads each version once, a worker of tests opens hundreds of
    cities with the same ones. Its id, number and names are the city's own."""
    load = definitions._load
    known: dict[tuple[str, str], Definition] = {}

    @wraps(load)
    def remembered(core: Core, definition_id: int) -> Definition:
        with core.db.read() as connection:
            row = connection.execute(_VERSION, {"i": definition_id}).one()
        key = (row.key, definitions.bundle_hash(definitions.files_of(core, definition_id)))
        if key not in known:
            if len(known) >= MOST_DEFINITIONS:
                known.clear()
            known[key] = load(core, definition_id)
        names = Names(row.name_zh, row.name_en)
        return replace(known[key], id=row.id, key=row.key, version=row.version, hash=row.hash, names=names)

    definitions._load = remembered


_VERSION = select(definition).where(definition.c.id == bindparam("i"))


@cache
def make_cheap() -> None:
    """Once a process."""
    remember_definitions()
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
