"""DMN: decision tables and requirement graphs, read once and checked whole, evaluated with FEEL. See README.md."""

from engine.dmn.bundle import Decisions
from engine.dmn.errors import DecisionFailed
from engine.dmn.linting import lint
from engine.dmn.model import Decision, Model
from engine.dmn.reading import Reading, read

__all__ = ["Decision", "DecisionFailed", "Decisions", "Model", "Reading", "lint", "read"]
