"""Context functions (DMN 1.5, 10.3.4.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.feel.builtins.registry import builtin
from engine.feel.running import Run


@builtin("get value(m: context, key: string) Any")
def get_value(run: Run, context: Mapping[str, object], key: str) -> object:
    return context.get(key)


@builtin("get entries(m: context) list")
def get_entries(run: Run, context: Mapping[str, object]) -> list[object]:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context put(context: context, key: string, value: maybe) context")
def context_put(run: Run, context: Mapping[str, object], key: str, value: object) -> dict[str, object]:
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: maybe) context")
def context_put_deep(
    run: Run, context: Mapping[str, object], keys: Sequence[object], value: object
) -> dict[str, object] | None:
    """A value below a path of keys; contexts on the way that do not exist are made."""
    if not keys or not all(isinstance(key, str) for key in keys) or len(keys) > 64:
        return run.null("context put 的键须为文本列表", "the keys for context put must be a list of strings")
    result = dict(context)
    at = result
    for key in keys[:-1]:
        inner = at.get(str(key))
        if inner is not None and not isinstance(inner, dict):
            return run.null("“{key}”不是上下文", "“{key}” is no context", key=key)
        inner = dict(inner or {})
        run.spend(1 + len(inner))
        at[str(key)] = inner
        at = inner
    at[str(keys[-1])] = value
    return result


@builtin("context merge(contexts: list) context")
def context_merge(run: Run, contexts: Sequence[object]) -> dict[str, object] | None:
    """Later entries win."""
    merged: dict[str, object] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return run.null("context merge 只用于上下文", "context merge takes contexts")
        run.spend(len(context))
        merged.update(context)
    return merged


@builtin("context(entries: list) context")
def context_of(run: Run, entries: Sequence[object]) -> dict[str, object] | None:
    """From a list of `{key: …, value: …}`."""
    made: dict[str, object] = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("key"), str):
            return run.null("context 的每项须有 key 和 value", "each entry for context has a key and a value")
        if entry["key"] in made:
            return run.null("键“{key}”出现了两次", "the key “{key}” appears twice", key=entry["key"])
        made[entry["key"]] = entry["value"]
    return made
