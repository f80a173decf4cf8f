"""Emits the page /docs: every route with what it takes, answers and refuses, for people. No script, no style sheet."""

import html
import re

from .emit_c import NOTICE, numbers
from .emit_reference import limits, source_text, type_text

INTRODUCTION = """<p>JSON over HTTP/2. The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
<p>Money is <code>{"amount": 1999, "currency": "EUR"}</code> in minor units. Ids are texts with the prefix of their
kind. Times are RFC 3339 in UTC. Lists answer <code>next</code>; send it as <code>after</code> for the next page.</p>
<p>Send the access token as <code>Authorization: Bearer …</code>, and an <code>Idempotency-Key</code> with every POST:
a repeat has the first answer. Refusals are <code>application/problem+json</code> (RFC 9457); <code>code</code> is
stable, <code>errors</code> points at what is wrong.</p>
"""


def words(text):
    """Escaped, with code where the text has backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def anchor(name):
    return html.escape(name.replace(".", "-").replace("_", "-"))


def record_link(record):
    return f'<a href="#{anchor(record.full_name)}">{html.escape(record.name)}</a>'


def fields_table(fields):
    if not fields:
        return ""
    rows = []
    for field in fields:
        kind = words(type_text(field))
        if field.record is not None:
            kind = kind.replace(html.escape(field.record.full_name), record_link(field.record))
        elif field.type == "enum":
            kind = words(" ".join(f"`{value}`" for value in field.enum.values))
            kind += ", optional" if field.optional else ""
        rows.append(f"<tr><td><code>{field.name}</code><td>{kind}<td>{words(limits(field))}"
                    f"<td>{words(source_text(field))}<td>{words(field.doc)}\n")
    return ("<table border=1><thead><tr><th>field<th>type<th>limits<th>from<th>what<tbody>\n" + "".join(rows)
            + "</table>\n")


def route_text(message):
    permission = f", permission <code>{message.permission}</code>" if message.permission is not None else ""
    answer = record_link(message.reply) if message.reply else "nothing"
    refusals = ", ".join(f"<code>{e}</code>" for e in message.errors) or "the general ones"
    return (f'<h3 id="{anchor(message.full_name)}">{message.method} {html.escape(message.path)}</h3>\n'
            f"<p>{words(message.doc)}</p>\n"
            f"<p>For {message.role}{permission}. Answers {message.http_status} with {answer}."
            f" Refusals: {refusals}.</p>\n"
            + fields_table(message.fields))


def reachable(struct, found):
    if struct is not None and struct.full_name not in found:
        found[struct.full_name] = struct
        for field in struct.fields:
            reachable(field.record, found)


def docs_text(model):
    routes, found = model.routes(), {}
    for message in routes:
        reachable(message.reply, found)
        for field in message.fields:
            reachable(field.record, found)
    used = {m.domain for m in routes}
    domains = [d for d in model.domains if d.name in used]
    out = ['<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Souk: the API</title>'
           '<meta name="viewport" content="width=device-width"></head><body>\n<h1>Souk: the API</h1>\n', INTRODUCTION,
           "<nav><ul>\n"]
    out += [f'<li><a href="#{d.name}">{d.name}</a>: {words(d.doc)}\n' for d in domains]
    out.append('<li><a href="#records">records</a>\n</ul></nav>\n')
    for domain in domains:
        out.append(f'<h2 id="{domain.name}">{domain.name}</h2>\n')
        out += [route_text(message) for message in routes if message.domain == domain.name]
    out.append('<h2 id="records">records</h2>\n')
    out += [f'<h3 id="{anchor(name)}">{html.escape(s.name)}</h3>\n<p>{words(s.doc)}</p>\n{fields_table(s.fields)}'
            for name, s in sorted(found.items())]
    return "".join(out) + "</body></html>\n"


def docs_source(model):
    return NOTICE.format("messages") + numbers("docs_html", docs_text(model))
