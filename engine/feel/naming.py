"""Names of several words or with signs, which DMN allows: `Applicant Age`, `Pre-bankruptcy risk`.

What such a text means depends on the names in scope (DMN 1.5, 10.3.1.4): the longest known name wins. So the caller says
which names there are, and each occurrence becomes one word of the same length before the text is parsed: every space and
sign is written as a letter of a script nobody writes any more, and turned back where the name is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SIGNS = " .-/+*'?"
_LETTERS = "".join(chr(0x10600 + index) for index in range(len(_SIGNS)))  # Linear A
_WRITTEN = str.maketrans(_LETTERS, _SIGNS)
_MARKED = re.compile(f"[{_LETTERS}]")
_PLAIN = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"(?:\?|[^\W\d])[\w\s.\-/+*'?]*")
_SKIPPED = r'"(?:\\[\s\S]|[^"\\])*"|//[^\n]*|/\*[\s\S]*?\*/'


def normal(name: str) -> str:
    """A name with single spaces, as names are compared."""
    return " ".join(name.split())


def is_name(name: str) -> bool:
    """Whether FEEL could name it at all (DMN 1.5, grammar rules 24 to 27)."""
    return name != "?" and bool(_NAME.fullmatch(name))


def odd_names(names: Iterable[str]) -> frozenset[str]:
    """Those that are more than one plain word: what `compile` must be told of."""
    return frozenset(name for name in map(normal, names) if is_name(name) and not _PLAIN.fullmatch(name))


def encode(text: str, names: frozenset[str]) -> str:
    """The text with each of the names as one word; strings and comments stay as they are."""
    if not names:
        return text
    pattern = _pattern(names)
    return pattern.sub(lambda found: _word(found[1]) if found[1] else found[0], text)


def marked(text: str) -> bool:
    """Whether the text holds letters that stand for signs: nobody may write them himself."""
    return bool(_MARKED.search(text))


def decode(word: str) -> str:
    """The name that a word stands for."""
    return normal(word.translate(_WRITTEN)) if _MARKED.search(word) else str(word)


def _word(name: str) -> str:
    return "".join(_letter(char) for char in name)


def _letter(char: str) -> str:
    at = _SIGNS.find(" " if char.isspace() else char)
    return char if at < 0 else _LETTERS[at]


@lru_cache(maxsize=256)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    longest = sorted(names, key=lambda name: (-len(name), name))
    alternatives = "|".join(r"\s+".join(map(re.escape, name.split(" "))) + _end(name) for name in longest)
    return re.compile(rf"{_SKIPPED}|(?<!\w)({alternatives})")


def _end(name: str) -> str:
    return r"(?!\w)" if re.fullmatch(r"\w", name[-1]) else ""
