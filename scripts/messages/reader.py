"""Reads a folder of TOML files into one model: statuses, common records, domains, and what they say alike."""

import pathlib

from . import family
from .model import Model, check, read_dictionary, read_domain, read_statuses, read_toml, refuse_unknown

NO_DOMAINS = ("status", "dictionary")


def read_model(folder):
    folder = pathlib.Path(folder)
    status_tables = read_toml(folder / "status.toml")
    refuse_unknown(status_tables, {"status"}, "status.toml")
    statuses = read_statuses(status_tables.get("status", {}), "status.toml", "status")
    check(next(iter(statuses), None) == "ok", "status.toml", "the first status must be 'ok'")
    files = [(path, read_toml(path)) for path in sorted(folder.glob("*.toml")) if path.stem not in NO_DOMAINS]
    families = [family.read_family(tables, path) for path, tables in files if family.is_family(tables)]
    joins = [each.joined_by for each in families if each.joined_by]
    common, domains = None, []
    for path, tables in files:
        if path.stem == "common":
            common = read_domain(tables, path)
        elif not family.is_family(tables):
            domains.append(read_domain(tables, path, joins))
    for each in families:
        family.expand(each, domains)
    domains.sort(key=lambda d: d.number)
    words = folder / "dictionary.toml"
    dictionary = read_dictionary(read_toml(words), words.name) if words.exists() else {}
    guide = folder / "guide.html"
    return Model(statuses, common, domains, families, dictionary,
                 guide.read_text(encoding="utf-8") if guide.exists() else "")
