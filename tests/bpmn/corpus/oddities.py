"""Ways of drawing the same process that look odd and mean the same: each takes a tree and changes how it is said, never what."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, DC
from tests.bpmn.corpus.odd import Odd
from tests.bpmn.corpus.oddities_beside import annotated, beside, documented, extensions, laned, pooled, vendors
from tests.bpmn.corpus.oddities_named import (
    chinese_ids,
    chinese_names,
    engine_ids,
    flows_first,
    flows_last,
    guid_ids,
    long_ids,
    no_flow_ids,
    roots_after,
    says_ways,
)
from tests.bpmn.corpus.oddities_spelled import drawn, drawn_twice, formal, padded, qualified, truths
from tests.bpmn.corpus.writing import Writer

ODDITIES: Mapping[str, Callable[[Odd], None]] = {
    each.__name__: each
    for each in (
        *(
            chinese_ids,
            engine_ids,
            long_ids,
            guid_ids,
            no_flow_ids,
            chinese_names,
            flows_first,
            flows_last,
            roots_after,
            says_ways,
        ),
        *(
            documented,
            vendors,
            extensions,
            annotated,
            pooled,
            laned,
            beside,
            formal,
            truths,
            padded,
            qualified,
            drawn,
            drawn_twice,
        ),
    )
}
_LATE = ("vendors", "says_ways", "drawn", "drawn_twice", "padded", "qualified")  # they speak of ids: after all renaming
_ALONE = (
    {"chinese_ids", "engine_ids", "long_ids", "guid_ids"},
    {"flows_first", "flows_last"},
    {"drawn", "drawn_twice"},
)


@dataclass(frozen=True)
class Spelled:
    """An odd file: its bytes, what was done to it, and the new names of its nodes."""

    data: bytes
    done: tuple[str, ...]
    renamed: Mapping[str, str]


PREFIXES = ("bpmn", "bpmn2", "semantic", "model", "流程", "b", "", "")
HEADS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
    '<?xml version="1.0"?>\n<!-- 由某工具导出 -->\n',
    "",
    "\ufeff",
    '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<?made by="hand"?>\n',
    '<?xml version = "1.0"   encoding = "UTF-8" standalone = "no" ?>\n\n',
)


def spelled(rng: random.Random, data: bytes) -> Spelled:
    """A good file in an odd spelling."""
    odd = Odd(rng, etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_blank_text=True)))
    chosen = set(rng.sample(list(ODDITIES), rng.randint(1, 7)))
    for group in _ALONE:
        for extra in sorted(chosen & group)[1:]:
            chosen.discard(extra)
    for name in sorted(chosen, key=lambda each: (each in _LATE, list(ODDITIES).index(each))):
        ODDITIES[name](odd)
        odd.done.append(name)
    prefixes = {BPMN: rng.choice(PREFIXES), BPMNDI: rng.choice(("bpmndi", "d", "图")), DC: rng.choice(("dc", "omgdc"))}
    prefixes |= {str(odd.root.get("targetNamespace")): "own"} if "qualified" in chosen else {}
    text = Writer(rng, prefixes).write(odd.root).decode()
    text = rng.choice(HEADS) + text
    if rng.random() < 0.2:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        odd.done.append("crlf")
    return Spelled(text.encode(), tuple(odd.done), odd.renamed)
