"""Drafts of processes: nothing that two people save is lost, and each hears of the other."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from engine import bundles, definitions, drafts
from engine.bundles import BundleRefused
from engine.drafts import keeping, presence
from engine.errors import Invalid, NotAllowed, NotFound
from engine.tables import audit, process_presence
from tests.factories import COLLECTOR, DESIGNER
from web.city import City
from web.setting_up import bundle
from web.wiring import PROCESSES

OTHER = "fangzhiyuan"
KEY = "supervision"
DIAGRAM = f"{KEY}.bpmn"


def files() -> dict[str, bytes]:
    return bundle(PROCESSES / KEY)


def drawn(word: str) -> bytes:
    return files()[DIAGRAM].replace(b"<bpmn:documentation>", f"<bpmn:documentation>{word}。".encode(), 1)


def begun(city: City, by: str = DESIGNER, tab: str = "one") -> drafts.Draft:
    return drafts.begin(city.core, KEY, files(), by, base=1, tab=tab)


def test_a_draft_is_kept_as_it_is_saved_and_the_process_is_not_touched(city: City) -> None:
    draft = begun(city)
    assert (draft.base, draft.revision, draft.name_zh) == (1, 1, city.definition(KEY).names.zh)
    saved = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲")}, DESIGNER, "one")
    assert saved.other is None
    assert saved.draft.revision == 2
    assert drafts.files_of(city.core, draft.id) == {**files(), DIAGRAM: drawn("甲")}
    assert saved.draft.hash == definitions.bundle_hash(drafts.files_of(city.core, draft.id))
    again = drafts.save(city.core, draft.id, 2, {DIAGRAM: drawn("甲")}, DESIGNER, "one")
    assert again.draft.revision == 2  # nothing was changed
    gone = drafts.save(city.core, draft.id, 2, {"reply.json": None}, DESIGNER, "one").draft
    assert "reply.json" not in drafts.files_of(city.core, gone.id)
    assert city.definition(KEY).version == 1
    assert [one.id for one in drafts.listing(city.core)] == [draft.id]


def test_who_saves_later_overwrites_nothing_and_has_a_draft_of_their_own(city: City) -> None:
    draft = begun(city)
    drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲")}, DESIGNER, "one")
    late = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("乙")}, OTHER, "two")
    assert late.other is not None
    assert late.other.id == late.draft.beside == draft.id
    assert late.draft.id != draft.id
    assert drafts.files_of(city.core, draft.id)[DIAGRAM] == drawn("甲")
    assert drafts.files_of(city.core, late.draft.id)[DIAGRAM] == drawn("乙")
    # two pages of one person are two as well
    third = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("丙")}, DESIGNER, "three")
    assert third.draft.id not in (draft.id, late.draft.id)


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(city: City) -> None:
    draft = begun(city)
    drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲")}, DESIGNER, "one")
    again = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲甲")}, DESIGNER, "one")
    assert again.other is None
    assert again.draft.revision == 3


def test_two_pages_that_change_different_files_meet(city: City) -> None:
    draft = begun(city)
    form = files()["reply.json"].replace(b'"title"', b' "title"', 1)
    drafts.save(city.core, draft.id, 1, {"reply.json": form}, OTHER, "two")
    saved = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲")}, DESIGNER, "one")
    assert saved.other is None
    assert drafts.files_of(city.core, draft.id) == {**files(), DIAGRAM: drawn("甲"), "reply.json": form}


def test_saves_at_the_same_moment_all_stay(city: City) -> None:
    draft = begun(city)
    went: list[int] = []

    def save(word: str) -> None:
        went.append(drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn(word)}, OTHER, word * 3).draft.id)

    threads = [threading.Thread(target=save, args=(word,)) for word in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(went)) == 4
    kept = {drafts.files_of(city.core, one)[DIAGRAM] for one in went}
    assert kept == {drawn(word) for word in "abcd"}


def test_what_is_drawn_on_a_closed_draft_is_kept_beside_it(city: City) -> None:
    draft = begun(city)
    drafts.discard(city.core, draft.id, OTHER)
    assert drafts.listing(city.core) == []
    with pytest.raises(Invalid, match="closed"):
        drafts.discard(city.core, draft.id, OTHER)
    late = drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("乙")}, DESIGNER, "one")
    assert late.other is not None
    assert late.other.state == keeping.DISCARDED
    assert drafts.files_of(city.core, late.draft.id)[DIAGRAM] == drawn("乙")
    with city.core.db.read() as connection:
        query = select(audit.c.kind).where(audit.c.about == keeping.about(KEY, draft.id)).order_by(audit.c.seq)
        assert list(connection.execute(query).scalars()) == ["process_drafted", "process_draft_discarded"]


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_only_designers_draw_and_only_so_much(city: City) -> None:
    with pytest.raises(NotAllowed):
        begun(city, COLLECTOR)
    draft = begun(city)
    for act in (
        lambda: drafts.save(city.core, draft.id, 1, {DIAGRAM: drawn("甲")}, COLLECTOR),
        lambda: drafts.discard(city.core, draft.id, COLLECTOR),
        lambda: presence.here(city.core, KEY, "one", COLLECTOR),
    ):
        with pytest.raises(NotAllowed):
            act()
    for name, content in ((DIAGRAM, b"0" * (bundles.MOST_BYTES + 1)), ("../x.json", b"{}"), ("x.exe", b"MZ")):
        with pytest.raises(BundleRefused):
            drafts.save(city.core, draft.id, 1, {name: content}, DESIGNER)
    with pytest.raises(NotFound):
        drafts.save(city.core, 10**12, 1, {DIAGRAM: b""}, DESIGNER)
    assert drafts.files_of(city.core, draft.id) == files()


def test_who_draws_is_told_who_else_does(city: City) -> None:
    draft = begun(city)
    assert presence.here(city.core, KEY, "one", DESIGNER, draft.id) == []
    (other,) = presence.here(city.core, KEY, "two", OTHER, draft.id)
    assert (other.person_id, other.draft_id, other.tab) == (city.actor(DESIGNER).id, draft.id, "one")
    assert set(presence.present(city.core)[draft.id]) == {city.actor(DESIGNER).id, city.actor(OTHER).id}
    presence.gone(city.core, KEY, "one", OTHER)  # not theirs
    assert len(presence.here(city.core, KEY, "two", OTHER, draft.id)) == 1
    presence.gone(city.core, KEY, "one", DESIGNER)
    assert presence.here(city.core, KEY, "two", OTHER, draft.id) == []
    presence.here(city.core, KEY, "one", DESIGNER, draft.id)
    with city.core.db.write() as connection:  # silent for a while
        was = city.core.db.now_on(connection) - presence.GONE - presence.EVERY
        connection.execute(update(process_presence).where(process_presence.c.tab == "one").values(at=was))
    assert presence.here(city.core, KEY, "two", OTHER, draft.id) == []
    with pytest.raises(Invalid):
        presence.here(city.core, KEY, "<script>", DESIGNER)
