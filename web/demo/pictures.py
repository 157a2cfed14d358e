"""Pictures for the demonstration, drawn for the purpose: a street with the thing at fault, or put right; a signature."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image, ImageDraw

SIZE = (640, 480)


@cache
def scene(kind: str, variant: int, *, mended: bool) -> bytes:
    """A JPEG of a street scene. `kind` is the first letters of a class (C-01 covers, E-02 posters …)."""
    dice = random.Random(f"{kind}{variant}")
    image = Image.new("RGB", SIZE, (196 + dice.randrange(20), 210, 222))
    draw = ImageDraw.Draw(image)
    _street(draw, dice)
    painter = {"C-01": _cover, "C-02": _paving, "C-03": _bin, "C-04": _tree, "E-02": _posters, "E-04": _stalls}.get(
        kind[:4], _litter
    )
    painter(draw, dice, mended=mended)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


@cache
def signature(variant: int) -> bytes:
    """A PNG of a name written by hand, nobody's."""
    dice = random.Random(variant)
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    x, line = 60.0, []
    while x < 540:
        line.append((x, 100 + dice.uniform(-60, 60)))
        x += dice.uniform(-8, 34)
    ImageDraw.Draw(image).line(line, fill=(24, 34, 48, 255), width=5, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _street(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    x = 0
    while x < SIZE[0]:
        width, height = dice.randrange(70, 130), dice.randrange(90, 190)
        tone = dice.randrange(165, 200)
        draw.rectangle((x, 250 - height, x + width - 4, 250), fill=(tone, tone - 6, tone - 14))
        for wx in range(x + 10, x + width - 20, 24):
            for wy in range(250 - height + 12, 225, 30):
                draw.rectangle((wx, wy, wx + 12, wy + 16), fill=(120, 138, 152))
        x += width
    draw.rectangle((0, 250, SIZE[0], 330), fill=(178, 172, 164))
    for px in range(0, SIZE[0], 40):
        draw.line((px, 250, px - 30, 330), fill=(160, 154, 146), width=2)
    draw.rectangle((0, 330, SIZE[0], SIZE[1]), fill=(92, 96, 100))
    for lx in range(20, SIZE[0], 120):
        draw.rectangle((lx, 400, lx + 60, 407), fill=(222, 222, 214))


def _cover(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    x, y = dice.randrange(200, 400), 360
    draw.ellipse((x - 70, y - 26, x + 70, y + 34), fill=(70, 72, 74), outline=(50, 50, 50), width=4)
    if mended:
        for i in range(-50, 60, 20):
            draw.line((x + i, y - 18, x + i, y + 26), fill=(95, 97, 99), width=4)
    else:
        draw.ellipse((x - 58, y - 18, x + 58, y + 26), fill=(18, 18, 18))
        draw.polygon(((x + 60, y + 20), (x + 150, y), (x + 170, y + 40), (x + 80, y + 56)), fill=(80, 82, 84))


def _paving(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    x = dice.randrange(180, 380)
    for i in range(5):
        for j in range(2):
            shift = 0 if mended else dice.randrange(-9, 10)
            left, top = x + i * 38 + shift, 268 + j * 28 + shift
            draw.rectangle((left, top, left + 32, top + 22), fill=(150, 120, 104), outline=(120, 96, 84))
    if not mended:
        draw.polygon(((x + 60, 300), (x + 96, 290), (x + 110, 318), (x + 70, 324)), fill=(84, 70, 60))


def _bin(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    x = dice.randrange(200, 420)
    draw.rounded_rectangle((x, 220, x + 60, 320), 8, fill=(62, 110, 84))
    draw.rectangle((x - 4, 214, x + 64, 228), fill=(48, 88, 66))
    if not mended:
        _litter(draw, dice, mended=mended)


def _tree(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    x = dice.randrange(220, 400)
    if mended:
        draw.rectangle((x, 180, x + 18, 330), fill=(104, 78, 56))
        draw.ellipse((x - 60, 80, x + 80, 220), fill=(88, 134, 88))
    else:
        draw.polygon(((x, 320), (x + 16, 300), (x + 220, 380), (x + 212, 398)), fill=(104, 78, 56))
        draw.ellipse((x + 150, 350, x + 290, 440), fill=(96, 120, 84))


def _posters(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    x = dice.randrange(140, 300)
    draw.rectangle((x, 120, x + 240, 300), fill=(206, 202, 194))
    if not mended:
        for _ in range(9):
            px, py = x + dice.randrange(200), 128 + dice.randrange(130)
            colour = dice.choice(((214, 190, 90), (188, 96, 88), (120, 150, 190)))
            draw.rectangle((px, py, px + 36, py + 40), fill=colour)
            for line in range(3):
                draw.line((px + 5, py + 9 + line * 9, px + 30, py + 9 + line * 9), fill=(60, 60, 60), width=2)


def _stalls(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    if mended:
        return
    for i in range(3):
        x = 120 + i * 150 + dice.randrange(30)
        draw.polygon(
            ((x, 230), (x + 110, 230), (x + 95, 200), (x + 15, 200)), fill=dice.choice(((186, 84, 76), (84, 120, 168)))
        )
        draw.rectangle((x + 6, 230, x + 12, 320), fill=(90, 90, 90))
        draw.rectangle((x + 98, 230, x + 104, 320), fill=(90, 90, 90))
        draw.rectangle((x, 276, x + 110, 300), fill=(160, 128, 92))


def _litter(draw: ImageDraw.ImageDraw, dice: random.Random, *, mended: bool) -> None:
    if mended:
        return
    for _ in range(26):
        x, y = dice.randrange(160, 480), dice.randrange(296, 372)
        size = dice.randrange(8, 30)
        colour = dice.choice(((226, 224, 216), (98, 112, 96), (150, 120, 88), (176, 92, 84), (70, 74, 80)))
        draw.polygon(
            ((x, y), (x + size, y - size // 3), (x + size + 6, y + size // 2), (x + 4, y + size // 2)), fill=colour
        )
