"""Draws one picture of the demo shop from a short expression.

    🍎            one emoji             🍎*3         the same, three times
    🍎+🍏         two of a kind         🥩+🐷        the goods, and what it is of
    🍇@h-165      hue turned by degrees; @s0.5 saturation, @l1.2 lightness
    bottle(4a2410,生抽)   a container in a colour, with a label: text or emoji

Emoji are the 136 × 128 bitmaps of Noto Color Emoji; a picture is 192 × 192,
so that a single one is never enlarged. Containers are drawn here, without a
brand, at four times the size and scaled down.
"""

import colorsys
import io
import math
import os
import re

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

SIDE, K = 192, 4
EMOJI = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
LABEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fonts", "NotoSansSC-Bold.otf")

_font = TTFont(EMOJI)
_cmap = _font.getBestCmap()
_strike = _font["CBDT"].strikeData[0]


def emoji(text):
    """The bitmap of one emoji, cropped to what is painted."""
    name = _cmap[ord(text.replace("\ufe0f", ""))]
    image = Image.open(io.BytesIO(_strike[name].imageData)).convert("RGBA")
    return image.crop(image.getbbox())


def tinted(image, mods):
    """Turns hue (h, degrees), scales saturation (s) and lightness (l)."""
    hue = sat = light = None
    for kind, value in re.findall(r"@([hsl])(-?[\d.]+)", mods):
        hue, sat, light = (float(value) if k == kind else v for k, v in zip("hsl", (hue, sat, light)))
    if hue is None and sat is None and light is None:
        return image
    alpha = image.getchannel("A")
    h, s, v = image.convert("RGB").convert("HSV").split()
    h = h.point(lambda p: int(p + (hue or 0) * 256 / 360) % 256)
    s = s.point(lambda p: min(255, int(p * (1 if sat is None else sat))))
    v = v.point(lambda p: min(255, int(p * (1 if light is None else light))))
    out = Image.merge("HSV", (h, s, v)).convert("RGB").convert("RGBA")
    out.putalpha(alpha)
    return out


def fit(image, box):
    scale = min(box / image.width, box / image.height)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)


def item(expr, box):
    """One thing, no larger than box × box."""
    m = re.fullmatch(r"(\w+)\(([0-9a-f]{6})(?:,(.+))?\)", expr)
    if m:
        drawn = containers[m[1]](tuple(bytes.fromhex(m[2])), m[3])
        drawn = drawn.resize((SIDE, SIDE), Image.LANCZOS)
        return fit(drawn.crop(drawn.getbbox()), box * 1.12)
    base, _, mods = expr.partition("@")
    return fit(tinted(emoji(base), "@" + mods), box)


def split(expr):
    """Top-level parts of an expression, with repeats expanded."""
    parts, depth, last = [], 0, ""
    for c in expr:
        depth += (c == "(") - (c == ")")
        if c == "+" and depth == 0:
            parts.append(last)
            last = ""
        else:
            last += c
    out = []
    for part in parts + [last]:
        m = re.fullmatch(r"(.+)\*(\d)", part)
        out += [m[1]] * int(m[2]) if m else [part]
    return out


def picture(expr, hue, variant):
    """The finished picture: goods on a soft tile in the colour of the class."""
    canvas = backdrop(hue, variant)
    parts = split(expr)
    kinds = {p.partition("@")[0] for p in parts}
    if len(parts) == 1:
        place(canvas, item(parts[0], 134), 96, 97)
    elif len(parts) == 2 and len(kinds) == 1:
        place(canvas, item(parts[0], 100), 70, 78)
        place(canvas, item(parts[1], 100), 121, 114)
    elif len(parts) == 2:
        place(canvas, item(parts[0], 122), 86, 88)
        badge(canvas, item(parts[1], 46))
    else:
        for part, (x, y) in zip(parts, ((96, 62), (60, 122), (132, 122))):
            place(canvas, item(part, 84), x, y)
    return canvas


def place(canvas, image, cx, cy):
    x, y = round(cx - image.width / 2), round(cy - image.height / 2)
    shadow = Image.new("RGBA", image.size, (30, 40, 60, 0))
    shadow.putalpha(image.getchannel("A").point(lambda p: p * 26 // 255))
    canvas.alpha_composite(shadow, (x, min(y + 3, SIDE - image.height)))
    canvas.alpha_composite(image, (x, y))


def badge(canvas, image):
    disc = Image.new("RGBA", (66 * K, 66 * K))
    ImageDraw.Draw(disc).ellipse((0, 0, 66 * K - 1, 66 * K - 1), fill=(255, 255, 255, 255))
    place(canvas, disc.resize((66, 66), Image.LANCZOS), 148, 148)
    canvas.alpha_composite(image, (round(148 - image.width / 2), round(148 - image.height / 2)))


def backdrop(hue, variant):
    shade = (0.13, 0.17, 0.10, 0.15)[variant % 4]
    turn = (0, 9, -8, 16)[variant % 4]
    base = rgb((hue + turn) % 360, shade, 0.965)
    soft = rgb((hue + turn) % 360, shade * 0.45, 0.985)
    canvas = Image.new("RGBA", (SIDE * K, SIDE * K))
    pen = ImageDraw.Draw(canvas)
    pen.rounded_rectangle((0, 0, SIDE * K - 1, SIDE * K - 1), 28 * K, fill=base + (255,))
    x, y = ((96, 96), (88, 104), (104, 90), (96, 110))[variant % 4]
    pen.ellipse([c * K for c in (x - 76, y - 76, x + 76, y + 76)], fill=soft + (255,))
    return canvas.resize((SIDE, SIDE), Image.LANCZOS)


def rgb(hue, sat, val):
    return tuple(round(c * 255) for c in colorsys.hsv_to_rgb(hue / 360, sat, val))


# --- containers -----------------------------------------------------------


class Sheet:
    """A drawing in the 192 grid, kept at four times the size."""

    def __init__(self):
        self.image = Image.new("RGBA", (SIDE * K, SIDE * K))

    def rounded(self, box, r, colour):
        ImageDraw.Draw(self.image).rounded_rectangle([c * K for c in box], r * K, fill=colour + (255,))

    def poly(self, points, colour):
        ImageDraw.Draw(self.image).polygon([(x * K, y * K) for x, y in points], fill=colour + (255,))

    def ellipse(self, box, colour):
        ImageDraw.Draw(self.image).ellipse([c * K for c in box], fill=colour + (255,))

    def arc(self, box, start, end, colour, width):
        ImageDraw.Draw(self.image).arc([c * K for c in box], start, end, fill=colour + (255,), width=width * K)

    def shine(self):
        """Light from the left, over whatever is painted so far."""
        ramp = Image.new("L", (SIDE, 1))
        ramp.putdata([max(0, min(255, int(p))) for p in
                      (128 + (88 - x) * 0.62 + (34 if 62 <= x <= 70 else 0) for x in range(SIDE))])
        ramp = ramp.resize(self.image.size)
        alpha = self.image.getchannel("A")
        light = Image.new("RGBA", self.image.size, (255, 255, 255, 0))
        light.putalpha(ramp.point(lambda p: max(0, p - 128)))
        dark = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        dark.putalpha(ramp.point(lambda p: max(0, 128 - p)))
        self.image.alpha_composite(light)
        self.image.alpha_composite(dark)
        self.image.putalpha(alpha)

    def label(self, text, cx, cy, size, plate=True):
        """Text or emoji on a pale plate."""
        if not text:
            return
        if plate:
            half = size / 2 + 5
            self.rounded((cx - half, cy - half, cx + half, cy + half), 10, (255, 253, 247))
        if ord(text[0]) in _cmap and not "\u4e00" <= text[0] <= "\u9fff":
            parts = split(text)
            self.stick(item(parts[0], size), cx, cy)
            if len(parts) > 1:
                small = size * 0.62
                self.stick(item(parts[1], small), cx + size * 0.42, cy + size * 0.42)
            return
        self.words(text, cx, cy, size)

    def stick(self, image, cx, cy):
        big = image.resize((image.width * K, image.height * K), Image.BICUBIC)
        self.image.alpha_composite(big, (round(cx * K - big.width / 2), round(cy * K - big.height / 2)))

    def words(self, text, cx, cy, size):
        height = size / max(1, len(text)) * (1.0 if len(text) > 1 else 0.8)
        font = ImageFont.truetype(LABEL, round(min(height, size * 0.56) * K * 1.05))
        pen = ImageDraw.Draw(self.image)
        l, t, r, b = pen.textbbox((0, 0), text, font=font)
        pen.text((cx * K - (l + r) / 2, cy * K - (t + b) / 2), text, font=font, fill=(40, 44, 52, 255))


def darker(c, k=0.72):
    return tuple(int(v * k) for v in c)


def lighter(c, k=0.5):
    return tuple(int(v + (255 - v) * k) for v in c)


def bottle(c, label):
    s = Sheet()
    s.rounded((80, 10, 112, 32), 5, darker(c, 0.6) if sum(c) > 300 else lighter(c, 0.35))
    s.rounded((84, 30, 108, 66), 4, c)
    s.poly([(84, 46), (108, 46), (132, 82), (60, 82)], c)
    s.rounded((60, 74, 132, 182), 14, c)
    s.shine()
    s.label(label, 96, 126, 54)
    return s.image


def jug(c, label):
    s = Sheet()
    s.arc((86, 30, 152, 104), 190, 60, darker(c, 0.8), 13)
    s.rounded((60, 14, 96, 36), 6, darker(c, 0.55) if sum(c) > 250 else lighter(c, 0.4))
    s.rounded((66, 34, 90, 64), 4, c)
    s.poly([(66, 48), (90, 48), (146, 80), (46, 80)], c)
    s.rounded((46, 68, 146, 182), 18, c)
    s.shine()
    s.label(label, 96, 126, 64)
    return s.image


def pouch(c, label):
    s = Sheet()
    s.rounded((42, 22, 150, 176), 10, c)
    for y, up in ((22, -1), (176, 1)):
        for k in range(12):
            x = 42 + k * 9
            s.poly([(x, y - up * 6), (x + 9, y - up * 6), (x + 4.5, y + up * 5)], c)
    s.rounded((42, 30, 150, 36), 1, darker(c, 0.85))
    s.rounded((42, 162, 150, 168), 1, darker(c, 0.85))
    s.shine()
    s.label(label, 96, 100, 72)
    return s.image


def sack(c, label):
    s = Sheet()
    s.poly([(60, 10), (132, 10), (124, 44), (68, 44)], lighter(c, 0.75))
    s.rounded((36, 38, 156, 182), 26, lighter(c, 0.78))
    s.rounded((66, 34, 126, 44), 4, darker(c))
    s.rounded((36, 64, 156, 84), 1, c)
    s.rounded((36, 156, 156, 166), 1, c)
    s.shine()
    s.label(label, 96, 120, 58, plate=False)
    return s.image


def box(c, label):
    s = Sheet()
    s.poly([(34, 50), (56, 30), (164, 30), (142, 50)], lighter(c, 0.35))
    s.poly([(142, 50), (164, 30), (164, 150), (142, 174)], darker(c))
    s.poly([(34, 50), (142, 50), (142, 174), (34, 174)], c)
    s.label(label, 88, 112, 72)
    return s.image


def can(c, label):
    s = Sheet()
    s.ellipse((56, 152, 136, 180), (168, 176, 184))
    s.rounded((54, 36, 138, 170), 12, c)
    s.shine()
    s.ellipse((58, 22, 134, 48), (150, 158, 166))
    s.ellipse((63, 24, 129, 44), (216, 222, 228))
    s.ellipse((84, 29, 108, 39), (168, 176, 184))
    s.label(label, 96, 106, 58)
    return s.image


def jar(c, label):
    s = Sheet()
    s.rounded((48, 52, 144, 180), 22, c)
    s.rounded((54, 24, 138, 58), 7, darker(c, 0.6) if sum(c) > 400 else (214, 170, 74))
    s.shine()
    s.label(label, 96, 120, 62)
    return s.image


def gable(c, label):
    s = Sheet()
    s.rounded((64, 12, 128, 34), 3, darker(c, 0.85))
    s.poly([(66, 32), (126, 32), (142, 68), (50, 68)], lighter(c, 0.55))
    s.poly([(50, 66), (142, 66), (142, 182), (50, 182)], c)
    s.poly([(50, 148), (142, 128), (142, 182), (50, 182)], lighter(c, 0.8))
    s.shine()
    s.label(label, 96, 112, 62)
    return s.image


def cup(c, label):
    s = Sheet()
    s.poly([(48, 58), (144, 58), (130, 176), (62, 176)], c)
    s.rounded((64, 166, 128, 180), 6, c)
    s.shine()
    s.rounded((42, 44, 150, 64), 8, (240, 243, 247))
    s.rounded((42, 58, 150, 64), 3, (206, 214, 222))
    s.label(label, 96, 116, 54)
    return s.image


def vial(c, label):
    s = Sheet()
    s.rounded((64, 42, 128, 104), 24, c)
    s.rounded((64, 92, 128, 178), 20, c)
    s.rounded((74, 20, 118, 50), 8, (196, 52, 52))
    s.shine()
    s.label(label, 96, 132, 40)
    return s.image


def tray(c, label):
    s = Sheet()
    s.rounded((16, 44, 176, 158), 18, darker(c, 0.82))
    s.rounded((24, 50, 168, 150), 14, c)
    s.label(label, 96, 98, 92, plate=False)
    film = Image.new("RGBA", s.image.size)
    ImageDraw.Draw(film).polygon([(x * K, y * K) for x, y in ((44, 50), (66, 50), (38, 150), (24, 150), (24, 118))],
                                 fill=(255, 255, 255, 110))
    s.image.alpha_composite(film)
    return s.image


def carton(c, label):
    s = Sheet()
    parts = split(label)
    s.rounded((22, 30, 170, 100), 16, darker(c, 0.8))
    for x in (52, 96, 140):
        s.stick(item(parts[0], 58), x, 92)
    s.rounded((16, 104, 176, 166), 14, c)
    for x in (52, 96, 140):
        s.ellipse((x - 20, 96, x + 20, 124), c)
    for x in (52, 96, 140):
        s.rounded((x - 16, 128, x + 16, 158), 10, darker(c, 0.88))
    if len(parts) > 1:
        s.label(parts[1], 150, 142, 40)
    return s.image


def pump(c, label):
    s = Sheet()
    s.rounded((58, 10, 108, 26), 7, darker(c, 0.6))
    s.rounded((89, 20, 103, 60), 3, lighter(c, 0.5))
    s.rounded((78, 48, 114, 66), 5, darker(c, 0.6))
    s.rounded((56, 62, 136, 182), 20, c)
    s.shine()
    s.label(label, 96, 124, 56)
    return s.image


def tube(c, label):
    s = Sheet()
    s.rounded((74, 150, 118, 184), 6, (58, 132, 196))
    s.poly([(50, 26), (142, 26), (122, 154), (70, 154)], c)
    s.poly([(50, 26), (142, 26), (138, 52), (54, 52)], (58, 132, 196))
    s.rounded((46, 10, 146, 30), 3, darker(c, 0.9))
    s.shine()
    s.label(label, 96, 96, 44, plate=False)
    return s.image


def towel(c, _):
    s = Sheet()
    for k, tone in enumerate((darker(c, 0.86), c, lighter(c, 0.4))):
        y = 126 - k * 38
        s.rounded((26, y, 166, y + 40), 18, tone)
        s.rounded((26, y + 17, 158, y + 22), 2, darker(tone, 0.86))
    s.rounded((118, 50, 132, 90), 2, (255, 255, 255))
    return s.image


def hanger(c, _):
    s = Sheet()
    s.arc((80, 18, 114, 56), 170, 80, darker(c), 7)
    s.rounded((93, 52, 100, 76), 3, darker(c))
    for x in (18, 174):
        sign = 1 if x > 96 else -1
        s.poly([(96 - sign * 6, 66), (96 + sign * 2, 64), (x, 134), (x - sign * 10, 142)], c)
    s.rounded((18, 130, 174, 144), 7, c)
    return s.image


def roll(c, _):
    s = Sheet()
    s.rounded((28, 56, 148, 148), 2, c)
    s.ellipse((6, 56, 50, 148), darker(c, 0.9))
    s.shine()
    s.ellipse((126, 56, 170, 148), lighter(c, 0.25))
    s.ellipse((137, 80, 159, 124), (196, 158, 110))
    s.ellipse((142, 90, 154, 114), (120, 92, 60))
    s.poly([(30, 140), (120, 148), (132, 176), (44, 170)], lighter(c, 0.15))
    return s.image


def flask(c, _):
    s = Sheet()
    s.rounded((68, 10, 124, 52), 10, (206, 213, 219))
    s.rounded((60, 46, 132, 184), 16, c)
    s.rounded((60, 58, 132, 66), 1, (214, 220, 226))
    s.rounded((60, 164, 132, 170), 1, (214, 220, 226))
    s.shine()
    return s.image


def grain(c, _):
    """A bowl of something loose."""
    s = Sheet()
    s.ellipse((26, 34, 166, 138), c)
    for k in range(64):
        x, y = 36 + (k * 37) % 120, 42 + (k * 53) % 50
        if ((x - 96) / 66) ** 2 + ((y - 86) / 48) ** 2 < 0.94:
            s.ellipse((x - 4, y - 3, x + 4, y + 3), darker(c, 0.82) if k % 2 else lighter(c, 0.25))
    s.poly([(16, 92), (176, 92), (160, 132), (134, 164), (58, 164), (32, 132)], (232, 226, 214))
    s.rounded((58, 156, 134, 176), 6, (208, 200, 186))
    s.rounded((12, 84, 180, 98), 7, (244, 240, 232))
    return s.image


def squash(c, _):
    """A ribbed pumpkin."""
    s = Sheet()
    s.rounded((88, 22, 106, 66), 6, (150, 118, 70))
    for half, tone in ((82, darker(c, 0.8)), (60, darker(c, 0.9)), (36, c), (13, lighter(c, 0.2))):
        s.ellipse((96 - half, 46, 96 + half, 170), tone)
    return s.image


def sticks(c, kind):
    """Long roots; "leek": white feet and green leaves."""
    s = Sheet()
    for k, x in enumerate((52, 86, 120)):
        tone = darker(c, 0.9) if k % 2 else c
        s.rounded((x, 12, x + 20, 182), 10, tone)
        if kind == "leek":
            s.rounded((x, 88, x + 20, 182), 10, (238, 241, 226))
            s.poly([(x, 60), (x + 20, 60), (x + 20, 100), (x, 100)], lighter(tone, 0.45))
            s.poly([(x + 4, 16), (x + 14, 16), (x + 24, 2), (x + 12, 8)], tone)
        else:
            for y in range(30, 170, 22):
                s.ellipse((x + 4 + y % 9, y, x + 8 + y % 9, y + 4), darker(tone, 0.75))
    s.rounded((44, 112, 148, 124), 3, (214, 92, 72))
    s.image = s.image.rotate(-24, Image.BICUBIC)
    return s.image


def scallop(c, _):
    """A shell like a fan."""
    s = Sheet()
    s.poly([(72, 132), (120, 132), (114, 166), (78, 166)], darker(c, 0.85))
    pen = ImageDraw.Draw(s.image)
    for k in range(9):
        tone = c if k % 2 else lighter(c, 0.4)
        pen.pieslice([v * K for v in (16, 22, 176, 282)], 216 + k * 12, 228 + k * 12, fill=tone + (255,))
        a = math.radians(222 + k * 12)
        x, y = 96 + 78 * math.cos(a), 152 + 126 * math.sin(a)
        s.ellipse((x - 11, y - 11, x + 11, y + 11), tone)
    s.ellipse((84, 140, 108, 164), darker(c, 0.85))
    return s.image


containers = {f.__name__: f for f in (
    bottle, jug, pouch, sack, box, can, jar, gable, cup, vial, tray, carton, pump, tube, towel, hanger, roll, flask,
    grain, squash, sticks, scallop)}
