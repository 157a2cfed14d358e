"""A file that was found good is read again without being judged."""

from __future__ import annotations

import pytest

from engine.bpmn import limits
from engine.bpmn.reading import read, read_again
from tests.bpmn.drawing import flow, simple


def test_a_deployed_file_is_not_judged_by_what_is_asked_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance that runs keeps its definition, whatever later versions refuse."""
    data = simple()
    before = read("t.bpmn", data).process
    monkeypatch.setattr(limits, "MAX_ID", 0)
    assert read("t.bpmn", data).process is None
    assert read_again("t.bpmn", data).process == before


def test_what_cannot_be_read_is_not_read_again_either() -> None:
    """Nothing is left out without a word."""
    broken = simple().replace(b"</bpmn:process>", flow("A", "E", "1 +").encode() + b"</bpmn:process>")
    assert read_again("t.bpmn", broken).process is None
