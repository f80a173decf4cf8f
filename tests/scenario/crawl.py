"""Walks every operation of /openapi.json: makes a body that is valid by its schema, and fills paths with given ids."""
import json
import re
import string

import drawn

METHODS = ("get", "post", "put", "patch", "delete")


class Operation:
    def __init__(self, document, path, method, told):
        self.document, self.path, self.method, self.told = document, path, method.upper(), told
        self.name = told["operationId"]
        self.permission = told.get("x-permission")
        schemes = [name for need in told["security"] for name in need]
        self.audience = schemes[0] if schemes else None
        self.is_optional = {} in told["security"] and bool(schemes)
        given = [self.resolve(p) for p in told.get("parameters", [])]
        self.parameters = [p for p in given if p["in"] == "path"]
        self.needs_key = any(p["name"] == "Idempotency-Key" and p.get("required") for p in given)

    def __repr__(self):
        return f"{self.method} {self.path}"

    @property
    def body_schema(self):
        content = self.told.get("requestBody", {}).get("content", {})
        return None if self.raw_type else content.get("application/json", {}).get("schema")

    @property
    def raw_type(self):
        """The media type of a body that is taken as it is, or None: JSON is described by more than "bytes"."""
        content = self.told.get("requestBody", {}).get("content", {})
        json = content.get("application/json")
        is_read = json is not None and json["schema"].get("format") != "binary"
        return None if not content or is_read else next(iter(content))

    def resolve(self, schema):
        while "$ref" in schema:
            kind, name = schema["$ref"].split("/")[-2:]
            schema = self.document["components"][kind][name]
        return schema

    def value(self, schema, ids, name=""):
        """The least value that the schema takes; ids are those of their kind."""
        schema = self.resolve(schema)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            needed = schema.get("required", [])
            return {n: self.value(s, ids, n) for n, s in schema.get("properties", {}).items() if n in needed}
        if kind == "array":
            return []
        if kind == "integer":
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return True
        if schema.get("format") == "date-time":
            return "2030-01-01T00:00:00Z"
        if re.match(r"\^\(?([a-z|]+)\)?_", schema.get("pattern", "")):
            return self.patterned(schema["pattern"], ids)
        if schema.get("pattern") == "^[A-Z]{3}$":
            return "EUR"
        return sample_text(name, schema)

    @staticmethod
    def patterned(pattern, ids):
        """An id of the kind that the pattern asks for."""
        prefixes = re.match(r"\^\(?([a-z|]+)\)?_", pattern)[1].split("|")
        return next((ids[p] for p in prefixes if p in ids), prefixes[0] + "_" + "0" * 26)

    def body(self, ids):
        if self.raw_type is not None:
            return drawn.png() if self.raw_type.startswith("image/") else b"a,b\r\n"
        schema = self.body_schema
        return None if schema is None else self.value(schema, ids)

    def fill(self, ids):
        """The path with an id for every parameter; the kind of an id is in its pattern."""
        def one(match):
            parameter = next(p for p in self.parameters if p["name"] == match[1])
            schema = self.resolve(parameter["schema"])
            if "_[0-7]" in schema.get("pattern", ""):
                return self.patterned(schema["pattern"], ids)
            return str(self.value(schema, ids, match[1]))
        return re.sub(r"\{(\w+)\}", one, self.path)

    def prefixes(self):
        """Kinds of the ids in the path."""
        found = []
        for parameter in self.parameters:
            pattern = self.resolve(parameter["schema"]).get("pattern", "")
            match = re.match(r"\^\(?([a-z|]+)\)?_", pattern)
            found += match[1].split("|")[:1] if match else []
        return found


def sample_text(name, schema):
    known = {"email": "somebody@example.com", "country": "DE", "currency": "EUR", "locale": "en", "language": "de",
             "phone": "+4915112345678", "username": "somebody", "password": "a long enough passphrase",
             "new_password": "another long passphrase", "redirect_uri": "https://shop.example/back",
             "provider": "acme", "code": "123456", "role": "editor"}
    if name in known:
        return known[name]
    if name.endswith("url"):
        return "https://shop.example/a.png"
    return (string.ascii_lowercase * 9)[:max(schema.get("minLength", 0), min(8, schema.get("maxLength", 8)))]


def operations(document):
    return [Operation(document, path, method, told) for path, entry in document["paths"].items()
            for method, told in entry.items() if method in METHODS]


def read_operations(market):
    answer = market.get("/openapi.json")
    assert answer.status == 200
    return operations(json.loads(answer.body))
