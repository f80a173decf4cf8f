"""What refusals say, for bodies of every operation: where the fault is, what would be taken, and that the examples of
the contract are none (tests/README.md, S-52)."""
import json
import pathlib
import unittest
import uuid

from crawl import read_operations
from market import Market
from oidc_provider import Provider
from people import approved_vendor, first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"
# Codes that are true of any field, whose titles alone help nobody.
GENERAL = {"invalid_value", "out_of_range", "missing_field", "wrong_type", "unknown_field", "forbidden"}
TITLES = {"A field has a value that is not allowed.", "A field is outside its limits.", "A required field is missing.",
          "A field has the wrong type.", "This account may not do that."}
# What a request is refused for that is no request of this kind at all.
MISSHAPEN = {"malformed", "invalid_json", "unknown_field", "duplicate_field", "wrong_type", "missing_field",
             "out_of_range", "invalid_value", "unknown_parameter", "invalid_parameter", "payment_mismatch"}
BAD_TEXTS = ("\u202eevil", " ", "a\u0007b", "!!", "x" * 3)
# What may not go through with a body that happens to be good: it would end the crawler's own session.
ENDS = ("/logout", "/v1/me", "/password", "/sessions")


def setUpModule():
    global market, staff, people, ids
    provider = Provider("souk", "", "https://shop.example/signed-in", is_basic=False)
    unittest.addModuleCleanup(provider.stop)
    market = Market(["--admin.second_factor=optional", "--market.languages=en,de",
                     *provider.settings("acme")]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)
    staff = first_staff(market)
    shopper, vendor = market.shopper(money=100000), approved_vendor(market, staff)
    people = {"store": shopper, "vendor": vendor, "admin": staff}
    category = json.loads(market.get("/v1/categories").body)["data"][0]["id"]
    product = vendor.call("POST", "/v1/vendor/products", {
        "name": "Tea", "description": "Black.", "category_id": category,
        "price": {"amount": 500, "currency": "EUR"}, "stock": 5}, expect=201).json()
    method = vendor.call("POST", "/v1/vendor/shipping-methods", {
        "name": "Post", "kind": "flat", "price": {"amount": 300, "currency": "EUR"}}, expect=201).json()
    location = vendor.call("POST", "/v1/vendor/stock-locations", {"name": "Cellar"}, expect=201).json()
    address = shopper.call("POST", "/v1/me/addresses", {
        "name": "Ada", "line1": "1 Lane", "city": "Leeds", "country": "GB"}, expect=201).json()
    cart = shopper.add(shopper.cart(), product["variants"][0]["id"])
    ids = {"cat": category, "prd": product["id"], "var": product["variants"][0]["id"], "ven": vendor.vendor["id"],
           method["id"].split("_")[0]: method["id"], "spr": method["profile_id"], "adr": address["id"],
           "loc": location["id"],
           "usr": market.shopper().user["id"], "cart": cart["id"], "lin": cart["lines"][0]["id"]}


def person_for(operation):
    return people.get(operation.audience, people["store"])


def ask(operation, body):
    key = uuid.uuid4().hex if operation.needs_key else None
    return person_for(operation).call(operation.method, operation.fill(ids), body, key)


def texts_of(operation, schema, value, path=()):
    """The places of texts in a body, with the text in place of what stands there."""
    schema = operation.resolve(schema)
    kinds = schema.get("type")
    if "string" in (kinds if isinstance(kinds, list) else [kinds]) and "enum" not in schema:
        yield path
    for name, part in schema.get("properties", {}).items():
        if operation.resolve(part).get("type") != "array":
            yield from texts_of(operation, part, None, (*path, name))
        elif operation.resolve(operation.resolve(part)["items"]).get("type") == "string":
            yield (*path, name, 0)


def with_text(body, path, text):
    """A copy of the body in which that text stands there."""
    body = json.loads(json.dumps(body))
    place = body
    for name, following in zip(path, path[1:]):
        if isinstance(place, dict):
            place = place.setdefault(name, [] if following == 0 else {})
    if path[-1] == 0:
        place[:] = [text]
    else:
        place[path[-1]] = text
    return body


def is_there(body, pointer):
    """Whether the pointer leads to what the body has, or to what an object in it lacks."""
    place = body
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    for position, name in enumerate(names):
        if isinstance(place, list):
            if not name.isdigit() or int(name) >= len(place):
                return False
            place = place[int(name)]
        elif isinstance(place, dict):
            if name not in place:
                return position == len(names) - 1
            place = place[name]
        else:
            return False
    return True


class Refusals(unittest.TestCase):
    def setUp(self):
        self.operations = [o for o in read_operations(market) if o.body_schema is not None]

    def assert_explained(self, answer, body):
        problem = answer.json()
        for error in problem.get("errors", []):
            self.assertTrue(error.get("detail"), error)
            if error["code"] in GENERAL:
                self.assertNotIn(error["detail"], TITLES, error)
            if error.get("in", "body") == "body" and not error["pointer"].startswith("/lines/"):
                self.assertTrue(is_there(body, error["pointer"]), (error, body))
        if problem["code"] in GENERAL - {"forbidden"}:
            self.assertTrue(problem.get("errors"), problem)

    def test_every_refusal_of_a_text_says_where_and_why(self):
        refused = 0
        for operation in self.operations:
            if operation.path.endswith(ENDS):
                continue
            good = operation.body(ids)
            for path in texts_of(operation, operation.body_schema, good):
                for text in BAD_TEXTS:
                    body = with_text(good, path, text)
                    with self.subTest(operation, path=path, text=text):
                        answer = ask(operation, body)
                        self.assertLess(answer.status, 500, answer.body)
                        if answer.status >= 400:
                            refused += 1
                            self.assert_explained(answer, body)
        self.assertGreater(refused, 300)

    def test_what_is_taken_names_its_field(self):
        shopper, other, vendor = market.shopper(), market.shopper(), approved_vendor(market, staff)
        money, category = {"amount": 500, "currency": "EUR"}, {"name": "T" + uuid.uuid4().hex[:8]}
        staff.call("POST", "/v1/admin/categories", category, expect=201)
        red = {"options": {"colour": "red"}, "prices": [money]}
        product = {"name": "Tea", "description": "", "category_id": ids["cat"]}
        for person, method, path, body, code, pointer in (
                (shopper, "POST", "/v1/auth/register",
                 {"email": other.email, "username": uuid.uuid4().hex[:12], "password": "correct horse x"},
                 "email_taken", "/email"),
                (shopper, "PATCH", "/v1/me", {"username": other.name}, "username_taken", "/username"),
                (staff, "POST", "/v1/admin/categories", category, "category_exists", "/name"),
                (vendor, "POST", "/v1/vendor/products", {**product, "variants": [red, red]}, "variant_exists",
                 "/variants/1/options"),
                (vendor, "POST", "/v1/vendor/products",
                 {**product, "variants": [{"sku": "A", "options": {"n": "1"}, "prices": [money]},
                                          {"sku": "A", "options": {"n": "2"}, "prices": [money]}]},
                 "sku_taken", "/variants/1/sku"),
                (vendor, "POST", "/v1/vendor/shipping-methods",
                 {"name": "Air", "kind": "flat", "price": money, "countries": ["DE", "XX"]}, "invalid_value",
                 "/countries/1"),
                (vendor, "POST", "/v1/vendor/shipping-methods", {"name": "Air", "kind": "weight", "price": money},
                 "invalid_value", "/price_per_kg")):
            with self.subTest(path, code=code, pointer=pointer):
                answer = person.call(method, path, body)
                self.assertEqual(answer.code(), code, answer.body)
                error = answer.json()["errors"][0]
                self.assertEqual((error["pointer"], error["code"]), (pointer, code))
                self.assertTrue(error["detail"])

    def test_what_is_too_large_says_how_much_is_taken(self):
        answer = people["store"].call("POST", "/v1/auth/login", b'{"email":"' + b"a" * 400_000 + b'"}')
        self.assertEqual(answer.status, 413)
        self.assertEqual(answer.json()["errors"][0]["maximum"], 262144)


class Examples(unittest.TestCase):
    def test_the_examples_of_the_contract_are_requests_of_their_kind(self):
        """They may be refused for what they are about (a token that nobody sent), never for their form."""
        shopper, vendor = people["store"], people["vendor"]
        people.update(store=market.shopper(), vendor=approved_vendor(market, staff))
        self.addCleanup(people.update, store=shopper, vendor=vendor)
        tried = 0
        for operation in read_operations(market):
            media = operation.told.get("requestBody", {}).get("content", {}).get("application/json", {})
            if "example" not in media or operation.path.endswith(ENDS):
                continue
            text = json.dumps(media["example"])
            for prefix, known in ids.items():
                text = text.replace(f'"{prefix}_01k4nq2v7cfb0rz0fsa3mz9w5e"', f'"{known}"')
            tried += 1
            with self.subTest(operation):
                answer = ask(operation, json.loads(text))
                self.assertLess(answer.status, 500, answer.body)
                if answer.status >= 400:
                    self.assertNotIn(answer.code(), MISSHAPEN, answer.body)
        self.assertGreater(tried, 50)


if __name__ == "__main__":
    unittest.main()
