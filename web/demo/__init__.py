"""A lived-in month of Qianjiang, worked through the real process by the people of the demonstration."""

from web.demo.running import fill

__all__ = ["fill"]
