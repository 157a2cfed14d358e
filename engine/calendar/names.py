"""Names of days and months. Not the standard library's: those follow the machine's locale."""

from __future__ import annotations

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS_ZH = "一二三四五六日"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SHORT_DAYS = tuple(name[:3] for name in DAYS)
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
