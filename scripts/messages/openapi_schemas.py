"""JSON Schemas of fields and records for openapi.json. What is sent is closed: an unknown field is refused. What is
answered is open: a client must tolerate a field that a later version adds. A record that is both has two schemas."""

from .model import INT_MAX, INT_MIN

ID_TAIL = "_[0-7][0-9a-hjkmnp-tv-z]{25}$"
EXAMPLE_ID = "01k4nq2v7cfb0rz0fsa3mz9w5e"
EXAMPLE_TIME = "2026-11-28T09:30:00Z"
INPUT = "_input"
# What a text looks like beyond its length, by the key 'format' of a field: JSON Schema's keywords, and an example.
FORMATS = {
    "email": {"format": "email", "examples": ["ada@example.com"]},
    "uri": {"format": "uri", "examples": ["https://cdn.example.com/tea.jpg"]},
    # As seen from where the answer came from (RFC 3986, section 4.1): a path is one of the market's own.
    "reference": {"format": "uri-reference", "examples": [f"/media/{64 * '0'}/400.webp"]},
    "currency": {"pattern": "^[A-Z]{3}$", "examples": ["EUR"]},
    "country": {"pattern": "^[A-Z]{2}$", "examples": ["DE"]},
    "phone": {"pattern": "^\\+[1-9][0-9]{7,14}$", "examples": ["+493012345678"]},
    "language": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "examples": ["en"]},
    "date": {"format": "date", "examples": ["2026-11-28"]},
}

# What people may write for others, by the key 'words' of a name: there is something to read in it. That it hides
# nothing is no pattern that all clients know.
WORDS = {"name": {"pattern": "\\S"}, "reason": {"pattern": "\\S"}}


def id_pattern(prefixes):
    head = prefixes[0] if len(prefixes) == 1 else f"({'|'.join(prefixes)})"
    return f"^{head}{ID_TAIL}"


def bounded(schema, field):
    if field.min > INT_MIN:
        schema["minimum"] = field.min
    if field.max < INT_MAX:
        schema["maximum"] = field.max
    return schema


def money_object(amount, is_answer):
    schema = {"type": "object", "required": ["amount", "currency"],
              "properties": {"amount": amount, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}}
    if not is_answer:
        schema["additionalProperties"] = False
    return schema


def money_component():
    return {"description": "Minor units of an ISO 4217 currency: 1999 EUR are 19.99 euros, 1999 JPY are 1999 yen.",
            **money_object({"type": "integer", "format": "int64"}, True),
            "examples": [{"amount": 1999, "currency": "EUR"}]}


def money_schema(field, is_answer):
    amount = bounded({"type": "integer", "format": "int64"}, field)
    if is_answer:
        return {"$ref": "#/components/schemas/money"}
    return money_object(amount, False)


def text_schema(field):
    schema = {"type": "string", "maxLength": field.max}
    if field.min:
        schema["minLength"] = field.min
    if field.format is not None:
        schema.update(FORMATS[field.format])
    if field.words is not None and field.min >= 1:
        schema.update(WORDS[field.words])
    if field.example is not None:
        schema["examples"] = [field.example]
    return schema


class Schemas:
    """Makes schemas, and knows which records stand in the document, and whether as sent or as answered."""

    def __init__(self):
        self.sent, self.answered = {}, {}

    def name_of(self, record, is_answer):
        """Only a record that is sent and answered needs two names."""
        is_both = record.full_name in self.sent and record.full_name in self.answered
        return record.full_name + (INPUT if is_both and not is_answer else "")

    def reach(self, struct, is_answer):
        """Notes the records below, before any schema is made."""
        for field in struct.fields:
            found = self.answered if is_answer else self.sent
            if field.record is not None and field.record.full_name not in found:
                found[field.record.full_name] = field.record
                self.reach(field.record, is_answer)
            for member in (field.members or {}).values():
                if not isinstance(member, str) and member.full_name not in found:
                    found[member.full_name] = member
                    self.reach(member, is_answer)

    def reach_reply(self, reply):
        self.answered[reply.full_name] = reply
        self.reach(reply, True)

    def value(self, field, is_answer):
        if field.type == "bool":
            return {"type": "boolean"}
        if field.type == "int":
            return bounded({"type": "integer", "format": "int64"}, field)
        if field.type == "money":
            return money_schema(field, is_answer)
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
            return {"$ref": f"#/components/schemas/{self.name_of(field.record, is_answer)}"}
        return self.json(field, is_answer) if field.json else text_schema(field)

    def json(self, field, is_answer):
        """An object; what is in it may be known to nobody but its domain."""
        if not field.members:
            return {"type": "object"}
        kinds = {"bool": {"type": "boolean"}, "list": {"type": "array", "items": {"type": "object"}}}
        properties = {name: kinds[kind] if isinstance(kind, str) else
                      {"type": "array", "items": {"$ref": f"#/components/schemas/{self.name_of(kind, is_answer)}"}}
                      for name, kind in field.members.items()}
        return {"type": "object", "properties": properties, "required": list(properties)}

    def field(self, field, is_answer):
        schema = self.value(field, is_answer)
        if field.list:
            schema = {"type": "array", "items": schema, "maxItems": field.list}
        schema["description"] = field.doc
        if field.default is not None:
            schema["default"] = field.default
        if not is_answer and field.is_removable:
            schema["type"] = ["string", "null"]
            schema.pop("format", None)      # the empty text has none
            if "pattern" in schema:
                schema["pattern"] = f"^$|{schema['pattern']}"
        if field.some:
            schema["minItems"] = 1
        return schema

    def object(self, struct, fields, is_answer):
        # Lists and maps are always answered, but need not be sent.
        required = [f.name for f in fields if not f.optional and (is_answer or f.some or not f.is_counted)]
        schema = {"type": "object", "description": struct.doc,
                  "properties": {f.name: self.field(f, is_answer) for f in fields}}
        if required:
            schema["required"] = required
        if not is_answer:
            schema["additionalProperties"] = False
        return schema

    def components(self):
        made = {"money": money_component()}
        for is_answer, found in ((True, self.answered), (False, self.sent)):
            for struct in found.values():
                made[self.name_of(struct, is_answer)] = self.object(struct, struct.fields, is_answer)
        return dict(sorted(made.items()))


# ---- examples of what is sent ----

def example_text(field):
    if field.example is not None:
        return field.example
    if field.format is not None:
        return FORMATS[field.format]["examples"][0]
    return None


def example_value(field):
    """None: nothing sensible is known of the field."""
    if field.type == "id":
        return f"{field.prefixes[0]}_{EXAMPLE_ID}"
    if field.type == "int":
        return field.default if field.default is not None else max(1, field.min)
    if field.type == "bool":
        return bool(field.default)
    if field.type == "money":
        return {"amount": max(1999, field.min), "currency": "EUR"}
    if field.type == "time":
        return EXAMPLE_TIME
    if field.type == "enum":
        return field.enum.values[0]
    if field.type == "map":
        return {}
    if field.type == "record":
        return example_object(field.record.fields)
    return {} if field.json else example_text(field)


def example_object(fields):
    """The mandatory fields, and those for which an example is given or wanted; None if one of the former has none."""
    made = {}
    for field in fields:
        is_wanted = not field.optional and (field.some or not field.is_counted)
        if not is_wanted and field.example is None and not field.shown:
            continue
        value = example_value(field)
        if value is None:
            if is_wanted:
                return None
            continue
        made[field.name] = [value] if field.list else value
    return made
