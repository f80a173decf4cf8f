#!/usr/bin/env python3
"""Makes a large product CSV from the package catalogue of Debian itself, for tests and benchmarks.

Names, long descriptions, sections and maintainers are real, with all their odd characters; the price follows from the
installed size, the stock is 1,000,000. The lists are fetched with apt from the machine's own sources into a folder of
their own, and are kept there: a second run needs no network."""
import argparse
import csv
import html
import io
import pathlib
import subprocess
import sys

HEADER = ["Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
          "Option1 Name", "Option1 Value", "Variant SKU", "Variant Grams", "Variant Inventory Qty",
          "Variant Price", "Status"]
HELPER = "/usr/lib/apt/apt-helper"
STOCK = 1_000_000
DEBIAN = 63_000  # so many names every Debian has
PRICE_MIN_CENTS = 99
TITLE_MAX, VENDOR_MAX, SKU_MAX, BODY_MAX = 255, 200, 100, 20_000  # bytes


def fetch(lists, cache):
    """Fetches Packages and Translation-en into `lists`, unless they are there."""
    for folder in (lists / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    if any(lists.glob("*_Packages*")) and any(lists.glob("*_Translation-en*")):
        return
    subprocess.run(["apt-get", "-o", "Acquire::Languages=en", "-o", f"Dir::State::Lists={lists}",
                    "-o", f"Dir::Cache={cache}", "update"], check=True, stdout=sys.stderr)


def stanzas(path):
    """Yields each stanza as a dict; continuation lines keep their line breaks."""
    process = subprocess.Popen([HELPER, "cat-file", str(path)], stdout=subprocess.PIPE)
    fields, name = {}, None
    for line in io.TextIOWrapper(process.stdout, encoding="utf-8", errors="replace", newline="\n"):
        line = line.rstrip("\n")
        if line == "":
            if fields:
                yield fields
            fields, name = {}, None
        elif line[0] in " \t":
            if name is not None:
                fields[name] += "\n" + line[1:]
        else:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields
    if process.wait() != 0:
        raise SystemExit(f"{HELPER} cannot read {path}")


def descriptions(lists):
    """Long descriptions by the MD5 of the English text."""
    return {stanza["Description-md5"]: stanza.get("Description-en", "")
            for path in sorted(lists.glob("*_Translation-en*")) for stanza in stanzas(path)
            if "Description-md5" in stanza}


def packages(lists):
    """The first stanza of every name, in the order of the names."""
    found = {}
    for path in sorted(lists.glob("*_Packages*")):
        for stanza in stanzas(path):
            if "Package" in stanza:
                found.setdefault(stanza["Package"], stanza)
    return [found[name] for name in sorted(found)]


def as_html(text):
    """Debian's long description (policy 5.6.13) as HTML."""
    parts, paragraph = [], []

    def close():
        if paragraph:
            parts.append("<p>" + " ".join(paragraph) + "</p>")
            paragraph.clear()

    synopsis, _, rest = text.partition("\n")
    parts.append("<p>" + html.escape(synopsis) + "</p>")
    for line in cut(rest, BODY_MAX).split("\n"):
        if line in (".", ""):
            close()
        elif line.startswith(" "):
            close()
            parts.append("<p><code>" + html.escape(line.strip()) + "</code></p>")
        else:
            paragraph.append(html.escape(line))
    close()
    return "\n".join(parts)


def cut(text, limit):
    """At most `limit` bytes of UTF-8, cut between characters."""
    return text.encode()[:limit].decode(errors="ignore")


def row(stanza, texts):
    name = stanza["Package"]
    text = texts.get(stanza.get("Description-md5", ""), stanza.get("Description", ""))
    synopsis = text.split("\n", 1)[0] or name
    cents = max(PRICE_MIN_CENTS, int(stanza.get("Installed-Size") or 0))
    vendor = stanza.get("Maintainer", "Unknown").split(" <")[0].strip().strip('"') or "Unknown"
    section = stanza.get("Section", "misc")
    return [name, cut(f"{name}: {synopsis}", TITLE_MAX), as_html(text), cut(vendor, VENDOR_MAX),
            " > ".join(section.split("/")), section, stanza.get("Tag", "").replace("\n", " "), "true", "Title",
            "Default Title", cut(f"{name}_{stanza.get('Version', '')}", SKU_MAX),
            str(int(stanza.get("Size") or 0) // 1000 % 10_000_000),
            str(STOCK), f"{cents // 100}.{cents % 100:02d}", "active"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the CSV to write")
    parser.add_argument("--limit", type=int, default=DEBIAN, help=f"so many products (default {DEBIAN})")
    parser.add_argument("--lists", type=pathlib.Path, help="where apt's lists are kept (default: beside the CSV)")
    arguments = parser.parse_args()
    lists = (arguments.lists or arguments.out.resolve().parent / "debian-lists").resolve()
    fetch(lists, lists / "cache")
    texts = descriptions(lists)
    chosen = packages(lists)[:arguments.limit]
    if len(chosen) < arguments.limit:
        raise SystemExit(f"Debian has {len(chosen)} names, not {arguments.limit}: make_market_set.py makes more")
    with open(arguments.out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(row(stanza, texts) for stanza in chosen)
    print(f"{len(chosen)} products in {arguments.out}")


if __name__ == "__main__":
    main()
