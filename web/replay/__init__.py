"""Replay real requests of a city through the real process, in a world of their own, at their real times."""

from web.replay.figures import Figures, figures
from web.replay.running import replay

__all__ = ["Figures", "figures", "replay"]
