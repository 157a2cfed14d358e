"""Real requests through the real process: figures come from stored rows, and a planted second is seen."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.errors import Invalid
from engine.tables import history, instance, task
from escalation.tables import clock
from tests import on_time
from tests.factories import say
from web.city import City
from web.export import export
from web.replay import figures, replay
from web.replay.rows import BadRow, Request, read

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "boston_sample.csv"


def oracle() -> tuple[int, int, int]:
    """Cases, closed, and how many have a sane target and a verdict: read from the file with nothing of ours."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    compared = [r for r in rows if r["ontime"] and r["target_dt"] and r["open_dt"] <= r["target_dt"] < "2014"]
    return len(rows), sum(1 for r in rows if r["closed_dt"]), len(compared)


def test_every_verdict_of_the_city_is_ours_too(city: City) -> None:
    cases, closed, compared = oracle()
    result = replay(city, SAMPLE)
    assert (result.cases, result.closed, result.open) == (cases, closed, cases - closed)
    assert result.label_compared == compared
    assert result.label_agreement == 1.0
    assert result.disagreements == []
    with city.core.db.read() as connection:
        assert not connection.execute(select(instance.c.id).where(instance.c.world_id == 1)).first()
        still_open = connection.execute(select(task.c.node).where(task.c.state == "open")).scalars().all()
    assert still_open == ["Handle"] * (cases - closed)


def test_real_times_are_kept(city: City) -> None:
    result = replay(city, SAMPLE)
    by_id = {r.id: r for r in read(SAMPLE) if isinstance(r, Request)}
    with city.core.db.read() as connection:
        rows = connection.execute(select(instance).where(instance.c.world_id == result.world)).mappings().all()
        for row in rows:
            request = by_id[row["facts"]["request_id"]]
            assert row["started_at"] == request.opened
            assert row["ended_at"] == request.closed
            times = (
                connection.execute(
                    select(history.c.at).where(history.c.instance_id == row["id"]).order_by(history.c.seq)
                )
                .scalars()
                .all()
            )
            own = [at for at in times if at <= (row["ended_at"] or at)]
            assert own == sorted(own)


def test_continued_without_doubling(city: City) -> None:
    class Stop(Exception):
        pass

    def stop(number: int, _total: int) -> None:
        if number == 11:
            raise Stop

    with pytest.raises(Stop):
        replay(city, SAMPLE, stop)
    result = replay(city, SAMPLE)
    again = replay(city, SAMPLE)
    assert result.cases == again.cases == oracle()[0]
    assert result.steps == again.steps
    assert result.world == again.world


def test_a_planted_second_is_seen(city: City) -> None:
    result = replay(city, SAMPLE)
    with city.core.db.write() as connection:
        row = (
            connection.execute(
                select(clock)
                .join(instance, instance.c.id == clock.c.instance_id)
                .where(
                    instance.c.world_id == result.world,
                    clock.c.name == "case",
                    clock.c.breached_at.is_(None),
                    clock.c.due_at.is_not(None),
                    clock.c.stopped_at.is_not(None),
                )
            )
            .mappings()
            .first()
        )
        assert row is not None
        connection.execute(
            update(clock)
            .where(clock.c.instance_id == row["instance_id"], clock.c.name == "case")
            .values(due_at=row["stopped_at"] - timedelta(seconds=1))
        )
    shifted = figures(city.core, result.world, 0)
    assert shifted.label_agreement < 1
    assert len(shifted.disagreements) == 1


def test_bad_rows_are_told_and_skipped(city: City, tmp_path: Path) -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")

    def row(**values: str) -> str:
        return ",".join(values.get(c, "") for c in header)

    file = tmp_path / "bad.csv"
    good = {"case_enquiry_id": "1", "open_dt": "2011-07-01 10:00:00", "type": "Pothole", "department": "PWDx"}
    file.write_text(
        "\n".join(
            [
                lines[0],
                row(**good),
                row(**{**good, "case_enquiry_id": "2", "open_dt": "yesterday"}),
                row(**{**good, "case_enquiry_id": "3", "closed_dt": "2011-06-30 10:00:00"}),
                row(**good),
                row(**{**good, "case_enquiry_id": ""}),
                row(**{**good, "case_enquiry_id": "4", "target_dt": "2099-01-01 00:00:00"}),
                row(**{**good, "case_enquiry_id": "5", "target_dt": "soon"}),
            ]
        ),
        encoding="utf-8",
    )
    bad: list[BadRow] = []
    result = replay(city, file, bad=bad.append)
    assert [b.line for b in bad] == [3, 4, 5, 6]
    assert result.cases == 3
    assert result.label_compared == 0


@pytest.mark.parametrize(
    "content, said",
    [
        (b"a,b\n1,2\n", "case_enquiry_id"),
        ("案件\n".encode("gb18030"), "UTF-8"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
def test_another_file_is_refused_in_words(city: City, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / ("file.csv.gz" if content.startswith(b"\x1f") else "file.csv")
    file.write_bytes(content)
    with pytest.raises(Invalid, match=said):
        replay(city, file)


def test_figures_can_be_computed_from_the_export_alone(city: City, tmp_path: Path) -> None:
    result = replay(city, SAMPLE)
    counts = export(city.core, tmp_path / "out", result.world)
    now = json.loads((tmp_path / "out" / "world.json").read_text())["now"]

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    instances = rows("instances")
    assert len(instances) == counts["instances"] == result.cases
    late = [c for c in rows("clocks") if c["name"] == "case" and c["due_at"] and (c["stopped_at"] or now) > c["due_at"]]
    assert len(late) == result.late
    steps = [h for h in rows("history") if h["kind"] in ("started", "completed", "timer_fired")]
    assert len(steps) == result.steps


def test_on_time_figures_by_department_and_month_are_those_of_the_file(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    result = replay(city, SAMPLE)
    compared, told = on_time.differences(SAMPLE, city, result.world)
    assert told == []
    assert compared > 20
    say(capsys, figures=compared, differences=0)
    with city.core.db.write() as connection:  # and one would have been seen
        in_time = (clock.c.name == "case", clock.c.stopped_at <= clock.c.due_at)
        first = connection.execute(select(clock.c.instance_id).where(*in_time).limit(1)).scalar_one()
        late = update(clock).where(clock.c.name == "case", clock.c.instance_id == first)
        connection.execute(late.values(due_at=clock.c.started_at, breached_at=clock.c.started_at))
    _, told = on_time.differences(SAMPLE, city, result.world)
    assert told
