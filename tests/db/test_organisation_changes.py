"""Changes of the organisation: proposed by one, approved by another, and refused where a rule or somebody's work would be broken."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import tokens
from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import changes, duties
from engine.tables import area, audit, membership, person, session, substitution, task, unit
from tests.bpmn.drawing import chain, end, process, start, user
from tests.db.organised import (
    ADMINISTRATOR,
    AUDITOR,
    SECURITY,
    STARTER,
    UNIT_WORK,
    WATER,
    cases,
    changed,
    proposed,
    rows,
    unit_id,
)
from web.city import City

HEAD, HANDLER, COLLEAGUE = "weichangjiang", "dingyumei", "guhongxia"  # of sanitation
ALONE = "cailihua"  # the one handler of drainage
RENAME: dict[str, Any] = {"unit": "sanitation", "name_zh": "环卫中心", "name_en": "Sanitation"}


def why(city: City, kind: str, plan: dict[str, Any]) -> str:
    """What is wrong with a plan, in one text."""
    with pytest.raises(Invalid) as caught:
        city.propose(kind, plan, ADMINISTRATOR, "试")
    return " ".join(p.en for p in caught.value.params["problems"])


def give(login: str, unit_key: str, post: str, **more: Any) -> dict[str, Any]:
    return {"give": [{"login": login, "unit": unit_key, "post": post, **more}]}


# ---------------------------------------------------------------- review


def test_an_account_that_is_switched_off_still_counts(city: City) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == HANDLER).values(active=False))
        number = connection.execute(select(person.c.staff_no).where(person.c.login == HANDLER)).scalar_one()
    second = {"people": [{"login": "second", "name": "丁玉梅", "staff_no": number}]}
    assert "may not be both" in why(city, "people", {**second, **give("second", "command_centre", "shift_leader")})


def test_one_proposes_and_another_approves(city: City) -> None:
    for nobody in (HEAD, SECURITY, AUDITOR):
        with pytest.raises(NotAllowed):
            city.propose("rename", RENAME, nobody, "改名")
    change = city.propose("rename", RENAME, ADMINISTRATOR, "改名")
    for nobody in (ADMINISTRATOR, HEAD, AUDITOR):
        with pytest.raises(NotAllowed):
            city.approve(change, nobody)
    assert city.run_due() == 0
    assert rows(city, unit, key="sanitation")[0]["name_zh"] != "环卫中心"
    city.approve(change, SECURITY, "同意")
    with pytest.raises(Invalid, match="not open"):
        city.refuse(change, SECURITY, "晚了")
    city.run_due()
    found = rows(city, unit, key="sanitation")[0]
    assert (found["name_zh"], found["pinyin"], found["ended_at"]) == ("环卫中心", "huanweizhongxin", None)
    told = [(r["kind"], r["about"]) for r in rows(city, audit, stream="organisation")]
    it = f"change:{change}"
    assert told == [
        ("change_proposed", it),
        ("change_approved", it),
        ("unit_changed", "unit:sanitation"),
        ("change_begun", it),
        ("change_applied", it),
    ]
    data = rows(city, audit, stream="organisation", kind="unit_changed")[0]["data"]
    assert (data["change"], data["after"]["name_zh"]) == (change, "环卫中心")
    assert [c.id for c in changes.listing(city.core, ["applied"])] == [change]


def test_four_eyes_count_human_beings(city: City) -> None:
    """A second account with the other power does not help, nor does deciding on one's own post."""
    number = rows(city, person, login=ADMINISTRATOR)[0]["staff_no"]
    change = city.propose("rename", RENAME, ADMINISTRATOR, "改名")
    with city.core.db.write() as connection:
        connection.execute(person.update().where(person.c.login == SECURITY).values(staff_no=number))
    with pytest.raises(NotAllowed, match="proposed"):
        city.approve(change, SECURITY)
    with city.core.db.write() as connection:
        connection.execute(person.update().where(person.c.login == SECURITY).values(staff_no="QJ9999"))
    mine = city.propose("people", give(SECURITY, "public", "applicant"), ADMINISTRATOR, "兼任")
    with pytest.raises(NotAllowed, match="own posts"):
        city.approve(mine, SECURITY)
    changes.withdraw(city.core, mine, ADMINISTRATOR)
    city.refuse(change, SECURITY, "不必")
    assert {c.state for c in changes.listing(city.core)} == {"withdrawn", "refused"}
    assert city.run_due() == 0


def test_what_became_wrong_meanwhile_changes_nothing(city: City) -> None:
    first = proposed(city, "merge", {"units": ["drainage"], "into": "sanitation"})
    second = proposed(city, "merge", {"units": ["drainage"], "into": "water_supply"})
    city.run_due()
    assert [changes.get(city.core, c).state for c in (first, second)] == ["applied", "failed"]
    assert "撤销" in str(changes.get(city.core, second).error)
    assert rows(city, unit, key="drainage")[0]["successor_id"] == unit_id(city, "sanitation")
    with pytest.raises(NotFound):
        changes.get(city.core, 999)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_plans_that_cannot_be(city: City) -> None:
    assert "no such kind" in why(city, "conquer", {})
    assert "no unit" in why(city, "rename", {**RENAME, "unit": "nowhere"})
    assert "under itself" in why(city, "rename", {**RENAME, "unit": "city_government", "parent": "sanitation"})
    assert "already" in why(city, "create", {"unit": {**WATER, "key": "sanitation"}})
    assert "Nothing would change" in why(city, "people", {})
    assert "Name at least one" in why(city, "merge", {"units": ["drainage"], "into": "drainage"})
    assert "head of none" in why(city, "merge", {"units": ["drainage"], "into": "sanitation", "head": STARTER})
    assert "default" in why(city, "split", {"unit": "drainage", "parts": [{"into": "sanitation"}], "default": "police"})
    assert "of the program itself" in why(city, "people", {"people": [{"login": "public", "name": "x"}]})
    assert "offset" in why(city, "people", give(HEAD, "sanitation", "handler", until="2027-01-01T00:00"))
    assert "later" in why(
        city,
        "people",
        give(HEAD, "sanitation", "handler", since="2027-01-01T00:00+08:00", until="2026-01-01T00:00+08:00"),
    )
    # separation of duties: what one human being may not hold together, in whatever units, own or lent, now or later
    assert "close" in why(city, "people", give("sunguoqing", "command_centre", "dispatcher"))
    assert "administ" in why(city, "people", give(SECURITY, "data_bureau", "audit_administrator"))
    two = {
        "people": [{"login": "double", "name": "分身", "staff_no": rows(city, person, login=HANDLER)[0]["staff_no"]}]
    }
    assert "check" in why(city, "people", {**two, **give("double", "supervision_centre", "collector")})
    city.substitute(HANDLER, COLLEAGUE, None, city.core.db.now() + timedelta(days=9), HANDLER)
    assert "check" in why(city, "people", give(COLLEAGUE, "supervision_centre", "collector"))
    # somebody must be left
    assert "audit" in why(city, "leave", {"login": AUDITOR})
    city.deploy(UNIT_WORK)
    cases(city, 2, "drainage")
    assert "2 open tasks" in why(city, "leave", {"login": ALONE})
    assert "2 open tasks" in why(city, "people", {"take": [{"login": ALONE, "unit": "drainage", "post": "handler"}]})
    assert changes.preview(city.core, "leave", {"login": ALONE}).stranded[0]["tasks"] == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_preview_speaks_in_words(city: City) -> None:
    merged = changes.preview(city.core, "merge", {"units": ["municipal_works"], "into": "sanitation"}).notes
    both = "".join(n.zh + n.en for n in merged)
    assert "并入后的单位" in both
    assert "权责清单" in both
    assert not [word for word in ("municipal_works", "responsibilities", "默认去向") if word in both]
    plan = {
        "unit": "municipal_works",
        "parts": [{"into": "sanitation", "classes": ["C-01"]}],
        "default": "municipal_works",
    }
    divided = changes.preview(city.core, "split", plan).notes
    assert "默认去向" in divided[0].zh
    assert "“Staff number” must be" in why(city, "people", {"people": [{"login": "x", "name": "x", "staff_no": 7}]})


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_staff_number_goes_only_when_that_is_said(city: City) -> None:
    name = rows(city, person, login=HANDLER)[0]["name"]

    def said(**more: Any) -> list[dict[str, Any]]:
        return changes.preview(city.core, "people", {"people": [{"login": HANDLER, "name": name, **more}]}).edits

    assert said() == said(staff_no="") == said(staff_no=None) == []
    (edit,) = said(staff_no="-")
    assert edit["after"] == {"staff_no": None}


# ---------------------------------------------------------------- people


def test_a_new_person_comes_with_a_post_for_a_time(city: City) -> None:
    until = city.core.db.now() + timedelta(days=30)
    plan = {
        "people": [{"login": "newcomer", "name": "新人甲", "staff_no": "QJ9001"}],
        **give("newcomer", "sanitation", "handler", until=until.isoformat()),
    }
    changed(city, "people", plan)
    row = rows(city, person, login="newcomer")[0]
    assert (row["must_change"], row["password_hash"], row["staff_no"]) == (True, None, "QJ9001")
    (held,) = rows(city, membership, person_id=row["id"])
    assert held["until"] == until
    assert city.actor("newcomer").holds(unit_id(city, "sanitation"), "handler")
    # names stand in the audit sealed only
    told = json.dumps([r["data"] for r in rows(city, audit, stream="organisation")], ensure_ascii=False)
    assert "newcomer" not in told
    assert "新人甲" not in told


def test_who_leaves_is_out_and_their_work_goes_back_or_on(city: City) -> None:
    city.deploy(UNIT_WORK)
    back, on = cases(city, 1, "sanitation"), cases(city, 2, "drainage")
    for case, login in ((back[0], HANDLER), (on[0], ALONE)):
        city.claim(city.tasks(case)[0], login)
    who = city.actor(ALONE).id
    now = city.core.db.now()
    with city.core.db.write() as connection:
        connection.execute(
            session.insert().values(
                id="s", person_id=who, created_at=now, seen_at=now, expires_at=now + timedelta(days=1)
            )
        )
    shown = tokens.create(city.core, ALONE, "连接器", timedelta(days=1))
    city.substitute(HANDLER, ALONE, None, now + timedelta(days=9), HANDLER)
    duties.put(city.core, "drainage", "handler", ALONE, now, now + timedelta(days=2), ADMINISTRATOR)

    changed(city, "leave", {"login": HANDLER})
    assert city.tasks(back[0])[0].assignee is None
    city.complete(city.tasks(back[0])[0], {}, COLLEAGUE)

    changed(city, "leave", {"login": ALONE, "successor": "jiabaoshan"})
    assert city.tasks(on[0])[0].assignee == city.actor("jiabaoshan").id
    for case in on:
        city.complete(city.tasks(case)[0], {}, "jiabaoshan")
    row = rows(city, person, login=ALONE)[0]
    assert row["active"] is False
    assert row["left_at"] is not None
    assert rows(city, session, person_id=who) == []
    assert tokens.resume(city.core, shown) is None
    assert all(r["ended_at"] for r in rows(city, substitution))
    assert all(m["until"] <= city.core.db.now() for m in rows(city, membership, person_id=who))
    with pytest.raises(NotFound):
        city.actor(ALONE)


def test_what_was_meant_for_a_person_goes_to_the_successor(city: City) -> None:
    own = user("A", settings='<ld:candidates starter="true"/>')
    city.deploy({"own.bpmn": process(start(), own, end(), chain("S", "A", "E"), id="own")})
    case = city.start("own", {}, HEAD, given={"title": "补正"})
    assert (city.tasks(case)[0].post, city.tasks(case)[0].assignee) == (None, city.actor(HEAD).id)
    assert "1 open tasks" in why(city, "leave", {"login": HEAD})
    changed(city, "leave", {"login": HEAD, "successor": COLLEAGUE})
    city.complete(city.tasks(case)[0], {}, COLLEAGUE)
    assert city.actor(COLLEAGUE).holds(unit_id(city, "sanitation"), "unit_head")  # nobody else was head


def test_a_post_that_is_taken_gives_its_tasks_back(city: City) -> None:
    city.deploy(UNIT_WORK)
    (case,) = cases(city, 1, "sanitation")
    city.claim(city.tasks(case)[0], HANDLER)
    changed(city, "people", {"take": [{"login": HANDLER, "unit": "sanitation", "post": "handler"}]})
    (row,) = rows(city, task, instance_id=case, state="open")
    assert (row["assignee_id"], row["claimed_at"]) == (None, None)
    with pytest.raises(NotFound):
        city.complete(city.tasks(case)[0], {}, HANDLER)
    # given again, and taken anew: the change of before has no say any more
    changed(city, "people", give(HANDLER, "sanitation", "handler"))
    city.claim(city.tasks(case)[0], HANDLER)
    with city.core.db.write() as connection:
        connection.exec_driver_sql("UPDATE organisation_change SET lease_until = NULL")
    city.run_due()
    assert city.tasks(case)[0].assignee == city.actor(HANDLER).id


# ---------------------------------------------------------------- Excel


def sheets(city: City) -> dict[str, list[dict[str, Any]]]:
    """The organisation as an export tells it."""
    keys = {u["id"]: u["key"] for u in rows(city, unit)}
    logins = {p["id"]: p["login"] for p in rows(city, person)}

    def told(value: Any) -> str | None:
        return value.isoformat(timespec="minutes") if value is not None else None

    return {
        "units": [
            {n: u[n] for n in ("key", "name_zh", "name_en", "kind")} | {"parent": keys.get(u["parent_id"]), "row": i}
            for i, u in enumerate(rows(city, unit), 2)
        ],
        "people": [
            {n: p[n] for n in ("login", "name", "staff_no")} | {"row": i}
            for i, p in enumerate(rows(city, person), 2)
            if p["login"] != "public"
        ],
        "held": [
            {"login": logins[m["person_id"]], "unit": keys[m["unit_id"]], "post": m["post_key"], "row": i}
            | {"since": told(m["since"]), "until": told(m["until"])}
            for i, m in enumerate(rows(city, membership), 2)
        ],
        "areas": [
            {n: a[n] for n in ("key", "name_zh", "name_en", "kind", "lat", "lon")}
            | {"parent": a["parent_key"], "unit": keys.get(a["unit_id"]), "row": i}
            for i, a in enumerate(rows(city, area), 2)
        ],
        "substitutes": [],
        "duty": [],
    }


def test_what_was_exported_changes_nothing_and_edits_of_it_do(city: City) -> None:
    plan = sheets(city)
    assert "Nothing would change" in why(city, "import", plan)
    soon, later = (city.core.db.now() + timedelta(days=d) for d in (1, 2))
    plan["units"].insert(
        0, {"key": "grid_01", "name_zh": "第一网格", "name_en": "Grid 1", "kind": "grid", "parent": "new_town"}
    )
    plan["units"].insert(
        1, {"key": "new_town", "name_zh": "新镇", "name_en": "New Town", "kind": "town", "parent": "city_government"}
    )
    next(u for u in plan["units"] if u["key"] == "drainage")["name_zh"] = "排水中心"
    plan["people"] = [p for p in plan["people"] if p["login"] != COLLEAGUE]
    plan["people"].append({"login": "griddy", "name": "网格员", "staff_no": "QJ9100"})
    plan["held"] = [h for h in plan["held"] if h["login"] != COLLEAGUE]
    plan["held"].append({"login": "griddy", "unit": "grid_01", "post": "grid_worker"})
    next(a for a in plan["areas"] if a["key"] == "zhanghua")["unit"] = "new_town"
    plan["substitutes"] = [
        {
            "principal": HANDLER,
            "substitute": HEAD,
            "since": soon.isoformat(),
            "until": later.isoformat(),
            "reason": "出差",
        }
    ]
    plan["duty"] = [
        {
            "unit": "sanitation",
            "post": "handler",
            "login": HANDLER,
            "since": soon.isoformat(),
            "until": later.isoformat(),
        }
    ]
    shown = changes.preview(city.core, "import", plan)
    assert shown.problems == []
    whats = "unit_created unit_created unit_changed person_created post_given post_taken person_left area_changed"
    assert Counter(e["what"] for e in shown.edits) == Counter([*whats.split(), "substitution_made", "duty_put"])
    changed(city, "import", plan)
    assert city.actor("griddy").holds(unit_id(city, "grid_01"), "grid_worker")
    assert rows(city, unit, key="grid_01")[0]["parent_id"] == unit_id(city, "new_town")
    assert rows(city, area, key="zhanghua")[0]["unit_id"] == unit_id(city, "new_town")
    assert rows(city, person, login=COLLEAGUE)[0]["left_at"] is not None


def test_what_is_wrong_in_a_sheet_is_told_with_its_place(city: City) -> None:
    plan = sheets(city)
    plan["held"].append({"login": "nobody", "unit": "sanitation", "post": "handler", "row": 900})
    plan["held"].append({"login": HEAD, "unit": "sanitation", "post": "emperor", "row": 901})
    plan["held"].append({**plan["held"][0], "row": 902})
    plan["units"] = [u for u in plan["units"] if u["key"] != "drainage"]
    places = {(p.sheet, p.row, p.column) for p in changes.preview(city.core, "import", plan).problems}
    assert {("held", 900, "login"), ("held", 901, "post"), ("held", 902, None), ("units", None, "key")} <= places
    with pytest.raises(Invalid) as caught:
        changes.preview(city.core, "import", {"units": [{"key": "bad key", "row": 7}]})
    assert {(p.row, p.column) for p in caught.value.params["problems"]} == {(7, "key"), (7, "name_zh"), (7, "kind")}
