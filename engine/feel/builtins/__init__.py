"""The standard's built-in functions, a module for each kind of value. Importing them fills the registry."""

from engine.feel.builtins import (
    contexts,
    conversions,
    dates,
    lists,
    logic,
    numbers,
    ranges,
    registering,
    strings,
    working,
)

__all__ = [
    "contexts",
    "conversions",
    "dates",
    "lists",
    "logic",
    "numbers",
    "ranges",
    "registering",
    "strings",
    "working",
]
