#!/usr/bin/env python3
"""Makes a product CSV of any size out of that of make_catalogue.py, for `souk import`: up to its own number its first
products as they are, beyond it those of make_search_set.py, renamed and described anew, some in other languages.

Among them are the rare ones, the same in every file and spread over it: each has three words that nothing else has and
stands three categories deep, so that a search for such a word, or a list of such a category, has exactly so many hits
whatever the size of the market. RARE says how many."""
import argparse
import csv
import html
import pathlib
import random
import sys

from make_catalogue import BODY_MAX, DEBIAN, HEADER, SKU_MAX, STOCK, TITLE_MAX, VENDOR_MAX, cut
from make_search_set import SEED, SYLLABLES, products, rows_of

RARE_TOTAL = 2000
RARE = (20, 200, 2000)  # hits of a word, products of a category
FEW = 10_000  # files of less have a tenth of the rare ones
LETTERS = "bdfgklmnprstvz"


def rare_total(count):
    return RARE_TOTAL if count >= FEW else RARE_TOTAL // 10


def rare_sizes(count):
    return [size for size in RARE if size <= rare_total(count)]


def rare_word(size, number):
    """No word of any language, none the beginning of another, none a slip away from another of the same size."""
    kind = "xyw"[RARE.index(size)]
    first, second = divmod(number, len(LETTERS))
    return f"q{kind}o{LETTERS[first]}ju{LETTERS[second]}a{LETTERS[first]}{LETTERS[second]}ok"


def rare_category(size, number):
    """Below it are those of the smaller sizes."""
    path = ["Rarities"]
    for step in [step for step in reversed(RARE[:-1]) if step >= size]:
        path.append(f"Rarity {step} {number * size // step}")
    return " > ".join(path)


def rare_rows(count):
    """The rare products, in an order in which those of one word stand apart."""
    random_ = random.Random(SEED + 3)
    total = rare_total(count)
    rows = []
    for i in range(total):
        words = [rare_word(size, i // size) for size in rare_sizes(count)]
        name = " ".join(random_.choice(SYLLABLES) + random_.choice(SYLLABLES) + "m" for _ in range(3))
        rows.append([f"rare-{i}", f"{name} {' '.join(words)}", f"<p>A rarity: {name} of the market.</p>",
                     f"Rarities {i % 7}", rare_category(RARE[0], i // RARE[0]), "", "", "true", "Title",
                     "Default Title", f"RARE-{i}", "100", str(STOCK), f"{random_.randrange(99, 99999) / 100:.2f}",
                     "active"])
    random_.shuffle(rows)
    return rows


def csv_row(product, number):
    """A product of make_search_set.py as a row of the file."""
    body = "".join(f"<p>{html.escape(part)}</p>" for part in product["description"].split("\n"))
    tags = ", ".join(f"{name}::{value}" for name, value in product["attributes"])
    return [f"set-{number}", cut(product["name"], TITLE_MAX), cut(body, BODY_MAX), cut(product["vendor"], VENDOR_MAX),
            product["category"], product["category"].split(" > ")[0], tags, "true", "Title", "Default Title",
            cut(product["number"], SKU_MAX), str(100 + number % 5000), str(STOCK), f"{product['price'] / 100:.2f}",
            "active"]


def source_rows(path, count):
    if count <= DEBIAN:
        csv.field_size_limit(1 << 24)
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            assert next(reader) == HEADER
            yield from reader
    else:
        yield from map(csv_row, products(list(rows_of(path, DEBIAN)), count), range(count))


def rows(path, count):
    """Exactly `count` rows; each handle and SKU once."""
    rare = rare_rows(count)
    places = {number * count // len(rare): row for number, row in enumerate(rare)}
    source = source_rows(path, count)
    seen = set()
    for place in range(count):
        row = places.get(place) or next(source, None)
        if row is None:
            raise SystemExit(f"{path} has too few products for {count}")
        keys = {("handle", row[0].lower()), ("sku", row[10].lower())}
        if not keys.isdisjoint(seen):
            raise SystemExit(f"twice in the set: {keys & seen}")
        seen |= keys
        yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalogue", type=pathlib.Path, required=True, help="the CSV of make_catalogue.py, whole")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the CSV to write")
    parser.add_argument("--count", type=int, required=True, help="how many products")
    arguments = parser.parse_args()
    partial = arguments.out.with_suffix(".part")  # a run that was cut short leaves no half file to be taken for a whole
    with open(partial, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(rows(arguments.catalogue, arguments.count))
    partial.rename(arguments.out)
    print(f"{arguments.count} products in {arguments.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
