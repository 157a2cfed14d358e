"""Reports of the public, on both databases: one code and one case however often sent, held, joined, talked about, opened again."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from engine import files, origin, passwords, sessions, tokens
from engine.errors import Invalid, LiandongError, NotAllowed, NotFound
from engine.login import accounts
from engine.public import codes, duplicates, following, holding, limits, reporting, stages, talking, technical
from engine.tables import (
    attachment,
    history,
    identity,
    instance,
    link,
    membership,
    metadata,
    person,
    public_message,
    public_report,
    setting,
)
from forms.errors import InvalidAnswers
from tests.db.test_identities import roles_city  # noqa: F401  a fixture
from tests.factories import do

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from engine.public.reporting import Draft
    from web.city import City

ACCEPTOR, STRANGER, DISPATCHER = "zhouxiaoyan", "lvshuhua", "hejianping"
NAME, PHONE = "欧阳金丝雀", "13912340000"
SAID = {"topic": "C-01", "title": "路灯不亮", "lat": 30.4021, "lon": 112.8993, "contact": "anonymous"}
WAY = ("Verify", "File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close")


def draft(city: City, *photos: files.Accepted, **said: Any) -> Draft:
    _, form = reporting.form_of(city.core)
    return reporting.read(city.core, form, {**SAID, **said}, photos)


def named(city: City, *photos: files.Accepted, **said: Any) -> Draft:
    return draft(city, *photos, contact="named", reporter_name=NAME, reporter_phone=PHONE, **said)


def photo(city: City, colour: str = "red") -> files.Accepted:
    exif = Image.Exif()
    exif[0x010F] = "CANARY"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG", exif=exif)
    return city.accept("a.jpg", out.getvalue())


def code(name: str) -> str:
    return codes.derive(b"a secret", name)


def follow(city: City, name: str) -> following.Followed:
    return following.follow(city.core, codes.hash_of(code(name)))


def close(city: City, clock: ManualClock, case: int, *steps: str) -> None:
    for node in steps or WAY:
        clock.advance(timedelta(minutes=1))
        do(city, case, node)


def everything(city: City) -> str:
    """Every row of every table as text, but for contents of files."""
    with city.core.db.read() as connection:
        return "".join(
            str(row)
            for table in metadata.sorted_tables
            if table.name != "blob"
            for row in connection.execute(select(table))
        )


def count(city: City, table: Any) -> int:
    with city.core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_report_is_one_case_and_says_nothing_of_who_sent_it(city: City) -> None:
    picture = photo(city)
    with origin.coming_from("203.0.113.7"):
        for _ in range(3):
            assert reporting.submit(city.core, code("a"), named(city, picture)) == "started"
    assert count(city, instance) == 1
    found = follow(city, "a")
    row = city.instance(found.instance_id)
    assert row["source"] == "web"
    assert row["area"] == "jianshejie"
    assert row["facts"]["topic"] == "C-01"
    assert [one.node for one in city.tasks(found.instance_id)] == ["Verify"]
    kept = everything(city)
    assert NAME not in kept
    assert PHONE not in kept
    assert "203.0.113.7" not in kept
    assert code("a") not in kept
    assert count(city, identity) == 2  # name and contact, sealed
    got = following.fetch(city.core, found.code_hash, found.photos[0])
    assert b"CANARY" not in files.fetch(city.core, found.instance_id, picture.id, ACCEPTOR).content
    assert got.type == "image/jpeg"
    with pytest.raises(NotFound):
        following.fetch(city.core, found.code_hash, "0" * 40)


def test_nobody_logs_in_as_the_public(city: City) -> None:
    by = technical.person_id(city.core)
    assert technical.person_id(city.core) == by
    with city.core.db.read() as connection:
        assert connection.execute(select(person.c.password_hash).where(person.c.id == by)).scalar_one() is None
        assert len(connection.execute(select(membership).where(membership.c.person_id == by)).all()) == 1
    for password in ("", "public"):
        with pytest.raises(LiandongError):
            sessions.log_in(city.core, technical.LOGIN, password)
    keeper = city.actor("feiguoqing")  # who keeps accounts keeps this one not
    for act in (
        lambda: accounts.reset_password(city.core, keeper, by, "?"),
        lambda: accounts.link(city.core, keeper, by, "https://idp.example", "me"),
    ):
        with pytest.raises(NotAllowed):
            act()
    passwords.set_password(city.core, technical.LOGIN, "whatever was set")
    with pytest.raises(sessions.WrongLogin):
        sessions.log_in(city.core, technical.LOGIN, "whatever was set")
    with pytest.raises(NotFound), city.core.db.write() as connection:
        sessions.begin(city.core, connection, by, "oidc")
    with pytest.raises(NotFound):
        tokens.create(city.core, technical.LOGIN, "t", timedelta(days=1))


def test_a_code_is_read_as_people_write_it() -> None:
    one = code("a")
    assert codes.clean(codes.spaced(one).lower()) == one
    assert codes.clean(" " + one.replace("0", "o").replace("1", "l") + "\n") == one
    assert len({code(str(i)) for i in range(500)}) == 500
    for none in ("", one[:-1], one + "A", "U" * 28, "码" * 28, "x" * 9999):
        assert codes.clean(none) is None


def test_wrong_codes_end_soon(city: City) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    for i in range(20):
        with pytest.raises(NotFound):
            following.find(city.core, code(f"wrong {i}"), "198.51.100.1")
    with pytest.raises(limits.TooOften):
        following.find(city.core, code("a"), "198.51.100.1")
    assert following.find(city.core, code("a"), "198.51.100.2") == codes.hash_of(code("a"))


def test_limits_by_address_and_by_telephone(city: City) -> None:
    with city.core.db.write() as connection:
        for key, value in (("public_reports_by_address_and_hour", 3), ("public_reports_by_phone_and_day", 2)):
            connection.execute(update(setting).where(setting.c.key == key).values(value=value))
    for _ in range(2):
        limits.check_report(city.core, "198.51.100.1", PHONE)
        limits.note_report(city.core, "198.51.100.1", PHONE)
    with pytest.raises(limits.TooOften):
        limits.check_report(city.core, "198.51.100.9", PHONE)
    limits.check_report(city.core, "198.51.100.1", None)
    limits.note_report(city.core, "198.51.100.1", None)
    with pytest.raises(limits.TooOften):
        limits.check_report(city.core, "198.51.100.1", None)
    assert "198.51.100.1" not in everything(city)


def test_what_looks_like_spam_is_held_until_somebody_decides(city: City) -> None:
    spam = named(city, photo(city), description="加微信，代开发票")
    assert holding.reasons(city.core, spam, "a", 99, trapped=False) == "words"
    assert holding.reasons(city.core, draft(city), "a", 1, trapped=True) == "fast trap"
    assert holding.reasons(city.core, draft(city), "a", 99, trapped=False) == ""
    with origin.coming_from("203.0.113.7"):
        assert reporting.submit(city.core, code("a"), spam, "words") == "held"
    assert "203.0.113.7" not in everything(city)
    assert reporting.submit(city.core, code("a"), spam, "words") == "held"
    reporting.submit(city.core, code("b"), named(city, photo(city, "blue")), "fast")
    assert count(city, instance) == 0
    assert NAME not in everything(city)
    assert follow(city, "a").state == "held"
    first, second = holding.waiting(city.core, city.actor(ACCEPTOR))
    for act in (
        lambda: holding.waiting(city.core, city.actor(STRANGER)),
        lambda: holding.release(city.core, first.instance_id, STRANGER),
        lambda: holding.refuse(city.core, first.instance_id, DISPATCHER, "no"),
        lambda: holding.photo(city.core, city.actor(DISPATCHER), first.instance_id, first.photos[0]),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(Invalid):
        holding.refuse(city.core, first.instance_id, ACCEPTOR, " ")

    holding.refuse(city.core, first.instance_id, ACCEPTOR, "广告")
    refused = follow(city, "a")
    assert (refused.state, refused.note) == ("refused", "广告")
    with city.core.db.read() as connection:
        sealed = connection.execute(select(identity.c.sealed).where(identity.c.instance_id == first.instance_id))
        assert set(sealed.scalars()) == {None}
        left = connection.execute(select(attachment.c.id).where(attachment.c.instance_id == first.instance_id))
        assert left.first() is None
    with pytest.raises(NotFound):
        holding.release(city.core, first.instance_id, ACCEPTOR)

    assert holding.release(city.core, second.instance_id, ACCEPTOR, "属实") == second.instance_id
    with pytest.raises(NotFound):
        holding.refuse(city.core, second.instance_id, ACCEPTOR, "late")
    case = follow(city, "b")
    assert case.state == "started"
    assert case.number
    assert files.fetch(city.core, second.instance_id, second.photos[0], ACCEPTOR).content
    released = [r for r in city.trail(second.instance_id) if r["kind"] == "wrote"]
    assert [(r["data"]["what"], r["actor_id"]) for r in released] == [("released", city.actor(ACCEPTOR).id)]
    assert holding.waiting(city.core, city.actor(ACCEPTOR)) == []


def test_only_what_is_near_in_place_and_kind_is_offered_and_joined(city: City, clock: ManualClock) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    case = follow(city, "a").instance_id
    near = {"lat": 30.4028, "lon": 112.8993}  # 78 m
    offered = duplicates.near(city.core, draft(city, **near).answers)
    assert [(one.instance_id, one.metres) for one in offered] == [(case, 80)]
    for other in (
        draft(city, **near, topic="E-01"),
        draft(city, lat=30.4041, lon=112.8993),
        draft(city, lat=None, lon=None, place="章华中路", area="jianshejie"),
    ):
        assert duplicates.near(city.core, other.answers) == []
        with pytest.raises(NotFound):
            reporting.join(city.core, code("b"), other, case)
    joins = named(city, photo(city), title="灯杆歪了", **near)
    for _ in range(2):
        assert reporting.join(city.core, code("b"), joins, case) == "joined"
    assert count(city, instance) == 1
    seen = follow(city, "b")
    assert (seen.instance_id, seen.title, seen.place) == (case, "", "")
    assert [m.text.splitlines()[0] for m in seen.messages] == ["灯杆歪了"]
    assert follow(city, "a").messages == ()  # the one does not read the other
    assert NAME not in everything(city)
    clock.advance(timedelta(days=31))
    assert duplicates.near(city.core, draft(city, **near).answers) == []


def test_the_office_and_a_reporter_write_and_history_says_only_that(city: City) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    reporting.join(city.core, code("b"), draft(city), case := follow(city, "a").instance_id)
    for who in (STRANGER, DISPATCHER):
        with pytest.raises(NotAllowed):
            talking.say(city.core, case, talking.QUESTION, "?", who)
        assert talking.of_case(city.core, city.actor(who), case) is None
    to = codes.short(codes.hash_of(code("a")))[:6]
    talking.say(city.core, case, talking.QUESTION, "哪一盏？", ACCEPTOR, to=to)
    with pytest.raises(NotFound):
        talking.say(city.core, case, talking.QUESTION, "哪一盏？", ACCEPTOR, to="zzzzzz")
    assert follow(city, "a").asked
    assert not follow(city, "b").asked
    for _ in range(2):
        talking.tell(city.core, case, codes.hash_of(code("a")), "东边第二盏，我姓欧阳", (photo(city),), key="k")
    assert [(m.kind, m.text) for m in follow(city, "a").messages][-1] == ("answer", "东边第二盏，我姓欧阳")
    assert not follow(city, "a").asked
    assert [one.kind for one in talking.waiting(city.core, city.actor(ACCEPTOR))] == ["answer"]
    talking.say(city.core, case, talking.SEEN, "", ACCEPTOR)
    assert talking.waiting(city.core, city.actor(ACCEPTOR)) == []
    assert all(m.kind != "seen" for m in follow(city, "a").messages)
    with city.core.db.read() as connection:
        told = str(connection.execute(select(history.c.data, history.c.origin)).all())
    assert "欧阳" not in told
    assert "哪一盏" not in told
    assert "'answer'" in told
    with pytest.raises(Invalid):
        talking.tell(city.core, case, codes.hash_of(code("a")), "  ")
    for i in range(19):
        talking.tell(city.core, case, codes.hash_of(code("a")), f"{i}")
    with pytest.raises(limits.TooOften):
        talking.tell(city.core, case, codes.hash_of(code("a")), "one more")


def test_the_public_leaves_room_for_files_of_those_who_work_the_case(city: City) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "files_per_case_public_most").values(value=2))
    reporting.submit(city.core, code("a"), draft(city, photo(city, "red")))
    case = follow(city, "a").instance_id
    talking.tell(city.core, case, codes.hash_of(code("a")), "", [photo(city, "blue")])
    reporting.join(city.core, code("b"), draft(city), case)
    with pytest.raises(files.TooLarge, match="2 files"):
        talking.tell(city.core, case, codes.hash_of(code("b")), "", [photo(city, "green")])
    city.attach(case, [photo(city, "green")], ACCEPTOR)
    talking.tell(city.core, case, codes.hash_of(code("b")), "", [photo(city, "blue")])  # it is there already


def test_not_solved_opens_one_linked_case_for_all_who_reported(city: City, clock: ManualClock) -> None:
    reporting.submit(city.core, code("a"), named(city))
    old = follow(city, "a").instance_id
    for other in ("b", "c"):
        reporting.join(city.core, code(other), draft(city), old)
    with pytest.raises(Invalid):  # nothing is done yet
        following.judge(city.core, codes.hash_of(code("a")), solved=False, text="?")
    close(city, clock, old)
    clock.advance(timedelta(minutes=1))
    done = follow(city, "a")
    assert done.may_judge
    assert [(one.zh, one.state) for one in done.stages][-1] == ("已办结", "done")
    with pytest.raises(Invalid):
        following.judge(city.core, done.code_hash, solved=False, text=" ")
    new = following.judge(city.core, done.code_hash, solved=False, text="夜里还是不亮", photos=(photo(city),))
    with pytest.raises(Invalid):
        following.judge(city.core, done.code_hash, solved=False, text="夜里还是不亮")
    following.judge(city.core, codes.hash_of(code("b")), solved=True)
    assert following.judge(city.core, codes.hash_of(code("c")), solved=False, text="没修") == new
    assert count(city, instance) == 2
    with city.core.db.read() as connection:
        assert connection.execute(select(link.c.instance_id, link.c.other_id, link.c.kind)).all() == [
            (new, old, "reopened_from")
        ]
    row = city.instance(new)
    assert (row["title"], row["source"], row["facts"]["description"]) == ("路灯不亮", "web", "夜里还是不亮")
    assert "file_decision" not in row["facts"]
    assert (follow(city, "a").instance_id, follow(city, "a").state) == (new, "started")
    assert (follow(city, "b").instance_id, follow(city, "b").verdict) == (old, "solved")
    assert (follow(city, "c").instance_id, follow(city, "c").state) == (new, "joined")
    again = follow(city, "a")
    assert again.photos
    assert (again.said, again.before) == ("夜里还是不亮", done.number)
    kinds = [m.kind for m in talking.of_case(city.core, city.actor(ACCEPTOR), old) or ()]
    assert sorted(kinds) == ["note", "note", "solved", "unsolved", "unsolved"]


def test_who_joined_opens_it_again_and_is_told_nothing_of_what_the_first_wrote(city: City, clock: ManualClock) -> None:
    reporting.submit(city.core, code("a"), named(city, title="玉兰巷 12 号门前", description="我就住在这里"))
    old = follow(city, "a").instance_id
    reporting.join(city.core, code("b"), draft(city, title="灯坏了"), old)
    close(city, clock, old)
    clock.advance(timedelta(minutes=1))
    following.judge(city.core, codes.hash_of(code("b")), solved=False, text="还是不亮")
    again = follow(city, "b")
    assert (again.title, again.said, again.place, again.state) == ("", "", "", "joined")
    assert [one.text for one in again.messages] == ["还是不亮"]
    assert (city.instance(again.instance_id)["title"], again.before) == (
        "玉兰巷 12 号门前",
        city.instance(old)["number"],
    )


def test_a_voided_case_and_an_old_one_are_not_judged(city: City, clock: ManualClock) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    case = follow(city, "a").instance_id
    do(city, case, "Verify", verify_result="untrue", verify_note="无此问题")
    do(city, case, "File", file_decision="void", standard_code=None, void_reason="查无此事，陈某误报")
    found = follow(city, "a")
    assert [one.zh for one in found.stages] == ["已收到", "已核实", "经核实不予立案"]
    assert not found.may_judge
    assert "陈某" not in str(found)
    reporting.submit(city.core, code("b"), draft(city, lat=30.41))
    close(city, clock, other := follow(city, "b").instance_id)
    assert follow(city, "b").may_judge
    clock.advance(timedelta(days=30, minutes=1))
    assert not follow(city, "b").may_judge
    assert str(city.actor(ACCEPTOR).id) not in str(follow(city, "b").messages)
    assert city.instance(other)["unit_id"] is not None
    assert follow(city, "b").unit_id is None  # told only where a setting says so


def test_stages_go_back_with_the_case(city: City, clock: ManualClock) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    case = follow(city, "a").instance_id
    close(city, clock, case, "Verify", "File", "Dispatch", "SignFor")
    assert [one.state for one in follow(city, "a").stages] == ["done", "done", "done", "now", "later", "later"]
    do(
        city,
        case,
        "Handle",
        handle_result="return",
        return_reason="not_ours",
        return_note="不归我们管",
        handle_note=None,
    )
    told = follow(city, "a").stages
    assert [one.state for one in told] == ["done", "done", "now", "later", "later", "later"]
    assert "不归我们管" not in str(follow(city, "a"))
    unknown = stages.of_case([], {**city.instance(case)}, [])
    assert [(one.en, one.state) for one in unknown] == [
        ("Received", "now"),
        ("In progress", "later"),
        ("Finished", "later"),
    ]
    asked: list[dict[str, Any]] = [
        {"en": "Received"},
        {"en": "Missing", "nodes": ["Verify"], "perhaps": True},
        {"en": "Judged", "nodes": ["File"]},
    ]
    row, task = city.instance(case), {"id": 1, "node": "Verify", "opened_at": clock.now()}
    assert [one.en for one in stages.of_case(asked, row, [])] == ["Received", "Judged"], "nobody looks forward to it"
    assert [one.state for one in stages.of_case(asked, row, [task])] == ["done", "now", "later"]


def test_a_place_is_words_or_a_point_in_the_city(city: City) -> None:
    _, form = reporting.form_of(city.core)
    for said, wrong in (
        ({"lat": None, "lon": None}, "place"),
        ({"lat": 39.9, "lon": 116.4}, "place"),
        ({"lat": None, "lon": None, "place": "章华中路"}, "area"),
        ({"area": "nowhere"}, "area"),
        ({"lat": None, "lon": None, "place": "章华中路", "area": "nowhere"}, "area"),
        ({"contact": "named"}, "reporter_phone"),
        ({"title": ""}, "title"),
        ({"verified": True}, "verified"),
        ({"responsible_unit": "water_supply"}, "responsible_unit"),
    ):
        with pytest.raises(InvalidAnswers) as refused:
            reporting.read(city.core, form, {**SAID, **said}, ())
        assert [p.path for p in refused.value.problems] == [wrong], said
    assert draft(city, lat=None, lon=None, place="章华中路", area="zhanghua").answers["area"] == "zhanghua"


def test_tables_hold_one_row_for_each_code_and_case(city: City) -> None:
    reporting.submit(city.core, code("a"), draft(city))
    assert (count(city, public_report), count(city, public_message)) == (1, 0)


def test_what_is_sent_at_once_happens_once(city: City, clock: ManualClock) -> None:
    def at_once(*acts: Callable[[], object]) -> None:
        with ThreadPoolExecutor(len(acts)) as pool:
            for done in [pool.submit(act) for act in acts]:
                done.result()

    def submits(name: str, why: str = "") -> Callable[[], object]:
        return lambda: reporting.submit(city.core, code(name), named(city), why)

    def judges(name: str) -> Callable[[], object]:
        def judge() -> None:
            with suppress(Invalid):  # the other of two clicks was first
                following.judge(city.core, codes.hash_of(code(name)), solved=False, text=f"{name}: 没修")

        return judge

    at_once(submits("a"), submits("a"), submits("held", "fast"), submits("held", "fast"))
    case = follow(city, "a").instance_id
    at_once(*[lambda: reporting.join(city.core, code("b"), named(city), case)] * 3)
    assert (count(city, instance), count(city, public_report), count(city, identity)) == (1, 3, 6)
    close(city, clock, case)
    clock.advance(timedelta(minutes=1))
    at_once(judges("a"), judges("a"), judges("b"), judges("b"))
    assert (count(city, instance), count(city, link)) == (2, 1)
    assert follow(city, "a").instance_id == follow(city, "b").instance_id != case


def test_held_and_refused_under_the_roles_of_postgresql(request: pytest.FixtureRequest) -> None:
    city: City = request.getfixturevalue("roles_city")[0]
    for name in ("a", "b"):
        reporting.submit(city.core, code(name), named(city, photo(city)), "words")
    first, second = holding.waiting(city.core, city.actor(ACCEPTOR))
    assert first.known == second.known == ("reporter_phone", "reporter_name")
    holding.refuse(city.core, first.instance_id, ACCEPTOR, "广告")
    holding.release(city.core, second.instance_id, ACCEPTOR)
    reporting.join(city.core, code("c"), named(city), second.instance_id)
    with city.core.db.read() as connection:
        rows = connection.execute(select(identity.c.instance_id, identity.c.deleted_at.is_(None))).all()
    assert sorted(rows) == sorted([(first.instance_id, False)] * 2 + [(second.instance_id, True)] * 4)
