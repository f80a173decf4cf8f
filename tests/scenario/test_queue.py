"""What waits for staff: it stands in the queue with the safe action, and vanishes when that was done (tests/README.md,
A7 and S-28)."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, outbox

QUEUE = "/v1/admin/queue"
DAY_S = 24 * 3600
NOTICE = 1190  # user.notice_was_raised
PRICE = 700


def setUpModule():
    global market, staff, vendor, variant
    market = Market(settings=("--events.attempts=2", "--admin.second_factor=optional",
                              "--market.offline_payment=allowed")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    vendor, variant = selling_vendor()


def selling_vendor():
    seller = approved_vendor(market, staff)
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = seller.call("POST", "/v1/vendor/products",
                          {"name": "Thing", "description": "", "category_id": category, "stock": 100,
                           "price": {"amount": PRICE, "currency": "EUR"}}, expect=201).json()
    return seller, product["variants"][0]["id"]


def queue(**query):
    """Every page; no item may come twice."""
    found, after = [], None
    while True:
        more = {**query, **({"after": after} if after else {})}
        page = staff.call("GET", QUEUE + "?" + "&".join(f"{name}={value}" for name, value in more.items()),
                          expect=200).json()
        assert page["unanswered"] == [], page
        found += page["data"]
        if not page["has_more"]:
            assert len({item["id"] for item in found}) == len(found), found
            return found
        after = page["next"]


def waits(cause, subject):
    return [item for item in queue(cause=cause) if item["subject"] == subject]


def act(item, name, body=None, expect=200, who=None):
    action = next(action for action in item["actions"] if action["name"] == name)
    return (who or staff).call(action["method"], action["path"], body, expect=expect)


def wait_for(cause, subject):
    wait_until(lambda: waits(cause, subject), 20, f"{cause} of {subject} waits")
    return waits(cause, subject)[0]


def wait_gone(cause, subject):
    wait_until(lambda: not waits(cause, subject), 20, f"{cause} of {subject} is solved")


def advance(seconds):
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)


def audit(action):
    return staff.call("GET", f"/v1/admin/audit?action={action}", expect=200).json()["data"]


class Events(unittest.TestCase):
    def setUp(self):
        staff.login()

    def poison(self):
        """A notice whose body nobody can read; returns how operators name it."""
        shard, sequence = market.sql("user", f"""
            WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 WHERE shard = 7
                       RETURNING shard, next_seq - 1 AS seq)
            INSERT INTO host.outbox (shard, seq, msg_id, number, key, body, at)
            SELECT f.shard, f.seq, gen_random_uuid(), {NOTICE}, gen_random_uuid(), 'poison', 1 FROM f
            RETURNING shard, seq""")[0]
        return f"user/{shard}/{sequence}"

    def test_an_event_that_nobody_can_read_waits_until_it_is_discarded(self):
        item = wait_for("event_parked", self.poison())
        self.assertIn("notification cannot consume user.notice_was_raised", item["detail"])
        refused = act(item, "retry", {}, expect=409).json()
        self.assertEqual(refused["code"], "cannot_be_settled")
        self.assertIn("It failed with ", refused["errors"][0]["detail"])
        self.assertEqual(waits("event_parked", item["subject"])[0]["id"], item["id"])
        self.assertEqual([entry for entry in audit("admin.retry_queue_item")
                          if entry["request"]["item_id"] == item["id"]], [], "what changed nothing leaves no trail")
        act(item, "discard", {}, expect=422)
        act(item, "discard", {"reason": "It was a test."})
        self.assertEqual(waits("event_parked", item["subject"]), [])
        act(item, "discard", {"reason": "Again."}, expect=404)
        entry = audit("admin.discard_queue_item")[0]
        self.assertEqual((entry["reason"], entry["request"]["item_id"]), ("It was a test.", item["id"]))

    def test_an_event_that_can_be_read_now_has_its_effect_once(self):
        shopper = market.shopper()
        wait_until(lambda: outbox(market, shopper.email), 20, "the mail of the registration")
        before = len(outbox(market, shopper.email))
        id_ = market.sql("user", f"SELECT id FROM \"user\".account WHERE email = '{shopper.email}'")[0][0]
        body = market.sql("user", f"SELECT encode(body, 'hex') FROM host.outbox WHERE number = {NOTICE} AND"
                                  f" position(uuid_send('{id_}') IN body) > 0 ORDER BY seq LIMIT 1")[0][0]
        market.sql("notification", "INSERT INTO host.parked_event VALUES ('user', 9, 1000001, gen_random_uuid(), "
                                   f"{NOTICE}, 'user.notice_was_raised', '\\x{body}', 'wrong_type', 2, 1, 1, 1)")
        item = wait_for("event_parked", "user/9/1000001")
        key = uuid.uuid4().hex
        path = item["actions"][0]["path"]
        staff.call("POST", path, {"reason": "It can be read now."}, key=key, expect=200)
        staff.call("POST", path, {"reason": "It can be read now."}, key=key, expect=200)
        staff.call("POST", path, {}, expect=404)
        wait_gone("event_parked", item["subject"])
        wait_until(lambda: len(outbox(market, shopper.email)) == before + 1, 20, "the mail has come")
        self.assertEqual([entry["reason"] for entry in audit("admin.retry_queue_item")], ["It can be read now."])

    def test_only_who_may_manage_the_market_throws_events_away(self):
        item = wait_for("event_parked", self.poison())
        key = staff.with_key(["view_orders", "manage_orders"])
        self.assertTrue(key.call("GET", QUEUE, expect=200).json()["data"])
        act(item, "discard", {"reason": "No."}, expect=403, who=key)
        act(item, "retry", {}, expect=409, who=key)
        staff.with_key(["view_users"]).call("GET", QUEUE, expect=403)
        market.shopper().call("GET", QUEUE, expect=401)
        act(item, "discard", {"reason": "It was a test."})

    def test_what_is_no_item_is_not_found_and_no_place_is_refused(self):
        for id_ in ("event_parked", "event_parked.nobody.1.user.1", "event_parked.notification.64.user.1",
                    "event_parked.notification.1.user.x", "event_parked.notification.1.user.1.2", "unpaid.00",
                    "process_late.order.1.zz", "process_late.order.1." + "0" * 32):
            staff.call("POST", f"{QUEUE}/{id_}/retry", {}, expect=404)
        for after in ("x", "1.", "-1.a", "1.A", "1." + "a" * 130):
            self.assertEqual(staff.call("GET", f"{QUEUE}?after={after}", expect=400).code(), "invalid_parameter")
        staff.call("GET", f"{QUEUE}?cause=weather", expect=400)


class Processes(unittest.TestCase):
    def test_a_process_that_nobody_knows_any_more_is_taken_up_when_somebody_does(self):
        """As after an upgrade that left a kind out, and the next, which has it again."""
        shopper = market.shopper(money=5000)
        fault = {"point": "order.checkout.post_hold.before", "action": "error", "times": 1000000}
        market.shopper().call("POST", "/v1/test/faults", fault, expect=204)
        shopper.checkout(shopper.add(shopper.cart(), variant))
        open_saga = "FROM host.saga WHERE NOT is_done"
        id_ = market.sql("order", f"SELECT id {open_saga}")[0][0]
        market.sql("order", "UPDATE host.saga SET deadline = started_at, kind = 'forgotten' WHERE NOT is_done")
        item = wait_for("process_late", id_.replace("-", ""))
        self.assertIn("past its pivot", item["detail"])
        gone = market.kill("souk-node")
        wait_until(lambda: market.children().get("souk-node", [gone]) != [gone], 30, "the next node starts")
        wait_until(lambda: market.get("/v1/products").status == 200 and
                   staff.call("GET", QUEUE).status == 200, 30, "it answers")
        self.assertIn("nothing runs it", wait_for("process_late", item["subject"])["detail"])
        refused = act(item, "retry", {}, expect=409).json()
        self.assertEqual(refused["errors"][0]["detail"], "It failed with unsupported.")
        market.sql("order", f"UPDATE host.saga SET kind = 'checkout' WHERE id = '{id_}'")
        act(item, "retry", {"reason": "It is known again."})
        wait_gone("process_late", item["subject"])
        self.assertEqual(shopper.available(), 5000 - PRICE)
        self.assertTrue(staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"])
        act(item, "retry", {}, expect=404)


class Orders(unittest.TestCase):
    def setUp(self):
        staff.login()  # clocks were moved
        vendor.login()
        self.shopper = market.shopper(money=5000)

    def placed(self, of=None, quantity=1):
        cart = self.shopper.add(self.shopper.cart(), of or variant, quantity)
        return self.shopper.checkout(cart).json()["orders"][0]

    def packed(self, order, quantity=1):
        parcel = vendor.call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                             {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}],
                              "carrier": "Post"}, expect=201).json()
        path = f"/v1/vendor/orders/{order['id']}/shipments/{parcel['id']}"
        vendor.call("POST", path + "/hand-over", expect=200)
        return parcel, path

    def report(self, path, status):
        now = market.get("/v1/test/clock").json()["now"]
        vendor.call("POST", path + "/events", {"status": status, "at": now}, expect=201)

    def test_an_order_of_which_nothing_is_sent_waits_until_it_is_cancelled(self):
        order = self.placed()
        self.assertEqual(waits("not_shipped", order["id"]), [])
        advance(7 * DAY_S + 1)
        item = wait_for("not_shipped", order["id"])
        self.assertGreaterEqual(item["age_seconds"], 7 * DAY_S)
        self.assertEqual(act(item, "look").json()["id"], order["id"])
        act(item, "cancel", {"reason": "The vendor is silent."})
        wait_gone("not_shipped", order["id"])
        wait_until(lambda: self.shopper.available() == 5000, 20, "the money is back")

    def test_what_is_to_be_paid_and_is_not_waits(self):
        cart = self.shopper.add(self.shopper.cart(), variant)
        order = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                  {"expected_total": cart["totals"]["total"],
                                   "payment": {"on_delivery": cart["totals"]["total"]}}, key=uuid.uuid4().hex,
                                  expect=201).json()["orders"][0]
        advance(14 * DAY_S + 1)
        item = wait_for("unpaid", order["id"])
        late = wait_for("not_shipped", order["id"])
        self.assertEqual(late["subject"], order["id"], "each cause is an item")
        act(item, "mark_paid", {"amount": cart["totals"]["total"]})
        wait_gone("unpaid", order["id"])
        act(late, "cancel", {"reason": "The vendor is silent."})
        wait_gone("not_shipped", order["id"])

    def test_a_parcel_that_went_wrong_waits_until_it_goes_on(self):
        order = self.placed()
        parcel, path = self.packed(order)
        self.report(path, "exception")
        item = wait_for("parcel_exception", order["id"])
        self.assertEqual(item["part"], parcel["id"])
        self.assertEqual(act(item, "look").json()["id"], parcel["id"])
        self.report(path, "in_transit")
        wait_gone("parcel_exception", order["id"])

    def fault(self, command, times):
        fault = {"point": f"order.{command}.commit.before", "action": "error", "times": times}
        self.shopper.call("POST", "/v1/test/faults", fault, expect=204)

    def test_a_parcel_that_the_clock_does_not_deliver_waits_until_staff_does(self):
        order = self.placed()
        parcel, _ = self.packed(order)
        self.fault("presume_delivered", 1000000)
        try:
            staff.call("POST", "/v1/test/clock", {"advance": 14 * DAY_S + 1000})  # its sweep fails, so it may say so
            item = wait_for("parcel_late", order["id"])
        finally:
            self.fault("presume_delivered", 0)
        self.assertEqual(item["part"], parcel["id"])
        wait_gone("parcel_late", order["id"])  # the sweep comes again

    def test_a_return_without_an_answer_waits_until_staff_answers(self):
        order = self.placed()
        self.packed(order)
        self.shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                          {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "reason": "Too small"},
                          expect=201)
        advance(3 * DAY_S + 1)
        item = wait_for("return_unanswered", order["id"])
        self.assertEqual(act(item, "approve", {}).json()["returns"][0]["status"], "approved")
        wait_gone("return_unanswered", order["id"])

    def test_open_orders_of_a_suspended_vendor_wait_until_it_sells_again(self):
        other, thing = selling_vendor()
        order = self.placed(of=thing)
        id_ = other.vendor["id"]
        self.assertEqual(waits("vendor_suspended", id_), [])
        staff.call("POST", f"/v1/admin/vendors/{id_}/suspend", {"reason": "Late parcels"}, expect=200)
        item = wait_for("vendor_suspended", id_)
        self.assertEqual(item["detail"], "Its open orders: 1")
        self.assertEqual([o["id"] for o in act(item, "look").json()["data"]], [order["id"]])
        act(item, "reinstate", {})
        wait_gone("vendor_suspended", id_)

    def test_pages_have_every_item_once_the_oldest_first(self):
        orders = [self.placed()["id"] for _ in range(4)]
        advance(7 * DAY_S + 1)
        whole, pages = queue(), queue(limit=1)
        self.assertEqual([item["id"] for item in pages], [item["id"] for item in whole])
        self.assertEqual([item["since"] for item in whole], sorted(item["since"] for item in whole))
        self.assertLessEqual(set(orders), {item["subject"] for item in whole})


class Acceptance(unittest.TestCase):
    def test_an_order_that_nobody_accepts_and_no_clock_refuses_waits(self):
        with Market(settings=("--market.acceptance=required",)) as other:
            owner = first_staff(other)
            category = owner.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
            seller = approved_vendor(other, owner)
            product = seller.call("POST", "/v1/vendor/products",
                                  {"name": "Thing", "description": "", "category_id": category, "stock": 5,
                                   "price": {"amount": PRICE, "currency": "EUR"}}, expect=201).json()
            shopper = other.shopper(money=PRICE)
            order = shopper.checkout(shopper.add(shopper.cart(), product["variants"][0]["id"])).json()["orders"][0]
            shopper.call("POST", "/v1/test/faults", {"point": "order.settle_order.commit.before", "action": "error",
                                                     "times": 1000000}, expect=204)
            owner.call("POST", "/v1/test/clock", {"advance": 3 * DAY_S + 1000})  # its sweep fails
            owner.login()
            found = owner.call("GET", QUEUE + "?cause=acceptance_late", expect=200).json()["data"]
            self.assertEqual([item["subject"] for item in found], [order["id"]])
            refuse = next(action for action in found[0]["actions"] if action["name"] == "refuse")
            owner.call(refuse["method"], refuse["path"], {"reason": "Nobody answers."}, expect=200)
            self.assertEqual(owner.call("GET", QUEUE, expect=200).json()["data"], [])
            wait_until(lambda: shopper.available() == PRICE, 20, "the money is back")


if __name__ == "__main__":
    unittest.main()
