"""The assessment report on paper: official layout, who signs on the last page of the body, wide tables and definitions as attachments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from escalation.papers.setting import printed

TEMPLATE = Path(__file__).with_name("assessment.typ")


def render(
    report: Mapping[str, Any],
    at: datetime,
    fonts: Sequence[Path],
    language: str = "zh",
    form: Literal["pdf", "png"] = "pdf",
) -> list[bytes]:
    """`report`: its title, city, number and date, lines about it, tables and definitions, all as text; `at`: when it was closed or made.
    One PDF, or a PNG for each page. NoFonts, NotPrinted."""
    zh = language != "en"
    said = {
        "lang": "zh" if zh else "en",
        "region": "CN" if zh else "GB",
        "page": "第 {1} 页，共 {2} 页" if zh else "page {1} of {2}",
        "head": f"{report['city']}城市综合管理考核" if zh else f"{report['city']} · City management assessment",
        "number-line": (f"编号：{report['number']}" if zh else f"No. {report['number']}") if report["number"] else "",
        "attached": "附件：" if zh else "Attached: ",
        "attachment": "附件 {1}　" if zh else "Attachment {1}: ",
        "name-line": "签名：" if zh else "Name:",
        "date-line": "日期：      年    月    日" if zh else "Date:",
        "definitions-title": "指标口径" if zh else "Definitions",
        "definitions-head": ["指标", "版本", "公式", "算式", "单位", "方向", "依据"]
        if zh
        else ["Figure", "Version", "Formula", "Expression", "Unit", "Better is", "Source"],
        "stamp": "" if report["closed"] else ("未封存" if zh else "NOT CLOSED"),
        "none": "无" if zh else "none",
        "signs": ["编制", "审核", "签发", "考评办签收"] if zh else ["Prepared", "Reviewed", "Signed", "Received"],
    }
    return printed(TEMPLATE, {**report, **said}, fonts, at, form)
