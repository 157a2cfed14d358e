"""Learning which unit a case is for: nothing from the future, numbers that the library agrees with, silence where it is unsure."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.dispatching import fitting, learning
from engine.dispatching.learning import Trained
from engine.dispatching.matters import Closed, Matter, features, of_facts
from engine.dispatching.model import Model, digest, dump, load
from engine.errors import Invalid
from tests.bench import dispatch as bench

SAMPLE = Path(__file__).parents[1] / "data" / "boston_sample.csv"
LATER = ("queue", "department", "ontime", "case_status", "closure_reason", "closedphoto")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = {"drainage": "路口污水井盖缺失，雨水倒灌", "telecom": "通信光缆井盖破损，弱电井外露"}


def cases(count: int, noise: float = 0.0, seed: int = 1) -> list[Closed]:
    """Cases of one kind whose unit is told by the text, of another told by the place, and of one that is told by nothing."""
    dice = random.Random(seed)
    made = []
    for n in range(count):
        kind = ("by_text", "by_place", "by_chance")[n % 3]
        place = dice.choice(("east", "west"))
        unit = dice.choice(tuple(TEXTS))
        text = TEXTS[unit] if kind == "by_text" else "垃圾堆积"
        if kind != "by_text":
            unit = f"town_{place}" if kind == "by_place" else dice.choice(("town_east", "town_west"))
        if dice.random() < noise:
            unit = "drainage"
        opened = BEGIN + timedelta(hours=n)
        made.append(
            Closed(
                Matter(f"{dice.randrange(99)}号 {text}", kind, (place, "city")),
                unit,
                opened,
                opened + timedelta(hours=5),
            )
        )
    return made


@pytest.fixture(scope="module")
def trained() -> Trained:
    return learning.train(cases(360), 0.95)


def test_it_speaks_where_it_is_right_and_is_silent_where_nobody_knows(trained: Trained) -> None:
    tested = list(learning.judged(trained.model, cases(360), cases(150, seed=2)))
    spoken = [one for one in tested if one.spoke]
    assert {one.case.matter.kind for one in spoken} == {"by_text", "by_place"}
    assert len(spoken) == 100
    assert all(one.right for one in spoken)
    frequent = [one for one in tested if one.table == one.case.unit]
    assert len(frequent) < len(tested) * 0.7  # the plain table cannot know
    guess = trained.model.judge(Matter("7号 通信光缆井盖破损", "by_text", ("east", "city")))
    assert guess is not None
    assert guess.unit == "telecom"
    assert any("光缆" in word or "通信" in word for word in guess.words), guess.words
    there = trained.model.precedent(Matter("", "by_place", ("east", "city")))
    assert there is not None
    assert (there.unit, there.place, there.count) == ("town_east", "east", there.total)
    assert (
        trained.model.precedent(Matter("", "by_chance", ("nowhere",))) is None
        or learning.train([], 0.9).model.judge(Matter()) is None
    )


def test_what_goes_wrong_falls_silent_at_once(trained: Trained) -> None:
    model = trained.model
    matter = Matter("垃圾堆积", "by_place", ("east", "city"))
    key = "by_place\x1ftown_east"
    assert model.speaks(model.judge(matter))
    assert model.speaks(model.judge(matter, {key: (1.0, 1.0)}))
    assert not model.speaks(model.judge(matter, {key: (0.0, 8.0)}))


def test_no_stretch_learns_from_what_was_not_known_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [
        Closed(one.matter, one.unit, one.opened, one.opened + timedelta(hours=5 if n % 2 else 200))
        for n, one in enumerate(cases(240))
    ]
    begins = [given[240 * n // learning.STRETCHES].opened for n in range(1, learning.STRETCHES)]
    wanted = [sum(one.known <= begin for one in given) for begin in begins]
    seen: list[int] = []
    fit = fitting.fit

    def spy(rows: Sequence[dict[str, float]], units: Sequence[str], weights: Sequence[float]) -> Any:
        seen.append(len(rows))
        return fit(rows, units, weights)

    monkeypatch.setattr(fitting, "fit", spy)
    trained = learning.train(given, 0.9)
    assert seen == [*(n for n in wanted if n >= learning.FEWEST // learning.STRETCHES), len(given)]
    assert all(one.case.opened > begins[one.stretch] for one in trained.tested)


def test_the_numbers_that_are_kept_say_what_the_library_says() -> None:
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    known = cases(150, noise=0.1)
    model = learning.train(known, 0.9).model
    rows = [features(one.matter) for one in known]
    common = fitting._common(rows, 10**6)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([{k: v for k, v in row.items() if k in common} for row in rows])
    judge = LogisticRegression(C=10.0, max_iter=200, tol=1e-3).fit(matrix, [one.unit for one in known])
    for one in cases(30, seed=3):
        shares = judge.predict_proba(vectorizer.transform([features(one.matter)]))[0]
        guess = model.judge(one.matter)
        assert guess is not None
        if max(shares) > 0.6:
            assert guess.unit == judge.classes_[shares.argmax()]
        assert guess.share == pytest.approx(max(shares), abs=0.02)


def test_a_stored_model_is_numbers_under_a_digest_or_refused() -> None:
    text, stamp = dump(learning.train(cases(120), 0.9).model)
    model = load(text, stamp)
    assert dump(model) == (text, stamp)
    body = json.loads(text)
    for changed in (
        text.replace("drainage", "sewerage"),
        "[]",
        json.dumps({**body, "bias": ["inf"] * len(body["units"])}),
        json.dumps({**body, "weights": {"g:a": {"99": 1}}}),
        json.dumps({**body, "format": 2}),
    ):
        with pytest.raises(Invalid):
            load(changed, stamp)
        if changed != text.replace("drainage", "sewerage"):
            with pytest.raises(Invalid):
                load(changed, digest(changed))


def test_the_measurement_reads_nothing_that_is_known_only_later(tmp_path: Path) -> None:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(
            dict.fromkeys(LATER, "something else"), closed_dt="2011-09-30 12:00:00", target_dt="2011-09-30 12:00:00"
        )
    later = tmp_path / "later.csv"
    with later.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    before, after = bench.read(SAMPLE), bench.read(later)
    assert [one.matter for one in before] == [one.matter for one in after]
    assert {one.unit for one in after} == {"something else"}
    assert len({one.matter for one in before}) > 10
    assert bench.run(SAMPLE)["speaks"] == 0  # too few to learn anything: silence


def test_facts_known_before_dispatch_are_read_by_name_only() -> None:
    facts = {
        "title": "井盖", "class": "C-1", "area": "a", "place_area": {"town": "t"}, "source": "web", "handle_note": "x",
        "duty": {"unit": "u"},
    }  # fmt: skip
    matter = of_facts(facts, ("title", "description"), "class", ("area", "place_area.town", "duty.none"), None)
    assert matter == Matter("井盖", "C-1", ("a", "t", ""), "web")
    assert Model([], [], {}, {}, 0.9).judge(matter) is None
