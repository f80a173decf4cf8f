"""A card's number in each text of each body that the contract knows is refused as what it is, and nothing of it is in
any log or table afterwards. What may hold long numbers is listed with the reason."""
import itertools
import json
import unittest
import uuid

from crawl import read_operations
from market import Market
from people import approved_vendor, first_staff

CARD = "4242424242424242"
WRITTEN = (CARD, "4242 4242 4242 4242", "4242-4242-4242-4242")
SHORT_CARD = "4222222222222"  # the shortest that there is
TOLD = "number of a payment card"
DOMAINS = ("user", "vendor", "catalog", "order", "wallet", "payment", "notification", "admin")
# By the name of a field: long numbers that are no cards' belong there (`digits` in messages/dictionary.toml), it is a
# secret that is kept as no text, or it is a document of somebody else's that is judged by what it says.
EXEMPT = {
    "barcode": "a GTIN has 8 to 14 digits", "sku": "vendors number their goods as they like",
    "phone": "a telephone has up to 15 digits", "tracking_number": "carriers number parcels by long numbers",
    "reference": "a bank's transfer is named by long numbers", "number": "so is a business in a register",
    "code": "codes are typed that are digits", "otp": "so are those of a second factor",
    "q": "goods are looked for by their barcodes", "token": "a secret, and it may be digits",
    "refresh_token": "a secret", "password": "a secret, which is kept as a hash",
    "current_password": "a secret, which is kept as a hash", "new_password": "a secret, which is kept as a hash",
    "device": "a secret", "state": "a secret"}
FORMS = ("date-time", "date", "currency", "country", "language")  # in which it cannot be written
FEWEST = 100  # so many texts have been tried at least


def setUpModule():
    global market, people
    market = Market(["--admin.second_factor=optional"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    people = {"store": market.shopper(), "vendor": approved_vendor(market, staff), "admin": staff}


def kind_of(schema):
    kind = schema.get("type")
    return next(one for one in kind if one != "null") if isinstance(kind, list) else kind


def texts_of(operation, schema, path=()):
    """(path, schema) of each text in a body, however deep; in lists and maps of the first entry."""
    schema = operation.resolve(schema)
    kind = kind_of(schema)
    if kind == "object":
        for name, part in schema.get("properties", {}).items():
            yield from texts_of(operation, part, (*path, name))
        if isinstance(schema.get("additionalProperties"), dict):
            yield (*path, "colour"), operation.resolve(schema["additionalProperties"])
    elif kind == "array":
        yield from texts_of(operation, schema["items"], (*path, 0))
    elif kind == "string":
        yield path, schema


def may_hold(schema):
    """Whether a number of a card has room and form there at all."""
    form = schema.get("pattern", "")
    return ("enum" not in schema and schema.get("format") not in FORMS
            and not form.startswith("^[A-Z]") and "_[0-7]" not in form
            and schema.get("maxLength", len(CARD)) >= len(SHORT_CARD))


def text_with(schema, written):
    room = schema.get("maxLength", 1000)
    if schema.get("format") == "email":
        return f"{CARD}@example.com"
    if schema.get("format") in ("uri", "reference"):
        return f"https://shop.example/{CARD}"
    return next(one for one in (written, CARD, SHORT_CARD) if len(one) <= room)


def put(operation, schema, value, path, text):
    """The value with the text at that place; what is missing on the way is made as its schema wants it."""
    schema = operation.resolve(schema)
    if not path:
        return text
    name, rest = path[0], path[1:]
    if name == 0:
        return [put(operation, schema["items"], made(operation, schema["items"]), rest, text)]
    part = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
    value = dict(value or {})
    value[name] = put(operation, part, value.get(name, made(operation, part)), rest, text)
    return value


def made(operation, schema):
    return operation.value({**operation.resolve(schema), "type": kind_of(operation.resolve(schema))}, {})


class Numbers(unittest.TestCase):
    def test_a_cards_number_is_refused_in_every_text_and_kept_nowhere(self):
        taken, tried, exempt = [], 0, set()
        written = itertools.cycle(WRITTEN)
        for operation in read_operations(market):
            if operation.body_schema is None:
                continue
            for path, schema in texts_of(operation, operation.body_schema):
                name = next(one for one in reversed(path) if one != 0)
                if not may_hold(schema):
                    continue
                if name in EXEMPT:
                    exempt.add(name)
                    continue
                tried += 1
                told = self.ask(operation, path, text_with(schema, next(written)))
                if told is not None:
                    taken.append((operation, "/" + "/".join(map(str, path)), told))
        self.assertEqual(taken, [], "\n".join(map(str, taken)))
        self.assertEqual(exempt, set(EXEMPT), "each of these stands somewhere")
        self.assertGreater(tried, FEWEST)
        print(f"{tried} texts", flush=True)
        self.assert_kept_nowhere()

    def ask(self, operation, path, text):
        """None: it is refused as a card's number, at its place."""
        body = put(operation, operation.body_schema, operation.body({}), path, text)
        person = people.get(operation.audience, people["store"])
        key = uuid.uuid4().hex if operation.needs_key else None
        answer = person.call(operation.method, operation.fill({}), body, key)
        if b"4242" in answer.body:
            return f"it is told again: {answer.body[:300]}"
        pointer = "/" + "/".join(map(str, path))
        errors = answer.json().get("errors", []) if answer.status in (400, 422) else []
        if any(one["pointer"] == pointer and TOLD in one["detail"] for one in errors):
            return None
        return f"{answer.status} {answer.body[:300]}"

    def assert_kept_nowhere(self):
        for log in market.data_dir.rglob("*.log"):
            text = log.read_text(errors="replace").replace(" ", "").replace("-", "")
            self.assertNotIn(CARD, text, log)
            self.assertNotIn(SHORT_CARD, text, log)
        plain = "4242[ -]?4242[ -]?4242[ -]?4242|" + SHORT_CARD
        as_bytes = "(34323432(20|2d)?){3}34323432|" + SHORT_CARD.encode().hex()
        for domain in DOMAINS:
            rows = market.sql(domain, f"""
                SELECT t.table_schema || '.' || t.table_name FROM information_schema.tables t
                WHERE t.table_schema IN ('{domain}', 'host') AND t.table_type = 'BASE TABLE' AND
                      (xpath('/row/n/text()', query_to_xml(format(
                          'SELECT count(*) AS n FROM %I.%I r WHERE r::text ~ ''{plain}|{as_bytes}''', t.table_schema,
                          t.table_name), false, true, '')))[1]::text <> '0'""")
            self.assertEqual(rows, [], domain)


if __name__ == "__main__":
    unittest.main()
