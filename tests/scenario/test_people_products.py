"""What vendors and staff do in the catalogue, over HTTP: products, variants, stock, review."""
import json
import unittest
import uuid

from market import Market, PASSWORD, Shopper, wait_until

PRICE = {"amount": 500, "currency": "EUR"}


class Vendor(Shopper):
    """The owner of an approved vendor, signed in."""

    def __init__(self, market, staff):
        super().__init__(market, "v" + uuid.uuid4().hex[:12])
        own = self.call("POST", "/v1/vendors", {"name": self.name, "email": self.email, "password": PASSWORD},
                        expect=201).json()
        self.id = own["id"]
        staff.call("POST", f"/v1/admin/vendors/{self.id}/approve", {}, expect=200)
        answer = self.call("POST", "/v1/vendor/login", {"email": self.email, "password": PASSWORD}, expect=200).json()
        self.token = answer["access_token"]
        wait_until(self.is_copied, 20, "the catalogue has heard of the vendor")

    def is_copied(self):
        return self.market.sql("catalog", f"SELECT 1 FROM catalog.vendor_copy WHERE name = '{self.name}' AND is_open")

    def wish(self, **more):
        return {"name": "Chair", "description": "Of oak.", "category_id": category["id"], **more}

    def make(self, **more):
        return self.call("POST", "/v1/vendor/products", self.wish(price=PRICE, stock=10, **more), expect=201).json()


def setUpModule():
    global market, staff, vendor, stranger, category
    market = Market(["--market.product_approval=false"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    if "/v1/vendor/login" not in market.get("/openapi.json").json()["paths"]:
        raise unittest.SkipTest("vendors cannot sign in yet")
    staff = market.staff()
    category = staff.call("POST", "/v1/admin/categories", {"name": "Chairs"}, expect=201).json()
    vendor, stranger = Vendor(market, staff), Vendor(market, staff)


def seen(product):
    """What a shopper gets: the status, and the product."""
    response = market.get(f"/v1/products/{product['id']}")
    return response.status, response.json()


class Story(unittest.TestCase):
    def setUp(self):
        """The gateway says goodbye to idle connections, and a story takes its time."""
        for person in (staff, vendor, stranger):
            person.reconnect()


class Products(Story):
    def test_a_product_lives_from_its_making_to_its_end(self):
        made = vendor.call("POST", "/v1/vendor/products", vendor.wish(price=PRICE, stock=3), expect=201)
        product = made.json()
        self.assertEqual((made.headers["etag"][:3], product["status"]), ('"1.', "published"))
        self.assertEqual(seen(product)[1]["variants"][0]["available"], 3)
        path = f"/v1/vendor/products/{product['id']}"
        changed = vendor.call("PATCH", path, {"name": "Stool", "description": "<script>alert(1)</script>"},
                              if_match='"1"', expect=200)
        self.assertEqual(changed.headers["etag"][:3], '"2.')
        self.assertEqual(seen(product)[1]["description"], "<script>alert(1)</script>")
        stale = vendor.call("PATCH", path, {"name": "Sofa"}, if_match='"1"')
        self.assertEqual((stale.status, stale.code()), (412, "precondition_failed"))
        vendor.call("POST", path + "/hide", expect=200)
        self.assertEqual(seen(product)[0], 404)
        again = vendor.call("POST", path + "/hide")
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
        self.assertIn("hidden", again.json()["errors"][0]["detail"])
        vendor.call("POST", path + "/publish", expect=200)
        self.assertEqual(seen(product)[0], 200)
        vendor.call("DELETE", path, expect=204)
        self.assertEqual(seen(product)[0], 404)
        self.assertEqual(vendor.call("GET", path, expect=200).json()["status"], "archived")
        listed = vendor.call("GET", "/v1/vendor/products?limit=100", expect=200).json()["data"]
        self.assertNotIn(product["id"], [p["id"] for p in listed])

    def test_nobody_else_reaches_a_product(self):
        product = vendor.make()
        path = f"/v1/vendor/products/{product['id']}"
        variant = product["variants"][0]["id"]
        for method, where, body in (("GET", path, None), ("PATCH", path, {"name": "Mine"}), ("DELETE", path, None),
                                    ("POST", path + "/hide", None), ("POST", path + "/publish", None),
                                    ("POST", path + "/variants", {"options": {"a": "b"}, "prices": [PRICE]}),
                                    ("PATCH", f"{path}/variants/{variant}", {"sku": "x"}),
                                    ("DELETE", f"{path}/variants/{variant}", None),
                                    ("PUT", f"/v1/vendor/variants/{variant}/stock", {"on_hand": 0})):
            response = stranger.call(method, where, body)
            self.assertEqual((response.status, response.code()), (404, "not_found"), (method, where))
        shopper = market.shopper()
        for somebody, status in ((shopper, 401), (staff, 401)):
            self.assertEqual(somebody.call("GET", path).status, status)
            self.assertEqual(somebody.call("POST", "/v1/vendor/products", vendor.wish(price=PRICE)).status, status)
        self.assertEqual(vendor.call("GET", "/v1/admin/products").status, 401)
        self.assertEqual(vendor.call("GET", path, expect=200).json()["version"], 1)

    def test_fields_that_are_not_the_vendors_are_refused(self):
        product = vendor.make()
        path = f"/v1/vendor/products/{product['id']}"
        for field, value in (("vendor_id", stranger.id), ("is_listed", True), ("version", 9), ("handle", "x"),
                             ("review_note", "fine"), ("is_hidden_by_staff", False),
                             ("created_at", "2020-01-01T00:00:00Z")):
            for method, where, body in (("POST", "/v1/vendor/products", vendor.wish(price=PRICE)), ("PATCH", path, {})):
                response = vendor.call(method, where, {**body, field: value})
                self.assertEqual((response.status, response.code()), (400, "unknown_field"), (method, field))
        for field, value in (("status", "published"), ("price", PRICE), ("stock", 1)):
            self.assertEqual(vendor.call("PATCH", path, {field: value}).code(), "unknown_field")
        self.assertEqual(vendor.call("POST", "/v1/vendor/products",
                                     vendor.wish(price=PRICE, status="archived")).status, 422)
        self.assertEqual(vendor.call("GET", path, expect=200).json()["version"], 1)

    def test_what_is_no_product_is_refused_and_never_fails(self):
        def prices(*amounts):
            return [{"options": {"n": str(i)}, "prices": [{"amount": amount, "currency": "EUR"}]}
                    for i, amount in enumerate(amounts)]
        same = {"options": {"Size": "M"}, "prices": [PRICE]}
        for more in ({"price": {"amount": -1, "currency": "EUR"}}, {"price": {"amount": 2 ** 63, "currency": "EUR"}},
                     {"price": {"amount": 10 ** 15, "currency": "EUR"}}, {"price": {"amount": 1, "currency": "XXY"}},
                     {"price": {"amount": 1, "currency": "USD"}}, {"price": {"amount": 1.5, "currency": "EUR"}},
                     {"price": PRICE, "images": ["http://example.com/a.jpg"]},
                     {"price": PRICE, "images": ["javascript:alert(1)"]},
                     {"price": PRICE, "images": ["https://example.com/a.jpg"] * 21},
                     {"price": PRICE, "name": "\u202egnp.exe"}, {"price": PRICE, "name": "a\u200bb"},
                     {"price": PRICE, "name": "x" * 256}, {"price": PRICE, "description": "\u0000"},
                     {"price": PRICE, "category_id": "cat_00000000000000000000000000"},
                     {"price": PRICE, "stock": -1}, {"price": PRICE, "weight_grams": 10 ** 12}, {},
                     {"variants": []}, {"variants": [{"prices": []}]}, {"variants": prices(1, -1)},
                     {"variants": [{"options": {str(i): "x" for i in range(4)}, "prices": [PRICE]}]},
                     {"variants": [{"prices": [PRICE, PRICE]}]}, {"variants": prices(*range(101))},
                     {"price": PRICE, "variants": prices(1)}):
            response = vendor.call("POST", "/v1/vendor/products", vendor.wish(**more))
            self.assertIn(response.status, (400, 422), (more, response.body[:300]))
        response = vendor.call("POST", "/v1/vendor/products", vendor.wish(variants=[same, same]))
        self.assertEqual((response.status, response.code()), (409, "variant_exists"))

    def test_lists_are_read_page_by_page(self):
        made = [stranger.make(name=f"Plank {i}")["id"] for i in range(5)]
        found, after = [], ""
        while True:
            page = stranger.call("GET", f"/v1/vendor/products?q=plank&limit=2{after}", expect=200).json()
            found += [product["id"] for product in page["data"]]
            if not page["has_more"]:
                break
            after = f"&after={page['next']}"
        self.assertEqual(sorted(found), sorted(made))
        for bad in ("after=%21", "status=gone", "limit=0", "limit=101", "vendor=" + vendor.id):
            self.assertEqual(stranger.call("GET", f"/v1/vendor/products?{bad}").status, 400, bad)


class Variants(Story):
    def test_variants_and_skus(self):
        product = vendor.make(sku="sku-1")
        path = f"/v1/vendor/products/{product['id']}/variants"
        prices = [PRICE, {"amount": 9, "currency": "USD"}]
        grown = vendor.call("POST", path, {"options": {"Size": "S"}, "prices": prices, "stock": 1, "sku": "sku-2"},
                            expect=201).json()
        self.assertEqual(len(seen(product)[1]["variants"]), 2)
        twice = vendor.call("POST", "/v1/vendor/products", vendor.wish(price=PRICE, sku="sku-2"))
        self.assertEqual((twice.status, twice.code()), (409, "sku_taken"))
        second = grown["variants"][1]["id"]
        vendor.call("PATCH", f"{path}/{second}", {"prices": [{"amount": 100, "currency": "EUR"}]}, expect=200)
        self.assertEqual(seen(product)[1]["price"]["amount"], 100)
        vendor.call("DELETE", f"{path}/{second}", expect=204)
        self.assertEqual(seen(product)[1]["price"]["amount"], 500)
        last = vendor.call("DELETE", f"{path}/{grown['variants'][0]['id']}")
        self.assertEqual((last.status, last.code()), (409, "last_variant"))

    def test_the_same_sku_raced_for_is_given_once(self):
        body = json.dumps(vendor.wish(price=PRICE, sku="raced")).encode()
        headers = {**vendor.headers(), "content-type": "application/json"}
        responses = vendor.connection.race([("POST", "/v1/vendor/products", headers, body)] * 8)
        self.assertEqual(sorted(response.status for response in responses), [201] + [409] * 7)

    def test_stock_is_set_and_sold(self):
        product = vendor.make()
        variant = product["variants"][0]
        path = f"/v1/vendor/variants/{variant['id']}/stock"
        level = vendor.call("PUT", path, {"on_hand": 2}, if_match=f'"{variant["stock_version"]}"', expect=200)
        self.assertEqual(level.json()["available"], 2)
        self.assertEqual(vendor.call("PUT", path, {"on_hand": 5}, if_match=f'"{variant["stock_version"]}"').status, 412)
        shopper = market.shopper(money=10000)
        cart = shopper.add(shopper.cart(), variant["id"], 2)
        shopper.checkout(cart)

        def is_sold():
            own = vendor.call("GET", f"/v1/vendor/products/{product['id']}", expect=200).json()["variants"][0]
            return (own["on_hand"], own["reserved"]) == (0, 0)
        wait_until(is_sold, 20, "what was reserved is sold")
        vendor.call("PUT", path, {"on_hand": 7}, expect=200)
        self.assertEqual(seen(product)[1]["variants"][0]["available"], 7)
        self.assertEqual(market.sql("catalog", "SELECT count(*) FROM catalog.stock WHERE received <> on_hand + sold"),
                         [["0"]])
        for bad in ({"on_hand": -1}, {"on_hand": 2 ** 40}, {}, {"on_hand": "1"}, {"on_hand": 1, "reserved": 0}):
            self.assertIn(vendor.call("PUT", path, bad).status, (400, 422))


class Staff(Story):
    def test_staff_hides_and_restores(self):
        product = vendor.make()
        path = f"/v1/admin/products/{product['id']}"
        self.assertEqual(staff.call("POST", path + "/hide", {}).status, 422)
        hidden = staff.call("POST", path + "/hide", {"reason": "A complaint."}, expect=200).json()
        self.assertTrue(hidden["is_hidden_by_staff"])
        self.assertEqual(seen(product)[0], 404)
        refused = vendor.call("POST", f"/v1/vendor/products/{product['id']}/publish")
        self.assertEqual((refused.status, refused.code()), (409, "illegal_transition"))
        own = vendor.call("GET", f"/v1/vendor/products/{product['id']}", expect=200).json()
        self.assertEqual(own["review_note"], "A complaint.")
        staff.call("POST", path + "/restore", {}, expect=200)
        self.assertEqual(seen(product)[0], 200)
        listed = staff.call("GET", f"/v1/admin/products?vendor={vendor.id}&status=published&limit=100", expect=200)
        self.assertIn(product["id"], [p["id"] for p in listed.json()["data"]])

        def entries():
            found = staff.call("GET", f"/v1/admin/audit?subject={product['id']}", expect=200).json()["data"]
            return {entry["action"] for entry in found}
        wait_until(lambda: {"catalog.create_product", "catalog.block_product", "catalog.restore_product"} <= entries(),
                   20, "what was done stands in the audit trail")

    def test_staff_makes_categories(self):
        child = staff.call("POST", "/v1/admin/categories", {"name": "Stools", "parent_id": category["id"]},
                           expect=201).json()
        self.assertEqual(child["path"], "Chairs > Stools")
        again = staff.call("POST", "/v1/admin/categories", {"name": "Stools", "parent_id": category["id"]})
        self.assertEqual((again.status, again.code()), (409, "category_exists"))
        for name in ("", " ", "A > B", "\u202ex", "x" * 201):
            self.assertEqual(staff.call("POST", "/v1/admin/categories", {"name": name}).status, 422, name)
        self.assertEqual(vendor.call("POST", "/v1/admin/categories", {"name": "Mine"}).status, 401)


class Review(unittest.TestCase):
    def test_a_product_waits_for_approval_where_the_market_says_so(self):
        global category
        with Market(["--market.product_approval=true"]) as other:
            reviewer = other.staff()
            outer, category = category, reviewer.call("POST", "/v1/admin/categories", {"name": "New"},
                                                      expect=201).json()
            self.addCleanup(globals().__setitem__, "category", outer)
            seller = Vendor(other, reviewer)
            product = seller.make()
            self.assertEqual(product["status"], "in_review")
            public, path = f"/v1/products/{product['id']}", f"/v1/admin/products/{product['id']}"
            self.assertEqual(other.get(public).status, 404)
            waiting = reviewer.call("GET", "/v1/admin/products?status=in_review", expect=200).json()["data"]
            self.assertEqual([p["id"] for p in waiting], [product["id"]])
            reviewer.call("POST", path + "/approve", {}, expect=200)
            self.assertEqual(other.get(public).status, 200)
            own_path = f"/v1/vendor/products/{product['id']}"
            variant = f"{own_path}/variants/{product['variants'][0]['id']}"
            seller.call("PATCH", own_path, {}, expect=200)
            seller.call("PATCH", variant, {"sku": "1", "prices": [PRICE]}, expect=200)
            self.assertEqual(other.get(public).status, 200)
            for method, where, body in (("PATCH", variant, {"options": {"Buy": "elsewhere"}}),
                                        ("POST", own_path + "/variants", {"options": {"a": "b"}, "prices": [PRICE]}),
                                        ("PATCH", own_path, {"name": "Something else"})):
                before = other.get(public).json()
                changed = seller.call(method, where, body)
                self.assertEqual((changed.status // 100, changed.json()["status"], changed.json()["has_open_change"]),
                                 (2, "published", True), body)
                self.assertEqual(other.get(public).json(), before, body)
                waiting = reviewer.call("GET", "/v1/admin/product-changes", expect=200).json()["data"]
                self.assertEqual([c["product_id"] for c in waiting], [product["id"]])
                shown = reviewer.call("GET", path + "/change", expect=200)
                self.assertEqual(len(shown.json()["fields"]), 1, shown.json())
                self.assertEqual(shown.json(), seller.call("GET", own_path + "/change", expect=200).json())
                reviewer.call("POST", path + "/change/approve", {}, expect=200)
                self.assertNotEqual(other.get(public).json(), before, body)
                reviewer.call("POST", path + "/change/approve", {}, expect=409)
            seller.call("PATCH", own_path, {"name": "Something else again"}, expect=200)
            self.assertEqual(reviewer.call("POST", path + "/change/reject", {"reason": ""}).status, 422)
            reviewer.call("POST", path + "/change/reject", {"reason": "Not that."}, expect=204)
            self.assertEqual(other.get(public).json()["name"], "Something else")
            change = seller.call("GET", own_path + "/change", expect=200).json()
            self.assertEqual((change["status"], change["reason"]), ("rejected", "Not that."))


if __name__ == "__main__":
    unittest.main()
