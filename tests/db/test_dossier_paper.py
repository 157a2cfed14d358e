"""The files of a dossier: no byte can be changed unseen; the pages are deterministic and hold the data file, no text of a case is read
as markup, and a long case stays bounded."""

from __future__ import annotations

import random
import resource
import time
from contextlib import closing
from datetime import timedelta

import pytest

from engine.audit import signing
from engine.clock import ManualClock
from escalation import dossier
from escalation.dossier import canonical, paper, sealing
from tests.conftest import MakeDatabase
from tests.db.test_dossier import HOSTILE, KEYS, worked
from tests.factories import say
from web import fonts
from web.city import City
from web.wiring import open_city

MOST_SECONDS = 60
"""A guard against what never ends, not a promise of speed."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the pages are made from the data file, whichever database that came from


def test_the_pages_are_the_same_and_hold_the_data_file(city: City, clock: ManualClock) -> None:
    made = dossier.make(city.core, worked(city, clock, title=HOSTILE[:90]))
    for language in ("zh", "en"):
        pdf = paper.render(made.content, made.name, fonts.folders(), language)
        assert paper.render(made.content, made.name, fonts.folders(), language) == pdf
        assert paper.attached(pdf) == made.content
    assert paper.attached(b"%PDF-1.7 nothing") is None


def test_a_changed_byte_anywhere_is_found(city: City, clock: ManualClock) -> None:
    made = dossier.make(city.core, worked(city, clock))
    some = random.Random(6)
    places = sorted({*some.sample(range(len(made.content)), 500), *range(len(made.content) - 300, len(made.content))})
    undetected = []
    for place in places:
        changed = bytearray(made.content)
        changed[place] ^= 1 << some.randrange(8)
        if dossier.verify(bytes(changed), KEYS).good:
            undetected.append(place)
    assert undetected == []
    for cut in (made.content[:-1], made.content + b"\n", made.content[1:], b"", made.content.replace(b",", b", ", 1)):
        assert not dossier.verify(cut, KEYS).good


def test_no_fonts_is_said(city: City, clock: ManualClock) -> None:
    made = dossier.make(city.core, worked(city, clock))
    with pytest.raises(paper.NoFonts):
        paper.render(made.content, made.name, ())


def test_no_text_is_read_as_markup(city: City, clock: ManualClock) -> None:
    """Texts of all that typst, JSON or PDF could take for more than text, in every text of the document."""
    made = dossier.make(city.core, worked(city, clock))
    some = random.Random(11)
    pieces = [
        *"#*_$[]{}()<>@`\\/~\"'=+-;:,.!|&%^\n\t",
        "#panic()",
        '#read("/etc/passwd")',
        "#import",
        "\\u{41}",
        "//",
        "/*",
        "```",
        "潜江",
        "\u202e",
        "\ufffe",
        "\x01",
        "🚧",
        "%PDF-",
        "endstream",
        "))>>",
    ]

    def hostile(value: object) -> object:
        if isinstance(value, dict):
            return {k: v if k in KEPT else hostile(v) for k, v in value.items()}
        if isinstance(value, list):
            return [hostile(v) for v in value]
        if isinstance(value, str):
            return "".join(some.choice(pieces) for _ in range(some.randrange(1, 40)))
        return value

    for _ in range(10):
        document = made.document
        sections = [(s["name"], hostile(s["content"])) for s in document["sections"]]
        head = {k: v for k, v in document["head"].items() if k != "format"}
        _, content = sealing.seal(head, sections, signing.signer())
        assert paper.attached(paper.render(content, made.name, fonts.folders())) == content


KEPT = frozenset(
    {
        "at",
        "since",
        "until",
        "opened_at",
        "closed_at",
        "started_at",
        "ended_at",
        "due_at",
        "stopped_at",
        "breached_at",
        "zone",
        "written_at",
    }
    | {"hash", "amount", "control", "key", "kind", "due"}
)
"""Texts that are times, numbers or names of the program, and never people's."""


def test_a_very_long_case_stays_bounded(
    make_database: MakeDatabase, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_city(make_database("sqlite", "city"), clock, durable=False)) as city:
        case = worked(city, clock)
        for number in range(40):
            clock.advance(timedelta(minutes=1))
            city.comment(case, f"第 {number} 次催问 " + HOSTILE, "lijianguo")
        made = dossier.make(city.core, case)
    document = made.document
    sections = []
    for each in document["sections"]:
        if each["name"] == "history":
            rows = each["content"]["rows"]
            each["content"]["rows"] = (rows * (2000 // len(rows) + 1))[:2000]
        sections.append((each["name"], each["content"]))
    head = {k: v for k, v in document["head"].items() if k != "format"}
    before, began = _memory(), time.monotonic()
    _, content = sealing.seal(head, sections, signing.signer())
    dossier.verify(content, {})
    pdf = paper.render(content, made.name, fonts.folders())
    took = time.monotonic() - began
    assert paper.attached(pdf) == content
    assert canonical.read(content)["head"]["case"] == case
    assert took < MOST_SECONDS
    say(capsys, rows=2000, kb=len(pdf) // 1000, seconds=round(took, 1), more_mb=_memory() - before)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
