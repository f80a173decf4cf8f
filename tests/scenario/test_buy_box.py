"""Several vendors' offers of one item over HTTP: a product's page names the best of them, and hears of the others."""
import unittest

from market import Market, wait_until
from people import approved_vendor, first_staff

GTIN, SAME_GTIN, OTHER_GTIN = "036000291452", "0036000291452", "4006381333931"


def setUpModule():
    global market, staff, vendors, category
    market = Market(["--market.product_approval=false", "--gateway.answers_kept=16"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    category = staff.call("POST", "/v1/admin/categories", {"name": "Tape"}, expect=201).json()["id"]


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def offer(vendor, amount, barcode=GTIN, stock=5):
    body = {"name": "Tape", "description": "", "category_id": category, "price": euros(amount), "stock": stock}
    if barcode:
        body["barcode"] = barcode
    return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()


def variant(product):
    return product["variants"][0]["id"]


def box(product):
    return market.get(f"/v1/products/{product['id']}").json()["variants"][0].get("buy_box")


class BuyBox(unittest.TestCase):
    def setUp(self):
        for person in (staff, *vendors):
            person.reconnect()

    def wins(self, page, winner, why):
        """Within the second in which changes show, however long the page was kept."""
        def is_so():
            seen = box(page)
            return seen is not None and seen["product_id"] == winner["id"]
        wait_until(is_so, 3, why)

    def test_a_kept_page_hears_when_another_vendors_price_or_stock_changes_who_wins(self):
        mine, plain = offer(vendors[0], 500), offer(vendors[0], 1, barcode=None)
        wait_until(lambda: market.get(f"/v1/products/{mine['id']}").status == 200, 10, "it is shown")
        self.assertIsNone(box(mine), "nobody else offers it")
        theirs = offer(vendors[1], 450, SAME_GTIN)
        self.wins(mine, theirs, "a new rival that costs less")
        self.assertEqual((box(mine)["others"], box(mine)["price"], box(mine)["variant_id"]),
                         (1, euros(450), variant(theirs)))
        path = f"/v1/vendor/products/{theirs['id']}/variants/{variant(theirs)}"
        vendors[1].call("PATCH", path, {"prices": [euros(600)]}, expect=200)
        self.wins(mine, mine, "it is dearer now")
        vendors[1].call("PATCH", path, {"prices": [euros(100)]}, expect=200)
        self.wins(mine, theirs, "and cheaper")
        stock = f"/v1/vendor/variants/{variant(theirs)}/stock"
        vendors[1].call("PUT", stock, {"on_hand": 0}, expect=200)
        self.wins(mine, mine, "it is sold out")
        vendors[1].call("PUT", stock, {"on_hand": 1}, expect=200)
        self.wins(mine, theirs, "and there again")
        shopper = market.shopper(money=1000)
        shopper.checkout(shopper.add(shopper.cart(), variant(theirs)))
        self.wins(mine, mine, "the last one was bought")
        vendors[1].call("PUT", stock, {"on_hand": 1}, expect=200)
        self.wins(mine, theirs, "and there again")
        vendors[1].call("PATCH", path, {"barcode": ""}, expect=200)
        wait_until(lambda: box(mine) is None, 3, "it is another item")
        vendors[1].call("PATCH", path, {"barcode": GTIN}, expect=200)
        self.wins(mine, theirs, "and this one again")
        apart = f"/v1/admin/products/{theirs['id']}/separation"
        staff.call("PUT", apart, {"is_separate": True, "reason": "Another roll."}, expect=204)
        wait_until(lambda: box(mine) is None, 3, "staff has set it apart")
        staff.call("PUT", apart, {"is_separate": False, "reason": "The same."}, expect=204)
        self.wins(mine, theirs, "and together again")
        staff.call("POST", f"/v1/admin/vendors/{vendors[1].vendor['id']}/suspend", {"reason": "Late."}, expect=200)
        wait_until(lambda: box(mine) is None, 5, "its vendor is suspended")
        self.assertIsNone(box(plain))
        offers = market.get(f"/v1/products/{mine['id']}/offers").json()["data"]
        self.assertEqual([row["product_id"] for row in offers], [mine["id"]])
        staff.call("POST", f"/v1/admin/vendors/{vendors[1].vendor['id']}/reinstate", {"reason": "Paid."}, expect=200)

    def test_a_kept_page_hears_when_a_rival_sends_in_another_way(self):
        mine, theirs = offer(vendors[0], 500, OTHER_GTIN), offer(vendors[1], 450, OTHER_GTIN)
        methods = "/v1/vendor/shipping-methods"
        flat = {"name": "Parcel", "kind": "flat", "price": euros(100)}
        own, made = (vendor.call("POST", methods, flat, expect=201).json() for vendor in vendors)
        self.wins(mine, theirs, "it costs less, and as much to send")
        changed = vendors[1].call("PATCH", f"{methods}/{made['id']}", {"price": euros(300)}, expect=200).json()
        self.wins(mine, mine, "what the rival asks for sending is more now")
        vendors[1].call("PATCH", f"{methods}/{changed['id']}", {"price": euros(100)}, expect=200)
        self.wins(mine, theirs, "and as before again")
        for vendor, method in zip(vendors, (own, made)):  # whoever buys in other stories has no address
            vendor.call("DELETE", f"{methods}/{method['id']}", expect=204)

    def test_a_kept_page_of_a_bundle_hears_when_a_part_is_hidden_and_published(self):
        part, bundle = offer(vendors[0], 500, None), offer(vendors[0], 900, None, stock=0)
        path = f"/v1/vendor/products/{bundle['id']}/variants/{variant(bundle)}/parts"
        vendors[0].call("PUT", path, {"parts": [{"variant_id": variant(part), "quantity": 1}]}, expect=200)
        page = f"/v1/products/{bundle['id']}"
        wait_until(lambda: market.get(page).json()["in_stock"], 3, "the part is there")
        vendors[0].call("POST", f"/v1/vendor/products/{part['id']}/hide", {}, expect=200)
        wait_until(lambda: not market.get(page).json()["in_stock"], 3, "nobody can buy the part")
        vendors[0].call("POST", f"/v1/vendor/products/{part['id']}/publish", {}, expect=200)
        wait_until(lambda: market.get(page).json()["in_stock"], 3, "and everybody again")


if __name__ == "__main__":
    unittest.main()
