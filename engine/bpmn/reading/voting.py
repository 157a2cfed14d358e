"""`ld:vote`: which votes decide a multi-instance activity, and how."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.bpmn.model import Node
from engine.bpmn.namespaces import line
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.extension import Setting, share
from engine.bpmn.settings import Vote
from engine.votes import Base, Rule, Terms

WORDS = {"yes": ("yes",), "no": ("no",), "abstain": ("abstain",)}
"""What the standard opinion says."""


def vote(found: Mapping[str, list[Setting]], problems: Problems) -> Vote | None:
    """The vote of an activity; none where there is none, or its parts do not fit together (said)."""
    if "vote" not in found:
        return None
    setting = found["vote"][0]
    rule = Rule(setting.literal("rule") or "")
    words = {each: tuple((setting.literal(each) or "").split()) or usual for each, usual in WORDS.items()}
    if _contradicts(setting, rule, words, problems):
        return None
    veto = setting.values.get("veto")
    return Vote(
        terms=Terms(
            rule,
            share(setting.literal("share") or "") or Fraction(1, 2),
            more=setting.literal("more") == "true",
            base=Base(setting.literal("of") or Base.VOTERS),
            quorum=share(setting.literal("quorum") or "") or Fraction(0),
        ),
        field=setting.literal("field") or "",
        into=setting.literal("into") or "",
        opinion=setting.literal("opinion"),
        yes=words["yes"],
        no=words["no"],
        abstain=words["abstain"],
        weight=setting.values.get("weight"),
        veto=veto.text if veto is not None else None,
        early=setting.literal("early") != "false",
    )


def _contradicts(setting: Setting, rule: Rule, words: Mapping[str, tuple[str, ...]], problems: Problems) -> bool:
    written = set(setting.element.attrib)
    wrong: list[tuple[str, str]] = []
    if rule is Rule.RATIO and "share" not in written:
        wrong.append(("rule=ratio 须写明 share，例如 2/3", "the rule ratio needs its share, such as 2/3"))
    if rule is not Rule.RATIO and written & {"share", "more"}:
        wrong.append(("share、more 只用于 rule=ratio", "share and more belong to the rule ratio only"))
    names = [setting.literal(each) for each in ("field", "opinion", "into")]
    if len({name for name in names if name}) < len([name for name in names if name]):
        wrong.append(("field、opinion、into 须是不同的数据", "field, opinion and into must be different facts"))
    every = [word for each in words.values() for word in each]
    twice = sorted({word for word in every if every.count(word) > 1})
    if twice:
        shown = clip(twice[0], 40)
        wrong.append((f"“{shown}”只能表示一种意见", f"“{shown}” can mean one thing only"))
    for zh, en in wrong:
        problems.add(
            "setting", f"ld:vote：{zh}。", f"ld:vote: {en}.", line=line(setting.element), element=setting.owner
        )
    return bool(wrong)


def check(node: Node, problems: Problems) -> None:
    """A vote needs voters: the parts of a multi-instance activity; in order, one after another."""
    found = node.settings.vote
    if found is None:
        return
    wrong: list[tuple[str, str]] = []
    if node.multi_instance is None:
        wrong.append(
            (
                "ld:vote 须写在多实例活动上，每个实例是一票",
                "ld:vote belongs on a multi-instance activity: its parts are the voters",
            )
        )
    elif found.terms.rule is Rule.ORDER and not node.multi_instance.sequential:
        wrong.append(("rule=order（顺序会签）须是顺序多实例", "the rule order needs a sequential multi-instance"))
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    for zh, en in wrong:
        problems.add("vote", f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
