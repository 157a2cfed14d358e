"""Files in a dossier: those of the case, of the unit's replies to its supervision, and of requests about its clocks, each by its hash, on
both papers; and dossiers of the first edition, which had only the case's, hold for ever."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import files
from engine.clock import ManualClock
from engine.files import Accepted
from escalation import asking, dossier
from escalation.dossier.view import View
from tests.db.test_dossier import KEYS, section
from tests.factories import DISPATCHER, task_at
from tests.stories.test_clock_requests import clocks
from tests.stories.test_ladder import GAO, HEAD, ZHU, grave, reminded_and_urged
from web.city import City

__all__ = ["grave"]

OLD = Path(__file__).parents[1] / "data" / "dossier_of_the_first_edition.json"
PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def paper_of(city: City, name: str) -> Accepted:
    return files.accept(city.core, f"{name}.pdf", PAPER + f"% {name}\n".encode())


def replied(city: City, clock: ManualClock, grave: int) -> dict[str, Accepted]:
    """A late case with a photo of its own, and a reply to a yellow card with a file."""
    sent = {"case": paper_of(city, "现场"), "reply": paper_of(city, "答复佐证")}
    files.attach(city.core, grave, [sent["case"]], HEAD)
    ladder = reminded_and_urged(city, clock, grave)
    city.complete(task_at(city, ladder, "IssueCard"), {"card_decision": "issue", "card_reason": "逾期"}, ZHU)
    city.run_due()
    answers = {"card_reply": "正在组织", "card_reply_files": [sent["reply"].id]}
    clock.advance(timedelta(minutes=9))
    city.complete(task_at(city, ladder, "CardReply"), answers, HEAD, accepted=[sent["reply"]])
    city.run_due()
    return sent


def told(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(f["name"], f["hash"]) for f in found]


def test_the_files_of_a_reply_are_in_it_by_hash(city: City, clock: ManualClock, grave: int) -> None:
    before = dossier.make(city.core, grave)
    sent = replied(city, clock, grave)
    made = dossier.make(city.core, grave)
    assert told(section(made, "files")) == [("现场.pdf", sent["case"].hash)]
    (ladder,) = section(made, "supervisions")
    assert told(ladder["files"]) == [("答复佐证.pdf", sent["reply"].hash)]
    assert ladder["files"][0]["task_id"] in {
        row.get("task_id") for row in ladder["history"]["rows"] if row["kind"] == "rung"
    }
    assert dossier.verify(made.content, KEYS).findings == []
    for language in ("zh", "en"):
        printed = View(made.document, made.content, made.name, language).told()
        assert [f["hash"] for f in printed["files"]] == [sent["case"].hash.partition(":")[2]]
        (beside,) = printed["files-beside"]
        assert [f["hash"] for f in beside["files"]] == [sent["reply"].hash.partition(":")[2]]
        assert "答复佐证.pdf" in str(printed["histories"]), "the reply names its file, not its id"
    # what comes later is not in what was before, whichever is made first
    late = paper_of(city, "复核材料")
    clock.advance(timedelta(hours=1))
    judging = city.complete(
        task_at(city, ladder["history"]["instance"], "JudgeReply"), {"judge_decision": "uphold"}, GAO
    )
    files.attach(city.core, judging["instance"], [late], GAO)
    assert dossier.make(city.core, grave, made.event).content == made.content
    assert dossier.make(city.core, grave, before.event).content == before.content
    assert late.hash in dossier.make(city.core, grave).content.decode()


def test_a_changed_byte_of_a_reply_s_file_is_found(city: City, clock: ManualClock, grave: int) -> None:
    replied(city, clock, grave)
    made = dossier.make(city.core, grave)
    at = made.content.index("答复佐证".encode())
    some = random.Random(3)
    for place in range(at - 400, at + 400):
        changed = bytearray(made.content)
        changed[place] ^= 1 << some.randrange(8)
        assert not dossier.verify(bytes(changed), KEYS).good, place


def test_the_files_of_a_request_about_a_clock_are_in_it(city: City, clock: ManualClock, grave: int) -> None:
    late = paper_of(city, "管网图纸")
    clock.advance(timedelta(minutes=10))
    asked = asking.ask(
        city.core,
        "extension",
        grave,
        f"handle.{clocks(city, grave)['handle']['task_id']}",
        HEAD,
        answers={"request_reason": "管网改造，须分段施工"},
    )
    request = int(asked["instance"])
    city.run_due()
    files.attach(city.core, request, [late], HEAD)
    city.complete(
        task_at(city, request, "Decide"), {"decision": "approve"}, DISPATCHER
    )  # the head asked, and needs no opinion of theirs
    city.run_due()
    made = dossier.make(city.core, grave)
    (told_of,) = section(made, "requests")
    assert (told_of["id"], told(told_of["files"])) == (request, [("管网图纸.pdf", late.hash)])
    clock.advance(timedelta(minutes=10))
    files.attach(city.core, request, [paper_of(city, "更晚")], HEAD)
    assert dossier.make(city.core, grave, made.event).content == made.content


def test_what_was_made_in_the_first_edition_holds(city: City, clock: ManualClock, grave: int) -> None:
    old = OLD.read_bytes()
    verdict = dossier.verify(old, KEYS)
    assert (verdict.findings, verdict.rows > 0) == ([], True)
    assert not dossier.verify(old.replace(b"liandong-dossier/1", b"liandong-dossier/2"), KEYS).good
    printed = View(dossier.read(old), old, "old", "zh").told()
    assert printed["files-beside"] == []
    sent = replied(city, clock, grave)
    newest = dossier.make(city.core, grave)
    assert newest.event.endswith("~2")
    first = dossier.make(city.core, grave, newest.event.removesuffix("~2"))
    assert first.document["head"]["format"] == "liandong-dossier/1"
    (ladder,) = section(first, "supervisions")
    assert "files" not in ladder
    assert sent["reply"].hash in str(ladder["history"]), "it stood in the history all the same"
    assert dossier.make(city.core, grave, first.event).content == first.content
    assert dossier.verify(first.content, KEYS).findings == []
