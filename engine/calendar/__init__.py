"""Lawful working time: units, budgets, and calendars that turn a start and a budget into a due time.

Pure arithmetic over data: every working hour, season, holiday and policy is a field of `Calendar`.
"""

from engine.calendar.calendar import Calendar
from engine.calendar.errors import CalendarProblem
from engine.calendar.policies import DayEnd, HolidayEnd, LateDue, OffDayStart
from engine.calendar.seasons import Day, PlantingSeason, Season, hours
from engine.calendar.units import Budget, Unit

__all__ = [
    "Budget",
    "Calendar",
    "CalendarProblem",
    "Day",
    "DayEnd",
    "HolidayEnd",
    "LateDue",
    "OffDayStart",
    "PlantingSeason",
    "Season",
    "Unit",
    "hours",
]
