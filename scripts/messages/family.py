"""Reads what several domains say alike: each message described once, told apart by domain. Either the file names its
domains (messages/identity.toml), or domains join it by a table of their own (messages/told.toml, people.toml)."""

import dataclasses

from .model import Struct, check, need, need_doc, read_field, read_struct, refuse_unknown, take

TOP_KEYS = {"doc", "domains", "joined_by", "account", "reply", "command", "query", "event"}
KINDS = ("reply", "command", "query", "event")
PART_MAX = 262144          # bytes of what common.export_part and its like answer with
ACCOUNT_ROLE = "account"   # somebody who is signed in with an account of the domain


@dataclasses.dataclass
class Family:
    name: str
    file: str
    doc: str
    domains: list
    joined_by: object          # the name of the table by which domains join; None: the file names them
    accounts: dict             # by domain: the keys that role = "account" stands for
    tables: dict               # (kind, name): the shared table without the parts of single domains
    parts: dict                # (kind, name): by domain, what is said there
    structs: dict = dataclasses.field(default_factory=dict)   # by name: the C structs that the domains share

    def members(self, model, name):
        """What each domain has of that name, in the order of the domains."""
        found = [domain.structs.get(name) for domain in model.domains if domain.name in self.domains]
        return [struct for struct in found if struct is not None and struct.family is self]

    def handled(self, model):
        """By name: the messages that the family's code answers, in the domains where it does."""
        found = {name: [m for m in self.members(model, name) if getattr(m, "handler", None)] for name in self.structs}
        return {name: messages for name, messages in found.items() if messages}

    def messages(self, model):
        """By name: the messages with one C struct as their body, which every domain has; of families that are joined,
        those that some domain has."""
        found = {name: self.members(model, name) for name, struct in self.structs.items() if struct.kind != "reply"}
        return {name: members for name, members in found.items() if self.joined_by or len(members) == len(self.domains)}


def is_family(tables):
    return "domains" in tables or "joined_by" in tables


def read_family(tables, path):
    file = path.name
    refuse_unknown(tables, TOP_KEYS, file)
    joined_by = take(tables, "joined_by", str, None, file)
    check(joined_by is None or "domains" not in tables, file, "give 'domains' or 'joined_by'")
    named = [] if joined_by else need(tables, "domains", list, file)
    family = Family(path.stem, file, need_doc(tables, file), named, joined_by,
                    take(tables, "account", dict, {}, file), {}, {})
    refuse_unknown(family.accounts, family.domains, f"{file}: account")
    for kind in KINDS:
        for name, table in take(tables, kind, dict, {}, file).items():
            where = f"{file}: {kind}.{name}"
            check(isinstance(table, dict), where, "must be a table")
            need_doc(table, where)
            shared = {key: value for key, value in table.items() if key not in family.domains}
            parts = {domain: take(table, domain, dict, {}, where) for domain in family.domains if domain in table}
            check(kind == "reply" or len(parts) > 1 or joined_by, where, "belongs to one domain: describe it there")
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


def join(family, domains):
    """Which domains have joined, and what each says there of the messages that it has."""
    for domain in sorted(domains, key=lambda d: d.number):
        if family.joined_by not in domain.joins:
            continue
        family.domains.append(domain.name)
        where = f"{domain.file}: {family.joined_by}"
        own = dict(domain.joins[family.joined_by])
        for (kind, name), shared in family.tables.items():
            check(name in own or not shared.get("mandatory"), where, f"'{name}' is missing")
            if name in own:
                check(isinstance(own[name], dict), f"{where}.{name}", "must be a table")
                family.parts[kind, name][domain.name] = own.pop(name)
        refuse_unknown(own, (), where)
    for shared in family.tables.values():
        shared.pop("mandatory", None)


def find_member(domains, kind, where):
    """The record of a list, or what else the member of a part is."""
    if kind in ("bool", "list"):
        return kind
    home, _, name = str(kind).partition(".")
    found = next((d.structs.get(name) for d in domains if d.name == home), None)
    check(found is not None, where, f"members: there is no record '{kind}'")
    return found


def add_part(struct, domains):
    """What a domain answers with becomes a field of the reply that is put together from all of them."""
    home, _, name = struct.part_of.partition(".")
    whole = next((d.structs.get(name) for d in domains if d.name == home), None)
    check(whole is not None and whole.kind == "reply", struct.where, f"part_of: there is no reply '{struct.part_of}'")
    check(struct.part is not None, struct.where, "'part' must name the field")
    check(whole.field(struct.part) is None, struct.where, f"{struct.part_of} has a field '{struct.part}' already")
    table = {"type": "text", "max": PART_MAX, "json": True, "doc": f"What the {struct.domain} domain keeps."}
    field = read_field(struct.part, table, f"{whole.where}: field {struct.part}")
    field.members = {name: find_member(domains, kind, struct.where) for name, kind in (struct.members or {}).items()}
    whole.fields.append(field)
    whole.parts.append((struct.domain, struct.part))


def expand(family, domains):
    """Adds the messages to their domains, and each reply to the domains that answer with it."""
    known = {domain.name: domain for domain in domains}
    if family.joined_by:
        join(family, domains)
    for domain in family.domains:
        check(domain in known, family.file, f"unknown domain '{domain}'")
    answers = {}
    for (kind, name), parts in family.parts.items():
        for domain in parts if kind != "reply" else ():
            struct = add(family, kind, name, known[domain])
            answers.setdefault(getattr(struct, "reply_name", None), set()).add(domain)
            if struct.part_of:
                add_part(struct, domains)
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
            if not structs or not are_alike(structs, shape_of):
                check_handlers(structs)
                continue
            shared = Struct(family.name, kind, name, table["doc"], f"{family.file}: {kind}.{name}",
                            shared_fields(structs[0], table), table)
            shared.has_table = are_alike(structs, table_of)
            family.structs[name] = shared
            for struct in structs:
                struct.shape = shared
                struct.table = shared if shared.has_table else None


def check_handlers(structs):
    for struct in structs:
        check(getattr(struct, "handler", None) is None, struct.where, "'handler' needs one body for all domains")


def shared_fields(struct, table):
    """The fields of one of the domains, with the docs that hold for all."""
    docs = {name: keys["doc"] for name, keys in table.get("fields", {}).items() if "doc" in keys}
    return [dataclasses.replace(field, doc=docs.get(field.name, field.doc)) for field in struct.fields]
