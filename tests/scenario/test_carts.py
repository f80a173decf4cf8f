"""Carts before and after a checkout: what comes along at a sign-in."""
import unittest
import uuid

from market import Market, PASSWORD, Shopper
from people import approved_vendor, first_staff

BERLIN = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
BOISE = {"name": "Ada", "line1": "1 Main Street", "city": "Boise", "country": "US"}


def setUpModule():
    global market, staff, vendor
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    vendor = approved_vendor(market, staff)


def product(stock=50, price=500):
    category = market.get("/v1/categories").json()["data"][0]["id"]
    return vendor.call("POST", "/v1/vendor/products",
                       {"name": "Thing", "description": "", "category_id": category, "stock": stock,
                        "price": {"amount": price, "currency": "EUR"}}, expect=201).json()


def variant(**more):
    return product(**more)["variants"][0]["id"]


class Guest(Shopper):
    """Somebody without an account, with a cart and its token."""

    def __init__(self):
        super().__init__(market, "g" + uuid.uuid4().hex[:12])
        made = self.call("POST", "/v1/carts", {}, expect=201).json()
        self.ticket, self.path = {"id": made["id"], "token": made["token"]}, f"/v1/carts/{made['id']}"

    def headers(self, key=None, **more):
        token = self.ticket["token"] if hasattr(self, "ticket") else None
        return super().headers(key, **({"x_cart_token": token} if token else {}), **more)


class Merging(unittest.TestCase):
    def wishing(self, address, code):
        guest = Guest()
        guest.call("POST", guest.path + "/lines", {"variant_id": variant(), "quantity": 1}, expect=201)
        guest.call("POST", guest.path + "/coupons", {"code": code}, expect=200)
        guest.call("PUT", guest.path + "/address", {"address": address}, expect=200)
        return guest.ticket

    def test_codes_and_address_of_a_guests_cart_come_along(self):
        code = "C" + uuid.uuid4().hex[:10].upper()
        staff.call("POST", "/v1/admin/promotions",
                   {"name": "Spring", "code": code, "terms": {"kind": "percent", "off_ppm": 100000}}, expect=201)
        shopper = market.shopper()
        for address, is_left in ((BERLIN, False), (BOISE, True)):
            body = {"email": shopper.email, "password": PASSWORD, "guest_cart": self.wishing(address, code)}
            merged = shopper.call("POST", "/v1/auth/login", body, expect=200).json()["cart"]
            self.assertEqual((merged["coupons_left"], merged.get("is_address_left", False)), ([], is_left))
            cart = shopper.cart()
            self.assertEqual(([c["code"] for c in cart["coupons"]], cart["address"]), ([code], BERLIN))


if __name__ == "__main__":
    unittest.main()
