"""The shipped organisation holds its own rules (domain A5): heads at every level, and nobody holds posts that exclude each other."""

from __future__ import annotations

from collections import defaultdict

from web.setting_up import read_table

UNITS = {row["key"]: row for row in read_table("units")}
POSTS = {row["key"]: row for row in read_table("posts")}
PEOPLE = read_table("people")
AREAS = {row["key"]: row for row in read_table("areas")}
APART = {frozenset((row["post"], row["other"])) for row in read_table("post_conflicts")}


def test_nobody_holds_posts_that_exclude_each_other() -> None:
    held: dict[str, set[str]] = defaultdict(set)
    for row in PEOPLE:
        held[row["staff_no"] or row["login"]].add(row["post"])
    for who, posts in held.items():
        assert not [pair for pair in APART if pair <= posts], who
    assert len(APART) == len(read_table("post_conflicts")), "a pair stands once"
    assert {post for pair in APART for post in pair} <= set(POSTS)


def test_three_administrators_exclude_each_other_and_all_who_work_cases() -> None:
    three = {"administrator", "security_administrator", "audit_administrator"}
    assert {row["post"] for row in PEOPLE} >= three
    working = {"collector", "acceptor", "shift_leader", "dispatcher", "handler", "unit_head", "supervisor", "reviewer"}
    for one in three:
        assert {frozenset((one, other)) for other in (three | working) - {one}} <= APART
        assert not {"see_all_cases", "design", "see_figures"} & set(POSTS[one]["powers"].split())


def test_every_unit_but_the_public_has_one_head() -> None:
    heads = [row["unit"] for row in PEOPLE if POSTS[row["post"]]["heads"]]
    assert sorted(heads) == sorted(set(UNITS) - {"public"})


def test_the_four_levels_and_the_areas_fit_together() -> None:
    kinds = defaultdict(set)
    for row in UNITS.values():
        kinds[row["kind"]].add(row["key"])
        assert row["parent"] is None or row["parent"] in UNITS
    towns = {row["unit"] for row in AREAS.values() if row["kind"] in ("street", "town", "district")}
    assert towns == kinds["town"]
    assert len(towns) == 23
    assert {UNITS[key]["parent"] for key in kinds["enforcement"]} == towns
    assert len(kinds["enforcement"]) == 23
    for row in AREAS.values():
        if row["kind"] in ("community", "village"):
            assert UNITS[f"community_{row['key']}"]["parent"] == row["unit"]
        if row["kind"] == "grid":
            above = AREAS[row["parent"]]
            assert above["kind"] in ("community", "village")
            assert above["unit"] == row["unit"]
