#!/usr/bin/python3
"""Builds the embedded demo shop: shop.json and pictures/*.png.

    apt-get install fonts-noto-color-emoji python3-pil python3-fonttools pngquant
    /usr/bin/python3 assets/demoshop/generate/build.py

The goods are in catalogue.txt, people and cards in people.json; whatever a
line does not say (货号, barcode, stock, cost) follows from its position, so
that a rebuild changes nothing that the catalogue does not.
"""

import json
import os
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal

import draw

HERE = os.path.dirname(os.path.abspath(__file__))
SHOP = os.path.join(HERE, "..")
# The colour of a class's tiles, in degrees of hue.
HUES = {"水果": 8, "蔬菜": 110, "肉禽蛋": 350, "水产": 200, "粮油": 42, "调味": 24,
        "乳品": 215, "饮料": 175, "零食": 50, "烘焙": 32, "酒水": 285, "日用": 240}
COLOURS = 72


def ean13(body):
    """Twelve digits and their check digit."""
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return body + str(-total % 10)


def goods():
    """Yields class name, position within the class and the fields of a line."""
    name, position = None, 0
    with open(os.path.join(HERE, "catalogue.txt"), encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("= "):
                name, position = line[2:], 0
                continue
            yield name, position, line.split("|")
            position += 1


def product(index, classes, name, fields):
    title, unit, price, member, kind, _ = fields
    kind, loose = int(kind), unit.startswith("!")
    code = "%05d" % (10001 + index * 7)
    spread = (index * 7919 + 13) % 100
    cost = (Decimal(price) * (62 + spread % 24) / 100).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    stock = Decimal(spread * 3 + 5) + (Decimal(spread % 10) / 10 if kind else 0)
    barcode = "" if kind or loose else ean13("69%d%09d" % (spread % 10, 10000019 + index * 8311 + spread * 1000003))
    return {
        "productId": 1001 + index, "productCode": code, "barCode": barcode, "productName": title,
        "classId": classes.index(name) + 1, "productUnit": unit.lstrip("!"), "price": price,
        "memberPrice": "0.00" if member == "-" else member, "pricingType": kind, "sort": index + 1,
        "stockQty": "%.4f" % stock, "costPrice": "%.4f" % cost, "images": ["pictures/%s.png" % code],
    }


def real_life(products):
    """What real HQ data has and a till must live with."""
    by_name = {p["productName"]: p for p in products}
    # A member price above the price: the lower of the two is charged.
    by_name["大白菜"]["memberPrice"] = "0.98"
    by_name["荷兰土豆"]["memberPrice"] = "2.18"
    # A loss leader: sold below cost on purpose.
    by_name["散装鲜鸡蛋"]["costPrice"] = "5.1200"
    # Sold out.
    by_name["波士顿龙虾"]["stockQty"] = "0.0000"
    # Sold before the delivery was booked in.
    by_name["上海青"]["stockQty"] = "-3.4500"


def save(image, path):
    raw = path + ".raw.png"
    image.save(raw)
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--output", path, str(COLOURS), raw], check=True)
    os.remove(raw)


def main():
    with open(os.path.join(HERE, "people.json"), encoding="utf-8") as f:
        shop = json.load(f)
    lines = list(goods())
    classes = list(HUES)
    shop["classes"] = [{"id": i + 1, "name": c, "sort": i + 1} for i, c in enumerate(classes)]
    shop["products"] = [product(i, classes, name, fields) for i, (name, _, fields) in enumerate(lines)]
    real_life(shop["products"])

    pictures = os.path.join(SHOP, "pictures")
    os.makedirs(pictures, exist_ok=True)
    for old in os.listdir(pictures):
        os.remove(os.path.join(pictures, old))
    for (name, position, fields), p in zip(lines, shop["products"]):
        save(draw.picture(fields[5], HUES[name], position), os.path.join(SHOP, p["images"][0]))

    order = ["shopId", "shopName", "tenant", "branches", "staff", "classes", "products", "timesCards", "members", "wallets"]
    with open(os.path.join(SHOP, "shop.json"), "w", encoding="utf-8") as f:
        f.write("{\n")
        f.write(",\n".join('"%s": %s' % (k, rows(shop[k])) for k in order))
        f.write("\n}\n")
    return 0


def rows(value):
    """One row of a list to a line: short file, readable diff."""
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False, separators=(",", ":")) for v in value) + "\n]"


if __name__ == "__main__":
    sys.exit(main())
