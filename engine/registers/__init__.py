"""Registers: tables a process may look up, read live. Each row keeps its versions; a look-up says which version it read.

What a register's columns are, by which it is looked up and who keeps it, its definition says (`defined`); the rows come from files
(`loading`), from pages (`keeping`), from sheets (`sheets`) and from processes (`putting`)."""

from engine.registers.defined import Register, define, every, find
from engine.registers.keys import KEYS
from engine.registers.loading import load
from engine.registers.reading import PROVENANCE, Row, UnknownRegister, lookup, matching, rows
from engine.registers.typing import judged, typed

__all__ = [
    "KEYS",
    "PROVENANCE",
    "Register",
    "Row",
    "UnknownRegister",
    "define",
    "every",
    "find",
    "judged",
    "load",
    "lookup",
    "matching",
    "rows",
    "typed",
]
