"""Trials (试运行): a draft run in a world of its own, before anybody publishes it. A designer plays every part; nobody is told, nothing
of it is in a list, figure, search or page but its own, and after a while it is deleted.

The draft's files, as they are when it begins, are stored as a definition that is no version: `making`. What is done there is the designer's
act, and says as whom: `playing`. Its time passes only where somebody lets it (`escalation.trying`). What it calls is what is published."""

from engine.trials.making import Trial, cases, end, get, listing, start
from engine.trials.sweeping import sweep

__all__ = ["Trial", "cases", "end", "get", "listing", "start", "sweep"]
