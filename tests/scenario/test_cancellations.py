"""Units of an order that are cancelled: what they cost goes back to the cent, with tax and promotions, to whom it came
from (tests/README.md, S-26)."""
import json
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

BERLIN = {"name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
          "country": "DE", "region_code": "BE"}
PRICE, DELIVERY = 1001, 495


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def setUpModule():
    global market, staff, vendors, variants, code
    market = Market(settings=("--market.offline_payment=allowed", "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    for tax_class in ("standard", "delivery"):
        staff.call("POST", "/v1/admin/tax-rates",
                   {"name": "VAT", "country": "DE", "tax_class": tax_class, "rate_ppm": 190000}, expect=201)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    variants = [variant_of(vendor) for vendor in vendors]
    for vendor in vendors:
        vendor.call("POST", "/v1/vendor/shipping-methods",
                    {"name": "Parcel", "kind": "flat", "price": euros(DELIVERY)}, expect=201)
    code = "C" + uuid.uuid4().hex[:10].upper()
    staff.call("POST", "/v1/admin/promotions",
               {"name": "Spring", "code": code, "terms": {"kind": "percent", "off_ppm": 100000}}, expect=201)


def variant_of(vendor):
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": "Thing", "description": "", "category_id": category, "stock": 1000,
                           "price": euros(PRICE)}, expect=201).json()
    return product["variants"][0]["id"]


def stock_of(vendor):
    products = vendor.call("GET", "/v1/vendor/products", expect=200).json()["data"]
    product = vendor.call("GET", f"/v1/vendor/products/{products[0]['id']}", expect=200).json()
    return product["variants"][0]["on_hand"]


def units(order, quantity, **more):
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], **more}


def act(vendor, order, what, body=None, expect=201):
    return vendor.call("POST", f"/v1/vendor/orders/{order['id']}/{what}", body, expect=expect).json()


def send(vendor, order, quantity):
    parcel = act(vendor, order, "shipments", units(order, quantity, carrier="Post"))
    return act(vendor, order, f"shipments/{parcel['id']}/hand-over", expect=200)


def kinds_told(email, order):
    return [mail["kind"] for mail in outbox(market, email) if order["number"] in mail["text"]]


class Cancellations(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=100000)

    def tearDown(self):
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def bought(self, first, second, on_delivery=0):
        """Units of both vendors, sent to Berlin, with the code; the orders of the first and of the second."""
        shopper = self.shopper
        cart = shopper.add(shopper.cart(), variants[0], first)
        cart = shopper.add(cart, variants[1], second)
        cart = shopper.call("PUT", f"/v1/carts/{cart['id']}/address", {"address": BERLIN}, expect=200).json()
        cart = shopper.call("POST", f"/v1/carts/{cart['id']}/coupons", {"code": code}, expect=200).json()
        total = cart["totals"]["total"]
        payment = {"wallet": euros(total["amount"] - on_delivery)}
        if on_delivery:
            payment["on_delivery"] = euros(on_delivery)
        group = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                             {"expected_total": total, "payment": payment}, uuid.uuid4().hex, expect=201).json()
        return group, sorted(group["orders"], key=lambda o: o["vendor"]["id"] != vendors[0].vendor["id"])

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def group(self, group):
        return self.shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()

    def cancel(self, order, quantity, expect=201, key=None):
        return self.shopper.call("POST", f"/v1/orders/{order['id']}/cancellations", units(order, quantity), key,
                                 expect=expect).json()

    def test_s_26_one_part_is_sent_the_other_is_cancelled_with_delivery_tax_and_code(self):
        shopper = self.shopper
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        stock = stock_of(vendors[1])
        group, (order, other) = self.bought(3, 2)
        wait_until(lambda: stock_of(vendors[1]) == stock - 2, 20, "the goods are sold")
        paid = shopper.available()
        self.assertEqual(paid, 100000 - group["total"]["amount"])
        send(vendors[0], order, 3)
        # Two of 10.01 less a tenth.
        self.assertEqual((other["lines"][0]["discount"]["amount"], other["deliveries"][0]["amount"]["amount"]),
                         (200, DELIVERY))
        part = act(vendors[1], other, "cancellations", units(other, 1, reason="Broken"))
        self.assertEqual((part["status"], part["refunded"]["amount"]), ("accepted", PRICE - 100))
        cancellation = part["cancellations"][0]
        self.assertEqual((cancellation["reason"], cancellation["actor"], cancellation["delivery"]["amount"]),
                         ("Broken", "vendor", 0))
        self.assertEqual(cancellation["lines"][0]["discount"]["amount"], 100)
        whole = act(vendors[1], other, "cancellations", units(other, 1, reason="The other one too"))
        self.assertEqual((whole["status"], whole["payment_status"]), ("cancelled", "refunded"))
        self.assertEqual(whole["refunded"], other["totals"]["total"])
        self.assertEqual(whole["cancellations"][1]["delivery"]["amount"],
                         DELIVERY - other["totals"]["shipping_discount"]["amount"])
        taxes = sum(c["lines"][0]["tax"]["amount"] for c in whole["cancellations"])
        self.assertEqual(taxes, other["lines"][0]["tax"]["amount"])
        wait_until(lambda: shopper.available() == paid + other["totals"]["total"]["amount"], 20, "the money is back")
        wait_until(lambda: stock_of(vendors[1]) == stock, 20, "the goods are back")
        after = self.group(group)
        self.assertEqual((after["payment_status"], after["fulfilment_status"]), ("partially_refunded", "partial"))
        self.assertEqual((self.seen(order)["payment_status"], self.seen(order)["cancellations"]), ("paid", []))
        for kind in ("order_units_cancelled", "order_cancelled"):
            wait_until(lambda k=kind: kinds_told(shopper.email, other).count(k) == 1, 20, f"told: {kind}")

    def test_the_tag_of_what_was_read_guards_what_is_cancelled(self):
        _, (order, _) = self.bought(3, 1)
        path = f"/v1/orders/{order['id']}"
        tag = self.shopper.call("GET", path, expect=200).headers["etag"]
        def cancel(expect):
            self.shopper.call("POST", path + "/cancellations", units(order, 1), if_match=tag, expect=expect)
        cancel(201)
        cancel(412)
        tag = self.shopper.call("GET", path, expect=200).headers["etag"]
        cancel(201)

    def test_two_cancellations_at_once_share_the_units(self):
        _, (order, _) = self.bought(3, 1)
        before = self.shopper.available()
        body = json.dumps(units(order, 2)).encode()
        path = f"/v1/orders/{order['id']}/cancellations"
        headers = {"content-type": "application/json"}
        keys = [uuid.uuid4().hex for _ in range(2)]
        answers = self.shopper.connection.race(
            [("POST", path, {**self.shopper.headers(key), **headers}, body) for key in keys])
        self.assertEqual(sorted(answer.status for answer in answers), [201, 422])
        refused = next(answer for answer in answers if answer.status == 422).json()
        self.assertEqual((refused["code"], refused["errors"][0]["available"]), ("units_not_left", 1))
        seen = self.seen(order)
        self.assertEqual((seen["lines"][0]["cancelled"], len(seen["cancellations"])), (2, 1))
        back = seen["refunded"]["amount"]
        wait_until(lambda: self.shopper.available() == before + back, 20, "the money is back, once")

    def test_units_in_a_parcel_stay_and_the_rest_of_a_sent_order_goes(self):
        _, (order, _) = self.bought(3, 1)
        send(vendors[0], order, 1)
        parcel = act(vendors[0], order, "shipments", units(order, 1, carrier="Post"))
        problem = self.cancel(order, 2, expect=422)
        self.assertEqual((problem["code"], problem["errors"][0]["pointer"]),
                         ("units_not_left", "/lines/0/quantity"))
        self.assertEqual(self.cancel(order, 1)["status"], "partially_shipped")
        act(vendors[0], order, f"shipments/{parcel['id']}/cancel", expect=200)
        self.assertEqual(self.cancel(order, 1)["status"], "shipped")
        problem = self.cancel(order, 1, expect=409)
        self.assertEqual(problem["code"], "illegal_transition")
        self.shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=409)
        wait_until(lambda: kinds_told(vendors[0].email, order).count("vendor_order_units_cancelled") == 2, 20,
                   "the vendor is told, each time")

    def test_what_is_cancelled_and_what_comes_back_are_the_whole_price_with_delivery(self):
        _, (order, _) = self.bought(3, 1)
        before = self.shopper.available()
        first = self.cancel(order, 1)["refunded"]["amount"]
        send(vendors[0], order, 2)
        self.shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        asked = self.shopper.call("POST", f"/v1/orders/{order['id']}/returns", units(order, 2, reason="No"),
                                  expect=201).json()["returns"][0]
        act(vendors[0], order, f"returns/{asked['id']}/approve", expect=200)
        receipts = [{**units(order, 2)["lines"][0], "condition": "as_new", "is_restocked": True}]
        done = act(vendors[0], order, f"returns/{asked['id']}/receive", {"receipts": receipts}, expect=200)
        total = order["totals"]["total"]["amount"]
        self.assertEqual((done["returns"][0]["refunded"]["amount"], done["refunded"]["amount"]),
                         (total - first, total))
        self.assertEqual((done["fulfilment_status"], done["payment_status"]), ("returned", "refunded"))
        wait_until(lambda: self.shopper.available() == before + total, 20, "all money is back")

    def test_what_is_paid_at_the_door_becomes_less_first(self):
        group, (order, other) = self.bought(2, 1, on_delivery=2000)
        owed, total = (sum(one.get("on_delivery", euros(0))["amount"] for one in (order, other)),
                       order["totals"]["total"]["amount"])
        self.assertEqual(owed, 2000)
        mine = order["on_delivery"]["amount"]
        reply = self.cancel(order, 1)
        share = reply["cancellations"][0]
        self.assertEqual((share["waived"]["amount"], share["total"]["amount"]), (min(mine, PRICE - 100), PRICE - 100))
        self.assertEqual(reply.get("on_delivery", euros(0))["amount"], mine - share["waived"]["amount"])
        self.assertEqual(self.group(group)["on_delivery"]["amount"], owed - share["waived"]["amount"])
        slip = vendors[0].call("GET", f"/v1/vendor/orders/{order['id']}/packing-slip", expect=200).json()
        self.assertEqual(slip.get("on_delivery"), reply.get("on_delivery"))
        gone = self.cancel(order, 1)
        self.assertEqual((gone["status"], gone["refunded"]["amount"]), ("cancelled", total - mine))
        self.assertNotIn("on_delivery", gone)

    def test_a_repeated_key_cancels_once_and_staff_is_in_the_audit_trail(self):
        _, (order, _) = self.bought(3, 1)
        key = uuid.uuid4().hex
        first, again = (self.cancel(order, 1, key=key) for _ in range(2))
        self.assertEqual(first, again)
        path = f"/v1/admin/orders/{order['id']}/cancellations"
        staff.call("POST", path, units(order, 1), expect=422)
        done = staff.call("POST", path, units(order, 1, reason="They asked by phone"), expect=201).json()
        self.assertEqual([c["actor"] for c in done["cancellations"]], ["shopper", "staff"])
        self.assertEqual(done["user_id"], self.shopper.user["id"])
        wait_until(lambda: staff.call("GET", "/v1/admin/audit?limit=50", expect=200).body
                   .count(b"cancel_any_units") == 1, 20, "audited once")
        vendors[1].call("POST", f"/v1/vendor/orders/{order['id']}/cancellations", units(order, 1, reason="Mine?"),
                        expect=404)
        market.shopper().call("POST", f"/v1/orders/{order['id']}/cancellations", units(order, 1), expect=404)


if __name__ == "__main__":
    unittest.main()
