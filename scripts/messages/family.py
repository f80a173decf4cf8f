"""Reads what several domains say alike (messages/identity.toml): each message described once, told apart by domain."""

import dataclasses

from .model import Struct, check, need, need_doc, read_struct, refuse_unknown, take

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
    structs: dict = dataclasses.field(default_factory=dict)   # by name: the C structs that the domains share

    def members(self, model, name):
        """What each domain has of that name, in the order of the domains."""
        found = [domain.structs.get(name) for domain in model.domains if domain.name in self.domains]
        return [struct for struct in found if struct is not None and struct.family is self]

    def messages(self, model):
        """By name: the messages that every domain has with one C struct as their body."""
        return {name: self.members(model, name) for name, struct in self.structs.items()
                if struct.kind != "reply" and len(self.members(model, name)) == len(self.domains)}


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
    struct.family = family
    domain.structs[name] = struct
    return struct


def shape_of(field):
    """What decides the C members."""
    kind = field.record.c_struct if field.record else field.enum.c_name if field.enum else field.type
    return field.name, kind, field.list > 0, field.optional


def table_of(field):
    """What decides the entry in the table of fields; the doc does not."""
    return dataclasses.replace(field, doc="", where="", enum=None, record=None), shape_of(field)


def are_alike(structs, aspect):
    rows = [list(map(aspect, struct.fields)) for struct in structs]
    return all(row == rows[0] for row in rows)


def share_bodies(model):
    """Gives the messages whose C members are the same in all their domains one C struct, and one schema if the limits
    are the same, too. For a model that was checked."""
    for family in model.families:
        for (kind, name), table in family.tables.items():
            structs = family.members(model, name)
            if not are_alike(structs, shape_of):
                continue
            shared = Struct(family.name, kind, name, table["doc"], f"{family.file}: {kind}.{name}",
                            shared_fields(structs[0], table), table)
            shared.has_table = are_alike(structs, table_of)
            family.structs[name] = shared
            for struct in structs:
                struct.shape = shared
                struct.table = shared if shared.has_table else None


def shared_fields(struct, table):
    """The fields of one of the domains, with the docs that hold for all."""
    docs = {name: keys["doc"] for name, keys in table.get("fields", {}).items() if "doc" in keys}
    return [dataclasses.replace(field, doc=docs.get(field.name, field.doc)) for field in struct.fields]
