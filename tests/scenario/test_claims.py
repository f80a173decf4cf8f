"""Units with which something is wrong: claimed, answered, refunded or sent again, or decided by staff (S-53)."""
import unittest
import uuid

import drawn
from market import PASSWORD, Market, wait_until
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


def decide(order, what, body=None, expect=200):
    return staff.call("POST", f"/v1/admin/orders/{order['id']}/{what}", body, expect=expect).json()


def lines(order, quantity, **more):
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], **more}


def advance(seconds):
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)


def kinds_told(email, order):
    return [mail["kind"] for mail in outbox(market, email) if order["number"] in mail["text"]]


def waiting(order):
    queue = staff.call("GET", "/v1/admin/queue?cause=claim_escalated", expect=200).json()["data"]
    return [item for item in queue if item["subject"] == order["id"]]


class Claims(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=10000)
        self.shopper.call("POST", "/v1/auth/verify-email",
                          {"token": mailed_token(market, self.shopper.email, "verify_email")}, expect=204)

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

    def file(self, order, quantity, expect=201, key=None, kind="damaged"):
        return self.shopper.call("POST", f"/v1/orders/{order['id']}/claims",
                                 lines(order, quantity, kind=kind, reason="The handle is off"), key,
                                 expect=expect).json()

    def hand_on(self, order, claim, expect=200):
        return self.shopper.call("POST", f"/v1/orders/{order['id']}/claims/{claim['id']}/escalate",
                                 expect=expect).json()

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def test_s_53_a_vendor_refunds_a_part_and_nothing_comes_back(self):
        order = self.delivered(3)
        sold, money, key = stock(), self.shopper.available(), uuid.uuid4().hex
        claim = self.file(order, 2, key=key)["claims"][0]
        self.assertEqual((claim["status"], claim["kind"], claim["reason"], claim["lines"][0]["quantity"]),
                         ("open", "damaged", "The handle is off", 2))
        self.assertEqual([c["id"] for c in self.file(order, 2, key=key)["claims"]], [claim["id"]])
        problem = self.file(order, 2, expect=422)
        self.assertEqual((problem["code"], problem["errors"][0]["available"]), ("units_not_left", 1))
        done = act(order, f"claims/{claim['id']}/refund", lines(order, 1))
        made = done["claims"][0]
        self.assertEqual((made["status"], made["refunded"]["amount"], made["lines"][0]["granted"]),
                         ("resolved_refund", PRICE, 1))
        self.assertEqual((done["lines"][0]["returned"], done["payment_status"]), (1, "partially_refunded"))
        wait_until(lambda: self.shopper.available() == money + PRICE, 20, "the money is back")
        self.assertEqual(stock(), sold)
        self.assertEqual(self.seen(order)["claims"], vendors[0].call(
            "GET", f"/v1/vendor/orders/{order['id']}", expect=200).json()["claims"])
        # Two units are left: neither is given back twice.
        asked = self.shopper.call("POST", f"/v1/orders/{order['id']}/returns", lines(order, 3, reason="No"),
                                  expect=422).json()
        self.assertEqual(asked["errors"][0]["available"], 2)
        events = self.shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events if e.get("claim_id") == made["id"]], ["file", "grant_refund"])
        wait_until(lambda: kinds_told(self.shopper.email, order).count("claim_refunded") == 1, 20, "the buyer is told")
        wait_until(lambda: "vendor_claim_filed" in kinds_told(vendors[0].email, order), 20, "the vendor is told")
        told = self.shopper.call("GET", "/v1/notifications", expect=200).json()["data"]
        self.assertIn("claim_refunded", [n["kind"] for n in told])

    def test_s_53_what_is_wrong_is_sent_again_at_no_price(self):
        order = self.delivered(2)
        sold, money = stock(), self.shopper.available()
        claim = self.file(order, 1, kind="wrong")["claims"][0]
        act(order, f"claims/{claim['id']}/replace", expect=404, vendor=vendors[1])
        done = act(order, f"claims/{claim['id']}/replace", expect=201)["claims"][0]
        self.assertEqual(done["status"], "resolved_replacement")
        again = self.seen({"id": done["replacement_id"]})
        self.assertEqual((again["status"], again["totals"]["total"]["amount"], again["replaces_id"],
                          again["lines"][0]["quantity"]), ("accepted", 0, order["id"], 1))
        wait_until(lambda: stock() == sold - 1, 20, "stock is taken")
        self.assertEqual(self.shopper.available(), money)
        wait_until(lambda: "claim_replaced" in kinds_told(self.shopper.email, order), 20, "the buyer is told")

    def test_s_53_a_claim_is_open_again_when_its_replacement_is_called_off(self):
        order = self.delivered(2)
        sold, money = stock(), self.shopper.available()
        claim = self.file(order, 2)["claims"][0]
        done = act(order, f"claims/{claim['id']}/replace", expect=201)["claims"][0]
        again = self.seen({"id": done["replacement_id"]})
        wait_until(lambda: stock() == sold - 2, 20, "stock is taken")
        self.shopper.call("POST", f"/v1/orders/{again['id']}/cancel", {}, expect=409)
        act(again, "cancellations", lines(again, 1, reason="One is left"), expect=201)
        wait_until(lambda: self.shopper.available() == money + PRICE, 20, "what is not sent is paid back")
        key = uuid.uuid4().hex
        vendors[0].call("POST", f"/v1/vendor/orders/{again['id']}/cancel", {"reason": "None is left"}, key, expect=200)
        vendors[0].call("POST", f"/v1/vendor/orders/{again['id']}/cancel", {"reason": "None is left"}, key, expect=200)
        wait_until(lambda: stock() == sold, 20, "stock is back")
        back = self.seen(order)["claims"][0]
        self.assertEqual((back["status"], "replacement_id" in back, back["lines"][0]["given_back"]), ("open", False, 1))
        self.assertEqual(self.file(order, 2, expect=422)["code"], "units_not_left")
        self.assertEqual(act(order, f"claims/{claim['id']}/refund")["claims"][0]["refunded"]["amount"], PRICE)
        wait_until(lambda: self.shopper.available() == money + 2 * PRICE, 20, "the rest is paid back")
        events = self.shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events if e.get("claim_id") == claim["id"]],
                         ["file", "grant_replacement", "grant_refund", "reopen", "grant_refund"])

    def test_a_claim_is_open_again_about_what_its_replacement_was_to_send_and_no_more(self):
        order = self.delivered(5)
        money = self.shopper.available()
        first = self.file(order, 4)["claims"][0]
        again = act(order, f"claims/{first['id']}/replace", lines(order, 1), expect=201)["claims"][0]
        second = self.file(order, 4)["claims"][1]
        act({"id": again["replacement_id"]}, "cancel", {"reason": "None is left"})
        back = self.seen(order)["claims"][0]
        self.assertEqual((back["status"], back["lines"][0]["declined"]), ("open", 3))
        self.assertEqual(act(order, f"claims/{first['id']}/replace", lines(order, 2), expect=422)["code"],
                         "units_not_left")
        act(order, f"claims/{second['id']}/refund", {})
        act(order, f"claims/{first['id']}/refund", {})
        wait_until(lambda: self.shopper.available() == money + 5 * PRICE, 20, "all five are paid back, none twice")
        checks = staff.call("GET", "/v1/admin/invariants", expect=200).json()["checks"]
        self.assertEqual([check["violations"] for check in checks if not check["is_ok"]], [])

    def test_who_has_filed_a_claim_withdraws_it(self):
        order = self.delivered(1)
        claim = self.file(order, 1)["claims"][0]
        path = f"/v1/orders/{order['id']}/claims/{claim['id']}/withdraw"
        market.shopper().call("POST", path, expect=404)
        self.assertEqual(self.shopper.call("POST", path, expect=200).json()["claims"][0]["status"], "withdrawn")
        self.assertEqual(self.shopper.call("POST", path, expect=409).json()["code"], "illegal_transition")
        act(order, f"claims/{claim['id']}/refund", expect=409)
        self.assertEqual(self.file(order, 1)["claims"][1]["status"], "open")

    def test_s_53_staff_decides_what_a_vendor_rejects(self):
        order = self.delivered(2)
        money = self.shopper.available()
        claim = self.file(order, 1)["claims"][0]
        path = f"claims/{claim['id']}"
        self.assertEqual(self.hand_on(order, claim, expect=409)["code"], "illegal_transition")
        answered = act(order, path + "/reject", {"reason": "It left in one piece"})["claims"][0]
        self.assertEqual((answered["status"], answered["answer"]), ("vendor_response", "It left in one piece"))
        market.shopper().call("POST", f"/v1/orders/{order['id']}/{path}/escalate", expect=404)
        self.assertEqual(waiting(order), [])
        self.assertEqual(self.hand_on(order, claim)["claims"][0]["status"], "escalated")
        act(order, path + "/refund", expect=409)
        wait_until(lambda: waiting(order), 20, "staff sees it")
        item = waiting(order)[0]
        self.assertEqual(item["part"], claim["id"])
        done = decide(order, path + "/refund")["claims"][0]
        self.assertEqual((done["status"], done["refunded"]["amount"]), ("resolved_refund", PRICE))
        wait_until(lambda: self.shopper.available() == money + PRICE, 20, "the money is back")
        wait_until(lambda: not waiting(order), 20, "nothing waits")
        wait_until(lambda: "claim_rejected" in kinds_told(self.shopper.email, order), 20, "the buyer is told")
        wait_until(lambda: {"vendor_claim_escalated", "vendor_claim_decided"}
                   <= set(kinds_told(vendors[0].email, order)), 20, "the vendor is told")
        wait_until(lambda: staff.call("GET", "/v1/admin/audit?limit=50", expect=200).body
                   .count(b"refund_any_claim") == 1, 20, "audited once")
        # Another one is denied, and a third one sent again.
        second = self.file(order, 1)["claims"][1]
        act(order, f"claims/{second['id']}/reject", {"reason": "No"})
        denied = decide(order, f"claims/{second['id']}/deny", {"reason": "The picture shows a cup"})["claims"][1]
        self.assertEqual((denied["status"], denied["decision"]), ("denied", "The picture shows a cup"))
        third = self.file(order, 1)["claims"][2]
        again = decide(order, f"claims/{third['id']}/replace", expect=201)["claims"][2]
        self.assertEqual(again["status"], "resolved_replacement")
        wait_until(lambda: kinds_told(vendors[0].email, order).count("vendor_claim_decided") == 3, 20, "each is told")

    def test_time_hands_a_claim_to_staff_and_the_order_waits_for_its_end(self):
        order = self.delivered(1)
        claim = self.file(order, 1, kind="missing")["claims"][0]
        advance(8 * DAY_S)
        wait_until(lambda: self.seen(order)["claims"][0]["status"] == "escalated", 20, "silence leads to staff")
        advance(8 * DAY_S)
        self.assertEqual(self.seen(order)["status"], "delivered")
        blocked = self.shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD})
        self.assertTrue(any("wallet holds" not in e["detail"] for e in blocked.json()["errors"]), blocked.body)
        self.assertEqual(self.file(order, 1, expect=422)["code"], "return_window_closed")
        decide(order, f"claims/{claim['id']}/deny", {"reason": "It was signed for"})
        wait_until(lambda: self.seen(order)["status"] == "completed", 20, "the order is completed")

    def test_nothing_is_claimed_that_has_not_arrived_nor_by_somebody_else(self):
        before = stock()
        cart = self.shopper.add(self.shopper.cart(), variant, 1)
        order = self.shopper.checkout(cart).json()["orders"][0]
        self.assertEqual(self.file(order, 1, expect=409)["code"], "illegal_transition")
        wait_until(lambda: stock() == before - 1, 20, "the goods are sold")
        order = self.delivered(1)
        other = market.shopper()
        other.call("POST", f"/v1/orders/{order['id']}/claims", lines(order, 1, kind="wrong", reason="Mine"), expect=404)
        self.assertEqual(self.file(order, 2, expect=422)["code"], "units_not_left")
        self.file(order, 1, expect=422, kind="ugly")
        claim = self.file(order, 1)["claims"][0]
        act(order, f"claims/{claim['id']}/reject", {"reason": "No"}, expect=404, vendor=vendors[1])
        decide(order, f"claims/{claim['id']}/deny", {"reason": "Not yet"}, expect=409)

    def test_what_a_buyer_shows_is_seen_by_the_buyer_the_vendor_and_staff_alone(self):
        order = self.delivered(1)
        claim = self.file(order, 1)["claims"][0]
        path = f"/orders/{order['id']}/claims/{claim['id']}/pictures"
        shown = [self.show(path, seed) for seed in range(5)]
        self.assertEqual(self.show(path, 5, expect=409)["code"], "too_many_claim_pictures")
        self.assertEqual(self.seen(order)["claims"][0]["pictures"], shown)
        one = f"{path}/{shown[0]['id']}"
        for who, surface in ((self.shopper, "/v1"), (vendors[0], "/v1/vendor"), (staff, "/v1/admin")):
            got = who.call("GET", f"{surface}{one}?size=160", expect=200)
            self.assertEqual((got.headers["content-type"], got.headers["cache-control"], got.body[:4]),
                             ("image/webp", "private, no-store", b"RIFF"))
        other = market.shopper()
        other.call("GET", f"/v1{one}", expect=404)
        vendors[1].call("GET", f"/v1/vendor{one}", expect=404)
        self.assertEqual(market.get(f"/v1{one}").status, 401)
        self.show(path, 9, who=other, expect=404)
        digest = market.sql("order", "SELECT encode(digest, 'hex') FROM \"order\".claim_picture LIMIT 1")[0][0]
        self.assertEqual(market.get(f"/media/{digest}/400.webp").status, 404)
        self.shopper.call("POST", f"/v1/orders/{order['id']}/claims/{claim['id']}/withdraw", expect=200)
        self.show(path, 10, expect=409)

    def test_pictures_of_claims_are_forgotten_with_the_person(self):
        self.shopper = market.shopper(money=PRICE)      # whose wallet is empty afterwards: it would keep the account
        order = self.delivered(1)
        claim = self.file(order, 1)["claims"][0]
        path = f"/orders/{order['id']}/claims/{claim['id']}/pictures"
        one = f"/v1/admin{path}/{self.show(path, 20)['id']}"
        self.shopper.call("POST", f"/v1/orders/{order['id']}/claims/{claim['id']}/withdraw", expect=200)
        advance(40 * DAY_S)
        staff.call("GET", one, expect=200)
        self.shopper.login()
        self.shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD}, expect=204)
        wait_until(lambda: staff.call("GET", one).status == 404, 30, "the picture is forgotten")

    def show(self, path, seed, who=None, expect=201):
        return (who or self.shopper).call("POST", f"/v1{path}", drawn.png(seed=seed), expect=expect,
                                          content_type="image/png").json()


if __name__ == "__main__":
    unittest.main()
