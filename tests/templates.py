"""What the databases of tests hold before a test begins. Made once a session, then copied."""

from contextlib import closing

from engine.db import Database
from web.setting_up import load_everything, migrate
from web.wiring import open_city


def empty(url: str) -> None:
    """The newest schema and the live world, as `./run migrate` makes them."""
    with closing(Database(url)) as database:
        migrate(database)


def city(url: str) -> None:
    """And the shipped city: units, posts, people, registers, processes; no cases."""
    empty(url)
    with closing(open_city(url)) as opened:
        load_everything(opened.core)


TEMPLATES = {"empty": empty, "city": city}
