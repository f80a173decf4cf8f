"""Units that are added to an order before it is sent: proposed, agreed to, paid, and given back
(tests/README.md, O12)."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

BERLIN = {"name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
          "country": "DE", "region_code": "BE"}
PRICE, TAX = 1001, 190


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def setUpModule():
    global market, staff, vendors, variant
    market = Market(settings=("--market.offline_payment=allowed", "--market.prices_include_tax=false",
                             "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    staff.call("POST", "/v1/admin/tax-rates",
               {"name": "VAT", "country": "DE", "tax_class": "standard", "rate_ppm": 190000}, expect=201)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = vendors[0].call("POST", "/v1/vendor/products",
                              {"name": "Thing", "description": "", "category_id": category, "stock": 1000,
                               "price": euros(PRICE)}, expect=201).json()
    variant = product["variants"][0]["id"]


def stock():
    products = vendors[0].call("GET", "/v1/vendor/products", expect=200).json()["data"]
    product = vendors[0].call("GET", f"/v1/vendor/products/{products[0]['id']}", expect=200).json()
    return product["variants"][0]["on_hand"]


def propose(order, quantity, expect=201, who=None, surface="vendor", key=None):
    body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], "reason": "As you asked."}
    return (who or vendors[0]).call("POST", f"/v1/{surface}/orders/{order['id']}/edits", body, expect=expect,
                                    key=key).json()


def kinds_told(email, order):
    return [mail["kind"] for mail in outbox(market, email) if order["number"] in mail["text"]]


class Edits(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=10000)

    def tearDown(self):
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def bought(self, quantity, on_delivery=0):
        before = stock()
        cart = self.shopper.add(self.shopper.cart(), variant, quantity)
        cart = self.shopper.call("PUT", f"/v1/carts/{cart['id']}/address", {"address": BERLIN}, expect=200).json()
        total = cart["totals"]["total"]
        payment = {"wallet": euros(total["amount"] - on_delivery)}
        if on_delivery:
            payment["on_delivery"] = euros(on_delivery)
        group = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                  {"expected_total": total, "payment": payment}, key=uuid.uuid4().hex,
                                  expect=201).json()
        wait_until(lambda: stock() == before - quantity, 20, "the goods are sold")
        self.group_id = group["id"]
        return group["orders"][0]

    def answer(self, edit, what, expect=200, who=None, key=None):
        return (who or self.shopper).call("POST", f"/v1/orders/{edit['order_id']}/edits/{edit['id']}/{what}",
                                          expect=expect, key=key).json()

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def test_o12_two_more_are_agreed_to_and_then_all_is_cancelled(self):
        shopper = self.shopper
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        full, money = stock(), shopper.available()
        order = self.bought(1)
        paid = order["totals"]["total"]["amount"]
        self.assertEqual(paid, PRICE + TAX)
        edit = propose(order, 2)
        self.assertEqual((edit["status"], edit["total"]["amount"], edit["tax"]["amount"], edit["payment"]),
                         ("open", 2 * PRICE + 380, 380, "wallet"))
        self.assertEqual(propose(order, 1, expect=409)["code"], "edit_open")
        stranger = market.shopper()
        self.answer(edit, "accept", expect=404, who=stranger)
        propose(order, 1, expect=404, who=vendors[1])
        key = uuid.uuid4().hex
        done = self.answer(edit, "accept", key=key)
        self.assertEqual(done["status"], "applied")
        self.assertEqual(self.answer(edit, "accept", key=key), done)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        wait_until(lambda: stock() == full - 3, 20, "the goods are taken")
        wait_until(lambda: shopper.available() == money - paid - edit["total"]["amount"], 20, "it is paid, once")
        after = self.seen(order)
        self.assertEqual([line["quantity"] for line in after["lines"]], [1, 2])
        self.assertEqual((after["totals"]["total"]["amount"], after["payment_status"]),
                         (paid + edit["total"]["amount"], "paid"))
        group = shopper.call("GET", f"/v1/order-groups/{self.group_id}", expect=200).json()
        self.assertEqual(group["total"]["amount"], paid + edit["total"]["amount"])
        again = shopper.call("POST", f"/v1/orders/{order['id']}/reorder", {}, expect=200).json()["cart"]
        self.assertEqual([line["quantity"] for line in again["lines"]], [3])
        events = shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events][-2:], ["propose_edit", "apply_edit"])
        for who, kind in ((shopper, "order_edit_proposed"), (vendors[0], "vendor_order_edit_answered")):
            wait_until(lambda w=who, k=kind: kinds_told(w.email, order).count(k) == 1, 20, f"told: {kind}")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                     {"lines": [{"line_id": after["lines"][1]["id"], "quantity": 1}]}, expect=201)
        wait_until(lambda: shopper.available() == money - paid - PRICE - TAX, 20, "one of them is paid back")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "No."}, expect=200)
        wait_until(lambda: shopper.available() == money, 20, "all money is back, of both purchases")
        wait_until(lambda: stock() == full, 20, "all goods are back")

    def test_o12_who_has_too_little_pays_later_or_declines(self):
        shopper, order = self.shopper, self.bought(1)
        before, money = stock(), shopper.available()
        edit = propose(order, 8)
        self.assertEqual(self.answer(edit, "accept", expect=422)["code"], "insufficient_funds")
        self.assertEqual((len(self.seen(order)["lines"]), stock()), (1, before))
        market.grant(shopper.email, 10000)
        self.assertEqual(self.answer(edit, "accept")["status"], "applied")
        wait_until(lambda: shopper.available() == money + 10000 - edit["total"]["amount"], 20, "it is paid")
        edit = propose(order, 1, who=staff, surface="admin")
        self.assertEqual(self.answer(edit, "decline")["status"], "declined")
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        listed = shopper.call("GET", f"/v1/orders/{order['id']}/edits", expect=200).json()["data"]
        self.assertEqual([e["status"] for e in listed], ["applied", "declined"])
        for who, surface in ((vendors[0], "vendor"), (staff, "admin")):
            seen = who.call("GET", f"/v1/{surface}/orders/{order['id']}/edits", expect=200).json()["data"]
            self.assertEqual(seen, listed)

    def test_o12_at_the_door_it_is_owed(self):
        order = self.bought(1, on_delivery=500)
        money = self.shopper.available()
        edit = propose(order, 1)
        self.assertEqual(edit["payment"], "on_delivery")
        self.answer(edit, "accept")
        after = self.seen(order)
        self.assertEqual(after["on_delivery"]["amount"], 500 + PRICE + TAX)
        self.assertEqual((self.shopper.available(), after["payment_status"]), (money, "partially_paid"))

    def test_o12_what_waits_too_long_is_over_and_what_is_sent_stays(self):
        order = self.bought(1)
        edit = propose(order, 1)
        staff.call("POST", "/v1/test/clock", {"advance": 2 * 24 * 3600 + 1}, expect=200)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        edit = propose(order, 1)
        parcel = vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                                 {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"},
                                 expect=201).json()
        vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments/{parcel['id']}/hand-over", expect=200)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "illegal_transition")


if __name__ == "__main__":
    unittest.main()
