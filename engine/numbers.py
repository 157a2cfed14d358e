"""Case numbers: made from the instance id and a format that is a setting, so that no row is fought over for the next number."""

from __future__ import annotations

from engine.worlds import World

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread


OF_TRIAL = "TRIAL-"
"""In front of the number of what a trial of a draft runs: wherever it is read, it says so."""

DEFAULT_FORMAT = "{date}-{code}"


def number_for(pattern: str | None, instance_id: int, world: World) -> str:
    """The number of a new instance. A format holds {date} (local day, YYYYMMDD) and {code} (six characters of the id)."""
    pattern = pattern or DEFAULT_FORMAT
    day = world.now.astimezone(world.zone).strftime("%Y%m%d")
    number = pattern.replace("{date}", day).replace("{code}", code(instance_id))
    return f"{OF_TRIAL}{number}" if world.is_trial else number


def code(instance_id: int, length: int = 6) -> str:
    """The last characters of the id, readable over the telephone."""
    letters = []
    for _ in range(length):
        instance_id, rest = divmod(instance_id, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))
