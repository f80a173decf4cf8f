"""Reads what several domains say alike (messages/identity.toml): each message described once, told apart by domain."""

import dataclasses

from .model import check, need, need_doc, read_struct, refuse_unknown, take

TOP_KEYS = {"doc", "domains", "account", "reply", "command", "query"}
KINDS = ("reply", "command", "query")
ACCOUNT_ROLE = "account"   # somebody who is signed in with an account of the domain


@dataclasses.dataclass
class Family:
    name: str
    file: str
    doc: str
    domains: list
    accounts: dict             # by domain: the keys that role = "account" stands for
    tables: dict               # (kind, name): the shared table without the parts of single domains
    parts: dict                # (kind, name): by domain, what is said there


def is_family(tables):
    return "domains" in tables


def read_family(tables, path):
    file = path.name
    refuse_unknown(tables, TOP_KEYS, file)
    family = Family(path.stem, file, need_doc(tables, file), need(tables, "domains", list, file),
                    take(tables, "account", dict, {}, file), {}, {})
    refuse_unknown(family.accounts, family.domains, f"{file}: account")
    for kind in KINDS:
        for name, table in take(tables, kind, dict, {}, file).items():
            where = f"{file}: {kind}.{name}"
            check(isinstance(table, dict), where, "must be a table")
            need_doc(table, where)
            shared = {key: value for key, value in table.items() if key not in family.domains}
            parts = {domain: take(table, domain, dict, {}, where) for domain in family.domains if domain in table}
            check(kind == "reply" or len(parts) > 1, where, "belongs to one domain: describe it there")
            family.tables[kind, name], family.parts[kind, name] = shared, parts
    return family


def merged(family, kind, name, domain):
    """The table of one domain: its own keys win, and those of a field win in that field."""
    shared, own = family.tables[kind, name], family.parts[kind, name].get(domain, {})
    table = {**shared, **own}
    fields = dict(shared.get("fields", {}))
    for field, keys in own.get("fields", {}).items():
        fields[field] = {**fields.get(field, {}), **keys}
    if fields:
        table["fields"] = fields
    if table.get("role") == ACCOUNT_ROLE:
        account = family.accounts.get(domain)
        check(account is not None, f"{family.file}: {kind}.{name}", f"'account' says nothing of {domain}")
        table = {**account, **{key: value for key, value in table.items() if key != "role"}}
    return table


def expand(family, domains):
    """Adds the messages to their domains, and each reply to the domains that answer with it."""
    known = {domain.name: domain for domain in domains}
    for domain in family.domains:
        check(domain in known, family.file, f"unknown domain '{domain}'")
    answers = {}
    for (kind, name), parts in family.parts.items():
        for domain in parts if kind != "reply" else ():
            struct = add(family, kind, name, known[domain])
            answers.setdefault(struct.reply_name, set()).add(domain)
    for (kind, name), parts in family.parts.items():
        if kind == "reply":
            where = f"{family.file}: {kind}.{name}"
            check(name in answers, where, "no message answers with it")
            for domain in parts:
                check(domain in answers[name], where, f"no message of {domain} answers with it")
            for domain in sorted(answers[name], key=family.domains.index):
                add(family, kind, name, known[domain])


def add(family, kind, name, domain):
    where = f"{family.file}: {kind}.{name} of {domain.name}"
    taken = name in domain.structs or name in domain.enums
    check(not taken, where, f"'{name}' is already a name in {domain.file}")
    struct = read_struct(domain.name, kind, name, merged(family, kind, name, domain.name), where)
    domain.structs[name] = struct
    return struct
