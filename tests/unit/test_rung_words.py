"""Rungs of the shipped processes have words, and pages and dossiers the same ones."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from escalation.dossier import words
from web import telling_supervision

ROOT = Path(__file__).resolve().parents[2]
RUNG = "{urn:liandong:bpmn:1}rung"


def test_every_rung_and_outcome_that_a_shipped_process_writes_has_words() -> None:
    found = [each for path in sorted((ROOT / "processes").glob("*/*.bpmn")) for each in etree.parse(path).iter(RUNG)]
    kinds = {each.get("kind", "=") for each in found}
    outcomes = {each.get("outcome", "=") for each in found}
    assert len(kinds) > 5
    assert {kind for kind in kinds if not kind.startswith("=")} <= words.RUNGS.keys()
    assert {one for one in outcomes if not one.startswith("=")} <= words.OUTCOMES.keys()


def test_pages_and_dossiers_say_the_same() -> None:
    assert vars(telling_supervision)["RUNGS"] is words.RUNGS
    assert vars(telling_supervision)["OUTCOMES"] is words.OUTCOMES
