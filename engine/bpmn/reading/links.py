"""Links: each pair of link events of the same name on the same level is a flow without a line."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.model import Kind
from engine.bpmn.namespaces import bpmn, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids
from engine.bpmn.reading.collecting import Drawn, DrawnFlow, DrawnNode


def join(drawn: Drawn, problems: Problems) -> None:
    """Add the flows that links stand for (`link:` and the id of the event that throws). One catches, one or more throw."""
    thrown: dict[tuple[str | None, str], list[DrawnNode]] = {}
    caught: dict[tuple[str | None, str], list[DrawnNode]] = {}
    for node in drawn.nodes.values():
        name = _name(node)
        if name:
            side = caught if node.kind is Kind.CATCH else thrown
            side.setdefault((node.parent, name), []).append(node)
    _check_targets(drawn, problems)
    for place, sources in thrown.items():
        targets = caught.get(place, [])
        if not targets:
            for node in sources:
                zh = f"链接“{clip(place[1], 40)}”没有同层、同名的捕获事件"
                en = f"no link event of the name “{clip(place[1], 40)}” beside it catches this link"
                _say(node, zh, en, problems)
            continue
        for source in sources:
            id_ = ids.free(f"link:{source.id}", drawn.taken)
            drawn.flows[id_] = DrawnFlow(id_, source.element, source.id, targets[0].id, False, is_link=True)
            source.outgoing.append(id_)
            targets[0].incoming.append(id_)
    _check_caught(thrown, caught, problems)


def _check_caught(
    thrown: Mapping[tuple[str | None, str], list[DrawnNode]],
    caught: Mapping[tuple[str | None, str], list[DrawnNode]],
    problems: Problems,
) -> None:
    for place, targets in caught.items():
        name = clip(place[1], 40)
        if place not in thrown:
            zh = f"没有同层、同名的事件抛出链接“{name}”"
            _say(targets[0], zh, f"no event beside it throws the link “{name}”", problems)
        for second in targets[1:]:
            zh = f"链接“{name}”有几个捕获事件，只能有一个"
            _say(second, zh, f"the link “{name}” is caught by several events, only one can be", problems)
    for nodes in (*thrown.values(), *caught.values()):
        for node in nodes:
            drawn = node.incoming if node.kind is Kind.CATCH else node.outgoing
            if any(not flow.startswith("link:") for flow in drawn):  # no id of a file has a colon
                zh = "链接捕获事件不能有进入的顺序流，抛出事件不能有出去的"
                en = "no flow may lead into a link event that catches or out of one that throws"
                _say(node, zh, en, problems)


def _check_targets(drawn: Drawn, problems: Problems) -> None:
    """`<source>` and `<target>` of a definition name link definitions of the same name."""
    definitions = {}
    for node in drawn.nodes.values():
        for each in node.element.findall(bpmn("linkEventDefinition")):
            definitions[(each.get("id") or "").strip()] = each
    for each in list(definitions.values()):
        for tag in ("source", "target"):
            for child in each.findall(bpmn(tag)):
                other = definitions.get(ref(text(child), child))
                if other is None:
                    ids.dangling(child, tag, ref(text(child), child), problems)
                elif (other.get("name") or "").split() != (each.get("name") or "").split():
                    around = each.getparent()
                    problems.add(
                        "link",
                        f"链接的 {tag} 指向另一个名称的链接。",
                        f"the {tag} of the link names a link of another name.",
                        line=line(child),
                        element=(around.get("id") if around is not None else "") or tag,
                    )


def _name(node: DrawnNode) -> str:
    """The name of the link of an intermediate event, "" when it is none."""
    if node.kind not in (Kind.CATCH, Kind.THROW):
        return ""
    found = node.element.find(bpmn("linkEventDefinition"))
    return " ".join((found.get("name") or "").split()) if found is not None else ""


def _say(node: DrawnNode, zh: str, en: str, problems: Problems) -> None:
    name = clip(node.element.get("name") or node.id, 40)
    problems.add("link", f"“{name}”：{zh}。", f"“{name}”: {en}.", line=line(node.element), element=node.id)
