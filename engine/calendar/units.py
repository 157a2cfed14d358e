"""Units of limits, as the standards of city management name them, and budgets counted in them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.calendar.errors import CalendarProblem

LARGEST = Decimal(1_000_000)


class Unit(StrEnum):
    """What a limit is counted in. `hour_like` units count time, the others count days."""

    URGENT_HOUR = "urgent_hour"
    NATURAL_HOUR = "natural_hour"
    URGENT_DAY = "urgent_day"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    PLANTING_WORK_DAY = "planting_work_day"

    @property
    def zh(self) -> str:
        """The Chinese name, as the standards print it."""
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        """The English name of one of it."""
        return _NAMES[self][1]

    @property
    def hour_like(self) -> bool:
        """Counted in hours, not in days."""
        return self.value.endswith("_hour")

    @property
    def continuous(self) -> bool:
        """Nights, weekends and holidays count."""
        return self in _CONTINUOUS

    def label(self, locale: str = "zh", amount: Decimal | None = None) -> str:
        """The name in `locale`; in English plural unless `amount` is one."""
        if locale.startswith("zh"):
            return self.zh
        return self.en if amount is not None and abs(amount) == 1 else self.en + "s"

    @classmethod
    def named(cls, name: str) -> Unit:
        """The unit of a key (`work_hour`) or a Chinese name (工作时). Raises CalendarProblem for any other."""
        unit = _BY_NAME.get(name.strip())
        if unit is None:
            raise CalendarProblem(why_zh=f"没有“{name}”这种时限单位", why_en=f"there is no unit “{name}”")
        return unit


_CONTINUOUS = frozenset({Unit.URGENT_HOUR, Unit.NATURAL_HOUR, Unit.URGENT_DAY, Unit.NATURAL_DAY})
_NAMES = {
    Unit.URGENT_HOUR: ("紧急工作时", "urgent hour"),
    Unit.NATURAL_HOUR: ("自然时", "hour"),
    Unit.URGENT_DAY: ("紧急工作日", "urgent day"),
    Unit.NATURAL_DAY: ("自然日", "calendar day"),
    Unit.WORK_HOUR: ("工作时", "working hour"),
    Unit.WORK_DAY: ("工作日", "working day"),
    Unit.PLANTING_WORK_DAY: ("种植季节工作日", "planting-season working day"),
}
_BY_NAME = {unit.value: unit for unit in Unit} | {unit.zh: unit for unit in Unit}


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit: an amount (0 to a million) of a unit. Store the amount unrounded: a third of an hour that was rounded
    up may pass a closing and be due a day later."""

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or not 0 <= self.amount <= LARGEST:
            raise CalendarProblem(
                why_zh=f"时限“{self.amount}”不在 0 到 {LARGEST} 之间",
                why_en=f"the amount “{self.amount}” is not between 0 and {LARGEST}",
            )

    @classmethod
    def of(cls, amount: Decimal | int | str, unit: Unit | str) -> Budget:
        """A budget from plain values; the unit by key or Chinese name."""
        if not isinstance(unit, Unit):
            unit = Unit.named(unit)
        try:
            return cls(Decimal(amount), unit)
        except ArithmeticError:
            raise CalendarProblem(why_zh=f"“{amount}”不是数", why_en=f"“{amount}” is no number") from None

    def share(self, share: Decimal) -> Budget:
        """That share of it, in the same unit."""
        return Budget(self.amount * share, self.unit)

    def label(self, locale: str = "zh") -> str:
        """5 工作时, 5 working hours."""
        return f"{plain(self.amount)} {self.unit.label(locale, self.amount)}"


def plain(amount: Decimal) -> str:
    """A number without trailing zeros and exponents."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
