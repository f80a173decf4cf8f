"""Emits reference/<domain>.md: what a domain accepts, answers, announces and refuses, for people."""

from .model import INT_MAX, INT_MIN


def limits(field):
    out = []
    if field.type in ("int", "money"):
        if field.min > INT_MIN:
            out.append(f">= {field.min}")
        if field.max < INT_MAX:
            out.append(f"<= {field.max}")
    elif field.type in ("text", "bytes"):
        out.append(f"{field.min} to {field.max} {'characters' if field.type == 'text' else 'bytes'}")
    elif field.type == "map":
        out.append(f"at most {field.max} entries of {field.text_max} characters")
    if field.list:
        out.append(f"at most {field.list}")
    if field.default is not None:
        out.append(f"default {field.default}")
    return ", ".join(out)


def type_text(field):
    name = field.type
    if field.type == "id":
        name = "id " + " or ".join(f"`{p}_`" for p in field.prefixes)
    elif field.type == "enum":
        name = f"enum {field.enum.domain}.{field.enum.name}"
    elif field.type == "record":
        name = field.record.full_name
    if field.list and field.header:
        name = "entity tags"
    elif field.list:
        name = "list of " + name
    return name + (", optional" if field.optional else "") + (", secret" if field.secret else "")


def source_text(field):
    if field.in_path:
        return "path"
    if field.query:
        return "query"
    return f"header `{field.header}`" if field.header else ""


def fields_text(struct):
    if not struct.fields:
        return ""
    rows = "".join(f"| `{f.name}` | {type_text(f)} | {limits(f)} | {source_text(f)} | {f.doc} |\n"
                   for f in struct.fields)
    return f"\n| field | type | limits | from | what |\n|---|---|---|---|---|\n{rows}"


def message_text(message):
    out = [f"\n### {message.name} ({message.number})\n\n{message.doc}\n\n"]
    if message.path:
        out.append(f"- HTTP: `{message.method} {message.path}` -> {message.http_status}\n")
        if message.body != "json":
            out.append(f"- Body: {' or '.join(message.takes)}, at most {message.body_max} bytes\n")
    if message.kind == "event":
        out.append(f"- Consumers: {', '.join(message.consumers) or 'none'}\n")
    else:
        out.append(f"- Who: {message.role}\n")
        out.append(f"- Answer: {message.reply.full_name if message.reply else 'nothing'}\n")
        if message.key:
            out.append(f"- Key: {message.key}\n")
        if message.rate != "default":
            out.append(f"- Rate: {message.rate}\n")
        if message.errors:
            out.append(f"- Refusals: {', '.join(f'`{e}`' for e in message.errors)}\n")
    return "".join(out) + fields_text(message)


def reference(domain):
    out = [f"# {domain.name}\n\n{domain.doc}\n"]
    for title, kind in (("Commands", "command"), ("Queries", "query"), ("Events", "event")):
        messages = domain.messages(kind)
        if messages:
            out.append(f"\n## {title}\n" + "".join(map(message_text, messages)))
    structs = [s for s in domain.structs.values() if s.kind in ("record", "reply")]
    if structs:
        out.append("\n## Records and answers\n")
        out += [f"\n### {s.name}\n\n{s.doc}\n{fields_text(s)}" for s in structs]
    if domain.enums:
        out.append("\n## Enums\n\n| enum | values | what |\n|---|---|---|\n")
        out += [f"| `{e.name}` | {', '.join(f'`{v}`' for v in e.values)} | {e.doc} |\n" for e in domain.enums.values()]
    if domain.errors:
        out.append("\n## Refusals\n\n| code | HTTP | what |\n|---|---|---|\n")
        out += [f"| `{e.name}` | {e.http} | {e.title} |\n" for e in domain.errors.values()]
    return "".join(out)
