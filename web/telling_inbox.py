"""Words of the inbox: lights, and the keys that work it."""

from __future__ import annotations

from typing import Final

from web.texts import t

LIGHTS: Final = {
    "red": ("超时", "Overdue"),
    "yellow": ("临期", "Due soon"),
    "green": ("正常", "In time"),
    "none": ("无时限", "No time limit"),
}

KEYS: Final = ("j", "k", "o", "c", "x", "/", "g", "?")
"""Keys of the inbox in the order in which they are told; what they do is `web/frontend/src/helps/keys.ts`."""

_WORDS: Final = {
    "j": ("下一件", "Next"),
    "k": ("上一件", "Previous"),
    "o": ("打开（或回车）", "Open (or Enter)"),
    "c": ("领取", "Claim"),
    "x": ("勾选或取消", "Select or not"),
    "/": ("查找", "Search"),
    "g": ("回到列表顶部", "Back to the top"),
    "?": ("显示或关闭此说明", "Show or close this"),
}


def key_word(key: str) -> str:
    """What a key does."""
    return t(*_WORDS[key])
