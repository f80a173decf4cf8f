"""Prices in several currencies, prices of groups of customers, and files and feeds of them, over HTTP."""
import subprocess
import unittest
import uuid
import xml.etree.ElementTree as ElementTree

from market import Market, wait_until
from people import approved_vendor, first_staff

GOOGLE = "{http://base.google.com/ns/1.0}"


def setUpModule():
    global market, staff, vendor, stranger, category
    market = Market(["--market.currencies=USD,JPY,KWD", "--market.offline_payment=allowed"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
    vendor, stranger = approved_vendor(market, staff), approved_vendor(market, staff)
    wait_until(lambda: market.get(f"/v1/products/{make()['id']}").status == 200, 20, "the vendor is open")


def money(amount, currency="EUR"):
    return {"amount": amount, "currency": currency}


def make(*prices, who=None, **more):
    body = {"name": "Lamp " + uuid.uuid4().hex[:8], "description": "Brass & <glass>.", "category_id": category,
            "variants": [{"options": {}, "prices": list(prices) or [money(1000)], "stock": 50, **more}]}
    return (who or vendor).call("POST", "/v1/vendor/products", body, expect=201).json()


def names(query):
    answer = market.get("/v1/products?limit=100&" + query)
    return [row["name"] for row in answer.json()["data"]] if answer.status == 200 else answer.status


def variant(product):
    return product["variants"][0]["id"]


class Currencies(unittest.TestCase):
    def test_lists_searches_and_details_speak_of_the_currency(self):
        cheap, dear = make(money(2000), money(1000, "USD")), make(money(1000), money(2000, "USD"))
        only = make(money(500))
        mine = {cheap["name"], dear["name"], only["name"]}

        def order(query):
            return [name for name in names(query) if name in mine]
        wait_until(lambda: order("currency=USD&sort=price") == [cheap["name"], dear["name"]], 20, "search has them")
        self.assertEqual(order("currency=USD&sort=-price&q=lamp"), [dear["name"], cheap["name"]])
        self.assertEqual(order("currency=USD&min_price=1500"), [dear["name"]])
        self.assertEqual(order(f"currency=EUR&category={category}&min_price=1500"), [cheap["name"]])
        self.assertIn(only["name"], order("currency=EUR"))
        page = market.get("/v1/products?currency=USD&limit=1&facets=vendor,price&q=lamp").json()
        self.assertEqual(page["total"], sum(v["count"] for v in page["facets"]["vendors"]))
        seen = market.get(f"/v1/products/{cheap['id']}?currency=USD").json()
        self.assertEqual((seen["price"], seen["variants"][0]["price"]), (money(1000, "USD"), money(1000, "USD")))
        slug = market.get(f"/v1/products/by-slug/{seen['slug']}?currency=USD").json()
        self.assertEqual(slug["price"], money(1000, "USD"))
        answer = market.get(f"/v1/products/{only['id']}?currency=USD")
        self.assertEqual((answer.status, answer.json()["code"]), (404, "not_sold_in_currency"))

    def test_a_currency_that_is_not_sold_in_is_a_fault_of_its_field(self):
        product = make()
        for currency in ("usd", "GBP", "XYZ"):
            for path in ("/v1/products?", f"/v1/products/{product['id']}?", "/v1/products?q=lamp&"):
                answer = market.get(path + "currency=" + currency)
                self.assertEqual(answer.status, 400, path)
                self.assertEqual(answer.json()["errors"][0]["pointer"], "/currency")
                self.assertIn("USD", answer.json()["errors"][0]["detail"])
        vendor.call("PATCH", f"/v1/vendor/products/{product['id']}/variants/{variant(product)}",
                    {"prices": [money(1000), money(1, "GBP")]}, expect=422)

    def test_a_cart_of_yen_takes_what_is_sold_in_yen(self):
        product, euros = make(money(1000), money(1600, "JPY")), make()
        shopper = market.shopper(money=0)
        cart = shopper.call("POST", "/v1/carts", {"currency": "JPY"}, expect=201).json()
        cart = shopper.add(cart, variant(product), 2)
        self.assertEqual(cart["totals"]["total"], money(3200, "JPY"))
        answer = shopper.call("POST", f"/v1/carts/{cart['id']}/lines",
                              {"variant_id": variant(euros), "quantity": 1}, expect=409)
        self.assertEqual(answer.json()["code"], "currency_not_offered")


class GroupPrices(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=100000)
        self.me = self.shopper.call("GET", "/v1/me", expect=200).json()["id"]
        group = {"name": uuid.uuid4().hex[:12]}
        self.group = staff.call("POST", "/v1/admin/customer-groups", group, expect=201).json()["id"]
        self.member = f"/v1/admin/customer-groups/{self.group}/members/{self.me}"

    def tearDown(self):
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_orders()'), [])

    def price_list(self, who=None, surface="vendor", expect=201, **more):
        return (who or vendor).call("POST", f"/v1/{surface}/price-lists",
                                    {"name": "Trade", "group_ids": [self.group], "currency": "EUR", **more},
                                    expect=expect).json()

    def put(self, prices, made, who=None, surface="vendor", expect=200):
        return (who or vendor).call("PUT", f"/v1/{surface}/price-lists/{made['id']}/prices", {"prices": prices},
                                    expect=expect).json()

    def test_who_is_in_the_group_pays_its_price_while_he_is(self):
        product, made = make(), self.price_list()
        done = self.put([{"variant_id": variant(product), "unit_price": money(700)},
                         {"variant_id": variant(product), "from_quantity": 10, "unit_price": money(600)}], made)
        self.assertEqual((done["ok"], done["refused"], done["prices"]), (2, 0, 2))
        mine = f"/v1/me/prices?variant_ids={variant(product)}"
        self.assertEqual(self.shopper.call("GET", mine, expect=200).json()["data"][0]["price"], money(1000))
        cart = self.shopper.add(self.shopper.cart(), variant(product), 2)
        self.assertEqual(cart["totals"]["total"]["amount"], 2000)
        staff.call("PUT", self.member, expect=204)
        own = self.shopper.call("GET", mine, expect=200).json()["data"][0]
        self.assertEqual((own["price"], own["price_list_id"]), (money(700), made["id"]))
        self.assertEqual(own["tiers"][0]["unit_price"], money(600))
        told = self.shopper.call("GET", f"/v1/carts/{cart['id']}?explain=true", expect=200).json()
        self.assertEqual(told["totals"]["total"]["amount"], 1400)
        self.assertEqual(told["lines"][0]["price_list_id"], made["id"])
        steps = {s["amount"]: s for s in told["explanation"] if s["rule"] == "group_price"}
        self.assertEqual((steps[700]["object_id"], steps[700]["code"]), (made["id"], "applied"))
        self.assertEqual(steps[600]["code"], "quantity_too_low")
        staff.call("DELETE", self.member, expect=204)
        body = {"expected_total": money(1400), "payment": {"wallet": money(1400)}}
        answer = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", body,
                                   key=uuid.uuid4().hex, expect=409)
        self.assertEqual(answer.json()["code"], "totals_changed")
        staff.call("PUT", self.member, expect=204)
        placed = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", body,
                                   key=uuid.uuid4().hex, expect=201).json()
        self.assertEqual(placed["total"]["amount"], 1400)
        self.assertEqual(placed["orders"][0]["lines"][0]["price_list_id"], made["id"])
        staff.call("DELETE", f"/v1/admin/customer-groups/{self.group}", expect=409)

    def test_lists_are_their_owners_and_prices_are_judged_one_by_one(self):
        product, theirs, made = make(), make(who=stranger), self.price_list()
        bad = [{"variant_id": variant(product), "unit_price": money(1000)},
               {"variant_id": variant(product), "from_quantity": 2, "unit_price": money(1, "USD")},
               {"variant_id": variant(theirs), "unit_price": money(1)},
               {"variant_id": variant(product), "from_quantity": 3, "unit_price": money(999)},
               {"variant_id": variant(product), "from_quantity": 3, "unit_price": money(998)}]
        done = self.put(bad, made)
        self.assertEqual([row["outcome"] for row in done["data"]], ["refused"] * 3 + ["ok", "refused"])
        self.put(bad, made, who=stranger, expect=404)
        self.put([], made, expect=422)
        self.put([{"variant_id": variant(product), "unit_price": money(2 ** 53)}], made, expect=422)
        for wrong in ({"starts_at": "2030-01-02T00:00:00Z", "ends_at": "2030-01-01T00:00:00Z"},
                      {"currency": "GBP"}, {"currency": "eur"}, {"group_ids": []}):
            self.price_list(expect=422, **wrong)
        self.price_list(expect=404, group_ids=["cgr_" + "0" * 26])
        everybody = self.price_list(who=staff, surface="admin")
        self.assertEqual(self.put([{"variant_id": variant(theirs), "unit_price": money(1)}], everybody, who=staff,
                                  surface="admin")["ok"], 1)
        actions = {row[0] for row in market.sql("admin", "SELECT action FROM admin.audit_entry")}
        self.assertIn("catalog.set_listed_prices", actions)


class Files(unittest.TestCase):
    def test_an_export_that_is_handed_in_again_changes_nothing(self):
        make(money(1000), money(1600, "JPY"), money(4125, "KWD"),
             sales=[{"price": money(800), "ends_at": "2030-01-01T00:00:00Z"}])
        file = vendor.call("GET", "/v1/vendor/products/export", expect=200).body
        self.assertIn(b",price:JPY,price:KWD", file)
        job = vendor.call("POST", "/v1/vendor/imports", file, content_type="text/csv", expect=202).json()

        def state():
            return vendor.call("GET", f"/v1/vendor/imports/{job['id']}", expect=200).json()
        wait_until(lambda: state()["status"] == "done", 30, "the import is done")
        self.assertEqual((state()["created"], state()["changed"], state()["refused"]), (0, 0, 0))
        self.assertGreater(state()["unchanged"], 0)

    def test_a_feed_is_rss_with_googles_names(self):
        product = make(money(1000), money(1600, "JPY"))
        answer = vendor.call("GET", "/v1/vendor/products/feed?currency=JPY", expect=200)
        self.assertTrue(answer.headers["content-type"].startswith("application/rss+xml"))
        everything = subprocess.run(market.command("export", "--format", "google", "--data-dir", str(market.data_dir)),
                                    check=True, capture_output=True, timeout=60).stdout
        for text, price in ((answer.body, "1600 JPY"), (everything, "10.00 EUR")):
            items = ElementTree.fromstring(text).findall("channel/item")
            item = next(i for i in items if i.find(GOOGLE + "id").text == variant(product))
            self.assertEqual(item.find(GOOGLE + "price").text, price)
            self.assertEqual(item.find(GOOGLE + "description").text, "Brass & <glass>.")
            self.assertTrue(item.find(GOOGLE + "link").text.endswith("/" + product["id"]))
            self.assertEqual(item.find(GOOGLE + "availability").text, "in_stock")


if __name__ == "__main__":
    unittest.main()
