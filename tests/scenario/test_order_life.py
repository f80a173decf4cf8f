"""An order after it was placed: accepted, sent in parcels, followed by carriers, confirmed, completed (tests/README.md,
S-27)."""
import datetime
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

DAY_S = 24 * 3600


def setUpModule():
    global market, staff, vendors, variants
    market = Market(settings=("--market.acceptance=required", "--market.offline_payment=allowed",
                              "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    variants = [variant_of(vendor) for vendor in vendors]


def variant_of(vendor):
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": "Thing " + uuid.uuid4().hex[:6], "description": "", "category_id": category,
                           "stock": 1000, "price": {"amount": 100, "currency": "EUR"}}, expect=201).json()
    return product["variants"][0]["id"]


def bought(shopper):
    """Three units of the first vendor and one of the second; the orders in this sequence."""
    cart = shopper.add(shopper.cart(), variants[0], 3)
    cart = shopper.add(cart, variants[1], 1)
    group = shopper.checkout(cart).json()
    return group, sorted(group["orders"], key=lambda o: o["vendor"]["id"] != vendors[0].vendor["id"])


def now():
    """Market time, as clients write it."""
    return market.get("/v1/test/clock").json()["now"]


def before(text, seconds):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def advance(seconds):
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)


def path_of(order, *more):
    return "/".join(("/v1/vendor/orders", order["id"], *more))


def act(vendor, order, *more, body=None, expect=200, **headers):
    return vendor.call("POST", path_of(order, *more), body, expect=expect, **headers).json()


def pack(vendor, order, quantity, **more):
    body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], "carrier": "Post", **more}
    return act(vendor, order, "shipments", body=body, expect=201)


def send(vendor, order, quantity, **more):
    parcel = pack(vendor, order, quantity, **more)
    return act(vendor, order, "shipments", parcel["id"], "hand-over")


def report(vendor, order, parcel, status, at, expect=201, **more):
    return act(vendor, order, "shipments", parcel["id"], "events", body={"status": status, "at": at, **more},
               expect=expect)


def kinds_told(email):
    return sorted(mail["kind"] for mail in outbox(market, email) if mail["kind"].startswith("order_"))


class Life(unittest.TestCase):
    def tearDown(self):
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def seen(self, shopper, order):
        return shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def events(self, shopper, order, after=0):
        return shopper.call("GET", f"/v1/orders/{order['id']}/events?after={after}", expect=200).json()["data"]

    def test_s_27_parcels_and_reports_come_in_any_order(self):
        shopper = market.shopper(money=1000)
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        group, (order, other) = bought(shopper)
        self.assertEqual(order["status"], "awaiting_acceptance")
        act(vendors[0], order, "accept")
        self.assertEqual(self.seen(shopper, order)["status"], "accepted")
        first = send(vendors[0], order, 1, tracking_number="A-1", tracking_url="https://post.example/A-1")
        self.assertEqual(self.seen(shopper, order)["fulfilment_status"], "partial")
        last = self.events(shopper, order)[-1]["sequence"]
        second = send(vendors[0], order, 2)
        at = now()
        report(vendors[0], order, second, "delivered", before(at, 10), note="Left at the door")
        late = report(vendors[0], order, second, "in_transit", before(at, 60))
        self.assertEqual((late["status"], late["carrier_status"]), ("delivered", "delivered"))
        report(vendors[0], order, first, "out_for_delivery", before(at, 5))
        report(vendors[0], order, first, "delivered", at)
        seen = self.seen(shopper, order)
        self.assertEqual((seen["status"], seen["fulfilment_status"]), ("delivered", "delivered"))
        self.assertEqual([parcel.get("tracking_number") for parcel in seen["shipments"]], ["A-1", None])
        missed = self.events(shopper, order, last)
        self.assertEqual([event["sequence"] for event in missed], list(range(last + 1, seen["version"] + 1)))
        self.assertEqual([event["trigger"] for event in missed if event["is_late"]], ["transit"])
        self.assertEqual([event["to"] for event in missed if "shipment_id" not in event],
                         ["shipped", "partially_delivered", "delivered"])
        whole = shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()
        self.assertEqual(whole["fulfilment_status"], "partial")
        told = ["order_accepted", "order_delivered", "order_placed", "order_shipped", "order_shipped"]
        wait_until(lambda: kinds_told(shopper.email) == told, 20, "the shopper is told, each once")
        shipped = [mail["text"] for mail in outbox(market, shopper.email) if mail["kind"] == "order_shipped"]
        self.assertIn("https://post.example/A-1", "".join(shipped))
        act(vendors[1], other, "accept")

    def test_what_came_back_to_its_sender_is_sent_again_or_cancelled_with_its_money(self):
        shopper = market.shopper(money=1000)
        _, (order, other) = bought(shopper)
        for vendor, mine in zip(vendors, (order, other)):
            act(vendor, mine, "accept")
        first, second = send(vendors[0], order, 2), send(vendors[0], order, 1)
        for parcel in (first, second):
            report(vendors[0], order, parcel, "returned_to_sender", now())
        self.assertEqual(self.seen(shopper, order)["status"], "shipped")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=409)
        back = act(vendors[0], order, "shipments", first["id"], "take-back")
        self.assertEqual((back["status"], self.seen(shopper, order)["status"]), ("taken_back", "partially_shipped"))
        act(vendors[0], order, "shipments", first["id"], "take-back", expect=409)
        send(vendors[0], order, 1)
        staff.call("POST", f"/v1/admin/orders/{order['id']}/shipments/{second['id']}/take-back", expect=200)
        act(vendors[0], order, "cancellations",
            body={"lines": [{"line_id": order["lines"][0]["id"], "quantity": 2}], "reason": "Unknown"}, expect=201)
        seen = self.seen(shopper, order)
        self.assertEqual((seen["status"], seen["refunded"]["amount"]), ("shipped", 200))
        parcel = send(vendors[1], other, 1)
        report(vendors[1], other, parcel, "returned_to_sender", now())
        act(vendors[1], other, "shipments", parcel["id"], "take-back")
        self.assertEqual(shopper.call("POST", f"/v1/orders/{other['id']}/cancel", {}, expect=200).json()["status"],
                         "cancelled")
        wait_until(lambda: shopper.available() == 1000 - 100, 20, "what was not sent is paid back")

    def test_what_does_not_go_there_names_what_does(self):
        shopper = market.shopper(money=1000)
        _, (order, _) = bought(shopper)
        problem = act(vendors[0], order, "process", expect=409)
        self.assertEqual(problem["code"], "illegal_transition")
        self.assertIn("awaiting_acceptance", problem["errors"][0]["detail"])
        self.assertIn("accept", problem["errors"][0]["allowed"])
        body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"}
        act(vendors[0], order, "shipments", body=body, expect=409)
        act(vendors[0], order, "accept", if_match='"1"', expect=412)
        tag = vendors[0].call("GET", path_of(order), expect=200).headers["etag"]
        act(vendors[0], order, "accept", if_match=tag)
        act(vendors[0], order, "accept", expect=409)
        parcel = pack(vendors[0], order, 3)
        problem = report(vendors[0], order, parcel, "in_transit", now(), expect=409)
        self.assertIn("hand_over", problem["errors"][0]["allowed"])
        body["lines"][0]["quantity"] = 1
        problem = act(vendors[0], order, "shipments", body=body, expect=422)
        self.assertEqual((problem["code"], problem["errors"][0]["pointer"]), ("units_not_left", "/lines/0/quantity"))
        act(vendors[0], order, "shipments", parcel["id"], "cancel")
        act(vendors[0], order, "shipments", body=body, expect=201)
        shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=409)

    def test_orders_of_others_are_not_there(self):
        shopper, stranger = market.shopper(money=1000), market.shopper()
        _, (order, _) = bought(shopper)
        act(vendors[0], order, "accept")
        parcel = pack(vendors[0], order, 1)
        body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"}
        for more, sent in ((("accept",), None), (("process",), None), (("shipments",), body),
                           (("shipments", parcel["id"], "ready"), None),
                           (("shipments", parcel["id"], "hand-over"), None),
                           (("shipments", parcel["id"], "events"), {"status": "delivered", "at": now()})):
            act(vendors[1], order, *more, body=sent, expect=404)
        for more in ((), ("shipments",), ("shipments", parcel["id"]), ("events",), ("packing-slip",)):
            vendors[1].call("GET", path_of(order, *more), expect=404)
        stranger.call("GET", f"/v1/orders/{order['id']}/events", expect=404)
        stranger.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=404)
        self.assertEqual(self.seen(shopper, order)["version"], 4)

    def test_staff_acts_in_a_vendors_stead_and_sees_who_did_it(self):
        shopper = market.shopper(money=1000)
        _, (order, _) = bought(shopper)
        path = f"/v1/admin/orders/{order['id']}"
        staff.call("POST", path + "/accept", expect=200)
        body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 3}], "carrier": "Van"}
        parcel = staff.call("POST", path + "/shipments", body, expect=201).json()
        staff.call("POST", f"{path}/shipments/{parcel['id']}/hand-over", expect=200)
        staff.call("POST", f"{path}/shipments/{parcel['id']}/deliver", expect=200)
        events = staff.call("GET", path + "/events", expect=200).json()["data"]
        self.assertEqual({event["actor"] for event in events[2:]}, {"staff"})
        self.assertTrue(all(event["actor_id"].startswith("adm_") for event in events[2:]))
        self.assertTrue(all("actor_id" not in event for event in self.events(shopper, order)))
        slip = vendors[0].call("GET", path_of(order, "packing-slip"), expect=200).json()
        self.assertEqual([(line["quantity"], line["to_pack"]) for line in slip["lines"]], [(3, 0)])
        found = staff.call("GET", "/v1/admin/orders?fulfilment_status=delivered&limit=100", expect=200).json()["data"]
        self.assertIn(order["id"], [one["id"] for one in found])

    def test_guests_follow_their_orders_and_confirm_them_by_their_token(self):
        guest = market.shopper()
        guest.token = None
        cart = guest.call("POST", "/v1/carts", {}, expect=201).json()
        token = {"x_cart_token": cart["token"]}
        cart = guest.call("POST", f"/v1/carts/{cart['id']}/lines", {"variant_id": variants[0], "quantity": 1},
                          expect=201, **token).json()
        total, address = cart["totals"]["total"], f"g{uuid.uuid4().hex[:8]}@example.com"
        group = guest.call("POST", f"/v1/carts/{cart['id']}/checkout",
                           {"expected_total": total, "payment": {"on_delivery": total}, "email": address},
                           uuid.uuid4().hex, expect=201, **token).json()
        order, proof = group["orders"][0], {"x_order_token": group["token"]}
        act(vendors[0], order, "accept")
        send(vendors[0], order, 1, tracking_url="https://post.example/secret")
        path = f"/v1/orders/{order['id']}"
        guest.call("POST", path + "/confirm-delivery", expect=404)
        done = guest.call("POST", path + "/confirm-delivery", expect=200, **proof).json()
        self.assertEqual((done["status"], done["shipments"][0]["status"]), ("delivered", "delivered"))
        again = guest.call("POST", path + "/confirm-delivery", expect=200, **proof).json()
        self.assertEqual(again["version"], done["version"])
        events = guest.call("GET", path + "/events", expect=200, **proof).json()["data"]
        self.assertEqual(events[-1]["actor"], "guest")
        told = ["order_accepted", "order_shipped"]
        wait_until(lambda: kinds_told(address) == told, 20, "the guest is told")
        mail = next(mail for mail in outbox(market, address) if mail["kind"] == "order_shipped")
        self.assertNotIn("post.example", mail["text"])
        self.assertIn("claim-order?token=tic_", mail["text"])

    def test_s_26_one_part_is_sent_and_the_other_is_called_off(self):
        shopper, before_it = market.shopper(money=1000), self.available()
        group, (order, other) = bought(shopper)
        self.assertEqual(self.available(), before_it - 1)
        act(vendors[0], order, "accept")
        send(vendors[0], order, 3)
        act(vendors[1], other, "accept")
        parcel = pack(vendors[1], other, 1)
        gone = act(vendors[1], other, "cancel", body={"reason": "Broken"})
        self.assertEqual((gone["status"], gone["refunded"]["amount"]), ("cancelled", 100))
        wait_until(lambda: shopper.available() == 1000 - 300, 20, "the money is back")
        wait_until(lambda: self.available() == before_it, 20, "the goods are back")
        whole = shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()
        self.assertEqual((whole["payment_status"], whole["fulfilment_status"]), ("partially_refunded", "partial"))
        self.assertEqual((gone["payment_status"], self.seen(shopper, order)["payment_status"]), ("refunded", "paid"))
        self.assertEqual(self.seen(shopper, other)["shipments"][0]["status"], "cancelled")
        act(vendors[1], other, "shipments", parcel["id"], "hand-over", expect=409)
        act(vendors[0], order, "cancel", body={"reason": "Too late"}, expect=409)
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=409)
        wait_until(lambda: "order_cancelled" in kinds_told(shopper.email), 20, "the shopper is told")

    def available(self):
        """Units of the second vendor's thing that nobody has set aside or bought."""
        products = vendors[1].call("GET", "/v1/vendor/products", expect=200).json()["data"]
        product = vendors[1].call("GET", f"/v1/vendor/products/{products[0]['id']}", expect=200).json()
        return product["variants"][0]["available"]

    def test_what_a_vendor_refuses_and_a_shopper_cancels_goes_back(self):
        shopper = market.shopper(money=1000)
        _, (order, other) = bought(shopper)
        key = uuid.uuid4().hex
        answers = [shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, key, expect=200) for _ in range(2)]
        self.assertEqual(answers[0].body, answers[1].body)
        act(vendors[1], other, "refuse", body={"reason": "Sold out"})
        act(vendors[1], other, "accept", expect=409)
        wait_until(lambda: shopper.available() == 1000, 20, "all money is back")
        wait_until(lambda: kinds_told(shopper.email).count("order_refused") == 1, 20, "the shopper is told")
        self.assertEqual([self.seen(shopper, one)["fulfilment_status"] for one in (order, other)], ["cancelled"] * 2)

    def test_time_refuses_what_no_vendor_accepts(self):
        shopper = market.shopper(money=1000)
        _, orders = bought(shopper)
        advance(4 * DAY_S)
        wait_until(lambda: {self.seen(shopper, one)["status"] for one in orders} == {"refused"}, 30, "refused")
        wait_until(lambda: shopper.available() == 1000, 20, "all money is back")

    def test_time_delivers_and_completes(self):
        shopper = market.shopper(money=1000)
        _, (order, other) = bought(shopper)
        for vendor, one, units in ((vendors[0], order, 3), (vendors[1], other, 1)):
            act(vendor, one, "accept")
            send(vendor, one, units)
        for status in ("delivered", "completed"):
            advance(15 * DAY_S)
            wait_until(lambda: {self.seen(shopper, one)["status"] for one in (order, other)} == {status}, 30, status)
        self.assertEqual(self.events(shopper, order)[-1]["actor"], "system")
        wait_until(lambda: "order_delivered" in kinds_told(shopper.email), 20, "the shopper is told")


if __name__ == "__main__":
    unittest.main()
