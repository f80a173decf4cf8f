"""Emits openapi.json (OpenAPI 3.1), its C form, and the numbers that the golden test pins."""

import json

from .emit_c import NOTICE, numbers
from .model import INT_MAX, INT_MIN

GENERIC_ERRORS = ["malformed", "unauthenticated", "forbidden", "not_found", "too_many_requests", "internal",
                  "overloaded",
                  "unavailable", "deadline_exceeded", "stopping"]
PARAMETER_ERRORS = ["unknown_parameter", "invalid_parameter"]
BODY_ERRORS = ["invalid_json", "unknown_field", "duplicate_field", "wrong_type", "missing_field", "out_of_range",
               "invalid_value", "body_too_large", "unsupported_media_type"]
KEY_ERRORS = ["idempotency_key_reused", "request_in_progress"]
AUDIENCES = {"store": "store", "store_optional": "store", "vendor": "vendor", "admin": "admin"}
ID_TAIL = "_[0-7][0-9a-hjkmnp-tv-z]{25}$"

PROBLEM = {
    "type": "object", "description": "What went wrong (RFC 9457). `code` is stable.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {
            "type": "object", "required": ["pointer", "code"],
            "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}}}}}}


def id_pattern(prefixes):
    head = prefixes[0] if len(prefixes) == 1 else f"({'|'.join(prefixes)})"
    return f"^{head}{ID_TAIL}"


def money_schema(field):
    amount = {"type": "integer", "format": "int64"}
    if field.min > INT_MIN:
        amount["minimum"] = field.min
    if field.max < INT_MAX:
        amount["maximum"] = field.max
    if len(amount) == 2:
        return {"$ref": "#/components/schemas/money"}
    currency = {"type": "string", "pattern": "^[A-Z]{3}$"}
    return {"type": "object", "additionalProperties": False, "required": ["amount", "currency"],
            "properties": {"amount": amount, "currency": currency}}


def value_schema(field):
    if field.type == "bool":
        return {"type": "boolean"}
    if field.type == "int":
        schema = {"type": "integer", "format": "int64"}
        if field.min > INT_MIN:
            schema["minimum"] = field.min
        if field.max < INT_MAX:
            schema["maximum"] = field.max
        return schema
    if field.type == "money":
        return money_schema(field)
    if field.type == "id":
        return {"type": "string", "pattern": id_pattern(field.prefixes)}
    if field.type == "time":
        return {"type": "string", "format": "date-time"}
    if field.type == "enum":
        return {"type": "string", "enum": field.enum.values}
    if field.type == "map":
        return {"type": "object", "maxProperties": field.max,
                "additionalProperties": {"type": "string", "maxLength": field.text_max}}
    if field.type == "record":
        return {"$ref": f"#/components/schemas/{field.record.full_name}"}
    if field.json:
        return {}
    # Limits are bytes of UTF-8; a text of so many characters may still be too long, never the reverse.
    schema = {"type": "string", "maxLength": field.max}
    if field.min:
        schema["minLength"] = 1
    return schema


def field_schema(field):
    schema = value_schema(field)
    if field.list:
        schema = {"type": "array", "items": schema, "maxItems": field.list}
    schema["description"] = field.doc
    if field.default is not None:
        schema["default"] = field.default
    return schema


def object_schema(struct, fields, is_answer):
    # Lists and maps are always answered, but need not be sent.
    required = [f.name for f in fields if not f.optional and (is_answer or not f.is_counted)]
    schema = {"type": "object", "description": struct.doc,
              "properties": {f.name: field_schema(f) for f in fields}}
    if required:
        schema["required"] = required
    if not is_answer:
        schema["additionalProperties"] = False
    return schema


def parameter(field, place, name):
    schema = field_schema(field)
    schema.pop("description")
    out = {"name": name, "in": place, "description": field.doc, "schema": schema}
    if not field.optional and not field.list:
        out["required"] = True
    if field.list:
        out.update(style="form", explode=False)
    return out


def parameters(message):
    out = []
    for field in message.fields:
        if field.in_path:
            out.append(parameter(field, "path", field.name))
        elif field.header:
            out.append(parameter(field, "header", field.header))
        elif message.method == "GET":
            out.append(parameter(field, "query", field.name))
    if message.etag and message.method == "GET":
        out.append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"},
                    "description": "Entity tags that the caller holds; 304 when one is current."})
    if message.idempotency != "ignored":
        key = {"name": "Idempotency-Key", "in": "header",
               "schema": {"type": "string", "minLength": 1, "maxLength": 255},
               "description": "A repeat with the same key gets the first answer again."}
        if message.idempotency == "required":
            key["required"] = True
        out.append(key)
    return out


def problem_responses(model, message, has_body):
    codes = list(message.errors) + GENERIC_ERRORS
    if any(not f.in_body for f in message.fields) or message.method == "GET":
        codes += PARAMETER_ERRORS
    codes += BODY_ERRORS if has_body else []
    if message.idempotency != "ignored":
        codes += KEY_ERRORS + (["idempotency_key_required"] if message.idempotency == "required" else [])
    if message.role == "public":
        codes = [c for c in codes if c not in ("unauthenticated", "forbidden") or c in message.errors]
    elif message.role in AUDIENCES:
        codes.append("token_expired")
    if message.step_up:
        codes.append("step_up_required")
    if message.refuses_impersonation and message.role in ("store", "store_optional"):
        codes.append("impersonation_refused")
    by_http = {}
    for code in dict.fromkeys(codes):
        if code in model.statuses:
            by_http.setdefault(model.statuses[code].http, []).append(code)
    return {str(http): {
        "description": " ".join(f"`{c}`: {model.statuses[c].title}" for c in names),
        "content": {"application/problem+json": {"schema": {"allOf": [
            {"$ref": "#/components/schemas/problem"}, {"properties": {"code": {"enum": names}}}]}}}}
        for http, names in sorted(by_http.items())}


def operation(model, message):
    body_fields = [] if message.method == "GET" else [f for f in message.fields if f.in_body]
    out = {"operationId": message.full_name, "tags": [message.domain], "summary": message.doc}
    given = parameters(message)
    if given:
        out["parameters"] = given
    if body_fields:
        schema = object_schema(message, body_fields, False)
        out["requestBody"] = {"required": "required" in schema, "content": {"application/json": {"schema": schema}}}
    answer = {"description": message.reply.doc if message.reply else "Done."}
    if message.reply:
        name = f"#/components/schemas/{message.reply.full_name}"
        answer["content"] = {"application/json": {"schema": {"$ref": name}}}
    if message.etag:
        answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
    out["responses"] = {str(message.http_status): answer}
    if message.etag and message.method == "GET":
        out["responses"]["304"] = {"description": "The caller's copy is current."}
    out["responses"].update(problem_responses(model, message, bool(body_fields)))
    if message.role in AUDIENCES:
        out["security"] = [{AUDIENCES[message.role]: []}] + ([{}] if message.role == "store_optional" else [])
    else:
        out["security"] = []
    if message.permission is not None:
        out["x-permission"] = message.permission
    return out


def reachable(struct, found):
    if struct is not None and struct.full_name not in found:
        found[struct.full_name] = struct
        for field in struct.fields:
            reachable(field.record, found)


def openapi(model):
    paths, found = {}, {}
    routes = model.routes()
    for message in routes:
        paths.setdefault(message.path, {})[message.method.lower()] = operation(model, message)
        reachable(message.reply, found)
        for field in message.fields:
            reachable(field.record, found)
    schemas = {name: object_schema(s, s.fields, s.kind == "reply") for name, s in sorted(found.items())}
    schemas["money"] = {"type": "object", "description": "Minor units of an ISO 4217 currency.",
                        "required": ["amount", "currency"], "additionalProperties": False,
                        "properties": {"amount": {"type": "integer", "format": "int64"},
                                       "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}}
    schemas["problem"] = PROBLEM
    audiences = {name: {"type": "http", "scheme": "bearer", "description": f"An access token of audience {name}."}
                 for name in ("store", "vendor", "admin")}
    used = {m.domain for m in routes}
    return {"openapi": "3.1.0",
            "info": {"title": "Souk", "version": "1", "description": "A multi-vendor marketplace.",
                     "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"}},
            "tags": [{"name": d.name, "description": d.doc} for d in model.domains if d.name in used],
            "paths": paths, "components": {"schemas": schemas, "securitySchemes": audiences}}


def openapi_text(model):
    return json.dumps(openapi(model), indent=1) + "\n"


def openapi_source(model):
    text = json.dumps(openapi(model), separators=(",", ":"))
    return NOTICE.format("messages") + numbers("openapi_json", text)


def numbers_text(model):
    return json.dumps({m.full_name: m.number for m in model.messages()}, indent=1) + "\n"
