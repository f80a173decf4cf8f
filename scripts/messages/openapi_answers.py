"""Refusals, headers and parameters for openapi.json. What is said by several operations becomes a component."""

import hashlib
import json

GENERIC_ERRORS = ["malformed", "unauthenticated", "forbidden", "not_found", "too_many_requests", "overloaded",
                  "unavailable", "deadline_exceeded", "stopping"]
# What may happen to any request and is the same everywhere: the `default` answer of each operation.
ANYWHERE = ["method_not_allowed", "body_too_large", "uri_too_long", "unsupported_media_type", "headers_too_large",
            "internal"]
PARAMETER_ERRORS = ["unknown_parameter", "invalid_parameter"]
BODY_ERRORS = ["invalid_json", "unknown_field", "duplicate_field", "wrong_type", "missing_field", "out_of_range",
               "invalid_value"]
RAW_BODY_ERRORS = ["body_too_large", "unsupported_media_type", "out_of_range"]
KEY_ERRORS = ["idempotency_key_reused", "request_in_progress"]
AUDIENCES = {"store": "store", "store_optional": "store", "vendor": "vendor", "admin": "admin"}

ERROR_ITEM = {
    "type": "object", "required": ["pointer", "code"],
    "properties": {
        "pointer": {"type": "string",
                    "description": "JSON pointer (RFC 6901) to the field at fault, or / and the name of the parameter"
                                   " or header; empty for all of it."},
        "in": {"type": "string", "enum": ["body", "query", "path", "header"], "description": "Where it stands."},
        "code": {"type": "string", "description": "What is wrong with it; stable."},
        "detail": {"type": "string", "description": "What is wrong with it, for people."},
        "minimum": {"type": "integer", "format": "int64",
                    "description": "Least number that is taken; of a text the least number of characters."},
        "maximum": {"type": "integer", "format": "int64",
                    "description": "Greatest number that is taken; of a text the most characters, of a list the most"
                                   " entries."},
        "allowed": {"type": "array", "items": {"type": "string"}, "description": "The values that are taken."},
        "requested": {"type": "integer", "format": "int64", "description": "What was asked for."},
        "available": {"type": "integer", "format": "int64",
                      "description": "What there is; of too_many_requests the seconds until there is more."}}}

PROBLEM = {
    "type": "object", "description": "What went wrong (RFC 9457). `code` is stable.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference",
                 "description": "A page that says what it means and what can be done: /problems/ and the code."},
        "title": {"type": "string", "description": "What went wrong, always the same for a code."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What went wrong this time, or what can be done."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "Its name for programs; stable."},
        "request_id": {"type": "string", "description": "The request's name in the logs, as in X-Request-Id."},
        "errors": {"type": "array", "maxItems": 16, "items": ERROR_ITEM,
                   "description": "The faults, each with its place."}}}

HEADERS = {
    "X-Request-Id": "Names the request in the logs: the caller's own if it sent one, else ours.",
    "RateLimit-Policy": "How many requests are taken in how many seconds, such as `\"default\";q=600;w=60`.",
    "RateLimit": "How many are left, and in how many seconds there are all again.",
    "Retry-After": "Seconds to wait before the request is sent again.",
    "WWW-Authenticate": "`Bearer`: an access token of this surface is wanted.",
    "ETag": "The tag of this state: for If-Match of changes, and If-None-Match of reads. That of an answer packed by"
            " gzip ends in `-gzip`; either form is taken back.",
    "Idempotent-Replayed": "`true`: this is the answer of the first request with that Idempotency-Key.",
    "Location": "Where it is read how far it is.",
    "Allow": "The methods that the resource takes.",
    "Accept-Post": "The media types that are taken here.",
    "Link": "Where the next page is: `<...>; rel=\"next\"`; absent on the last (RFC 8288).",
    "Souk-Impersonated-By": "The member of staff who acts in the shopper's name.",
}
ALWAYS = ("X-Request-Id", "RateLimit-Policy", "RateLimit")
# Which headers a status has besides these.
BY_HTTP = {401: ("WWW-Authenticate",), 415: ("Accept-Post",), 429: ("Retry-After",), 503: ("Retry-After",)}

FORWARDED = [
    {"name": "X-Request-Id", "in": "header", "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
     "description": "A name of the caller's own for the request, which the answer and our logs repeat."},
    {"name": "traceparent", "in": "header", "schema": {"type": "string"},
     "description": "W3C Trace Context, carried through all that the request causes."}]


def header_components(has_raw_bodies, has_files):
    unused = (*(() if has_raw_bodies else ("Accept-Post",)), *(() if has_files else ("Link",)))
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()
            if name not in unused}


def header_references(*more):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*ALWAYS, *more)}


def codes_of(message):
    codes = list(message.errors) + GENERIC_ERRORS
    codes += PARAMETER_ERRORS      # an unknown one is refused everywhere
    codes += [] if message.method == "GET" else BODY_ERRORS if message.body == "json" else RAW_BODY_ERRORS
    if message.idempotency in ("allowed", "required"):
        codes += KEY_ERRORS
    if message.idempotency == "required":
        codes.append("idempotency_key_required")
    if message.idempotency == "refused" or (message.idempotency == "allowed" and message.role == "store_optional"):
        codes.append("idempotency_key_refused")
    if message.role == "public":
        codes = [c for c in codes if c not in ("unauthenticated", "forbidden") or c in message.errors]
    elif message.role in AUDIENCES:
        codes.append("token_expired")
    if message.step_up:
        codes.append("step_up_required")
    if message.refuses_impersonation and message.role in ("store", "store_optional"):
        codes.append("impersonation_refused")
    return list(dict.fromkeys(codes))


def answer_headers(message):
    """What any answer of the operation may have, refusals too: a stored refusal is given again as any other answer."""
    headers = []
    if message.idempotency in ("allowed", "required"):
        headers.append("Idempotent-Replayed")
    if message.role in ("store", "store_optional") and not message.refuses_impersonation:
        headers.append("Souk-Impersonated-By")
    return headers


def problem_responses(model, message):
    """By HTTP status, as text: (name, answer) of the refusals of an operation, and the `default` for the rest."""
    by_http = {}
    for code in codes_of(message):
        if code in model.statuses:
            by_http.setdefault(model.statuses[code].http, []).append(code)
    found = {str(http): (names[0], problem_response(model, names, (*BY_HTTP.get(http, ()), *answer_headers(message))))
             for http, names in sorted(by_http.items())}
    found["default"] = ("refused", problem_response(model, [c for c in ANYWHERE if c in model.statuses],
                                                   ("Allow", *answer_headers(message))))
    return found


def problem_response(model, codes, headers):
    return {"description": " ".join(f"`{c}`: {model.statuses[c].title}" for c in codes),
            "headers": header_references(*headers),
            "content": {"application/problem+json": {"schema": {"allOf": [
                {"$ref": "#/components/schemas/problem"},
                {"type": "object", "properties": {"code": {"enum": codes}}}]}}}}


class Shared:
    """Parts that stand in a document once and are referred to. A name follows from what the part says, so that one more
    operation does not rename those that there are."""

    def __init__(self, kind):
        self.kind, self.parts, self.names = kind, {}, {}

    def refer(self, name, part):
        """A reference to the part; another part of the same name gets a tail."""
        text = json.dumps(part, sort_keys=True)
        if text not in self.names:
            tail = "" if name not in self.parts else "_" + hashlib.sha256(text.encode()).hexdigest()[:6]
            self.names[text] = name + tail
            self.parts[name + tail] = part
        return {"$ref": f"#/components/{self.kind}/{self.names[text]}"}

    def components(self):
        return dict(sorted(self.parts.items()))
