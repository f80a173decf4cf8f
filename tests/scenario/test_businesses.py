"""Businesses that pay no tax: a number is given, verified, counts where all rates say so, and is kept by the order. In
a market whose prices include tax, and in one where it comes on top."""
import unittest

from market import Market, Shopper, wait_until
from people import approved_vendor, first_staff

VIENNA = {"name": "Ada", "line1": "Ring 1", "city": "Wien", "postal_code": "1010", "country": "AT"}
BERLIN = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
MINE = "/v1/me/business-number"
NUMBER = {"country": "AT", "number": "atu 1234.5678", "company": "Tea Trade"}


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


class Businesses:
    """Vienna's rates exempt businesses, Berlin's do not."""

    @classmethod
    def setUpClass(cls):
        cls.market = Market([f"--market.prices_include_tax={cls.INCLUDED}"]).__enter__()
        cls.addClassCleanup(cls.market.__exit__, None, None, None)
        cls.staff = first_staff(cls.market)
        for country, ppm in (("AT", 200000), ("DE", 190000)):
            for tax_class in ("standard", "delivery"):
                rate = {"name": "VAT", "country": country, "tax_class": tax_class, "rate_ppm": ppm}
                if country == "AT":
                    rate["exempts_businesses"] = True
                made = cls.staff.call("POST", "/v1/admin/tax-rates", rate, expect=201).json()
        answer = cls.staff.call("PATCH", f"/v1/admin/tax-rates/{made['id']}", {"exempts_businesses": True}, expect=409)
        assert answer.json()["errors"][0]["pointer"] == "/exempts_businesses"
        category = cls.staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
        vendor = approved_vendor(cls.market, cls.staff)
        made = vendor.call("POST", "/v1/vendor/products",
                           {"name": "Thing", "description": "", "category_id": category, "stock": 100,
                            "price": euros(1200)}, expect=201).json()
        cls.variant = made["variants"][0]["id"]
        cls.method = vendor.call("POST", "/v1/vendor/shipping-methods",
                                 {"name": "Parcel", "kind": "flat", "price": euros(600)}, expect=201).json()

    def setUp(self):
        self.shopper = self.market.shopper(money=1000000)
        self.user = self.shopper.call("GET", "/v1/me", expect=200).json()["id"]
        self.of_staff = f"/v1/admin/users/{self.user}/business-number"

    def tearDown(self):
        for check in ("orders", "prices", "returns", "lives"):
            self.assertEqual(self.market.sql("order", f'SELECT * FROM "order".check_{check}()'), [])

    def cart(self, address, quantity=3):
        cart = self.shopper.cart()
        if not cart["lines"]:
            cart = self.shopper.add(cart, self.variant, quantity)
        return self.shopper.call("PUT", f"/v1/carts/{cart['id']}/address", {"address": address}, expect=200).json()

    def price(self, address):
        cart = self.cart(address)
        return cart["totals"]["total"]["amount"], cart.get("business_number")

    def give(self, **more):
        return self.shopper.call("PUT", MINE, {**NUMBER, **more}, expect=200).json()

    def verify(self, version):
        return self.staff.call("POST", self.of_staff + "/verify", {}, if_match=f'"{version}"', expect=200).json()

    def test_a_verified_number_counts_in_its_country_until_it_changes(self):
        self.assertEqual(self.price(VIENNA), (self.GROSS, None))
        given = self.give()
        self.assertEqual((given["number"], given["status"]), ("ATU12345678", "pending"))
        self.assertEqual(self.price(VIENNA), (self.GROSS, None))
        waiting = self.staff.call("GET", "/v1/admin/business-numbers", expect=200).json()["data"]
        self.assertIn(given, waiting)
        stale = self.staff.call("POST", self.of_staff + "/verify", {}, if_match='"7"')
        self.assertEqual(stale.code(), "precondition_failed")
        self.verify(given["version"])
        self.assertEqual(self.price(VIENNA), (self.NET, "ATU12345678"))
        self.assertEqual(self.price(BERLIN)[1], None)
        self.assertEqual(self.give()["status"], "verified")  # the same again changes nothing
        self.assertEqual(self.price(VIENNA)[0], self.NET)
        self.assertEqual(self.give(number="ATU87654321")["status"], "pending")
        self.assertEqual(self.price(VIENNA), (self.GROSS, None))
        self.verify(3)
        self.assertEqual(self.price(VIENNA)[0], self.NET)
        refused = self.staff.call("POST", self.of_staff + "/refuse", {"reason": "Unknown there."}, expect=200).json()
        self.assertEqual((refused["status"], refused["reason"]), ("refused", "Unknown there."))
        self.assertEqual(self.price(VIENNA)[0], self.GROSS)
        self.shopper.call("DELETE", MINE, expect=204)
        self.shopper.call("DELETE", MINE, expect=404)
        self.shopper.call("GET", MINE, expect=404)

        def actions():
            return {row[0] for row in self.market.sql("admin", "SELECT action FROM admin.audit_entry")}
        wait_until(lambda: {"order.verify_business", "order.refuse_business"} <= actions(), 10, "the trail has both")

    def test_the_price_is_explained_and_adds_up(self):
        self.verify(self.give()["version"])
        cart = self.cart(VIENNA)
        told = self.shopper.call("GET", f"/v1/carts/{cart['id']}?explain=true", expect=200).json()
        steps = told["explanation"]
        for step in steps:
            if "divisor" in step:
                self.assertEqual(step["base"] * step["factor"], step["amount"] * step["divisor"] + step["remainder"])
        total = sum(s["amount"] for s in steps if s["rule"] in ("goods", "delivery") and s["code"] == "applied")
        self.assertEqual(total, told["totals"]["total"]["amount"])
        self.assertIn("exempt", {s["code"] for s in steps})
        nets = [(s["base"], s["amount"]) for s in steps if s["rule"] == "net_price"]
        self.assertEqual(nets, [(1200, 1000)] if self.INCLUDED == "true" else [])

    def test_an_order_keeps_number_and_price_and_goes_back_to_the_cent(self):
        self.verify(self.give()["version"])
        before = self.shopper.available()
        group = self.shopper.checkout(self.cart(VIENNA)).json()
        self.assertEqual((group["total"]["amount"], group["orders"][0]["business_number"]), (self.NET, "ATU12345678"))
        self.shopper.call("DELETE", MINE, expect=204)
        path = f"/v1/orders/{group['orders'][0]['id']}"
        kept = self.shopper.call("GET", path, expect=200).json()
        self.assertEqual((kept["business_number"], kept["totals"]["total"]["amount"]), ("ATU12345678", self.NET))
        self.assertEqual(kept["totals"]["tax"]["amount"], 0)
        line = kept["lines"][0]["id"]
        self.shopper.call("POST", path + "/cancellations", {"lines": [{"line_id": line, "quantity": 1}]}, expect=201)
        self.shopper.call("POST", path + "/cancel", {}, expect=200)
        wait_until(lambda: self.shopper.available() == before, 20, "all of it is back")

    def test_bad_numbers_and_strangers_are_refused(self):
        for wrong, pointer in (({"number": "ATU1234567"}, "/number"), ({"country": "XX"}, "/country"),
                               ({"company": " "}, "/company"), ({"number": "ATU12345678<"}, "/number")):
            answer = self.shopper.call("PUT", MINE, {**NUMBER, **wrong}, expect=422)
            self.assertEqual(answer.json()["errors"][0]["pointer"], pointer)
        self.staff.call("POST", self.of_staff + "/verify", {}, expect=404)
        self.staff.call("POST", self.of_staff + "/refuse", {}, expect=422)
        self.shopper.call("POST", self.of_staff + "/verify", {}, expect=401)
        self.staff.with_key(["manage_orders"]).call("POST", self.of_staff + "/verify", {}, expect=403)
        self.give()
        named = self.staff.call("POST", f"/v1/admin/users/{self.user}/impersonate", {"reason": "help"}, expect=201)
        borrowed = Shopper(self.market, self.shopper.name)
        borrowed.token = named.json()["access_token"]
        for method, body in (("PUT", {**NUMBER, "company": "Another"}), ("DELETE", None)):
            self.assertEqual(borrowed.call(method, MINE, body, expect=403).code(), "impersonation_refused")
        self.assertEqual(borrowed.call("GET", MINE, expect=200).json()["company"], NUMBER["company"])
        part = self.shopper.call("GET", "/v1/me/export", expect=200).json()["orders"]
        self.assertEqual([b["number"] for b in part["business_numbers"]], ["ATU12345678"])


class Included(Businesses, unittest.TestCase):
    INCLUDED, GROSS, NET = "true", 3 * 1200 + 600, 3 * 1000 + 500


class OnTop(Businesses, unittest.TestCase):
    INCLUDED, GROSS, NET = "false", (3 * 1200 + 600) * 6 // 5, 3 * 1200 + 600


if __name__ == "__main__":
    unittest.main()
