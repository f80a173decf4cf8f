"""Resolves names between the files and refuses what the schema language does not allow."""

import re

from .model import (DEPTH_MAX, DOMAIN_LIMIT, INT_MAX, INT_MIN, MESSAGE_KINDS, OWN, PREFIX, PREFIXES_MAX,
                    RIGHTS_OF, ROLES, SCALARS, SEGMENTS_MAX, check)
from .openapi_schemas import FORMATS, WORDS, example_text

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARAMETER_TYPES = ("bool", "int", "id", "text", "time", "enum")
BOUNDED_TYPES = ("text", "bytes", "map")
ALSO = (200, 202)          # what an actor may answer at run time instead of its route's status
IDEMPOTENCY = ("required", "allowed", "refused")
BODIES = ("json", "raw", "picture")
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
TAKES_MAX = 8                              # ROUTE_TAKES_MAX
BODY_MAX = {"raw": 2 ** 20, "picture": 10 * 2 ** 20}   # what fits the bus; what the gateway keeps in memory
PICTURE = "common.picture"                 # what a body becomes that is a picture
PICTURE_FILE = "common.picture_file"       # what an answer names that is one


def check_model(model):
    check_domain_numbers(model)
    merge_errors(model)
    for domain in model.all():
        for struct in domain.structs.values():
            for field in struct.fields:
                resolve_type(model, domain, field)
                look_up(model, field)
                check_field(field)
            check_members(struct)
    fill_docs(model)
    for domain in model.all():
        for struct in domain.structs.values():
            check_depth(struct, [])
    check_messages(model)
    check_consumers(model)


def fill_docs(model):
    """"{common.locale}" in a doc stands for the values of that enum."""
    def values(match):
        enum = model.common.enums.get(match[1]) if model.common else None
        check(enum is not None, "common.toml", f"a doc names {match[0]}, which is no enum")
        return " or ".join(filter(None, (", ".join(enum.values[:-1]), enum.values[-1])))

    for domain in model.all():
        for struct in domain.structs.values():
            for place in (struct, *struct.fields):
                place.doc = re.sub(r"\{common\.(\w+)\}", values, place.doc)


def check_domain_numbers(model):
    seen = {}
    for domain in model.domains:
        is_range = domain.number % 1000 == 0 and 1 <= domain.number // 1000 < DOMAIN_LIMIT
        check(is_range, domain.file, f"'number' must be a thousand below {DOMAIN_LIMIT}000")
        check(domain.number not in seen, domain.file, f"number {domain.number} belongs to {seen.get(domain.number)}")
        seen[domain.number] = domain.file


def merge_errors(model):
    for domain in model.all():
        for status in domain.errors.values():
            known = model.statuses.setdefault(status.name, status)
            same = (known.http, known.title, known.field) == (status.http, status.title, status.field)
            check(same, status.source, f"differs from {known.source}")


def resolve(model, domain, name, table, where, what):
    """Finds "x" of this domain or "common.x"."""
    owner = domain
    if "." in name:
        prefix, name = name.split(".", 1)
        check(prefix == "common" and model.common is not None, where, f"only common.toml can be named here: {what}")
        owner = model.common
    found = getattr(owner, table).get(name)
    check(found is not None, where, f"unknown {what} '{name}' in {owner.file}")
    return found


def resolve_type(model, domain, field):
    if field.type == "enum":
        check(field.enum_name, field.where, "'enum' must name the values")
        field.enum = resolve(model, domain, field.enum_name, "enums", field.where, "enum")
    elif field.type not in SCALARS:
        field.record = resolve(model, domain, field.type, "structs", field.where, "type")
        check(field.record.kind == "record", field.where, f"'{field.type}' is not a record")
        field.type = "record"


def look_up(model, field):
    """What the field says itself goes before what the dictionary says of its name."""
    word = model.dictionary.get(field.name)
    if field.type == "text" and word is not None and field.format is None and field.example is None:
        field.format, field.example = word.get("format"), word.get("example")
    if field.type == "text" and word is not None:
        field.words = word.get("words")
        field.digits = word.get("digits", False)
        field.phone = word.get("phone", False)
    check(field.type == "text" or (field.format, field.example) == (None, None), field.where,
          "'format' and 'example' belong to type text")
    check(field.format is None or field.format in FORMATS, field.where, f"unknown format '{field.format}'")
    check(field.words is None or field.words in WORDS, field.where, f"unknown words '{field.words}'")


def check_field(field):
    where, kind = field.where, field.type
    check((kind == "id") == bool(field.prefixes), where, "'prefix' belongs to type id, and only there")
    check(len(field.prefixes) <= PREFIXES_MAX, where, f"more than {PREFIXES_MAX} prefixes")
    for prefix in field.prefixes:
        check(isinstance(prefix, str) and PREFIX.fullmatch(prefix), where,
              f"prefix '{prefix}' is not two to four letters")
    check(len(set(field.prefixes)) == len(field.prefixes), where, "a prefix is given twice")
    check(kind == "enum" or not field.enum_name, where, "'enum' belongs to type enum")
    if kind in BOUNDED_TYPES:
        check(field.max is not None, where, f"'max' is mandatory for {kind}")
        most = 256 if kind == "map" else 2 ** 24
        check(0 < field.max <= most, where, f"'max' must be 1 to {most}")
        field.min = field.min or 0
        check(0 <= field.min <= field.max, where, "'min' must be 0 to 'max'")
    elif kind in ("int", "money"):
        field.min = INT_MIN if field.min is None else field.min
        field.max = INT_MAX if field.max is None else field.max
        check(field.min <= field.max, where, "'min' is above 'max'")
    else:
        check(field.min is None and field.max is None, where, f"{kind} takes no 'min' or 'max'")
    check((kind == "map") == (field.text_max > 0), where, "'text_max' is mandatory for map, and only there")
    if field.list:
        check(kind not in ("map", "bytes"), where, f"no lists of {kind}")
        check(field.list <= 65536, where, "'list' must be at most 65536")
    check(not field.json or (kind == "text" and not field.list and not field.header), where,
          "'json' is for single texts of answers")
    check(not (field.is_counted and field.optional), where, "lists and maps are never optional: empty is absent")
    check_default(field)


def check_default(field):
    if field.default is None:
        return
    where, value = field.where, field.default
    check(field.optional and not field.list, where, "'default' belongs to optional single fields")
    check(field.type in ("int", "text", "enum", "bool"), where, f"{field.type} takes no 'default'")
    python = {"int": int, "bool": bool}.get(field.type, str)
    check(type(value) is python, where, "'default' has another type than the field")
    if field.type == "int":
        check(field.min <= value <= field.max, where, "'default' is outside the limits")
    if field.type == "text":
        check(field.min <= len(value) <= field.max, where, "'default' is outside the limits")
    if field.type == "enum":
        check(value in field.enum.values, where, f"'default' {value} is not a value of {field.enum_name}")


def check_members(struct):
    members = set()
    for field in struct.fields:
        for member in (field.member, field.presence):
            check(member not in members, field.where, f"the C member '{member}' exists already")
            if member:
                members.add(member)


def check_depth(struct, path):
    check(struct not in path, struct.where, "contains itself: " + " > ".join(s.name for s in path + [struct]))
    path = path + [struct]
    check(len(path) <= DEPTH_MAX, path[0].where, f"records are nested deeper than {DEPTH_MAX}")
    for field in struct.fields:
        if field.record is not None:
            check_depth(field.record, path)


def check_messages(model):
    numbers, routes = {}, {}
    for domain in model.all():
        for message in (s for s in domain.structs.values() if s.kind in MESSAGE_KINDS):
            check(domain is not model.common, message.where, "common.toml has no messages")
            is_inside = domain.number < message.number < domain.number + 1000
            check(is_inside, message.where, f"number {message.number} is outside {domain.number} to +999")
            check(message.number not in numbers, message.where,
                  f"number {message.number} belongs to {numbers.get(message.number)}")
            numbers[message.number] = message.where
            if message.kind != "event":
                check_call(model, domain, message)
                check_rights(model, message)
                check_reason(message)
                check_http(model, message, routes)
        check_audit(model, domain)


def check_consumers(model):
    """Who consumes an event says so; "told.notice_was_raised" stands for the events of that name of every domain."""
    families = {family.name: family for family in model.families}
    for domain in model.domains:
        check(len(set(map(str, domain.consumes))) == len(domain.consumes), domain.file, "'consumes' has an event twice")
        for name in domain.batches:
            check(name in domain.consumes, domain.file, f"'batches' has {name}, which is not in 'consumes'")
        for name in domain.consumes:
            home, _, event_name = str(name).partition(".")
            if home in families:
                events = families[home].members(model, event_name)
            else:
                events = [d.structs.get(event_name) for d in model.domains if d.name == home]
            events = [event for event in events if event is not None and event.kind == "event"]
            check(events, domain.file, f"'consumes' has {name}, which is no event")
            for event in events:
                check(event.domain != domain.name or home in families, domain.file,
                      "a domain does not consume its own events")
                if event.domain != domain.name:
                    event.consumers.append(domain.name)
                    if name in domain.batches:
                        event.batched_by.append(domain.name)


def check_call(model, domain, message):
    where = message.where
    check(message.role in ROLES, where, f"unknown role '{message.role}'")
    check(message.handler is None or (message.family is not None and message.handler == message.family.name), where,
          "'handler' names the file that describes a message for several domains")
    check(len(set(map(str, message.errors))) == len(message.errors), where, "an error is given twice")
    for error in message.errors:
        check(error in model.statuses and error != "ok", where, f"unknown error '{error}'")
    if message.reply_name is not None:
        message.reply = resolve(model, domain, message.reply_name, "structs", where, "reply")
        check(message.reply.kind in ("reply", "record"), where, f"'{message.reply_name}' is not a reply or record")
    if message.kind == "query":
        check(message.raw.get("scope") == "domain", where, "queries have scope = \"domain\"")
        return
    check(message.key is not None, where, "commands must have a 'key'")
    check(message.key_form in (None, "email"), where, f"unknown key_form '{message.key_form}'")
    if message.key == "principal":
        check(message.key_form is None, where, "'key_form' needs a text as 'key'")
        check(message.role != "public", where, "a public command has no principal to be its key")
        return
    field = message.field(message.key)
    check(field is not None, where, f"key '{message.key}' is not a field")
    is_single = not field.list and not field.optional and field.type in ("id", "text")
    check(is_single, where, f"key '{message.key}' must be one mandatory id or text")
    check(message.key_form is None or field.type == "text", where, "'key_form' needs a text as 'key'")


def check_rights(model, message):
    """Team and staff have roles, so every message of theirs says what it takes."""
    where = message.where
    is_role_bound = message.role in ("vendor", "admin")
    check(message.permission is not None or not is_role_bound, where,
          f"role {message.role} needs a 'permission' (\"{OWN}\" for what everybody may do for himself)")
    check(message.impersonation in (None, "refused"), where, "'impersonation' can only be \"refused\"")
    is_store = message.role in ("store", "store_optional")
    check(message.impersonation is None or is_store, where, "only shoppers can be impersonated")
    check(not message.step_up or is_role_bound, where, "'step_up' is for vendors and staff")
    check(not message.live_session or is_store or is_role_bound, where,
          "'live_session' needs the token of one who is signed in")
    check(message.live_session is not False, where, "'live_session' can only be true: leave it out")
    if message.permission is None or message.permission == OWN:
        return
    home = RIGHTS_OF.get(message.role)
    check(home is not None, where, f"role {message.role} takes no 'permission'")
    rights = next((d.enums.get("permission") for d in model.domains if d.name == home), None)
    check(rights is not None, where, f"{home}.toml has no enum 'permission'")
    names = message.permission.split(" or ")
    for name in names:
        check(name in rights.values, where, f"'{name}' is not a permission of {home}.toml")
    check(len(rights.values) <= 63, where, "more than 63 permissions")
    message.right = [rights.values.index(name) for name in names]


def check_reason(message):
    """Who loses something hears why; who gets something back may."""
    reason, key = message.field("reason"), message.field(message.key)
    is_of_staff = message.kind == "command" and message.role == "admin"
    check(not message.gives_back or (is_of_staff and reason is not None), message.where,
          "'gives_back' is for commands of staff with a 'reason'")
    if not is_of_staff:
        return
    is_about_somebody = key is not None and set(key.prefixes) & {"usr", "ven"}
    check(reason is not None or not is_about_somebody, message.where, "acts on an account, so it takes a 'reason'")
    if reason is not None:
        check(reason.optional == message.gives_back, reason.where,
              "a reason is mandatory, and of what says gives_back = true optional")
        check((reason.min == 0) == reason.optional, reason.where, "a reason that is mandatory is not empty")


def check_audit(model, domain):
    """What teams and staff change is told to admin."""
    is_audited = any(m.kind == "command" and m.role in ("vendor", "admin") for m in domain.structs.values()
                     if m.kind in MESSAGE_KINDS)
    audit = domain.structs.get("action_was_audited")
    if domain.name == "admin":
        return  # it keeps the entries itself
    check(audit is not None or not is_audited, domain.file, "event 'action_was_audited' is missing")
    if audit is not None:
        entry = audit.fields[0] if len(audit.fields) == 1 else None
        is_right = entry is not None and entry.record is not None and entry.record.full_name == "common.audit_entry"
        check(audit.kind == "event" and is_right and not entry.list, audit.where,
              "is an event with the one field 'entry' of type common.audit_entry")


def check_location(message):
    """Where an answer 202 is read later."""
    if message.location is None:
        return
    where, lead = message.where, message.location.removesuffix("{id}")
    check(202 in message.also, where, "'location' is for what is answered 202 as well")
    check(lead != message.location and lead.startswith("/v1/") and lead.endswith("/"), where,
          "'location' is a path that ends in /{id}")
    found = message.reply.field("id") if message.reply else None
    check(found is not None and found.type == "id" and len(found.prefixes) == 1 and not found.optional, where,
          "'location' needs an id in the reply")


def check_http(model, message, routes):
    where = message.where
    if message.path is None:
        check(message.role in ("node", "operator", "public"), where, f"role {message.role} needs 'http'")
        for key in ("http_status", "also", "location", "idempotency", "etag", "cache", "stream", "rate", "ends_session",
                    "only_in_tests", "body", "takes", "body_max", "answers", "file"):
            check(key not in message.raw, where, f"'{key}' needs 'http'")
        for field in message.fields:
            check(field.header is None and not field.query, field.where, "'header' and 'query' need 'http'")
        return
    check(message.role not in ("node", "operator"), where, f"role {message.role} takes no 'http'")
    check(message.method in METHODS, where, f"unknown method '{message.method}'")
    check(200 <= message.http_status <= 299, where, "'http_status' must be 200 to 299")
    check(all(other in ALSO and other != message.http_status for other in message.also), where,
          f"'also' takes {' and '.join(map(str, ALSO))}, and not 'http_status' again")
    check_location(message)
    known = IDEMPOTENCY if message.method == "POST" else ("ignored",)
    check(message.idempotency in known, where, f"unknown idempotency '{message.idempotency}'")
    check("idempotency" not in message.raw or message.method == "POST", where,
          "'idempotency' is for POST: other methods may be repeated as they are")
    check(message.etag in (None, "body", "version", "state"), where, f"unknown etag '{message.etag}'")
    if message.etag in ("version", "state"):
        version = message.reply.field("version") if message.reply else None
        is_number = version is not None and version.type == "int" and not version.list and not version.optional
        check(is_number, where, f"etag = \"{message.etag}\" needs an int 'version' in the reply")
    elif message.method == "GET" and message.reply and message.reply.field("version"):
        # Else If-Match would refuse the tag that this answer has.
        check(False, where, "shows a 'version', so it needs etag = \"version\" or \"state\"")
    check(message.rate in ("default", "auth", "codes", "webhooks"), where, f"unknown rate '{message.rate}'")
    takes_password = any(field.name.endswith("password") for field in message.fields)
    check(message.rate == "auth" or not takes_password, where,
          "takes a password, which is hashed: it needs rate = \"auth\"")
    check(not message.ends_session or message.role in ("store", "vendor", "admin"), where,
          "'ends_session' needs the token of one who is signed in")
    is_public_read = message.method == "GET" and message.role in ("public", "store_optional")
    check(not message.cache or is_public_read, where, "'cache' is for public GETs")
    check_stream(message)
    check_path(message)
    check_parameters(message)
    check_body(message)
    check_answer(message)
    check_file(message)
    if model.dictionary:
        check_examples(message, set())
    for struct in (message, message.reply):
        refuse_bytes(struct, where, message.body_field)
    shape = (message.method, tuple("{}" if s.startswith("{") else s for s in message.segments))
    check(shape not in routes, where, f"the route is taken by {routes.get(shape)}")
    routes[shape] = where


def check_stream(message):
    """A list whose entries say where it goes on behind them, in the way that `after` is given."""
    check(message.hints in ("path", "principal"), message.where, "'hints' is path or principal")
    check(message.hints == "path" or message.stream, message.where, "'hints' is for streams")
    if not message.stream:
        return
    where, after = message.where, message.field("after")
    check(message.method == "GET", where, "'stream' is for GET")
    check(after is not None and after.type in ("int", "text") and after.optional and not after.list, where,
          "'stream' needs an optional int or text 'after'")
    data = message.reply.field("data") if message.reply else None
    more = message.reply.field("has_more") if message.reply else None
    check(data is not None and data.list and data.record is not None, where,
          "'stream' needs a list of records 'data' in the reply")
    check(more is not None and more.type == "bool" and not more.optional, where,
          "'stream' needs a bool 'has_more' in the reply")
    name = "sequence" if after.type == "int" else "cursor"
    place = data.record.field(name)
    check(place is not None and place.type == after.type and not place.optional and not place.list, where,
          f"'stream' needs entries with a mandatory {after.type} '{name}'")


def check_path(message):
    where, segments = message.where, message.segments
    check(len(segments) <= SEGMENTS_MAX, where, f"more than {SEGMENTS_MAX} parts in the path")
    for segment in segments:
        if not segment.startswith("{"):
            check(segment and all(c.isalnum() or c in "-_." for c in segment) and segment.isascii(), where,
                  f"'{segment}' cannot be a part of a path")
            continue
        field = message.field(segment[1:-1]) if segment.endswith("}") else None
        check(field is not None, where, f"path parameter '{segment}' is not a field")
        check(not field.in_path, field.where, "stands twice in the path")
        is_plain = field.type in ("int", "id", "text", "enum") and not field.list and not field.optional
        check(is_plain, field.where, "a path parameter is one mandatory int, id, text or enum")
        field.in_path = True


def check_parameters(message):
    for field in message.fields:
        if field.header:
            check(not field.in_path, field.where, "stands in the path and in a header")
            is_plain = field.type in PARAMETER_TYPES and bool(field.list) == (field.type == "int")
            check(is_plain, field.where, "a header gives one plain value, or a list of int: entity tags")
        elif field.query:
            check(message.body == "raw" and not field.in_path, field.where, "'query' is of a route with a raw body")
            check(field.optional and not field.list and field.type in PARAMETER_TYPES, field.where,
                  "beside a raw body the query string gives plain values that may be left out")
        elif message.method == "GET" and not field.in_path:
            check(field.type in PARAMETER_TYPES, field.where, f"a query string cannot give a {field.type}")
            is_splittable = not field.list or field.type in ("int", "id", "enum")
            check(is_splittable, field.where, "lists in a query string are of int, id or enum")


def check_examples(struct, seen):
    """A client can be shown how to ask: of each text that it must send something is known."""
    for field in struct.fields:
        is_wanted = field.type == "text" and not field.optional and not field.json and not field.in_path
        if field.record is not None and field.record.full_name == PICTURE:
            continue    # of a picture nothing is written by its sender
        check(not is_wanted or example_text(field) is not None, field.where,
              f"'{field.name}' has no 'example', and none in dictionary.toml")
        if field.record is not None and field.record.full_name not in seen:
            seen.add(field.record.full_name)
            check_examples(field.record, seen)


def check_body(message):
    """Of a body that is not JSON the one field says what becomes of it."""
    where, field = message.where, message.body_field
    check(message.body in BODIES, where, f"'body' is {' or '.join(BODIES)}")
    if message.body == "json":
        check("takes" not in message.raw and "body_max" not in message.raw, where,
              "'takes' and 'body_max' are for a body that is not JSON")
        return
    check(message.method == "POST", where, "a body that is not JSON is for POST")
    check(message.role not in ("public", "store_optional") or message.body != "picture", where,
          "pictures are taken from those who have signed in")
    check(0 < len(message.takes) <= TAKES_MAX, where, f"'takes' names 1 to {TAKES_MAX} media types")
    for media in message.takes:
        check(isinstance(media, str) and MEDIA_TYPE.fullmatch(media), where, f"'{media}' is no media type")
    check(len(set(message.takes)) == len(message.takes), where, "a media type is given twice")
    check(field is not None, where, "all of its body is one field: the others are of path and headers")
    check(not field.optional and not field.list, field.where, "the body is one mandatory value")
    if message.body == "raw":
        check(field.type == "bytes", field.where, "a raw body is of type bytes")
        check("body_max" not in message.raw, where, "the limit of a raw body is 'max' of its field")
        message.body_max = field.max
    else:
        check(field.record is not None and field.record.full_name == PICTURE, field.where,
              f"a picture is of type {PICTURE}")
        check(message.body_max is not None, where, "a picture needs 'body_max'")
    most = BODY_MAX[message.body]
    check(0 < message.body_max <= most, where, f"a body of this kind has 1 to {most} bytes")


def check_file(message):
    """Of an answer that may be a file one text is what is sent."""
    if message.file is None:
        return
    check(MEDIA_TYPE.fullmatch(message.file), message.where, f"'{message.file}' is no media type")
    check(message.method == "GET" and not message.stream and message.etag is None and not message.cache
          and message.answers == "json", message.where, "a file is answered to a plain GET")
    field = message.file_field
    check(field is not None and field.type == "text" and not field.list and not field.secret, message.where,
          "what may be answered as a file has a text 'file' in its reply")


def check_answer(message):
    check(message.answers in ("json", "picture"), message.where, "'answers' is json or picture")
    if message.answers == "json":
        return
    check(message.method == "GET" and not message.stream and message.etag is None and not message.cache, message.where,
          "a picture is answered to a plain GET")
    check(message.reply is not None and message.reply.full_name == PICTURE_FILE, message.where,
          f"who answers with a picture replies with {PICTURE_FILE}")


def refuse_bytes(struct, where, body=None):
    """`body`: the field that a raw body becomes."""
    for field in struct.fields if struct else []:
        check(field.type != "bytes" or field is body, where, f"{field.name}: bytes are never on the public surface")
        refuse_bytes(field.record, where)
