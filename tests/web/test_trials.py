"""A trial of a draft on its page: played from application to certificate, over a deadline, and nothing of it anywhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, true

from engine import access, drafts, trials
from engine.people import Actor, load_actor
from engine.queries import listing
from engine.queries import trials as told_of
from engine.queries.live import Follower
from engine.tables import certificate, instance
from engine.trials import Trial
from tests.bpmn.drawing import DECLARED, catch, chain, end, ext, flow, message, process, signal, start, tag, user
from tests.db.test_trials import actor, begun, granted
from tests.factories import DESIGNER, OPERATOR
from tests.stories import permits
from tests.web.test_drills import BUSY, READERS, found_in, plain
from tests.web.visitor import LEADER, Visit, Visitor
from web.city import City
from web.setting_up import bundle
from web.wiring import PROCESSES

CANARY = "试金雀"
OTHER = "fangzhiyuan"
KEY = "excavation_permit"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is read and written is tried on both in tests/db/test_trials.py


def drafted(city: City, key: str = KEY, files: dict[str, bytes] | None = None) -> int:
    return drafts.begin(city.core, key, files or bundle(PROCESSES / key), DESIGNER, base=1 if files is None else 0).id


def opened(visitor: Visitor, draft: int) -> str:
    """The address of a new trial."""
    ask = f"/definitions/drafts/{draft}/trial"
    answer = visitor.submit(ask, ask)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def form_of(page: str, name: str) -> str:
    """Where the button of this step leads."""
    found = re.search(rf'data-row="{name}">.*?href="([^"]+)"', page, re.DOTALL)
    assert found is not None, name
    return found.group(1)


def play(visitor: Visitor, home: str, node: str, **more: Any) -> Any:
    where = form_of(visitor.get(home).text, node)
    page = visitor.get(where).text
    whom = re.search(r'name="_as" value="(\d+)" checked', page)
    assert whom is not None
    return visitor.submit(where, where, _as=whom.group(1), **{**permits.ANSWERS[node][1], **more})


def test_a_permit_is_played_on_its_page(city: City, visit: Visit) -> None:
    designer = visit(DESIGNER)
    home = opened(designer, drafted(city))
    page = designer.get(home).text
    assert 'class="drill-banner"' in page
    assert "试运行" in page
    begin = f"{home}/start"
    assert designer.submit(begin, begin, title="").status_code == 422
    assert designer.submit(begin, begin, **permits.APPLIED).status_code == 303
    page = designer.get(home).text
    assert permits.APPLIED["title"] in page
    for node in ("Accept", "MunicipalReview", "TrafficReview", "Decide", "Issue"):
        where = form_of(designer.get(home).text, node)
        assert 'class="drill-banner"' in designer.get(where).text
        answer = play(designer, home, node)
        assert answer.status_code == 303, (node, answer.text)
    page = designer.get(home).text
    assert "扮演" in page
    assert "certificate" in page
    other = visit(OTHER)  # another designer watches, and plays on
    assert permits.APPLIED["title"] in other.get(home).text
    assert form_of(other.get(home).text, "Report")
    again = opened(designer, drafted(city))
    assert permits.APPLIED["title"] in designer.get(f"{again}/start").text
    assert designer.submit(home, f"{home}/end").status_code == 303
    page = designer.get(home).text
    assert "已结束" in page
    assert f"{home}/tasks/" not in page
    assert home in designer.get("/trials").text


def test_time_moves_on_over_a_deadline(city: City, visit: Visit) -> None:
    designer = visit(DESIGNER)
    home = opened(designer, drafted(city))
    designer.submit(f"{home}/start", f"{home}/start", **permits.APPLIED)
    before = designer.get(home).text
    found = re.search(r'action="(/trials/\d+/jump[^"]*)"', before)
    assert found is not None
    jump = found.group(1)
    assert "light-red" not in before
    assert designer.submit(home, jump, to="next").status_code == 303
    assert designer.submit(home, jump, to="day").status_code == 303
    assert designer.submit(home, jump, to="moment", moment="2026-09-01T09:00").status_code == 303
    after = designer.get(home).text
    assert "2026-09-01 09:00" in after
    assert "light-red" in after
    assert "即将到期" in after  # the reminder that people would have had
    for moment in ("", "x", "2026-01-01T00:00", "2400-01-01T00:00"):
        designer.submit(home, jump, to="moment", moment=moment)
        assert 'class="note note-bad"' in designer.get(home).text, moment


def test_what_keeps_a_draft_from_running_is_told_with_the_place(city: City, visit: Visit) -> None:
    designer = visit(DESIGNER)
    nobody = user("Second", settings='<ld:candidates unit="=where" post="leader"/>')
    stuck = process(start(), user("First"), nobody, end(), chain("S", "First", "Second", "E"), id="stuck")
    draft = drafted(city, "stuck", {"stuck.bpmn": stuck})
    home = opened(designer, draft)
    assert designer.submit(f"{home}/start", f"{home}/start").status_code == 303
    where = form_of(designer.get(home).text, "First")
    whom = re.search(r'name="_as" value="(\d+)" checked', designer.get(where).text)
    assert whom is not None
    answer = designer.submit(where, where, _as=whom.group(1))
    assert answer.status_code == 422
    assert "找不到办理人" in answer.text
    page = designer.get(home).text
    assert f"/definitions/drafts/{draft}#Second" in page
    broken = process(start(), user("First"), end(), chain("S", "First"), id="broken")
    asked = f"/definitions/drafts/{drafted(city, 'broken', {'broken.bpmn': broken})}/trial"
    page = designer.get(asked).text
    assert "#First" in page or "#E" in page
    assert designer.submit(asked, asked).status_code == 422


def test_only_designers(city: City, visit: Visit) -> None:
    trial = begun(city)
    for who in (LEADER, OPERATOR):
        reader = visit(who)
        for path in (
            "/trials",
            f"/trials/{trial.number}",
            f"/trials/{trial.number}/start",
            f"/definitions/drafts/{trial.draft_id}/trial",
        ):
            assert reader.get(path).status_code == 403, (who, path)
        sent = reader.form("/", "/logout")
        assert reader.post(f"/trials/{trial.number}/jump", {**sent, "to": "day"}).status_code == 403
    designer = visit(DESIGNER)
    assert designer.get(f"/trials/{trial.number + 1}").status_code == 404
    assert designer.get(f"/trials/{trial.number}/tasks/1.1").status_code == 303


def fill(city: City) -> tuple[Trial, int]:
    """A permit in a trial, with the canary in it, late and with a certificate."""
    trial = begun(city)
    told = {"title": f"{CANARY}挖掘", "applicant": CANARY, "place": f"{CANARY}路"}
    permits_before = dict(permits.APPLIED)
    try:
        permits.APPLIED.update(told)
        return trial, granted(city, trial)
    finally:
        permits.APPLIED.clear()
        permits.APPLIED.update(permits_before)


def test_nothing_of_a_trial_is_in_anything_live(city: City, visit: Visit) -> None:
    """As for drills: every page, list, sheet and answer, for those who see most; pages with figures are what they were; no
    open page is told to look."""
    readers = {who: visit(who) for who in dict.fromkeys([*READERS, *(who for _, who in BUSY)])}
    for reader in readers.values():
        reader.get("/")
    before = {(path, who): plain(readers[who].get(path).text) for path, who in BUSY}
    follower = Follower(city.core, city.core.db.now())
    trial, case = fill(city)
    with city.core.db.read() as connection:
        numbers = [
            connection.execute(select(instance.c.number).where(instance.c.id == case))
            .scalar_one()
            .removeprefix("TRIAL-"),
            *connection.execute(select(certificate.c.number).where(certificate.c.world_id == trial.id)).scalars(),
        ]
    assert len(numbers) == 2
    assert told_of.services(city.core, trial)
    after = {(path, who): plain(readers[who].get(path).text) for path, who in BUSY}
    assert {place for place, text in after.items() if text != before[place]} == set()
    assert follower.news() is None
    asked = {who: readers[who] for who in (LEADER, OPERATOR, None)}  # all cases, operations; anybody
    leaks = found_in(city, asked, (CANARY, *numbers))
    assert not leaks, leaks


def test_who_is_played_meets_nothing_of_it(city: City, visit: Visit) -> None:
    _, case = fill(city)
    for who in dict.fromkeys(who for who, _ in permits.ANSWERS.values()):
        mine = visit(who)
        for path in ("/", "/inbox", "/inbox?tab=mine", "/cases", "/notices", f"/cases?q={CANARY}", "/desk"):
            told = mine.get(path).text.replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
            assert CANARY not in told, (who, path)
        for path in (f"/cases/{case}", f"/cases/{-case}", f"/tasks/{case}.1", f"/api/v1/instances/{case}"):
            assert mine.get(path).status_code == 404, (who, path)


def test_the_scan_sees_a_list_that_forgot(city: City, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: the list of cases shows whatever world it is given, and the trial's."""
    leader = visit(LEADER)
    trial, _ = fill(city)
    usual = listing.page
    monkeypatch.setattr(listing, "page", lambda core, who, wanted: usual(core, who, replace(wanted, world=trial.id)))
    assert not found_in(city, {LEADER: leader}, (CANARY,), ("/cases",))  # the second fence holds
    monkeypatch.setattr(access, "visible", lambda *_, **__: true())
    assert f"/cases for {LEADER}: {CANARY}" in found_in(city, {LEADER: leader}, (CANARY,), ("/cases",))


def test_its_pages_are_wholly_english(city: City, visit: Visit) -> None:
    trial = begun(city)
    reader = visit(DESIGNER, "en")
    chinese = re.compile(r"[一-鿿]+")
    for path in ("/trials", f"/trials/{trial.number}", f"/definitions/drafts/{trial.draft_id}/trial"):
        text = re.sub(r"<(script|style|select).*?</\1>", "", reader.get(path).text, flags=re.DOTALL)
        shown = " ".join(re.findall(r">([^<]+)<", text))
        left = set(chinese.findall(shown)) - {"中文"}
        names = {word for word in left if word in {actor(city).name, "潜江", "联动"}}
        assert left <= names, (path, left)


def test_a_part_sends_back_hands_on_and_another_starts(city: City, visit: Visit) -> None:
    designer = visit(DESIGNER)
    allowed = '<ld:acts allow="back"/><ld:candidates post="handler"/>'
    drawn = (start(), user("First"), user("Second", settings=allowed), end(), chain("S", "First", "Second", "E"))
    home = opened(designer, drafted(city, "handed", {"handed.bpmn": process(*drawn, id="handed")}))
    assert re.search(r'href="/definitions" class="[^"]*" aria-current="page"', designer.get(home).text), (
        "it belongs to 流程"
    )
    starter = load(city, LEADER).id
    assert designer.submit(f"{home}/start", f"{home}/start", _as=str(starter)).status_code == 303
    case = trials.cases(city.core, trials.get(city.core, load(city, DESIGNER), int(home.rpartition("/")[2])))[0]
    assert case["starter_id"] == starter
    assert "扮演" in designer.get(home).text
    first = form_of(designer.get(home).text, "First")
    did = designer.form(first, first)["_as"]
    assert designer.submit(first, first).status_code == 303
    where = form_of(designer.get(home).text, "Second")
    # Handed to a colleague: from then on it waits for that one alone.
    given = designer.form(where, f"{where}/transfer")
    offered = designer.get(where).text.split('id="hand-to"')[1].split("</select>")[0]
    other = next(one for one in re.findall(r'<option value="(\d+)"', offered) if one != given["_as"])
    assert designer.post(f"{where}/transfer", {**given, "to": other}).status_code == 303
    assert re.findall(r'name="_as" value="(\d+)"', designer.get(where).text) == [other]
    # Sent back without a reason: nothing. With one, to whoever was played there, not to the designer.
    given = designer.form(where, f"{where}/back")
    assert designer.post(f"{where}/back", {**given, "reason": ""}).status_code == 422
    assert designer.post(f"{where}/back", {**given, "to": "First", "reason": "材料不全"}).status_code == 303
    page = designer.get(home).text
    assert "材料不全" in page
    again = form_of(page, "First")
    assert re.findall(r'name="_as" value="(\d+)"', designer.get(again).text) == [did]
    assert f'action="{again}/back"' not in designer.get(again).text, "its step does not allow it"
    assert designer.post(f"{where}/back", {**given, "to": "First", "reason": "x"}).status_code == 303, (
        "it waits no more"
    )


def test_a_message_comes_with_its_content_and_a_signal_comes(city: City, visit: Visit) -> None:
    designer = visit(DESIGNER)
    reads = '<ld:message result="={grade: payload.grade, fine: payload.fine}"/>'
    parts = (
        start(),
        catch("Ordered", ext(reads) + message()),
        catch("Flooded", signal()),
        tag("exclusiveGateway", id="G", default="G-Small"),
        user("Big"),
        user("Small"),
        end(),
        chain("S", "Ordered", "Flooded", "G"),
        flow("G", "Big", 'grade = "heavy" and fine > 100'),
        flow("G", "Small"),
        chain("Big", "E"),
        chain("Small", "E"),
    )
    home = opened(designer, drafted(city, "told", {"told.bpmn": process(*parts, id="told", outside=DECLARED)}))
    assert designer.submit(f"{home}/start", f"{home}/start").status_code == 303

    def come(**given: str) -> None:
        action = next(one for one in re.findall(r'action="([^"]*/message[^"]*)"', designer.get(home).text))
        assert designer.submit(home, action.replace("&amp;", "&"), **given).status_code == 303

    assert 'name="payload.grade"' in designer.get(home).text
    come(**{"payload.grade": "heavy", "payload.fine": "150"})
    assert 'name="payload.grade"' not in designer.get(home).text
    come()
    assert form_of(designer.get(home).text, "Big")


def load(city: City, login: str) -> Actor:
    with city.core.db.read() as connection:
        return load_actor(connection, login)
