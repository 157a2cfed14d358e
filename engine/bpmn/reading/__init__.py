"""Reading BPMN: from bytes somebody uploaded to a model that is right, or to the list of what is wrong with it."""

from engine.bpmn.reading.whole import Reading, read, read_again

__all__ = ["Reading", "read", "read_again"]
