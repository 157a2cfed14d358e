"""What would mend a problem that lint tells: steps of a small vocabulary, proposed beside the problem and done by the editor as
commands of its own.

A mend is proposed only where it can be known; which codes have one stands in `catalogue.py`, a file for each noun."""

from engine.bpmn.mending.catalogue import mends
from engine.bpmn.mending.drawing import Drawing, Known, Wrong
from engine.bpmn.mending.mend import Do, Mend, Step

__all__ = ["Do", "Drawing", "Known", "Mend", "Step", "Wrong", "mends"]
