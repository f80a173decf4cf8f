"""Vendors and staff see orders: a vendor its own and nothing of who bought, staff all of them."""
import unittest

from market import Market
from people import Person, approved_vendor, first_staff


def setUpModule():
    global market, staff, vendors, orders
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendors = [approved_vendor(market, staff, name) for name in ("one", "two")]
    orders = buy_of_both()


def category():
    return market.get("/v1/categories").json()["data"][0]["id"]


def variant_of(vendor):
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": "Thing", "description": "", "category_id": category(), "stock": 100,
                           "price": {"amount": 100, "currency": "EUR"}}, expect=201).json()
    return product["variants"][0]["id"]


def buy_of_both():
    """Three checkouts, each of one thing of both vendors."""
    global shopper
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    variants = [variant_of(vendor) for vendor in vendors]
    shopper = market.shopper(money=1000)
    groups = []
    for _ in range(3):
        cart = shopper.cart()
        for variant in variants:
            cart = shopper.add(cart, variant)
        groups.append(shopper.checkout(cart).json())
    return [order for group in groups for order in group["orders"]]


class Orders(unittest.TestCase):
    def own(self, vendor):
        return [order for order in orders if order["vendor"]["id"] == vendor.vendor["id"]]

    def test_a_vendor_sees_its_own_orders_the_newest_first_and_not_who_bought(self):
        for vendor in vendors:
            data = vendor.call("GET", "/v1/vendor/orders", expect=200).json()["data"]
            self.assertEqual(data, self.own(vendor)[::-1])
            self.assertNotIn("user_id", data[0])

    def test_a_vendor_finds_one_order_and_not_the_others(self):
        mine, other = self.own(vendors[0])[0], self.own(vendors[1])[0]
        self.assertEqual(vendors[0].call("GET", f"/v1/vendor/orders/{mine['id']}", expect=200).json(), mine)
        vendors[0].call("GET", f"/v1/vendor/orders/{other['id']}", expect=404)
        by_number = vendors[0].call("GET", f"/v1/vendor/orders?number={other['number']}", expect=200).json()
        self.assertEqual(by_number["data"], [])

    def test_pages_and_filters_hold(self):
        wanted, after, found = self.own(vendors[0])[::-1], "", []
        while True:
            page = vendors[0].call("GET", f"/v1/vendor/orders?limit=1&status=accepted{after}", expect=200).json()
            found += page["data"]
            if not page["has_more"]:
                break
            after = f"&after={page['next']}"
        self.assertEqual(found, wanted)
        self.assertEqual(vendors[0].call("GET", "/v1/vendor/orders?payment_status=unpaid").json()["data"], [])
        since = wanted[0]["placed_at"]
        newer = vendors[0].call("GET", f"/v1/vendor/orders?placed_from={since}", expect=200).json()["data"]
        older = vendors[0].call("GET", f"/v1/vendor/orders?placed_to={since}", expect=200).json()["data"]
        self.assertEqual(newer + older, wanted)
        numbered = vendors[0].call("GET", f"/v1/vendor/orders?number={wanted[1]['number']}", expect=200).json()
        self.assertEqual(numbered["data"], [wanted[1]])

    def test_staff_sees_all_orders_and_who_bought(self):
        every = [{**order, "user_id": shopper.user["id"]} for order in orders]
        by_id = sorted(every, key=lambda order: order["id"], reverse=True)
        listed = staff.call("GET", "/v1/admin/orders?limit=100", expect=200).json()["data"]
        self.assertEqual(sorted(listed, key=lambda order: order["id"], reverse=True), by_id)
        mine = staff.call("GET", f"/v1/admin/orders?vendor={vendors[0].vendor['id']}", expect=200).json()["data"]
        self.assertEqual({order["vendor"]["id"] for order in mine}, {vendors[0].vendor["id"]})
        bought = staff.call("GET", f"/v1/admin/orders?user={shopper.user['id']}", expect=200).json()["data"]
        self.assertEqual(len(bought), len(orders))
        one = staff.call("GET", f"/v1/admin/orders/{orders[0]['id']}", expect=200).json()
        self.assertEqual(one["user_id"], shopper.user["id"])

    def test_a_shopper_is_told_nothing_new_and_offices_are_closed_to_others(self):
        self.assertNotIn("user_id", shopper.call("GET", f"/v1/orders/{orders[0]['id']}", expect=200).json())
        for path in ("/v1/vendor/orders", "/v1/admin/orders"):
            shopper.call("GET", path, expect=401)
        vendors[0].call("GET", "/v1/admin/orders", expect=401)


if __name__ == "__main__":
    unittest.main()
