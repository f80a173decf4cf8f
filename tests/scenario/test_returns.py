"""Units that come back after they were delivered: asked for, answered, received, refunded (tests/README.md, S-53)."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

DAY_S = 24 * 3600
PRICE = 700


def setUpModule():
    global market, staff, vendors, variant
    market = Market(settings=("--admin.second_factor=optional",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = vendors[0].call("POST", "/v1/vendor/products",
                              {"name": "Thing", "description": "", "category_id": category, "stock": 1000,
                               "price": {"amount": PRICE, "currency": "EUR"}}, expect=201).json()
    variant = product["variants"][0]["id"]


def stock():
    products = vendors[0].call("GET", "/v1/vendor/products", expect=200).json()["data"]
    product = vendors[0].call("GET", f"/v1/vendor/products/{products[0]['id']}", expect=200).json()
    return product["variants"][0]["on_hand"]


def act(order, what, body=None, expect=200, vendor=None):
    return (vendor or vendors[0]).call("POST", f"/v1/vendor/orders/{order['id']}/{what}", body, expect=expect).json()


def lines(order, quantity, **more):
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], **more}


def receipt(order, quantity, condition, is_restocked):
    return {"line_id": order["lines"][0]["id"], "quantity": quantity, "condition": condition,
            "is_restocked": is_restocked}


def advance(seconds):
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)


def kinds_told(email, order):
    return [mail["kind"] for mail in outbox(market, email) if order["number"] in mail["text"]]


class Returns(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=10000)

    def tearDown(self):
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def delivered(self, quantity):
        before = stock()
        cart = self.shopper.add(self.shopper.cart(), variant, quantity)
        order = self.shopper.checkout(cart).json()["orders"][0]
        wait_until(lambda: stock() == before - quantity, 20, "the goods are sold")
        parcel = act(order, "shipments", lines(order, quantity, carrier="Post"), expect=201)
        act(order, f"shipments/{parcel['id']}/hand-over")
        return self.shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200).json()

    def ask(self, order, quantity, expect=201):
        return self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                                 lines(order, quantity, reason="Too small"), expect=expect).json()

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def test_s_53_one_comes_back_damaged_and_one_fine(self):
        shopper = self.shopper
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        order = self.delivered(3)
        sold, money = stock(), shopper.available()
        asked = self.ask(order, 2)["returns"][0]
        self.assertEqual((asked["status"], asked["lines"][0]["quantity"]), ("requested", 2))
        problem = self.ask(order, 2, expect=422)
        self.assertEqual((problem["code"], problem["errors"][0]["available"]), ("units_not_left", 1))
        path = f"returns/{asked['id']}"
        self.assertEqual(act(order, path + "/receive", {"receipts": [receipt(order, 1, "used", True)]}, 409)["code"],
                         "illegal_transition")
        self.assertEqual(act(order, path + "/approve")["returns"][0]["status"], "approved")
        part = act(order, path + "/receive", {"receipts": [receipt(order, 1, "damaged", False)]})
        self.assertEqual((part["returns"][0]["status"], part["returns"][0]["lines"][0]["received"]),
                         ("partially_received", 1))
        whole = act(order, path + "/receive", {"receipts": [receipt(order, 1, "as_new", True)]})
        made = whole["returns"][0]
        self.assertEqual((made["status"], made["refunded"]["amount"]), ("refunded", 2 * PRICE))
        self.assertEqual([r["condition"] for r in made["receipts"]], ["damaged", "as_new"])
        self.assertEqual((whole["lines"][0]["returned"], whole["fulfilment_status"], whole["payment_status"]),
                         (2, "mixed", "partially_refunded"))
        wait_until(lambda: shopper.available() == money + 2 * PRICE, 20, "the money is back")
        wait_until(lambda: stock() == sold + 1, 20, "the good one is sold again")
        events = shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events if e.get("return_id") == made["id"]],
                         ["request", "approve", "receive_part", "receive_all", "refund"])
        for kind in ("return_approved", "return_refunded"):
            wait_until(lambda k=kind: kinds_told(shopper.email, order).count(k) == 1, 20, f"told: {kind}")
        wait_until(lambda: "vendor_return_requested" in kinds_told(vendors[0].email, order), 20, "the vendor is told")

    def test_s_53_what_comes_back_is_sent_again_at_no_price(self):
        shopper = self.shopper
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        order = self.delivered(2)
        sold, money = stock(), shopper.available()
        asked = shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                             lines(order, 1, reason="Too small", wants="exchange"), expect=201).json()["returns"][0]
        path = f"returns/{asked['id']}"
        act(order, path + "/approve")
        told = act(order, path + "/send-label", {"instructions": "In its box.", "label_url": "https://post.example/1"})
        self.assertEqual((told["returns"][0]["status"], told["returns"][0]["instructions"]),
                         ("label_sent", "In its box."))
        here = act(order, path + "/receive", {"receipts": [receipt(order, 1, "damaged", False)]})
        self.assertEqual(here["returns"][0]["status"], "received")
        act(order, path + "/exchange", expect=404, vendor=vendors[1])
        done = act(order, path + "/exchange", expect=201)["returns"][0]
        self.assertEqual(done["status"], "exchanged")
        again = shopper.call("GET", f"/v1/orders/{done['replacement_id']}", expect=200).json()
        self.assertEqual((again["status"], again["totals"]["total"]["amount"], again["replaces_id"],
                          again["lines"][0]["quantity"]), ("accepted", 0, order["id"], 1))
        wait_until(lambda: stock() == sold - 1, 20, "stock is taken")
        self.assertEqual(shopper.available(), money)
        group = shopper.call("GET", f"/v1/order-groups/{order['group_id']}", expect=200).json()
        self.assertEqual((len(group["orders"]), group["total"]["amount"]), (2, 2 * PRICE))
        problem = shopper.call("POST", f"/v1/orders/{again['id']}/cancel", {}, expect=409).json()
        self.assertEqual(problem["code"], "illegal_transition")
        act(again, "process")
        for kind in ("return_label_sent", "return_exchanged"):
            wait_until(lambda k=kind: kinds_told(shopper.email, order).count(k) == 1, 20, f"told: {kind}")

    def exchanged(self, quantity):
        """An order of which all came back, and the order that sends it again."""
        order = self.delivered(quantity)
        asked = self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                                  lines(order, quantity, reason="Too small", wants="exchange"), expect=201).json()
        return order, self.send_again(order, asked["returns"][0]["id"], quantity)

    def arrive(self, order, return_id, quantity):
        act(order, f"returns/{return_id}/approve")
        act(order, f"returns/{return_id}/receive", {"receipts": [receipt(order, quantity, "as_new", True)]})

    def send_again(self, order, return_id, quantity):
        self.arrive(order, return_id, quantity)
        done = act(order, f"returns/{return_id}/exchange", expect=201)["returns"][0]
        return self.seen({"id": done["replacement_id"]})

    def test_a_replacement_that_is_cancelled_leaves_its_buyer_the_money(self):
        money = self.shopper.available()
        order, again = self.exchanged(2)
        cancel = f"/v1/admin/orders/{again['id']}"
        key = uuid.uuid4().hex
        first = staff.call("POST", f"{cancel}/cancel", {"reason": "Sold out"}, key, expect=200).json()
        self.assertEqual((first["status"], staff.call("POST", f"{cancel}/cancel", {"reason": "Sold out"}, key).json()),
                         ("cancelled", first))
        back = self.seen(order)["returns"][0]
        self.assertEqual((back["status"], "replacement_id" in back), ("received", False))
        events = self.shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events if e.get("return_id") == back["id"]][-2:],
                         ["exchange", "reopen"])
        act(order, f"returns/{back['id']}/refund", vendor=vendors[1], expect=404)
        self.assertEqual(act(order, f"returns/{back['id']}/refund")["returns"][0]["refunded"]["amount"], 2 * PRICE)
        wait_until(lambda: self.shopper.available() == money, 20, "the money is back")

    def test_a_replacement_that_comes_back_is_refunded_by_what_it_replaced(self):
        money, before = self.shopper.available(), stock()
        order, again = self.exchanged(1)
        parcel = act(again, "shipments", lines(again, 1, carrier="Post"), expect=201)
        act(again, f"shipments/{parcel['id']}/hand-over")
        self.shopper.call("POST", f"/v1/orders/{again['id']}/confirm-delivery", expect=200)
        asked = self.shopper.call("POST", f"/v1/orders/{again['id']}/returns",
                                  lines(again, 1, reason="Broken", wants="exchange"), expect=201).json()["returns"][0]
        self.arrive(again, asked["id"], 1)
        self.assertEqual(self.shopper.available(), money - PRICE)
        self.assertEqual(act(again, f"returns/{asked['id']}/refund")["returns"][0]["status"], "refunded")
        wait_until(lambda: self.shopper.available() == money, 30, "the money is back")
        wait_until(lambda: stock() == before, 20, "each unit is sold again once")
        paid = self.seen(order)
        self.assertEqual((paid["returns"][0]["status"], paid["returns"][0]["lines"][0]["given_back"],
                          paid["payment_status"], paid["fulfilment_status"]),
                         ("exchanged", 1, "refunded", "returned"))
        self.assertEqual([g["refunded"]["amount"] for g in paid["returns"][0]["given_back"]], [PRICE])

    def test_s_53_a_part_of_a_replacement_that_is_not_sent_is_refunded_although_nodes_die(self):
        money = self.shopper.available()
        order, again = self.exchanged(3)
        path, key = f"/v1/vendor/orders/{again['id']}/cancellations", uuid.uuid4().hex
        body = lines(again, 1, reason="Sold out")
        vendors[1].call("POST", path, body, uuid.uuid4().hex, expect=404)
        self.shopper.call("POST", f"/v1/orders/{again['id']}/cancellations", lines(again, 1), uuid.uuid4().hex,
                          expect=409)
        staff.call("POST", "/v1/test/faults", {"point": "order.recall.refund.before", "action": "kill", "times": 1},
                   expect=204)
        wait_until(lambda: self.answers(path, body, key), 60, "the vendor has an answer")
        wait_until(lambda: self.shopper.available() == money - 2 * PRICE, 30, "one unit is paid back")
        first = vendors[0].call("POST", path, body, key, expect=201).json()
        self.assertEqual((len(first["cancellations"]), first["lines"][0]["cancelled"]), (1, 1))
        back = self.seen(order)["returns"][0]
        self.assertEqual((back["status"], back["lines"][0]["given_back"], len(back["given_back"])), ("exchanged", 1, 1))
        self.assertEqual(self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                                           lines(order, 1, reason="Again"), expect=422).json()["code"],
                         "units_not_left")
        # Of the two that are left one comes and is kept, of the other the money is wanted.
        parcel = act(again, "shipments", lines(again, 2, carrier="Post"), expect=201)
        act(again, f"shipments/{parcel['id']}/hand-over")
        self.shopper.call("POST", f"/v1/orders/{again['id']}/confirm-delivery", expect=200)
        asked = self.ask(again, 1)["returns"][0]
        self.arrive(again, asked["id"], 1)
        wait_until(lambda: self.shopper.available() == money - PRICE, 30, "two units are paid back")
        paid = self.seen(order)
        self.assertEqual((paid["returns"][0]["lines"][0]["given_back"], paid["lines"][0]["returned"],
                          paid["payment_status"]), (2, 2, "partially_refunded"))

    def answers(self, path, body, key):
        """Who asks again with the same key after a lost answer gets the first one."""
        try:
            return vendors[0].call("POST", path, body, key).status == 201
        except (OSError, TimeoutError):
            vendors[0].reconnect()
            return False

    def test_what_was_sent_again_is_not_ordered_again(self):
        order, again = self.exchanged(2)
        self.assertEqual(again["replaces_id"], order["id"])
        filled = self.shopper.call("POST", f"/v1/order-groups/{order['group_id']}/reorder", {}, expect=200).json()
        self.assertEqual([(l["variant_id"], l["quantity"]) for l in filled["cart"]["lines"]], [(variant, 2)])

    def test_an_order_is_not_completed_while_a_return_is_open_and_then_the_window_is_closed(self):
        order = self.delivered(2)
        asked = self.ask(order, 1)["returns"][0]
        advance(15 * DAY_S)
        wait_until(lambda: self.seen(order)["returns"][0]["status"] == "approved", 20, "silence is a yes")
        self.assertEqual(self.seen(order)["status"], "delivered")
        act(order, f"returns/{asked['id']}/reject", {"reason": "No"}, expect=409)
        advance(15 * DAY_S)
        wait_until(lambda: self.seen(order)["status"] == "completed", 20, "the order is completed")
        self.assertEqual(self.seen(order)["returns"][0]["status"], "cancelled")
        self.assertEqual(self.ask(order, 1, expect=422)["code"], "return_window_closed")

    def test_who_may_do_what(self):
        order = self.delivered(2)
        asked = self.ask(order, 2)["returns"][0]
        path = f"returns/{asked['id']}"
        act(order, path + "/approve", expect=404, vendor=vendors[1])
        market.shopper().call("POST", f"/v1/orders/{order['id']}/{path}/cancel", {}, expect=404)
        market.shopper().call("POST", f"/v1/orders/{order['id']}/returns", lines(order, 1, reason="Mine"), expect=404)
        gone = self.shopper.call("POST", f"/v1/orders/{order['id']}/{path}/cancel", {}, expect=200).json()
        self.assertEqual(gone["returns"][0]["status"], "cancelled")
        again = self.ask(order, 1)["returns"][1]
        staff.call("POST", f"/v1/admin/orders/{order['id']}/returns/{again['id']}/approve", expect=200)
        done = staff.call("POST", f"/v1/admin/orders/{order['id']}/returns/{again['id']}/receive",
                          {"receipts": [receipt(order, 1, "used", True)]}, expect=200).json()
        self.assertEqual(done["returns"][1]["status"], "refunded")
        wait_until(lambda: staff.call("GET", "/v1/admin/audit?limit=50", expect=200).body
                   .count(b"receive_any_return") == 1, 20, "audited once")

    def test_nothing_is_returned_that_has_not_arrived(self):
        cart = self.shopper.add(self.shopper.cart(), variant, 1)
        order = self.shopper.checkout(cart).json()["orders"][0]
        self.assertEqual(self.ask(order, 1, expect=409)["code"], "illegal_transition")
        self.assertEqual(self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                                           {"lines": [], "reason": uuid.uuid4().hex}).status, 409)


if __name__ == "__main__":
    unittest.main()
