"""From the syntax tree to closures, once a text. `environment` holds what is known while compiling; the other modules
each compile a family of nodes. A closure takes the scope and the Run and gives the value."""

from engine.feel.compiling import calls, collections, literals, logic, loops, operators, tests
from engine.feel.compiling.environment import Compiled, Environment, compile_tree

__all__ = [
    "Compiled",
    "Environment",
    "calls",
    "collections",
    "compile_tree",
    "literals",
    "logic",
    "loops",
    "operators",
    "tests",
]
