"""Anybody sends anything back anywhere, in processes of random shape: it stays sound, or is refused and changes nothing."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from engine.bpmn.model import ProcessModel
from engine.bpmn.reading import read
from tests.bpmn.running.players import Player, together
from tests.factories import say
from tests.properties.acts.trees import plant


def _model(data: bytes, forms: list[str]) -> ProcessModel:
    found = read("t.bpmn", data, forms=forms).process
    assert found is not None
    return found


def play(seed: int, tally: Counter[str]) -> None:
    rng = random.Random(seed)
    tree = plant(rng.randrange(5000), size=rng.choice((6, 9, 12)))
    forms = [name for name in tree.files if name.endswith(".json")]
    models = {
        name.removesuffix(".bpmn"): _model(data, forms) for name, data in tree.files.items() if name.endswith(".bpmn")
    }
    facts = {"dice": rng.randrange(8), "members": ["a", "b", "c"][: rng.choice((1, 2, 3))]}
    player = Player(models[tree.key], facts, models)
    for _ in range(40):
        if player.ended:
            break
        player.anything(rng, tally)
        together(tree, player)
    player.finish(rng)
    assert player.path.count("E") == 1, "it ends once"


def test_whatever_is_sent_back_stays_sound(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()
    for seed in range(int(os.environ.get("LIANDONG_BACKS", "25"))):
        try:
            play(seed, tally)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert tally["back"] > tally["back_refused"] / 10
    say(capsys, **dict(sorted(tally.items())))
