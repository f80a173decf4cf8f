"""Emits the page /docs: a guide, then every route with what it takes, answers and refuses, for people. Its style and
its script stand in it and are allowed by their digests alone."""

import base64
import hashlib
import html
import json
import pathlib
import re

from .emit_c import NOTICE, c_string, numbers
from .emit_reference import limits, source_text, type_text
from .openapi_answers import codes_of
from .openapi_schemas import example_object

PARTS = pathlib.Path(__file__).with_name("docs")
WHO = {"public": "anybody", "store": "a signed-in shopper", "store_optional": "a shopper or a guest",
       "vendor": "a vendor's team", "admin": "staff"}
KEYS = {"required": "Needs an <code>Idempotency-Key</code>.", "allowed": "Takes an <code>Idempotency-Key</code>.",
        "refused": "Takes no <code>Idempotency-Key</code>.", "ignored": ""}


def words(text):
    """Escaped, with code where the text has backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def anchor(name):
    return html.escape(name.replace(".", "-").replace("_", "-"))


def record_link(record):
    return f'<a href="#{anchor(record.full_name)}">{html.escape(record.name)}</a>'


def fields_table(fields, caption):
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
        name = field.header or field.name
        rows.append(f"<tr><td><code>{name}</code><td>{kind}<td>{words(limits(field))}"
                    f"<td>{words(source_text(field))}<td>{words(field.doc)}\n")
    return (f'<div class="wide"><table><caption>{caption}</caption>\n<thead><tr><th>field<th>type<th>limits<th>from'
            "<th>what<tbody>\n" + "".join(rows) + "</table></div>\n")


def example_text(message):
    """How to ask, with curl."""
    path = re.sub(r"{(\w+)}", lambda m: m[1].upper(), message.path)
    lines = [f"curl -X {message.method} https://market.example{path}"]
    if message.role in ("store", "vendor", "admin"):
        lines.append("-H \"Authorization: Bearer $TOKEN\"")
    if message.idempotency == "required":
        lines.append("-H \"Idempotency-Key: $(uuidgen)\"")
    fields = [] if message.method == "GET" else [f for f in message.fields if f.in_body]
    body = example_object(fields) if fields and message.body == "json" else None
    if message.body != "json":
        lines += [f"-H 'Content-Type: {message.takes[0]}'", "--data-binary @FILE"]
    elif body:
        lines += ["-H 'Content-Type: application/json'", "-d '" + json.dumps(body) + "'"]
    return "<pre>" + html.escape(" \\\n     ".join(lines), quote=False) + "</pre>\n"


def refusals_text(model, message):
    """The codes of its own first, as the general ones are everywhere."""
    own = list(message.errors)
    general = [code for code in codes_of(message) if code not in own and code in model.statuses]

    def links(codes):
        return ", ".join(f'<a href="/problems/{c}" title="{html.escape(model.statuses[c].title)}">{c}</a>'
                         for c in codes)
    text = f"<p>Refusals of its own: {links(own)}.</p>\n" if own else ""
    return text + f"<details><summary>General refusals</summary><p>{links(general)}</p></details>\n"


def route_text(model, message):
    permission = f", permission <code>{html.escape(message.permission)}</code>" if message.permission else ""
    answer = record_link(message.reply) if message.reply else "nothing"
    statuses = " or ".join(map(str, (message.http_status, *message.also)))
    return (f'<section class="route" id="{anchor(message.full_name)}">\n'
            f"<h4><code>{message.method} {html.escape(message.path)}</code></h4>\n<p>{words(message.doc)}</p>\n"
            f"<p>For {WHO[message.role]}{permission}. Answers {statuses} with {answer}."
            f" {KEYS[message.idempotency]}</p>\n"
            + example_text(message) + fields_table(message.fields, "What it takes") + refusals_text(model, message)
            + "</section>\n")


def reachable(struct, found):
    if struct is not None and struct.full_name not in found:
        found[struct.full_name] = struct
        for field in struct.fields:
            reachable(field.record, found)


def record_text(name, struct):
    return (f'<section class="route" id="{anchor(name)}"><h4><code>{html.escape(name)}</code></h4>\n'
            f"<p>{words(struct.doc)}</p>\n{fields_table(struct.fields, 'Its fields')}</section>\n")


def contents(domains, routes):
    out = ['<nav aria-label="Contents">\n<label for="search">Search</label>\n'
           '<input id="search" type="search" placeholder="cart, GET /v1/orders, refund …">\n'
           '<p id="found" role="status"></p>\n<ul>\n<li><a href="#guide">Guide</a>\n']
    for domain in domains:
        out.append(f'<li><details><summary>{domain.name}</summary><ul>\n')
        out += [f'<li><a href="#{anchor(m.full_name)}">{m.method} {html.escape(m.path)}</a>\n'
                for m in routes if m.domain == domain.name]
        out.append("</ul></details>\n")
    return "".join(out) + '<li><a href="#records">Records</a>\n</ul></nav>\n'


def docs_text(model, guide, with_tests):
    routes, found = model.routes(with_tests), {}
    for message in routes:
        reachable(message.reply, found)
        for field in message.fields:
            reachable(field.record, found)
    used = {m.domain for m in routes}
    domains = [d for d in model.domains if d.name in used]
    out = ['<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Souk: the API</title>\n'
           '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
           f"<style>{part('style.css')}</style></head><body>\n",
           '<a class="skip" href="#guide">To the guide</a>\n<header><h1>Souk: the API</h1>\n'
           '<p><a href="/openapi.json">openapi.json</a></p></header>\n<div class="columns">\n',
           contents(domains, routes), '<main>\n<h2 id="guide">Guide</h2>\n', guide]
    for domain in domains:
        out.append(f'<section class="domain"><h2 id="{domain.name}">{domain.name}</h2>\n<p>{words(domain.doc)}</p>\n')
        out += [route_text(model, message) for message in routes if message.domain == domain.name]
        out.append("</section>\n")
    out.append('<section class="domain"><h2 id="records">Records</h2>\n')
    out += [record_text(name, struct) for name, struct in sorted(found.items())]
    return "".join(out) + f"</section></main></div>\n<script>{part('search.js')}</script></body></html>\n"


def part(name):
    return (PARTS / name).read_text(encoding="utf-8").strip()


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy():
    """The Content-Security-Policy of the page: nothing but its own style and script."""
    return (f"default-src 'none'; style-src {digest(part('style.css'))}; script-src {digest(part('search.js'))};"
            " frame-ancestors 'none'; base-uri 'none'")


def docs_source(model):
    return (NOTICE.format("messages") + numbers("docs_html", docs_text(model, model.guide, False))
            + numbers("docs_with_tests_html", docs_text(model, model.guide, True))
            + f"const char docs_policy[] = {c_string(policy())};\n")
