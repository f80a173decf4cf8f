"""Emits what joins messages to code: handler prototypes and dispatch per domain, the route and message tables."""

from .emit_c import NOTICE, c_string
from .checks import TAKES_MAX
from .model import DEPTH_MAX, DOMAIN_LIMIT, FIELDS_MAX, PREFIXES_MAX, SEGMENTS_MAX


def consumed_events(model, domain):
    return [m for m in model.messages() if m.kind == "event" and domain.name in m.consumers]


def families_of(domain):
    """Whose code answers messages of the domain."""
    return sorted({m.handler for m in domain.messages("command", "query") if m.handler})


def handler_prototype(message):
    reply = f", struct {message.reply.c_struct} *ret_reply" if message.reply else ""
    return (f"enum status {message.domain}_handle_{message.name}(struct request *request,\n"
            f"    const struct {message.c_struct} *{message.kind}{reply})")


def is_told_alike(domain, event):
    """One handler for the events of that name of every domain."""
    is_shared = event.family is not None and event.shape is not None
    return is_shared and f"{event.family.name}.{event.name}" in domain.consumes


def consumer_name(domain, event):
    return "on_" + (event.shape.c_name if is_told_alike(domain, event) else event.c_name)


def consumer_prototype(domain, event):
    return (f"enum status {domain.name}_{consumer_name(domain, event)}(struct request *request,\n"
            f"    const struct {event.c_struct} *event)")


def family_prototype(family, messages):
    """One handler for several domains; where each has a reply of its own, it is only passed on."""
    first = messages[0]
    replies = {m.reply.c_struct if m.reply else None for m in messages}
    kind = "void" if len(replies) > 1 else f"struct {first.reply.c_struct}" if first.reply else None
    reply = f", {kind} *ret_reply" if kind else ""
    return (f"enum status {family.name}_handle_{first.name}(struct request *request,\n"
            f"    const struct {family.name}_domain *domain, const struct {first.c_struct} *{first.kind}{reply})")


def family_handlers_header(model, family):
    out = [NOTICE.format(family.file),
           f"/* What actors/{family.name}/ must define, for every domain of {family.file}. */\n",
           f"#pragma once\n\n#include \"{family.name}_messages.h\"\n\nstruct request;\n",
           f"/* What a domain lends to its handlers; each defines one, such as "
           f"{family.domains[0]}_{family.name}. */\nstruct {family.name}_domain;\n"]
    for name, messages in family.handled(model).items():
        out.append(f"\n/* {family.structs[name].doc} */\n{family_prototype(family, messages)};\n")
    return "".join(out)


def handlers_header(model, domain):
    events = consumed_events(model, domain)
    sources = sorted({domain.name} | {e.domain for e in events})
    out = [NOTICE.format(domain.file), f"/* What actors/{domain.name}/ must define; a missing one does not link. */\n",
           "#pragma once\n\n"]
    out += [f"#include \"{s}_messages.h\"\n" for s in sources]
    out += ["\nstruct request;\nstruct dispatch_table;\n\n",
            f"extern const struct dispatch_table {domain.name}_dispatch;\n"]
    for family in families_of(domain):
        out.append(f"/* What the domain lends to actors/{family}/. */\nstruct {family}_domain;\n"
                   f"extern const struct {family}_domain {domain.name}_{family};\n")
    for message in domain.messages("command", "query"):
        if message.handler is None:
            out.append(f"\n/* {message.doc} */\n{handler_prototype(message)};\n")
    for event in {consumer_name(domain, event): event for event in events}.values():
        out.append(f"\n/* {event.doc} */\n{consumer_prototype(domain, event)};\n")
    return "".join(out)


def thunk_text(name, message, callee):
    has_reply = message.kind != "event" and message.reply is not None
    unused = "" if has_reply else "    (void)reply;\n"
    arguments = ["request", "body"] + (["reply"] if has_reply else [])
    if message.kind != "event" and message.handler:
        callee = f"{message.handler}_{name}"
        arguments.insert(1, f"&{message.domain}_{message.handler}")
    return (f"static enum status {name}(struct request *request, const void *body, void *reply)\n{{\n"
            f"{unused}    return {callee}({', '.join(arguments)});\n}}\n\n")


def entries_text(array, rows, domain):
    if not rows:
        return ""
    body = "".join(f"    {{ &{m.c_name}_message, {thunk}, {'true' if domain.name in m.batched_by else 'false'} }},\n"
                   for m, thunk in rows)
    return f"static const struct dispatch_entry {array}[] = {{\n{body}}};\n\n"


def dispatch_source(model, domain):
    calls = [(m, f"handle_{m.name}") for m in domain.messages("command", "query")]
    events = [(e, consumer_name(domain, e)) for e in consumed_events(model, domain)]
    callees = {thunk: m for m, thunk in calls + events}
    out = [NOTICE.format(domain.file),
           "#include \"actors/host/dispatch_table.h\"\n"]
    out += [f"#include \"{name}_handlers.h\"\n" for name in sorted([domain.name] + families_of(domain))]
    out.append("\n")
    out += [thunk_text(thunk, m, f"{domain.name}_{thunk}") for thunk, m in callees.items()]
    out += [entries_text("entries", calls, domain), entries_text("consumers", events, domain)]
    audit = domain.structs.get("action_was_audited")
    readers = sorted({c for e in domain.messages("event") for c in e.consumers})
    out.append(f"const struct dispatch_table {domain.name}_dispatch = {{\n    .domain = {domain.constant},\n"
               f"    .audit = {'&' + audit.c_name + '_message' if audit else 'NULL'},\n"
               f"    .readers = {' | '.join(f'1u << DOMAIN_{r.upper()}' for r in readers) or '0'},\n"
               f"    .entries = {'entries' if calls else 'NULL'},\n    .entries_count = {len(calls)},\n"
               f"    .consumers = {'consumers' if events else 'NULL'},\n    .consumers_count = {len(events)}\n}};\n")
    return "".join(out)


def includes(model):
    return "".join(f"#include \"{d.name}_messages.h\"\n" for d in model.domains)


def body_text(message):
    """Of a body that is not JSON."""
    if message.body == "json":
        return ""
    return (f"\n      .body = BODY_{message.body.upper()}, .body_field = {message.fields.index(message.body_field)},"
            f" .body_max = {message.body_max},\n      .takes = {{ {', '.join(map(c_string, message.takes))} }}")


def file_text(message):
    """Of an answer that may be a file."""
    return f"\n      .file_type = {c_string(message.file)}," if message.file else ""


def location_text(message):
    """Where an answer 202 is read: the path, and which field of the reply ends it."""
    if message.location is None:
        return ""
    field = message.reply.fields.index(message.reply.field("id"))
    return f"\n      .location = {c_string(message.location.removesuffix('{id}'))}, .location_field = {field},"


def route_text(message):
    fields = [message.fields.index(message.field(s[1:-1])) if s.startswith("{") else 0 for s in message.segments]
    names = ["{" + s[1:-1] if s.startswith("{") else s for s in message.segments]
    return (f"    {{ .method = {c_string(message.method)}, .path = {c_string(message.path)},\n"
            f"      .segments = {{ {', '.join(map(c_string, names))} }},\n"
            f"      .segment_fields = {{ {', '.join(map(str, fields))} }}, .segments_count = {len(names)},\n"
            f"      .message = &{message.c_name}_message, .http_status = {message.http_status},\n"
            f"      .idempotency = IDEMPOTENCY_{message.idempotency.upper()}, "
            f".etag = ETAG_{(message.etag or 'none').upper()},\n"
            f"      .is_cacheable = {'true' if message.cache else 'false'},\n"
            f"      .is_stream = {'true' if message.stream else 'false'}, "
            f".is_hinted_by_principal = {'true' if message.hints == 'principal' else 'false'},\n"
            f"      .is_only_in_tests = {'true' if message.only_in_tests else 'false'},"
            f" .answers_picture = {'true' if message.answers == 'picture' else 'false'},"
            f"{location_text(message)}{file_text(message)}{body_text(message)} }},\n")


def routes_source(model):
    routes = model.routes()
    rows = "".join(map(route_text, routes)) or "    { .method = NULL },\n"
    return (NOTICE.format("messages") + "#include \"messages/schema.h\"\n\n" + includes(model)
            + "\n/* Literals stand before parameters, so the first match is the right one. */\n"
            f"const struct route route_table[] = {{\n{rows}}};\nconst size_t route_table_count = {len(routes)};\n")


def message_table_source(model):
    messages = model.messages()
    rows = "".join(f"    &{m.c_name}_message, /* {m.number} */\n" for m in messages) or "    NULL,\n"
    limits = (("SCHEMA_DEPTH_MAX", DEPTH_MAX), ("SCHEMA_FIELDS_MAX", FIELDS_MAX), ("SCHEMA_PREFIXES_MAX", PREFIXES_MAX),
              ("ROUTE_SEGMENTS_MAX", SEGMENTS_MAX),
              ("ROUTE_TAKES_MAX", TAKES_MAX), ("MESSAGE_NUMBER_MAX", DOMAIN_LIMIT * 1000 - 1))
    asserts = "".join(f"static_assert({n} == {v}, \"the generator and messages/schema.h differ\");\n"
                      for n, v in limits)
    return (NOTICE.format("messages") + "#include \"messages/schema.h\"\n\n" + includes(model) + "\n" + asserts
            + "\n/* By number, for binary search. */\n"
            f"const struct message *const message_table[] = {{\n{rows}}};\n"
            f"const size_t message_table_count = {len(messages)};\n")
