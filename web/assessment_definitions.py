"""The definitions that the numbers of an assessment follow from, as a table: its figures, then the plan's thirty indicators."""

from __future__ import annotations

import re
from typing import Any

from escalation.assessment import formulas
from escalation.assessment.formulas import BadFormula
from web.assessment_tables import Table
from web.assessments import direction_word, named, named_figure, unit_word
from web.pages.case_list import classes
from web.texts import locale, t

Row = dict[str, Any]

TRAIL = "F"
"""The trail gives it (`measured` of the register `plan_indicators`); all others are filed by hand."""
BINDING = "binding"
PUBLIC = "public"
_SIGNS = {"*": "×", "/": "÷"}


def table(report: Row) -> Table:
    """Each with its version, what it is in words and in code, and its source."""
    zh = locale() == "zh"
    rows = [
        [
            named_figure(row), str(row["version"]), row["formula_zh"] if zh else row["formula_en"], row["expression"],
            unit_word(row["unit"]), direction_word(row["direction"]), row.get("source") or "",
        ]
        for row in report["definitions"]["figures"]
    ]  # fmt: skip
    words = {one["key"]: named(one) for one in report["counts"]}
    rows += [
        [
            plan_name(row), str(row["version"]), plan_formula(row, words), row.get("expression") or "—",
            row.get("unit") or "—", direction_word("up"), row.get("source") or "",
        ]
        for row in sorted(report["definitions"]["plan"], key=lambda one: int(one["no"]))
    ]  # fmt: skip
    head = [t("指标", "Figure"), t("版本", "Version"), t("公式", "Formula"), t("算式", "Expression")]
    return Table(
        "definitions",
        t("口径", "Definitions"),
        [*head, t("单位", "Unit"), t("方向", "Better is"), t("依据", "Source")],
        rows,
    )


def plan_name(row: Row) -> str:
    """规划指标 13 违法广告发现处置率."""
    return t(f"规划指标 {row['no']} {row['name_zh']}", f"Plan {row['no']}: {row['name_en']}")


def plan_formula(row: Row, words: dict[str, str]) -> str:
    """What an indicator of the plan is, in words: how it is reckoned or that it is filed, of which cases, and its target. `words`: the
    names of counts."""
    said = _in_words(str(row.get("expression") or ""), words) if row["measured"] == TRAIL else ""
    parts = [said or t("承办人填报，附证明材料", "filed by hand, with the paper it rests on")]
    if kinds := str(row.get("classes") or "").split():
        known = classes()
        listed = t("、", ", ").join(dict.fromkeys(known.get(one, one) for one in kinds))
        parts.append(t(f"只计：{listed}", f"only: {listed}"))
    if PUBLIC in str(row.get("sources") or "").split():
        parts.append(t("只计公众来源的案件", "only cases that the public reported"))
    bound = t("约束性", "binding") if row["kind"] == BINDING else t("预期性", "expected")
    parts.append(
        t(
            f"目标 {row['target']}{row.get('unit') or ''}（{bound}）",
            f"target {row['target']}{row.get('unit') or ''} ({bound})",
        )
    )
    return t("；", "; ").join(parts)


def _in_words(expression: str, words: dict[str, str]) -> str:
    """A formula with the names of its counts; of one that is no good, nothing."""
    outside = {
        "inspected": t("已检查单位数", "units inspected"),
        "listed": t("名单内单位数", "units on the list"),
    }
    known = {**words, **outside}
    try:
        names = formulas.parse(expression).names
    except BadFormula:
        return ""
    if not known.keys() >= set(names):
        return ""
    said = re.sub(r"[A-Za-z_]+", lambda found: known.get(found[0], found[0]), expression)
    return re.sub(r"[*/]", lambda found: _SIGNS[found[0]], said)
