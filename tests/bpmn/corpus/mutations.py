"""Good files broken: each mutation takes a tree and makes it wrong (or, now and then, leaves it another good file)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from lxml import etree

from tests.bpmn.corpus.mutations_drawn import (
    another,
    copied,
    dangling,
    definition_kind,
    doubled,
    duplicate_id,
    flag_of_its_kind,
    foreign_tag,
    gateway_kind,
    hosted_elsewhere,
    led_elsewhere,
    left_out,
    more_definitions,
    more_loops,
    moved,
    new_flow,
    no_condition,
    no_default,
    no_id,
    node_kind,
    removed,
    renamed,
    strange_id,
    swapped,
    turned_flow,
    wrapped,
)
from tests.bpmn.corpus.mutations_said import (
    code,
    code_in_attribute,
    flipped,
    foreign_script,
    junk_attribute,
    monstrous_number,
    monstrous_time,
    no_attribute,
    settings,
    typed_otherwise,
)

Mutation = Callable[[random.Random, etree._Element], None]

MUTATIONS: Mapping[str, Mutation] = {
    each.__name__: each
    for each in (
        *(duplicate_id, no_id, strange_id, dangling, another, removed, doubled, moved, renamed, foreign_tag, node_kind),
        *(
            definition_kind,
            more_definitions,
            more_loops,
            wrapped,
            new_flow,
            turned_flow,
            no_condition,
            no_default,
            code,
        ),
        *(
            code_in_attribute,
            foreign_script,
            monstrous_time,
            monstrous_number,
            flipped,
            junk_attribute,
            no_attribute,
            typed_otherwise,
        ),
        *(settings, copied, led_elsewhere, hosted_elsewhere, left_out, gateway_kind, swapped, flag_of_its_kind),
    )
}


def mutated(rng: random.Random, data: bytes, first: str) -> tuple[bytes, tuple[str, ...]]:
    """A file with one to three mutations, the `first` of them given; what the library itself refuses to write is written by force."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True))
    names = [first, *rng.choices(list(MUTATIONS), k=rng.choice((0, 0, 0, 1, 2)))]
    for name in names:
        try:
            MUTATIONS[name](rng, root)
        except ValueError:  # a control character, say: the library would not have it, a stranger's file may
            return etree.tostring(root).replace(b'id="S"', b'id="S\x00"', 1), (*names, "forced")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), tuple(names)
