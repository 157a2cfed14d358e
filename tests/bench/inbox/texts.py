"""What the many cases say: titles, places and descriptions with common and rare words, mostly Chinese, some English."""

from __future__ import annotations

import random

from engine import search

THINGS = (
    "井盖", "路灯", "垃圾堆放", "占道经营", "道路", "树木", "下水道", "共享单车", "广告牌", "消防通道", "护栏", "绿化带", "公厕",
    "电线杆", "工地扬尘", "噪声", "水管", "燃气管", "信号灯", "候车亭", "健身器材", "路名牌", "窨井", "雨水篦", "隔离墩",
    "变压器", "报刊亭", "信箱", "桥梁栏杆", "孔明灯",
)  # fmt: skip
"""The n-th is named in a share of 1/n: 井盖 in every fourth case, 孔明灯 (a sky lantern) in one of a hundred."""

TROUBLES = (
    "破损",
    "缺失",
    "堵塞",
    "不亮",
    "倾斜",
    "积水",
    "乱停放",
    "油污",
    "松动",
    "沉降",
    "断裂",
    "遮挡",
    "漏水",
    "锈蚀",
    "异响",
)
STREETS = (
    "章华中路", "章华南路", "章华北路", "东方路", "红梅路", "江汉路", "潜阳路", "泰丰路", "广华大道", "杨市街", "园林路", "南浦路",
    "建设街", "马昌湖路", "曹禺大道", "返湾湖路", "熊口老街", "浩口大街", "后湖路", "总口路", "袁光路", "紫月路", "横堤路", "深河路",
)  # fmt: skip
AREAS = ("zhanghua", "hongmei", "jianghan", "dongfeng", "nanpuyuan", "machanghu", "taifeng_shequ", "jianshejie")
SPOTS = ("门前", "路口东侧", "对面人行道", "小区北门", "学校旁", "公交站台", "桥下", "菜市场入口")
TAILS = (
    "请尽快处理。", "存在安全隐患。", "影响出行。", "夜间尤其危险。", "已多次反映。", "附近有学校，请重视。", "老人小孩较多。",
    "下雨天更严重。",
)  # fmt: skip
ENGLISH = (
    "Street light out",
    "Manhole cover missing",
    "Pothole",
    "Blocked drain",
    "Leaking hydrant",
    "Fallen tree",
    "Graffiti",
)
RAREST = "旋转木马"
"""Said once in a hundred thousand texts at most: one that a search finds nearly nowhere."""


def rows(count: int, seed: int = 7) -> list[tuple[int, str, str, str, str, str]]:
    """Number, title, place, description, area and words of so many texts, always the same ones."""
    chance = random.Random(seed)
    weights = [1 / n for n in range(1, len(THINGS) + 1)]
    streets = [1 / n for n in range(1, len(STREETS) + 1)]
    areas = [1 / n for n in range(1, len(AREAS) + 1)]
    found = []
    for number in range(count):
        (thing,), (street,), (area,) = (
            chance.choices(THINGS, weights),
            chance.choices(STREETS, streets),
            chance.choices(AREAS, areas),
        )
        trouble, spot, tail = chance.choice(TROUBLES), chance.choice(SPOTS), chance.choice(TAILS)
        place = f"{street}{chance.randint(1, 400)}号{spot}"
        if number % 20 == 19:
            title = f"{chance.choice(ENGLISH)} at {chance.randint(1, 400)} Zhanghua Road"
            description = (
                f"Reported by phone near {spot}, {chance.choice(('urgent', 'dangerous at night', 'since Monday'))}."
            )
        else:
            title = f"{place}{thing}{trouble}"
            description = f"{street}{spot}{thing}{trouble}，{tail}"
        if number == count // 2:
            description += f"旁边是{RAREST}。"
        words = search.words_of("", {"title": title, "place": place, "description": description})
        found.append((number, title, place, description, area, words))
    return found
