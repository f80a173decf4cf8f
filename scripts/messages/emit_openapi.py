"""Emits openapi.json (OpenAPI 3.1), its C form, and the numbers that the golden test pins."""

import json

from .emit_c import NOTICE, numbers
from .openapi_answers import (ANYWHERE, AUDIENCES, FORWARDED, PROBLEM, Shared, answer_headers, header_components,
                              header_references, problem_response, problem_responses)
from .openapi_schemas import Schemas, example_object

BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "PASETO v4.public"}
SECURITY = {
    "store": {**BEARER, "description": "An access token of a shopper, from /v1/auth/login, or an API key of his with"
                                       " the scope that x-permission names."},
    "vendor": {**BEARER, "description": "An access token of a member of a vendor's team, from /v1/vendor/login, or an"
                                        " API key of the vendor with the permission that x-permission names."},
    "admin": {**BEARER, "description": "An access token of staff, from /v1/admin/login, or an API key of staff with the"
                                       " permission that x-permission names."},
    "cart_token": {"type": "apiKey", "in": "header", "name": "X-Cart-Token",
                   "description": "A guest's proof that the cart is his: `token` of the answer that opened the cart."},
    "order_token": {"type": "apiKey", "in": "header", "name": "X-Order-Token",
                    "description": "A guest's proof that the order is his: `token` of the checkout's answer, or the one"
                                   " that was mailed."}}
INFO = {"title": "Souk", "version": "1",
        "description": "A multi-vendor marketplace: JSON over HTTP/2 and HTTP/1.1. Ids are opaque texts with the prefix"
                       " of their kind, money is minor units and a currency, times are RFC 3339 in UTC, lengths count"
                       " characters (code points). What is not known is refused in requests; answers may get new"
                       " fields. A guide for integrators is at /docs.",
        "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"}}
SERVERS = [{"url": "/", "description": "This market."}]


CLAIMS = ("Access tokens are PASETO v4.public; `kid` in the footer names the key. Claims, all of them text: `iss` and"
          " `aud` (the surface); `sub` the account, of a vendor's team the vendor; `sid` the session; `act` who acts in"
          " its name (absent: it does itself) and `par` the session of staff that acts so; `rgt` the permissions as"
          " bits in hexadecimal (absent: all that there are); `cnf` when a second factor or the password was last"
          " confirmed; `iat` and `exp` as RFC 3339 writes times; `jti` the token itself. Others may come.")


def parameter(schemas, field, place, name):
    schema = schemas.field(field, False)
    schema.pop("description")
    out = {"name": name, "in": place, "description": field.doc, "schema": schema}
    if not field.optional and not field.list:
        out["required"] = True
    if field.header and field.list:
        # Versions travel as entity tags, between commas or in several lines.
        out["description"] += f" Entity tags as ETag gave them, {field.list} at most; `*` for any."
        out["schema"] = {"type": "string", "examples": ['"3"', '"3", "4-gzip"']}
    elif field.list:
        out.update(style="form", explode=False)
    return out


def key_parameter(message):
    key = {"name": "Idempotency-Key", "in": "header",
           "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": '^[!-~]+$'},
           "description": "A repeat with the same key and body gets the first answer again."}
    if message.idempotency == "required":
        key["required"] = True
    return key


LAST_EVENT = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"},
              "description": "With Accept: text/event-stream: the `id` of the event that was seen last; wins over"
                             " `after`."}


def parameters(schemas, shared, message):
    out = list(FORWARDED)
    for field in message.fields:
        if field.in_path:
            out.append(parameter(schemas, field, "path", field.name))
        elif field.header:
            out.append(parameter(schemas, field, "header", field.header))
        elif message.method == "GET" or field.query:
            out.append(parameter(schemas, field, "query", field.name))
    if message.stream:
        out.append(LAST_EVENT)
    if message.etag and message.method == "GET":
        out.append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"},
                    "description": "Entity tags that the caller holds; 304 when one is current."})
    if message.idempotency in ("allowed", "required"):
        out.append(key_parameter(message))
    return [shared.refer(each["name"], each) for each in out]


def raw_body(message):
    """A body that is not JSON: OpenAPI 3.1 says nothing of its schema but the bytes that are taken."""
    media = {"schema": {"type": "string", "format": "binary", "maxLength": message.body_max}}
    return {"required": True, "description": f"{message.body_field.doc} At most {message.body_max} bytes.",
            "content": {kind: media for kind in message.takes}}


def request_body(schemas, message, fields):
    if message.body != "json":
        return raw_body(message)
    schema = schemas.object(message, fields, False)
    media = {"schema": schema}
    example = example_object(fields)
    if example:
        media["example"] = example
    return {"required": "required" in schema, "content": {"application/json": media}}


def event_stream(message):
    """What is answered to those who want it live (WHATWG HTML, section 9.2)."""
    entry = message.reply.field("data").record
    return {"schema": {"type": "string", "description":
                       f"The same entries, live: of each its place as `id`, `event: {entry.name}`, and as `data` its"
                       f" JSON (#/components/schemas/{entry.full_name}). A comment every 15 s. When the stream ends by"
                       " itself its last event is `end`, with a `reason`: after stopping and timeout a client comes"
                       " back with Last-Event-ID, after token_expired with another token, too; session_ended and the"
                       " code of a problem would be refused again."}}


def success(message):
    """What is answered when it is done; without a reply the body is an empty object, or nothing at all with 204."""
    has_pages = message.file is not None and message.reply.field("next") is not None
    headers = [*(["ETag"] if message.etag else []), *(["Link"] if has_pages else []), *answer_headers(message)]
    answer = {"description": message.reply.doc if message.reply else "Done.", "headers": header_references(*headers)}
    if message.answers == "picture":
        answer["content"] = {"image/webp": {"schema": {"type": "string", "format": "binary"}}}
    elif message.reply:
        name = f"#/components/schemas/{message.reply.full_name}"
        answer["content"] = {"application/json": {"schema": {"$ref": name}}}
        if message.stream:
            answer["content"]["text/event-stream"] = event_stream(message)
        if message.file:
            answer["content"][message.file] = {"schema": {"type": "string", "description": message.file_field.doc}}
        if message.is_file_only:
            del answer["content"]["application/json"]
    elif message.http_status != 204:
        empty = {"type": "object", "description": "Nothing more to say."}
        answer["content"] = {"application/json": {"schema": empty}}
    return answer


def responses(model, shared, message):
    name = message.reply.full_name if message.reply else "done"
    out = {str(message.http_status): shared.refer(name, success(message))}
    for other in message.also:
        answer = {**success(message), "description": ALSO[other]}
        if other == 202 and message.location:
            answer["headers"] = {**answer["headers"], **header_references("Location")}
        out[str(other)] = shared.refer(name, answer)
    if message.etag and message.method == "GET":
        out["304"] = shared.refer("not_modified", {"description": "The caller's copy is current.",
                                                   "headers": header_references("ETag")})
    for http, (name, problem) in problem_responses(model, message).items():
        out[http] = shared.refer(name, problem)
    return out


# Other answers of a route that worked.
ALSO = {200: "It was there already.",
        202: "It is under way: the body says where it stands, and its outcome comes later."}


def security(message):
    if message.role not in AUDIENCES:
        return []
    out = [{AUDIENCES[message.role]: []}]
    if message.role == "store_optional":
        headers = {f.header for f in message.fields if f.header}
        out += [{name: []} for name in ("cart_token", "order_token") if SECURITY[name]["name"] in headers]
        out.append({})
    return out


def operation(model, schemas, parts, message):
    fields = [] if message.method == "GET" else [f for f in message.fields if f.in_body]
    out = {"operationId": message.full_name, "tags": [message.domain], "summary": summary_of(message.doc),
           "parameters": parameters(schemas, parts["parameters"], message)}
    if out["summary"] != message.doc:
        out["description"] = message.doc
    if fields:
        out["requestBody"] = request_body(schemas, message, fields)
    out["responses"] = responses(model, parts["responses"], message)
    out["security"] = security(message)
    if message.permission is not None:
        out["x-permission"] = message.permission
    return out


def summary_of(doc):
    """The first sentence."""
    return doc.split(". ")[0].rstrip(".") + "."


def token_keys(model):
    """What the gateway itself tells of tokens, so that others can verify them."""
    text = {"type": "string"}
    key = {"type": "object", "required": ["kid", "audience", "public_key"], "properties": {
        "kid": {**text, "description": "Names the key in the footer of its tokens."},
        "audience": {**text, "enum": sorted(set(AUDIENCES.values())), "description": "The surface: `aud` of tokens."},
        "public_key": {**text, "pattern": r"^k4\.public\.[A-Za-z0-9_-]{43}$", "description": "PASERK."}}}
    schema = {"type": "object", "required": ["issuer", "implicit_assertion", "keys"], "properties": {
        "issuer": {**text, "description": "`iss` of all tokens."},
        "implicit_assertion": {**text, "description": "Signed with each token, and not in it."},
        "keys": {"type": "array", "items": key}}}
    done = {"description": "The keys.", "headers": header_references("ETag"),
            "content": {"application/json": {"schema": schema}}}
    codes = [code for code in ("too_many_requests",) if code in model.statuses]
    refused = {"429": problem_response(model, codes, ("Retry-After",)),
               "default": problem_response(model, [c for c in ANYWHERE if c in model.statuses], ("Allow",))}
    return {"operationId": "gateway.token_keys", "summary": "Public keys of access tokens.", "description": CLAIMS,
            "parameters": [], "responses": {"200": done, **refused}, "security": []}


def rights_text(model):
    """Which bit of `rgt` is which permission, as the order of the enum says."""
    told = []
    for domain in model.domains:
        rights = domain.enums.get("permission")
        if rights is not None:
            bits = ", ".join(f"{bit} {name}" for bit, name in enumerate(rights.values))
            told.append(f"{domain.name}: {bits}")
    return "; ".join(told)


def openapi(model, with_tests):
    routes, schemas, paths = model.routes(with_tests), Schemas(), {}
    parts = {kind: Shared(kind) for kind in ("parameters", "responses")}
    for message in routes:
        if message.body == "json":
            schemas.reach(message, False)
        if message.reply and message.answers == "json" and not message.is_file_only:
            schemas.reach_reply(message.reply)
    for message in routes:
        paths.setdefault(message.path, {})[message.method.lower()] = operation(model, schemas, parts, message)
    keys = token_keys(model)
    keys["description"] += f" Bits of `rgt`, from the lowest, by surface: {rights_text(model)}."
    paths["/.well-known/souk-token-keys"] = {"get": keys}
    used = {m.domain for m in routes}
    return {"openapi": "3.1.0", "info": INFO, "servers": SERVERS,
            "tags": [{"name": d.name, "description": d.doc} for d in model.domains if d.name in used],
            "paths": paths,
            "components": {"schemas": {**schemas.components(), "problem": PROBLEM},
                           "headers": header_components(any(m.body != "json" for m in routes),
                                                        any(m.file for m in routes)),
                           **{kind: shared.components() for kind, shared in parts.items()},
                           "securitySchemes": SECURITY}}


def openapi_text(model):
    """With the routes of test mode, so that the golden file has them."""
    return json.dumps(openapi(model, True), indent=1) + "\n"


def openapi_source(model):
    """The document twice: of a market, and of one in test mode."""
    def text(with_tests):
        return json.dumps(openapi(model, with_tests), separators=(",", ":"))
    return (NOTICE.format("messages") + numbers("openapi_json", text(False))
            + numbers("openapi_with_tests_json", text(True)))


def numbers_text(model):
    return json.dumps({m.full_name: m.number for m in model.messages()}, indent=1) + "\n"
