#!/usr/bin/python3
"""Makes the two fonts of the till from Debian's fonts-noto-cjk.

    apt-get install fonts-noto-cjk python3-fonttools
    /usr/bin/python3 assets/fonts/generate/subset.py

Reads NotoSansCJK-{Regular,Bold}.ttc and writes NotoSansSC-{Regular,Bold}.otf
beside this folder. The result depends only on the two collections, on the
version of fontTools and on tongyong.txt, so that a rebuild is byte-identical.

tongyong.txt is the 通用规范汉字表 of 2013 (8,105 characters), sorted by code
point, 64 to a line.
"""

import os

from fontTools import subset
from fontTools.ttLib import TTCollection

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-%s.ttc"
FAMILY = "Noto Sans SC Subset"

# What a till writes beside hanzi: prices, units, keys, marks, frames.
EXTRA = (
    "€₩£¥￥℃℉№™©®°‰×÷±≈≠≤≥∞√∑µ½¼¾"
    "←↑→↓↔↕↖↗↘↙⇧⏎✓★☆●○◎◆◇■□▲△▶▷▼▽◀◁※"
    "‐‑–—―‖‘’“”‚„†‡•‥…‹›〇〈〉《》「」『』【】〔〕〖〗、。〃々〜"
    "①②③④⑤⑥⑦⑧⑨⑩㎏㎎㎜㎝㎞㎡㏄㊣㎖㎗㎘"
    "・･ー！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～￠￡￣"
    # Characters of goods and personal names outside both tables.
    "囍堃喆淼犇鱻麤垚焱槑砼嘢啫咗哋嚟嘅咁邨叁酶羥馀鲃鮰鰆鮸鲦鳀鳙鳚鲯鳤"
)


# Marks that the source does not draw, shown by its nearest.
ALIAS = {"✔": "✓", "✗": "×", "✘": "×", "✕": "×", "✖": "×"}


def repertoire():
    """Code points asked of the font: the whole of both standards and EXTRA."""
    with open(os.path.join(HERE, "tongyong.txt"), encoding="utf-8") as f:
        chars = set(f.read()) - {"\n"}
    for hi in range(0xA1, 0xFF):
        for lo in range(0xA1, 0xFF):
            try:
                chars.update(bytes((hi, lo)).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    chars.update(chr(c) for c in range(0x20, 0x7F))
    chars.update(chr(c) for c in range(0xA0, 0x100))
    chars.update(chr(c) for c in range(0x2500, 0x2580))  # box drawing
    chars.update(chr(c) for c in range(0xFF01, 0xFF5F))  # full-width forms
    chars.update(EXTRA)
    # Alphabets that GB 2312 carries and a shop does not print.
    drop = [(0x3040, 0x30FB), (0x3100, 0x3130), (0x0400, 0x0460), (0x0370, 0x0400)]
    keep = {ord(c) for c in chars}
    keep -= {c for c in keep for lo, hi in drop if lo <= c < hi and chr(c) not in EXTRA + "µΩαβγ"}
    return keep


def face(weight):
    """The simplified Chinese proportional face of the collection."""
    for font in TTCollection(SOURCE % weight).fonts:
        if font["name"].getDebugName(1) == "Noto Sans CJK SC" or font["name"].getDebugName(16) == "Noto Sans CJK SC":
            return font
    raise SystemExit("no SC face in " + SOURCE % weight)


def build(weight):
    font = face(weight)
    options = subset.Options()
    options.layout_features = ["kern"]
    options.layout_scripts = ["DFLT", "latn", "hani"]
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x409]
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "DSIG"]
    options.recalc_timestamp = False

    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=repertoire())
    subsetter.subset(font)
    alias(font)
    rename(font, weight)
    path = os.path.join(HERE, "..", "NotoSansSC-%s.otf" % weight)
    subset.save_font(font, path, options)
    print(os.path.basename(path), os.path.getsize(path), len(font.getGlyphOrder()))


def alias(font):
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            for char, like in ALIAS.items():
                table.cmap[ord(char)] = table.cmap[ord(like)]


def rename(font, weight):
    """A modified font must not pose as the original on the same machine."""
    names = font["name"]
    names.removeNames(nameID=16)
    names.removeNames(nameID=17)
    for name_id, text in ((1, FAMILY), (2, weight), (3, FAMILY + " " + weight),
                          (4, FAMILY + " " + weight), (6, "NotoSansSCSubset-" + weight)):
        names.setName(text, name_id, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = ["NotoSansSCSubset-" + weight]


if __name__ == "__main__":
    for w in ("Regular", "Bold"):
        build(w)
