"""Reads a folder of TOML files into one model: statuses, common records, domains, and what they say alike."""

import pathlib

from . import family
from .model import Model, check, read_domain, read_statuses, read_toml, refuse_unknown


def read_model(folder):
    folder = pathlib.Path(folder)
    status_tables = read_toml(folder / "status.toml")
    refuse_unknown(status_tables, {"status"}, "status.toml")
    statuses = read_statuses(status_tables.get("status", {}), "status.toml", "status")
    check(next(iter(statuses), None) == "ok", "status.toml", "the first status must be 'ok'")
    common, domains, families = None, [], []
    for path in sorted(folder.glob("*.toml")):
        if path.stem == "status":
            continue
        tables = read_toml(path)
        if family.is_family(tables):
            families.append(family.read_family(tables, path))
        elif path.stem == "common":
            common = read_domain(tables, path)
        else:
            domains.append(read_domain(tables, path))
    for each in families:
        family.expand(each, domains)
    domains.sort(key=lambda d: d.number)
    return Model(statuses, common, domains, families)
