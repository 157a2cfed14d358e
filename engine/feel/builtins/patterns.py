"""Regular expressions by RE2: linear in the text, whatever the pattern. What RE2 cannot (look-around, back references) is null."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from engine.feel.running import MAX_STRING, Run, sized_list, sized_string, too_long

MAX_PATTERN = 1_000
_GROUP = re.compile(r"\\([\\$])|\$(\d)|([\\$])")


class Pattern:
    """A compiled pattern with XPath's functions, to which the standard refers."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere."""
        return self._compiled.search(text) is not None

    def replace(self, text: str, replacement: str, run: Run) -> str | None:
        r"""`$1` in the replacement stands for a group, `\$` and `\\` for the characters."""
        if self.search(""):
            return run.null("replace 的模式不能匹配空文本", "the pattern for replace must not match the empty string")
        parts: list[str] = []
        length = end = 0
        for match in self._matches(text, run):
            filled = self._filled(match, replacement)
            if filled is None:
                return run.null("replace 的替换文本无效", "the replacement for replace is invalid")
            parts += (text[end : match.start()], filled)
            length += match.start() - end + len(filled)
            if length > MAX_STRING:
                raise too_long()
            end = match.end()
        return sized_string("".join(parts) + text[end:])

    def split(self, text: str, run: Run) -> list[object] | None:
        """The parts between the matches."""
        if self.search(""):
            return run.null("split 的分隔符不能匹配空文本", "the delimiter for split must not match the empty string")
        parts: list[object] = []
        end = 0
        for match in self._matches(text, run):
            parts.append(text[end : match.start()])
            sized_list(parts)
            end = match.end()
        parts.append(text[end:])
        return sized_list(parts)

    def _matches(self, text: str, run: Run) -> Iterator[Any]:
        for match in self._compiled.finditer(text):
            run.spend(1)
            yield match

    def _filled(self, match: Any, replacement: str) -> str | None:
        groups = self._compiled.groups
        if any(found[3] for found in _GROUP.finditer(replacement)):
            return None

        def fill(found: re.Match[str]) -> str:
            if found[1]:
                return found[1]
            number = int(found[2])
            return (match.group(number) or "") if number <= groups else ""

        return _GROUP.sub(fill, replacement)


def pattern(text: str, flags: str, run: Run) -> Pattern | None:
    """The pattern, or null with a note. Flags: i (case), s (dot matches line ends), m (lines), x (spaces do not count)."""
    if set(flags) - set("ismx"):
        return run.null("正则表达式的标志只能是 i、s、m、x", "the flags of a regular expression are i, s, m and x")
    if len(text) > MAX_PATTERN:
        return run.null(
            "正则表达式超过 {limit} 个字符",
            "the regular expression has more than {limit} characters",
            limit=MAX_PATTERN,
        )
    run.spend(len(text))
    found = _compile(text, "".join(sorted(set(flags))))
    if found is None:
        return run.null("正则表达式无效或不支持", "the regular expression is invalid or not supported")
    return found


@lru_cache(maxsize=512)
def _compile(text: str, flags: str) -> Pattern | None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    if "x" in flags:
        text = _without_spaces(text)
        flags = flags.replace("x", "")
    try:
        return Pattern(re2.compile(f"(?m){text}" if "m" in flags else text, options))
    except (re2.error, UnicodeError):
        return None


def _without_spaces(text: str) -> str:
    """XPath's flag x: white space outside of [character classes] does not count."""
    return re.sub(r"\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\s+", lambda m: "" if m.group().isspace() else m.group(), text)
