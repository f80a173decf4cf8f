"""Public answers that the gateway keeps: asked for once, and old for a second at most, whatever changes."""
import time
import unittest

from market import Market, wait_until
from people import approved_vendor, first_staff

SOON_S = 5  # a second, on a busy machine
PRICE = 1000


def setUpModule():
    global market, staff, vendor, category
    market = Market(settings=("--gateway.answers_kept=4",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor = approved_vendor(market, staff)
    category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]


def counted(name):
    lines = market.get("/metrics").body.decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(name))


class Answers(unittest.TestCase):
    def setUp(self):
        self.product = vendor.call("POST", "/v1/vendor/products",
                                   {"name": "Thing", "description": "", "category_id": category, "stock": 10,
                                    "price": {"amount": PRICE, "currency": "EUR"}}, expect=201).json()
        self.path = f"/v1/products/{self.product['id']}"
        self.variant = self.product["variants"][0]["id"]
        wait_until(lambda: market.get(self.path).status == 200, SOON_S, "the product is there")
        self.look()

    def look(self):
        return market.get(self.path).json()

    def shows(self, claim, what):
        wait_until(lambda: claim(self.look()), SOON_S, what)

    def test_what_many_ask_for_is_read_once(self):
        found, missed = counted("souk_http_answers_found"), counted("souk_http_answers_missed")
        answers = {market.get(self.path).body for _ in range(50)}
        self.assertEqual(len(answers), 1)
        self.assertGreaterEqual(counted("souk_http_answers_found") - found, 45)
        self.assertLessEqual(counted("souk_http_answers_missed") - missed, 5)

    def test_a_kept_answer_has_the_headers_of_a_new_one(self):
        new = market.get(self.path + "?")  # another way to write it
        kept = market.get(self.path)
        self.assertEqual(kept.body, new.body)
        for name in ("etag", "cache-control", "content-type", "x-content-type-options"):
            self.assertEqual(kept.headers.get(name), new.headers.get(name), name)
        self.assertEqual(market.get(self.path, {"if-none-match": kept.headers["etag"]}).status, 304)

    def test_units_that_are_sold_show(self):
        shopper = market.shopper(money=100000)
        shopper.checkout(shopper.add(shopper.cart(), self.variant, 3))
        self.shows(lambda seen: seen["variants"][0]["available"] == 7, "three are gone")

    def test_what_a_vendor_changes_shows(self):
        vendor.call("PATCH", f"/v1/vendor/products/{self.product['id']}", {"name": "Other thing"}, expect=200)
        self.shows(lambda seen: seen["name"] == "Other thing", "the new name")
        vendor.call("PUT", f"/v1/vendor/variants/{self.variant}/stock", {"on_hand": 4}, expect=200)
        self.shows(lambda seen: seen["variants"][0]["available"] == 4, "the new stock")

    def test_what_is_hidden_is_gone_from_its_page_and_from_lists(self):
        listing = f"/v1/products?category={category}"
        self.assertIn(self.product["id"], [one["id"] for one in market.get(listing).json()["data"]])
        vendor.call("POST", f"/v1/vendor/products/{self.product['id']}/hide", {}, expect=200)
        wait_until(lambda: market.get(self.path).status == 404, SOON_S, "its page is gone")
        wait_until(lambda: self.product["id"] not in [one["id"] for one in market.get(listing).json()["data"]], SOON_S,
                   "the list has it no more")

    def test_z_a_node_that_ends_takes_nothing_old_with_it(self):
        market.kill("souk-node")
        path = f"/v1/vendor/variants/{self.variant}/stock"
        wait_until(lambda: vendor.call("PUT", path, {"on_hand": 2}).status == 200, 30, "the market is there again")
        self.shows(lambda seen: seen["variants"][0]["available"] == 2, "the stock after it")

    def test_a_vendor_that_closes_is_gone_with_all_pages(self):
        closing = approved_vendor(market, staff)
        product = closing.call("POST", "/v1/vendor/products",
                               {"name": "Last thing", "description": "", "category_id": category, "stock": 1,
                                "price": {"amount": PRICE, "currency": "EUR"}}, expect=201).json()
        path = f"/v1/products/{product['id']}"
        wait_until(lambda: market.get(path).status == 200, SOON_S, "the product is there")
        vendor_id = market.get(path).json()["vendor"]["id"]
        staff.call("POST", f"/v1/admin/vendors/{vendor_id}/suspend", {"reason": "Asked for"}, expect=200)
        began = time.monotonic()
        wait_until(lambda: market.get(path).status == 404, SOON_S, "its pages are gone")
        print(f"gone after {time.monotonic() - began:.2f} s")


if __name__ == "__main__":
    unittest.main()
