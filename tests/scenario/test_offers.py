"""What stands beside a price: sales, tiers, how many at a time; and how a vendor sends, over HTTP."""
import datetime
import pathlib
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"
PROFILES, METHODS = "/v1/vendor/shipping-profiles", "/v1/vendor/shipping-methods"
MANY = 2 ** 31


def setUpModule():
    global market, vendor, stranger, category
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)
    staff = first_staff(market)
    vendor, stranger = approved_vendor(market, staff), approved_vendor(market, staff)
    category = market.get("/v1/categories").json()["data"][0]["id"]
    wait_until(lambda: market.get(f"/v1/products/{make()['id']}").status == 200, 20, "the vendor is open")


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def in_hours(hours):
    """By the market's clock, which advance() moves."""
    now = datetime.datetime.fromisoformat(market.get("/v1/test/clock").json()["now"].replace("Z", "+00:00"))
    return (now + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def advance(hours):
    """When it has answered, every sweep has run."""
    vendor.call("POST", "/v1/test/clock", {"advance": hours * 3600}, expect=200)


def make(who=None, expect=201, **more):
    body = {"name": "Lamp " + uuid.uuid4().hex[:8], "description": "Brass.", "category_id": category,
            "price": euros(1000), "stock": 50, **more}
    return (who or vendor).call("POST", "/v1/vendor/products", body, expect=expect).json()


def change(product, expect=200, who=None, **fields):
    """Of the product's only variant."""
    path = f"/v1/vendor/products/{product['id']}/variants/{product['variants'][0]['id']}"
    return (who or vendor).call("PATCH", path, fields, expect=expect)


def seen(product):
    return market.get(f"/v1/products/{product['id']}").json()


def listed(product, more=""):
    page = market.get(f"/v1/products?vendor={vendor.vendor['id']}&limit=100{more}").json()
    return next((row for row in page["data"] if row["id"] == product["id"]), None)


class Sales(unittest.TestCase):
    def test_a_sale_that_runs_stands_beside_the_price_and_ends_by_the_clock(self):
        product = make()
        change(product, sales=[{"price": euros(700), "starts_at": in_hours(1), "ends_at": in_hours(3)}])
        self.assertNotIn("sale_price", listed(product))
        advance(2)
        self.assertEqual((seen(product)["price"], seen(product)["sale_price"]), (euros(1000), euros(700)))
        self.assertEqual(seen(product)["variants"][0]["sale_price"], euros(700))
        self.assertEqual((listed(product)["price"], listed(product)["sale_price"]), (euros(1000), euros(700)))
        self.assertIsNotNone(listed(product, "&max_price=700"))
        self.assertIsNone(listed(product, "&min_price=701"))
        advance(2)
        self.assertNotIn("sale_price", seen(product))
        self.assertNotIn("sale_price", listed(product))
        self.assertIsNone(listed(product, "&max_price=700"))
        over = market.sql("catalog", "SELECT 1 FROM catalog.product p JOIN catalog.listing l ON l.product_id = p.id"
                                     f" WHERE p.name = '{product['name']}'"
                                     " AND (p.sale_amount IS NOT NULL OR l.price_amount IS NULL)")
        self.assertEqual(over, [], "the rows have forgotten the sale")

    def test_a_sale_of_later_is_not_seen_today(self):
        product = make()
        own = change(product, sales=[{"price": euros(700), "starts_at": in_hours(100)}]).json()
        self.assertEqual(own["variants"][0]["sales"][0]["price"], euros(700))
        self.assertNotIn("sale_price", seen(product))
        self.assertNotIn("sale_price", listed(product))
        self.assertNotIn("sales", seen(product)["variants"][0])

    def test_a_sale_is_taken_back_and_a_price_stays_above_it(self):
        product = make()
        change(product, sales=[{"price": euros(700)}])
        answer = change(product, expect=422, prices=[euros(700)])
        self.assertEqual(answer.json()["errors"][0]["pointer"], "/prices")
        change(product, prices=[euros(700)], remove_sales=True)
        self.assertNotIn("sale_price", seen(product))

    def test_tiers_and_quantities_are_told_to_shoppers(self):
        product = make()
        change(product, tiers=[{"from_quantity": 6, "unit_price": euros(900)},
                               {"from_quantity": 12, "unit_price": euros(900)}],
               quantity_min=6, quantity_step=6, quantity_max=60)
        variant = seen(product)["variants"][0]
        self.assertEqual([tier["from_quantity"] for tier in variant["tiers"]], [6, 12])
        self.assertEqual((variant["quantity_min"], variant["quantity_step"], variant["quantity_max"]), (6, 6, 60))


class BadInput(unittest.TestCase):
    def refused(self, body, pointer, answer):
        problem = answer.json()
        self.assertIn(answer.status, (400, 422), answer.body)
        error = problem["errors"][0]
        self.assertEqual(error["pointer"], pointer, body)
        self.assertTrue(error["detail"], error)

    def test_what_makes_no_sense_beside_a_price_is_refused_by_its_field(self):
        product = make()
        before = seen(product)

        def tiers(*pairs):
            return [{"from_quantity": n, "unit_price": euros(amount)} for n, amount in pairs]
        wrong = [({"sales": [{"price": euros(amount)}]}, pointer) for amount, pointer in
                 ((0, "/sales/0/price"), (-1, "/sales/0/price"), (1000, "/sales/0"), (1001, "/sales/0"),
                  (2 ** 63, "/sales/0/price/amount"))]
        wrong += [({"sales": [{"price": {"amount": 1, "currency": "USD"}}]}, "/sales/0"),
                  ({"sales": [{"price": euros(1)}, {"price": euros(2)}]}, "/sales/1"),
                  ({"sales": [{"price": euros(1), "starts_at": in_hours(9), "ends_at": in_hours(8)}]}, "/sales/0"),
                  ({"tiers": tiers((1, 900))}, "/tiers/0/from_quantity"),
                  ({"tiers": tiers((0, 900))}, "/tiers/0/from_quantity"),
                  ({"tiers": tiers((-1, 900))}, "/tiers/0/from_quantity"),
                  ({"tiers": tiers((MANY, 900))}, "/tiers/0/from_quantity"),
                  ({"tiers": tiers((2, 0))}, "/tiers/0/unit_price"),
                  ({"tiers": tiers((2, -1))}, "/tiers/0/unit_price"),
                  ({"tiers": tiers((2, 1001))}, "/tiers/0"), ({"tiers": tiers((2, 800), (3, 801))}, "/tiers/1"),
                  ({"tiers": tiers((3, 800), (2, 700))}, "/tiers/1"),
                  ({"tiers": tiers((3, 800), (3, 700))}, "/tiers/1"),
                  ({"tiers": tiers(*((n, 900) for n in range(2, 13)))}, "/tiers/10"),
                  ({"quantity_min": 5, "quantity_max": 4}, "/quantity_max"),
                  ({"quantity_min": 5, "quantity_step": 2}, "/quantity_min"),
                  ({"quantity_max": 5, "quantity_step": 2}, "/quantity_max")]
        wrong += [({name: n}, "/" + name) for n in (0, -1, 10001, MANY)
                  for name in ("quantity_min", "quantity_step", "quantity_max")]
        wrong += [({"weight_grams": n}, "/weight_grams") for n in (-1, 10000001, 2 ** 63)]
        for body, pointer in wrong:
            with self.subTest(body):
                self.refused(body, pointer, change(product, expect=None, **body))
        self.assertEqual(seen(product), before)

    def test_what_makes_no_sense_of_sending_is_refused_by_its_field(self):
        method = vendor.call("POST", METHODS, {"name": "Post", "kind": "flat", "price": euros(300)}, expect=201).json()
        path = f"{METHODS}/{method['id']}"
        for body, pointer in (({"handling_days": -1}, "/handling_days"), ({"handling_days": 91}, "/handling_days"),
                              ({"weight_max_grams": 0}, "/weight_max_grams"),
                              ({"weight_max_grams": 2 ** 63}, "/weight_max_grams"),
                              ({"transit_days_min": 4, "transit_days_max": 3}, "/transit_days_max"),
                              ({"transit_days_max": 366}, "/transit_days_max")):
            with self.subTest(body):
                self.refused(body, pointer, vendor.call("PATCH", path, body))
        for body, pointer in (({"name": "\u200b"}, "/name"), ({"name": "A", "origin_country": "XX"}, "/origin_country"),
                              ({"name": "A", "origin_country": "de"}, "/origin_country"),
                              ({"name": "A", "origin_region": "BY"}, "/origin_region"),
                              ({"name": "A", "origin_country": "DE", "origin_region": "b-y"}, "/origin_region")):
            with self.subTest(body):
                self.refused(body, pointer, vendor.call("POST", PROFILES, body))
        for amounts, pointer in (([euros(0)], "/order_minimums/0"), ([euros(-1)], "/order_minimums/0"),
                                 ([euros(1), euros(2)], "/order_minimums/1")):
            with self.subTest(amounts):
                self.refused(amounts, pointer, vendor.call("PATCH", "/v1/vendor", {"order_minimums": amounts}))


class Sending(unittest.TestCase):
    def test_the_first_method_brings_the_default_profile(self):
        method = stranger.call("POST", METHODS, {"name": "Post", "kind": "flat", "price": euros(300)},
                               expect=201).json()
        profiles = stranger.call("GET", PROFILES, expect=200).json()["data"]
        self.assertEqual([(one["id"], one["is_default"]) for one in profiles], [(method["profile_id"], True)])

    def test_a_profile_is_made_used_moved_and_removed(self):
        vendor.call("POST", METHODS, {"name": "Post", "kind": "flat", "price": euros(300)}, expect=201)
        key = uuid.uuid4().hex
        body = {"name": "Frozen", "origin_country": "AT", "origin_region": "9"}
        made = vendor.call("POST", PROFILES, body, key=key, expect=201)
        profile, path = made.json(), f"{PROFILES}/{made.json()['id']}"
        self.assertEqual(vendor.call("POST", PROFILES, body, key=key, expect=201).json(), profile)
        self.assertEqual((made.headers["etag"], profile["is_default"]), ('"1"', False))
        self.assertEqual(vendor.call("GET", path, expect=200).json(), profile)
        changed = vendor.call("PATCH", path, {"origin_country": ""}, if_match='"1"', expect=200).json()
        self.assertNotIn("origin_region", changed)
        vendor.call("PATCH", path, {"name": "Cold"}, if_match='"1"', expect=412)
        method = vendor.call("POST", METHODS, {"name": "Ice", "kind": "flat", "price": euros(900),
                                               "profile_id": profile["id"], "weight_max_grams": 20000,
                                               "handling_days": 2, "transit_days_min": 1, "transit_days_max": 2},
                             expect=201).json()
        product = make(shipping_profile_id=profile["id"])
        self.assertEqual(product["shipping_profile_id"], profile["id"])
        self.assertEqual(vendor.call("DELETE", path, expect=409).code(), "shipping_profile_in_use")
        vendor.call("DELETE", f"{METHODS}/{method['id']}", expect=204)
        vendor.call("DELETE", path, if_match='"1"', expect=412)
        vendor.call("DELETE", path, if_match='"2"', expect=204)
        vendor.call("GET", path, expect=404)
        product = vendor.call("GET", f"/v1/vendor/products/{product['id']}", expect=200).json()
        self.assertEqual(product["shipping_profile_id"], profile["id"], "what is gone is read as the default")
        product = vendor.call("PATCH", f"/v1/vendor/products/{product['id']}", {"remove_shipping_profile": True},
                              expect=200).json()
        self.assertNotIn("shipping_profile_id", product)

    def test_somebody_elses_profile_is_not_found(self):
        theirs = stranger.call("POST", PROFILES, {"name": "Theirs"}, expect=201).json()["id"]
        product = make()
        for method, path, body in (("GET", f"{PROFILES}/{theirs}", None),
                                   ("PATCH", f"{PROFILES}/{theirs}", {"name": "Mine"}),
                                   ("DELETE", f"{PROFILES}/{theirs}", None),
                                   ("POST", METHODS, {"name": "A", "kind": "flat", "price": euros(1),
                                                      "profile_id": theirs}),
                                   ("POST", "/v1/vendor/products", {"name": "B", "description": "", "price": euros(1),
                                                                    "category_id": category,
                                                                    "shipping_profile_id": theirs}),
                                   ("PATCH", f"/v1/vendor/products/{product['id']}", {"shipping_profile_id": theirs})):
            with self.subTest(method + " " + path):
                self.assertEqual(vendor.call(method, path, body).status, 404)

    def test_a_vendor_says_what_it_asks_of_orders(self):
        own = vendor.call("PATCH", "/v1/vendor", {
            "needs_acceptance": True, "order_minimums": [euros(2500), {"amount": 3000, "currency": "USD"}]},
            expect=200).json()
        self.assertTrue(own["needs_acceptance"])
        own = vendor.call("PATCH", "/v1/vendor", {"needs_acceptance": False}, expect=200).json()
        self.assertEqual([one["amount"] for one in own["order_minimums"]], [2500, 3000])
        own = vendor.call("PATCH", "/v1/vendor", {"remove_order_minimums": True}, expect=200).json()
        self.assertEqual((own["needs_acceptance"], own.get("order_minimums", [])), (False, []))


if __name__ == "__main__":
    unittest.main()
