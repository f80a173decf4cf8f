"""Reads messages/*.toml into objects that the emitters walk. checks.py refuses what the language does not allow."""

import dataclasses
import re
import tomllib

FIELDS_MAX = 64      # SCHEMA_FIELDS_MAX
PREFIXES_MAX = 3     # SCHEMA_PREFIXES_MAX
DEPTH_MAX = 8        # SCHEMA_DEPTH_MAX
SEGMENTS_MAX = 8     # ROUTE_SEGMENTS_MAX
DOMAIN_LIMIT = 12    # DOMAIN_LIMIT
INT_MIN, INT_MAX = -(2 ** 63), 2 ** 63 - 1

SCALARS = ("bool", "int", "money", "id", "text", "bytes", "time", "enum", "map")
ROLES = ("node", "operator", "public", "store_optional", "store", "vendor", "admin")
# In whose enum "permission" the rights of an audience are, and so which bit of a token each of them is.
RIGHTS_OF = {"store": "user", "store_optional": "user", "vendor": "vendor", "admin": "admin"}
OWN = "own"                # the permission of what everybody may do for himself, but no API key
STRUCT_KINDS = ("record", "reply", "command", "query", "event")
MESSAGE_KINDS = ("command", "query", "event")
C_KEYWORDS = set("""
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof
    bool true false NULL errno assert stdin stdout stderr unix linux alignas alignof class namespace template this
    new delete private protected public virtual operator try catch throw using""".split())

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
ENUM_VALUE = re.compile(r"-?[A-Za-z0-9]+([_.-][A-Za-z0-9]+)*")
PREFIX = re.compile(r"[a-z]{2,4}")


class SchemaError(Exception):
    """A refusal that names the file, the message and the field."""

    def __init__(self, where, what):
        super().__init__(f"{where}: {what}")


@dataclasses.dataclass
class Status:
    name: str
    http: int
    title: str
    source: str
    is_outage: bool = False    # says nothing about the outcome, and passes by itself
    help: object = None        # what whoever gets it can do
    field: object = None       # what it is about, in requests that have a field of that name

    @property
    def constant(self):
        return "STATUS_" + self.name.upper()


@dataclasses.dataclass
class Enum:
    domain: str
    name: str
    doc: str
    values: list

    @property
    def c_name(self):
        return f"{self.domain}_{self.name}"

    def constant(self, value):
        spelled = ("minus_" + value[1:]) if value.startswith("-") else value
        return f"{self.c_name}_{re.sub('[^A-Za-z0-9]', '_', spelled)}".upper()


@dataclasses.dataclass
class Field:
    name: str
    type: str
    doc: str
    where: str
    prefixes: list = dataclasses.field(default_factory=list)
    enum: object = None
    enum_name: str = ""
    record: object = None
    min: object = None
    max: object = None
    text_max: int = 0
    list: int = 0
    some: bool = False         # a list that whoever sends it may not leave empty
    optional: bool = False
    secret: bool = False
    json: bool = False
    members: object = None     # of JSON that is put together by domains, where they are known
    header: object = None
    query: bool = False        # of the query string of a route whose body is not JSON
    default: object = None
    format: object = None      # of a text: a key of FORMATS
    words: object = None       # of a text that people write for others: a key of WORDS
    phone: bool = False        # of a text that holds a telephone
    digits: bool = False       # of a text that holds long numbers which are no cards'
    example: object = None     # of a text
    shown: bool = False        # in examples, though it is optional
    in_path: bool = False

    @property
    def is_counted(self):
        return self.list > 0 or self.type == "map"

    @property
    def member(self):
        return self.name + "_us" if self.type == "time" else self.name

    @property
    def presence(self):
        if self.is_counted:
            return self.name + "_count"
        return "has_" + self.name if self.optional else None

    @property
    def is_removable(self):
        """null takes such a text away, as the empty text does."""
        return self.type == "text" and self.optional and not self.min and self.in_body and not self.list

    @property
    def in_body(self):
        return not self.in_path and not self.header and not self.query


@dataclasses.dataclass
class Struct:
    domain: str
    kind: str
    name: str
    doc: str
    where: str
    fields: list
    raw: dict
    family: object = None      # the Family that describes it, or None
    shape: object = None       # the Struct of the family whose C struct it has, too; None: it has its own
    table: object = None       # the same for its schema, where the limits differ
    parts: list = dataclasses.field(default_factory=list)   # of a reply: (domain, field) of what others answer with
    has_table: bool = True     # False of a shape whose domains have limits, and so schemas, of their own

    @property
    def c_name(self):
        return f"{self.domain}_{self.name}"

    @property
    def c_struct(self):
        return (self.shape or self).c_name

    @property
    def c_schema(self):
        return (self.table or self).c_name

    @property
    def full_name(self):
        return f"{self.domain}.{self.name}"

    def field(self, name):
        return next((f for f in self.fields if f.name == name), None)


@dataclasses.dataclass
class Message(Struct):
    number: int = 0
    role: str = "node"
    key: object = None
    key_form: object = None    # in which form of the field the key is computed; None: as it stands
    reply: object = None       # Struct or None
    reply_name: object = None
    errors: list = dataclasses.field(default_factory=list)
    consumers: list = dataclasses.field(default_factory=list)    # domains, by number
    batched_by: list = dataclasses.field(default_factory=list)   # those whose intake takes it
    method: object = None
    path: object = None
    http_status: int = 200
    also: list = dataclasses.field(default_factory=list)    # other HTTP statuses of success
    location: object = None    # where a 202 is read: a path that ends in the reply's id
    idempotency: str = "ignored"    # of methods that may be repeated as they are
    etag: object = None
    cache: bool = False
    stream: bool = False
    hints: str = "path"
    permission: object = None  # a value of the audience's enum "permission", or OWN
    right: object = None       # its bit
    step_up: bool = False
    live_session: object = None  # None: as follows from the rest
    gives_back: bool = False   # of staff: takes nothing away from anybody
    impersonation: object = None
    rate: str = "default"      # which limit of rate its route counts under
    ends_session: bool = False
    part_of: object = None     # the reply that gets what this query answers with as its field `part`
    part: object = None
    members: object = None     # of the JSON that it answers with: a record's name for a list of them, "list" or "bool"
    handler: object = None     # the family whose code answers it; None: the domain's own
    only_in_tests: bool = False   # its route is there in test mode only
    body: str = "json"         # what the request's body is, see BODIES of checks.py
    takes: list = dataclasses.field(default_factory=list)   # media types of a body that is not JSON
    body_max: object = None    # bytes of such a body
    answers: str = "json"      # or "picture"
    file: object = None        # media type of its reply's text `file`, which may be sent as it is

    @property
    def refuses_impersonation(self):
        """What moves money may never be done in somebody else's name."""
        return self.impersonation == "refused" or self.idempotency == "required"

    @property
    def asks_session(self):
        """Gateways hear of ended sessions a moment later: what is not to be taken back in that moment asks anew."""
        if self.live_session is not None or self.kind != "command":
            return bool(self.live_session)
        is_of_office = self.role in ("admin", "vendor") and not self.ends_session
        return self.step_up or is_of_office or self.field("current_password") is not None

    @property
    def body_field(self):
        """The one field that a body becomes which is not JSON."""
        fields = [f for f in self.fields if f.in_body]
        return fields[0] if self.body != "json" and len(fields) == 1 else None

    @property
    def file_field(self):
        """The text of its answer that is a file, where it may be one."""
        return self.reply.field("file") if self.file and self.reply else None

    @property
    def is_file_only(self):
        """Its answer is never JSON."""
        return self.file_field is not None and not self.file_field.optional

    @property
    def segments(self):
        return self.path.strip("/").split("/")


@dataclasses.dataclass
class Domain:
    name: str
    file: str
    doc: str
    number: object
    enums: dict
    structs: dict
    errors: dict
    consumes: list = dataclasses.field(default_factory=list)   # events of others, "user.user_was_erased"
    batches: list = dataclasses.field(default_factory=list)    # those of them that its intake takes together
    joins: dict = dataclasses.field(default_factory=dict)      # tables by which it joins what several domains say

    @property
    def constant(self):
        return "DOMAIN_" + self.name.upper()

    def messages(self, *kinds):
        found = [s for s in self.structs.values() if s.kind in (kinds or MESSAGE_KINDS)]
        return sorted(found, key=lambda m: m.number)

    def ordered_structs(self):
        """Records before those that hold them, otherwise as in the file."""
        done, order = set(), []

        def visit(struct):
            if struct.name in done:
                return
            done.add(struct.name)
            for field in struct.fields:
                if field.record is not None and field.record.domain == self.name:
                    visit(field.record)
            order.append(struct)

        for struct in self.structs.values():
            visit(struct)
        return order


@dataclasses.dataclass
class Model:
    statuses: dict
    common: object
    domains: list              # sorted by number, without common
    families: list             # what several domains say alike
    dictionary: dict           # by the name of a text: its format and an example
    guide: str = ""            # what stands before the routes on /docs, as HTML

    def all(self):
        return ([self.common] if self.common else []) + self.domains

    def routes(self, with_tests=True):
        """Literals before parameters at every segment, so that the first match is the right one. Those of test mode
        may be left out."""
        found = [m for d in self.domains for m in d.messages("command", "query")
                 if m.path and (with_tests or not m.only_in_tests)]
        return sorted(found, key=lambda m: ([(s.startswith("{"), s) for s in m.segments], m.method))

    def messages(self):
        return sorted((m for d in self.domains for m in d.messages()), key=lambda m: m.number)


FIELD_KEYS = {"type", "doc", "prefix", "prefixes", "enum", "min", "max", "text_max", "list", "some", "optional",
              "secret", "header", "query", "default", "json", "format", "example", "shown"}
STRUCT_KEYS = {"record": set(), "reply": set(), "event": {"number"},
               "command": {"number", "key", "key_form", "reply", "errors", "role", "http", "http_status", "also",
                           "location", "idempotency",
                           "etag", "cache", "permission", "step_up", "impersonation", "rate", "ends_session",
                           "handler", "live_session", "gives_back", "only_in_tests", "body", "takes",
                           "body_max"}}
STRUCT_KEYS["query"] = (STRUCT_KEYS["command"] - {"key", "key_form", "ends_session", "body", "takes", "body_max"}
                         | {"scope", "part_of", "part", "members", "stream", "hints", "answers", "file"})
TOP_KEYS = {"doc", "number", "consumes", "batches", "error", "enum", "record", "reply", "command", "query", "event"}


def check(condition, where, what):
    if not condition:
        raise SchemaError(where, what)


def need(table, key, kind, where):
    check(key in table, where, f"'{key}' is missing")
    return take(table, key, kind, None, where)


def take(table, key, kind, default, where):
    value = table.get(key, default)
    if key in table:
        is_right = isinstance(value, kind) and (kind is not int or not isinstance(value, bool))
        check(is_right, where, f"'{key}' must be {'a list' if kind is list else kind.__name__}")
        if kind is int:
            check(INT_MIN <= value <= INT_MAX, where, f"'{key}' does not fit 64 bits")
    return value


def need_doc(table, where):
    doc = need(table, "doc", str, where)
    check(doc.strip() != "" and "*/" not in doc and "/*" not in doc and "\n" not in doc, where,
          "'doc' must be one line of text")
    return doc


def refuse_unknown(table, known, where):
    for key in table:
        check(key in known, where, f"unknown key '{key}'")


def check_name(name, where):
    check(NAME.fullmatch(name) is not None, where, f"'{name}' is not a name in snake_case")
    check(len(name) <= 48, where, f"'{name}' is longer than 48 bytes")


def read_field(name, table, where):
    check(isinstance(table, dict), where, "a field must be a table")
    check_name(name, where)
    # Only a field stands in C under its bare name; everything else gets its domain in front.
    check(name not in C_KEYWORDS, where, f"'{name}' is a word of C")
    refuse_unknown(table, FIELD_KEYS, where)
    field = Field(name=name, type=need(table, "type", str, where), doc=need_doc(table, where), where=where)
    check("prefix" not in table or "prefixes" not in table, where, "give 'prefix' or 'prefixes'")
    field.prefixes = list(take(table, "prefixes", list, [], where))
    if "prefix" in table:
        field.prefixes = [take(table, "prefix", str, None, where)]
    field.enum_name = take(table, "enum", str, "", where)
    field.min = take(table, "min", int, None, where)
    field.max = take(table, "max", int, None, where)
    field.text_max = take(table, "text_max", int, 0, where)
    field.list = take(table, "list", int, 0, where)
    check("list" not in table or field.list > 0, where, "'list' must be at least 1")
    field.some = take(table, "some", bool, False, where)
    check(not field.some or field.list > 0, where, "'some' belongs to lists")
    field.optional = take(table, "optional", bool, False, where)
    field.secret = take(table, "secret", bool, False, where)
    field.json = take(table, "json", bool, False, where)
    field.header = take(table, "header", str, None, where)
    field.query = take(table, "query", bool, False, where)
    field.default = table.get("default")
    field.format = take(table, "format", str, None, where)
    field.example = take(table, "example", str, None, where)
    field.shown = take(table, "shown", bool, False, where)
    check(not field.shown or field.optional or field.list > 0, where, "what is mandatory is always shown")
    return field


def read_struct(domain, kind, name, table, where):
    check(isinstance(table, dict), where, "must be a table")
    check_name(name, where)
    refuse_unknown(table, STRUCT_KEYS[kind] | {"doc", "fields"}, where)
    fields = [read_field(n, t, f"{where}: field {n}") for n, t in take(table, "fields", dict, {}, where).items()]
    check(len(fields) <= FIELDS_MAX, where, f"more than {FIELDS_MAX} fields")
    doc = need_doc(table, where)
    if kind not in MESSAGE_KINDS:
        return Struct(domain, kind, name, doc, where, fields, table)
    message = Message(domain, kind, name, doc, where, fields, table, number=need(table, "number", int, where))
    message.role = take(table, "role", str, "node", where)
    message.key = take(table, "key", str, None, where)
    message.key_form = take(table, "key_form", str, None, where)
    message.reply_name = take(table, "reply", str, None, where)
    message.errors = take(table, "errors", list, [], where)
    message.http_status = take(table, "http_status", int, 200, where)
    message.also = take(table, "also", list, [], where)
    message.location = take(table, "location", str, None, where)
    message.etag = take(table, "etag", str, None, where)
    message.cache = take(table, "cache", bool, False, where)
    message.stream = take(table, "stream", bool, False, where)
    message.hints = take(table, "hints", str, "path", where)
    message.permission = take(table, "permission", str, None, where)
    message.step_up = take(table, "step_up", bool, False, where)
    message.live_session = take(table, "live_session", bool, None, where)
    message.gives_back = take(table, "gives_back", bool, False, where)
    message.impersonation = take(table, "impersonation", str, None, where)
    message.rate = take(table, "rate", str, "default", where)
    message.ends_session = take(table, "ends_session", bool, False, where)
    message.part_of = take(table, "part_of", str, None, where)
    message.part = take(table, "part", str, None, where)
    message.members = take(table, "members", dict, None, where)
    message.handler = take(table, "handler", str, None, where)
    message.only_in_tests = take(table, "only_in_tests", bool, False, where)
    message.body = take(table, "body", str, "json", where)
    message.takes = take(table, "takes", list, [], where)
    message.body_max = take(table, "body_max", int, None, where)
    message.answers = take(table, "answers", str, "json", where)
    message.file = take(table, "file", str, None, where)
    if "http" in table:
        parts = take(table, "http", str, None, where).split(" ")
        check(len(parts) == 2 and parts[1].startswith("/"), where, "'http' must be \"METHOD /path\"")
        message.method, message.path = parts
    message.idempotency = take(table, "idempotency", str,
                               "allowed" if message.method == "POST" else "ignored", where)
    return message


def read_enum(domain, name, table, file):
    where = f"{file}: enum.{name}"
    check_name(name, where)
    refuse_unknown(table, {"doc", "values"}, where)
    enum = Enum(domain, name, need_doc(table, where), need(table, "values", list, where))
    check(enum.values, where, "'values' is empty")
    for value in enum.values:
        check(isinstance(value, str) and ENUM_VALUE.fullmatch(value), where, f"'{value}' is not a value")
    constants = [enum.constant(v) for v in enum.values] + [f"{enum.c_name}_count".upper()]
    check(len(set(constants)) == len(constants), where, "two values have one C name (or one is 'count')")
    return enum


def read_statuses(tables, file, kind):
    statuses = {}
    for name, table in tables.items():
        where = f"{file}: {kind}.{name}"
        check_name(name, where)
        refuse_unknown(table, {"http", "title", "outage", "help", "field"}, where)
        status = Status(name, need(table, "http", int, where), need(table, "title", str, where), where,
                        take(table, "outage", bool, False, where), take(table, "help", str, None, where),
                        take(table, "field", str, None, where))
        check(status.field is None or NAME.fullmatch(status.field), where, "'field' is the name of a field")
        check(status.name == "ok" or 400 <= status.http <= 599, where, "'http' must be 400 to 599")
        check(status.is_outage == (status.http == 503), where, "'outage' goes with 503, and 503 with 'outage'")
        check(status.title and "\n" not in status.title, where, "'title' must be one line of text")
        check(not re.search("[<>&]", status.title + (status.help or "")), where, "stands in HTML as it is: no < > &")
        check(status.help is None or (status.help and "\n" not in status.help), where,
              "'help' must be one line of text")
        statuses[name] = status
    return statuses


def read_dictionary(tables, file):
    """What texts of a name look like, wherever they stand."""
    refuse_unknown(tables, {"name"}, file)
    words = take(tables, "name", dict, {}, file)
    for name, table in words.items():
        where = f"{file}: name.{name}"
        check_name(name, where)
        refuse_unknown(table, {"format", "words", "example", "digits", "phone"}, where)
        check(table, where, "says nothing")
        for key in table:
            take(table, key, bool if key in ("digits", "phone") else str, None, where)
    return words


def read_toml(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(path.name, error) from error


def read_domain(tables, path, joins=()):
    """`joins` are the names of tables by which a domain joins what several say alike (family.py)."""
    name = path.stem
    check_name(name, path.name)
    refuse_unknown(tables, TOP_KEYS | set(joins), path.name)
    doc = need_doc(tables, path.name)
    number = None if name == "common" else need(tables, "number", int, path.name)
    domain = Domain(name, path.name, doc, number, {}, {}, read_statuses(tables.get("error", {}), path.name, "error"))
    domain.consumes = take(tables, "consumes", list, [], path.name)
    domain.batches = take(tables, "batches", list, [], path.name)
    domain.joins = {join: take(tables, join, dict, None, path.name) for join in joins if join in tables}
    for key, table in tables.get("enum", {}).items():
        domain.enums[key] = read_enum(name, key, table, path.name)
    for kind in STRUCT_KINDS:
        for key, table in tables.get(kind, {}).items():
            struct = read_struct(name, kind, key, table, f"{path.name}: {kind}.{key}")
            taken = key in domain.structs or key in domain.enums
            check(not taken, struct.where, f"'{key}' is already a name in {path.name}")
            domain.structs[key] = struct
    return domain
