"""The schema can be distributed by instance: every hot table, and each unique index of it, carries the instance id."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, UniqueConstraint

import escalation.tables  # noqa: F401  its tables are hot too
from engine.tables import metadata

HOT = [t for t in metadata.sorted_tables if t.info.get("hot")]

BESIDE = {
    "assessment_count_mark",
    "assessment_count_unit_mark",
    "assessment_mark",
    "assessment_unit_mark",
    "exemption",
    "process_migration_item",
}
"""Ledgers of the assessment, and the lists of migrations, name cases, and no step writes them."""


def test_the_hot_tables_are_those_with_an_instance() -> None:
    with_instance = {t.name for t in metadata.sorted_tables if "instance_id" in t.c} - BESIDE
    assert {t.name for t in HOT} == with_instance | {"instance"}


@pytest.mark.parametrize("table", HOT, ids=lambda t: t.name)
def test_every_key_of_a_hot_table_holds_the_instance(table: Table) -> None:
    wanted = "id" if table.name == "instance" else "instance_id"
    assert wanted in {c.name for c in table.primary_key}
    keys = [[c.name for c in i.columns] for i in table.indexes if i.unique]
    keys += [[c.name for c in u.columns] for u in table.constraints if isinstance(u, UniqueConstraint)]
    assert all(wanted in key for key in keys)
