"""What the inspection office attaches to a referral goes with it to the discipline commission, by hash; nobody else outside reads it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from engine import files, files_along
from engine.audit.verifying import verify
from engine.errors import LiandongError, NotFound
from engine.files import Accepted
from engine.tables import attachment, history, instance
from escalation import dossier, referrals
from escalation.dossier import asking
from tests import laws
from tests.stories.test_inspection import (
    APPROVED,
    CLUE,
    INSPECTOR,
    MAYOR,
    OFFICE_HEAD,
    OFFICER,
    OUTSIDE,
    asked,
    case,
    concluded,
    do,
    everybody,
    only,
)
from tests.web.visitor import Visitor
from web.app import create_app
from web.city import City

__all__ = ["case"]

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OTHER_OFFICER = "qiuminghui"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def handed_over(city: City, case: int) -> tuple[int, int, list[Accepted]]:
    """A referral with two files, one of its form and one added to it later, and the clue as the commission has it."""
    _, inspection = asked(city, case)
    concluded(city, inspection)
    first = files.accept(city.core, "谈话笔录.pdf", PAPER)
    second = files.accept(city.core, "补充材料.pdf", PAPER + b"% 2\n")
    said = {**CLUE, "clue_files": [first.id]}
    reply = referrals.refer(city.core, inspection, said, city.actor(INSPECTOR), accepted=[first])
    referral = int(reply["instance"])
    city.run_due()
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
    files.attach(city.core, referral, [second], INSPECTOR)
    do(city, referral, "Approve", MAYOR, **APPROVED)
    do(city, referral, "HandOver", INSPECTOR, materials="两份", handed_on="2026-06-30")
    return referral, only(city, "clue"), [first, second]


def reads(city: City, instance_id: int, file: Accepted, login: str) -> bool:
    try:
        return files.fetch(city.core, instance_id, file.id, login).content == file.content
    except NotFound:
        return False


def test_the_commission_reads_them_and_nobody_else_outside(city: City, case: int) -> None:
    referral, clue, sent = handed_over(city, case)
    for file in sent:
        readers = {a.login for a in everybody(city) if reads(city, clue, file, a.login)}
        assert readers == {OFFICER, OTHER_OFFICER}
        senders = {a.login for a in everybody(city) if reads(city, referral, file, a.login)}
        assert senders == {INSPECTOR, OFFICE_HEAD, MAYOR}, "who works the referral has them there, and only there"
        assert not senders & set(OUTSIDE)
    there = {(f["name"], f["hash"]) for f in files.listing(city.core, clue, OFFICER)}
    assert there == {(f.name, f.hash) for f in sent}
    assert city.instance(clue)["facts"]["clue_files"] == [sent[0].id], (
        "the form of the officer shows what that of the proposal held"
    )
    do(city, clue, "Receive", OFFICER, received_on="2026-07-01", receipt_number="内-1")
    laws.check(city)


def test_they_stand_in_the_dossier_of_the_clue_and_in_no_other(city: City, case: int) -> None:
    _, clue, sent = handed_over(city, case)
    own = asking.hand_out(city.core, city.actor(OFFICER), clue)
    (told,) = [part["content"] for part in own.document["sections"] if part["name"] == "files"]
    assert {(f["name"], f["hash"]) for f in told} == {(f.name, f.hash) for f in sent}
    assert dossier.make(city.core, clue, own.event).content == own.content
    of_case = dossier.make(city.core, case).content.decode()
    assert not [f.name for f in sent if f.hash in of_case or f.name in of_case]
    for outside in (*OUTSIDE, INSPECTOR, MAYOR):
        with pytest.raises(LiandongError):
            asking.look(city.core, city.actor(outside), clue)


@pytest.mark.forged
def test_they_are_only_added_to_and_stay_when_the_referral_is_gone(city: City, case: int) -> None:
    referral, clue, sent = handed_over(city, case)
    with city.core.db.write() as connection:
        connection.execute(attachment.delete().where(attachment.c.instance_id == referral))
    files.sweep(city.core)
    assert all(reads(city, clue, f, OFFICER) for f in sent)
    assert not {f"case:{clue} attachment {f.id}" for f in sent} & found_by_verification(city)
    with city.core.db.write() as connection:
        mine = (attachment.c.instance_id == clue, attachment.c.id == sent[0].id)
        connection.execute(update(attachment).where(*mine).values(name="别的.pdf"))
    assert f"case:{clue} attachment {sent[0].id}" in found_by_verification(city)


def found_by_verification(city: City) -> set[str]:
    return {each.where for each in verify(city.core).findings}


def test_what_is_attached_after_the_hand_over_is_told_to_stay(city: City, case: int) -> None:
    referral, clue, sent = handed_over(city, case)
    later = files.accept(city.core, "漏附的材料.pdf", PAPER + b"% 3\n")
    files.attach(city.core, referral, [later], INSPECTOR)
    assert not reads(city, clue, later, OFFICER)
    gone = files_along.gone(city.core, referral, city.trail(referral))
    assert gone is not None
    assert gone.files == {f.id for f in sent}
    app = create_app(city, b"a secret of the tests")
    page = Visitor(app, city, INSPECTOR).get(f"/cases/{referral}").text
    assert "此后添加的附件只留在本件" in page
    (marked,) = [line for line in page.splitlines() if "未随案移送" in line]
    after = marked.partition(later.name)[2]
    assert "未随案移送" in after.partition("</li>")[0]
    assert marked.count("未随案移送") == 1
    assert "stays here, unseen" in Visitor(app, city, INSPECTOR, "en").get(f"/cases/{referral}").text
    assert "随案移送" not in Visitor(app, city, OFFICER).get(f"/cases/{clue}").text


def test_before_the_hand_over_nothing_is_said_of_it(city: City, case: int) -> None:
    assert files_along.gone(city.core, case, city.trail(case)) is None


def test_nobody_takes_files_from_who_did_not_send_for_them(city: City, case: int) -> None:
    from engine.steps import run  # noqa: PLC0415

    with pytest.raises(LiandongError):
        run(city.core, case, lambda seen, writes: files_along.take(city.core, seen, writes, {}))
    referral, clue, _ = handed_over(city, case)
    with city.core.db.read() as connection:
        first = select(history.c.data).where(history.c.instance_id == clue, history.c.seq == 0)
        assert connection.execute(first).scalar_one()["from"] == str(referral)
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == clue).values(confidential=False))
    with pytest.raises(LiandongError):
        run(city.core, clue, lambda seen, writes: files_along.take(city.core, seen, writes, {}))
