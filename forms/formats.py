"""The formats a form may name, and how a moment travels through a page's date-time input."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

# decisions.md: aware UTC inside, Asia/Shanghai on pages.
PAGE_ZONE = ZoneInfo("Asia/Shanghai")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_LOCAL_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_EMAIL = re.compile(r"[^@\s<>\"',;:()\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")
_URI = re.compile(r"https?://[A-Za-z0-9\[][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{3,18}[0-9]")


def is_date(text: str) -> bool:
    """A day of the calendar, as 2026-02-13."""
    return _DATE.fullmatch(text) is not None and _parses(date.fromisoformat, text)


def is_moment(text: str) -> bool:
    """A date and time with its offset from UTC (RFC 3339), to the microsecond."""
    return _MOMENT.fullmatch(text) is not None and _parses(datetime.fromisoformat, text)


def _parses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def is_web_address(text: str) -> bool:
    """An http or https address."""
    # http and https alone: an answer becomes a link on a page, where `javascript:` would run.
    return _URI.fullmatch(text) is not None


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "date": is_date,
    "date-time": is_moment,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "uri": is_web_address,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "phone": lambda text: _PHONE.fullmatch(text) is not None,
}
EXPECTED: Mapping[str, tuple[str, str]] = {
    "date": ("日期，例如 2026-02-13", "a date such as 2026-02-13"),
    "date-time": (
        "带时区的日期时间，例如 2026-02-13T16:30:00+08:00",
        "a date and time with its offset, such as 2026-02-13T16:30:00+08:00",
    ),
    "email": ("电子邮箱地址", "an e-mail address"),
    "uri": ("以 http:// 或 https:// 开头的网址", "a web address starting with http:// or https://"),
    "uuid": ("UUID", "a UUID"),
    "phone": ("电话号码", "a telephone number"),
}


def from_page_moment(text: str) -> str:
    """A browser's `2026-02-13T16:30` as `2026-02-13T16:30:00+08:00`; any other text unchanged."""
    if _LOCAL_MOMENT.fullmatch(text) is None:
        return text
    try:
        return datetime.fromisoformat(text).replace(tzinfo=PAGE_ZONE).isoformat()
    except ValueError:
        return text


def to_page_moment(text: str) -> str:
    """The reverse, for the value of a `datetime-local` input; any other text unchanged."""
    if not is_moment(text):
        return text
    try:
        local = datetime.fromisoformat(text).astimezone(PAGE_ZONE).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError):
        return text
    # Seconds only where there are some: posted back unchanged, the moment must stay the same.
    return local.isoformat(timespec="seconds" if local.second else "minutes")
