"""What tests make cheap is dear in the product."""

import subprocess
import sys

from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import select
from werkzeug.routing import Rule

from engine import definitions, passwords
from engine.tables import definition
from tests import cheap
from tests.bpmn.drawing import chain, end, start, user
from tests.db.talking import ME, bundle
from web.app import create_app
from web.city import City


def test_the_products_hashes_are_those_of_rfc_9106() -> None:
    found = cheap.REAL_HASHER
    assert (found.time_cost, found.memory_cost, found.parallelism, found.hash_len, found.salt_len, found.type) == (
        RFC_9106_LOW_MEMORY.time_cost,
        RFC_9106_LOW_MEMORY.memory_cost,
        RFC_9106_LOW_MEMORY.parallelism,
        RFC_9106_LOW_MEMORY.hash_len,
        RFC_9106_LOW_MEMORY.salt_len,
        RFC_9106_LOW_MEMORY.type,
    )


def test_a_process_of_the_product_hashes_so() -> None:
    hashed = subprocess.run(
        [sys.executable, "-c", "from engine.passwords import hash_password; print(hash_password('long enough'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_dear_hash_is_still_known_and_a_wrong_password_is_not() -> None:
    cheap.make_cheap()
    dear = cheap.REAL_HASHER.hash("long enough")
    assert passwords.is_right(dear, "long enough")
    assert not passwords.is_right(dear, "long enougH")


def test_routes_build_their_addresses_as_if_each_was_compiled(city: City) -> None:
    fresh = Rule._compile_builder.__wrapped__  # type: ignore[attr-defined]
    create_app(city)
    rules = list(create_app(city).url_map.iter_rules())
    assert len(rules) > 50
    for rule in rules:
        for found, unknown in ((rule._build, False), (rule._build_unknown, True)):
            assert found.__code__ == fresh(rule, unknown).__code__, rule


def test_a_remembered_process_is_what_its_own_city_holds(city: City) -> None:
    cheap.make_cheap()
    afresh = definitions._load.__wrapped__  # type: ignore[attr-defined]
    own = bundle(start(), user("A", settings=ME), end(), chain("S", "A", "E"), key="own")
    other = bundle(start(), user("B", settings=ME), end(), chain("S", "B", "E"), key="own")
    for files in (own, own, other, own):
        city.deploy(files)
    with city.core.db.read() as connection:
        ids = definitions.newest_ids(connection)
        numbers = connection.execute(select(definition.c.id).where(definition.c.key == "own")).scalars().all()
    assert len(numbers) == 3
    for id_ in (*numbers, ids["case_dispatch"]):
        found, real = definitions._load(city.core, id_), afresh(city.core, id_)
        assert (found.id, found.key, found.version, found.hash) == (real.id, real.key, real.version, real.hash)
        assert (found.names, found.model, list(found.forms)) == (real.names, real.model, list(real.forms))
