"""Each point of the process that changes an order, and of the units that begin and make it, as a place where a node
dies or errs: afterwards the order is as it was or as it was agreed on, with stock and money, and once."""
import os
import time
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff

PRICES = {"thing": 1001, "dear": 2503, "cheap": 333}
COMMITS = ("accept_edit", "apply_edit")
ENDS_WITHIN_S = 60
KILLS_PER_LIFE = 4  # a supervisor waits after more within half a minute
IS_LONG = "SOUK_LONG" in os.environ


def setUpModule():
    global market, staff, vendor, variants, points
    market = Market(settings=("--admin.second_factor=optional",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    category = market.get("/v1/categories").json()["data"][0]["id"]
    vendor = approved_vendor(market, staff)
    variants = {name: made(name, price, category) for name, price in PRICES.items()}
    points = market.get("/v1/test/faults").json()["data"]


def made(name, price, category):
    body = {"name": name, "description": "", "category_id": category, "stock": 1000,
            "price": {"amount": price, "currency": "EUR"}}
    return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()["variants"][0]["id"]


def sold():
    """Units that have left the shelves, and units that are set aside."""
    return market.sql("catalog", "SELECT 3000 - sum(on_hand), sum(held) FROM catalog.stock")[0]


def points_of_an_edit():
    # Of both versions of the process, which have most of them in common.
    steps = list(dict.fromkeys(point for point in points if point.startswith("order.order_edit.")))
    commits = [f"order.{name}.commit.{moment}" for name in COMMITS for moment in ("before", "after")]
    return steps, commits


class Faults(unittest.TestCase):
    def settled(self):
        def is_settled():
            return (market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]]
                    and market.sql("wallet", "SELECT count(*) FROM wallet.hold WHERE state = 'pending'") == [["0"]]
                    and sold()[1] == "0")
        wait_until(is_settled, ENDS_WITHIN_S, "everything that was set aside is taken or given back")
        wait_until(lambda: market.get("/v1/test/clock").status == 200, ENDS_WITHIN_S, "the nodes answer")

    def proposed(self, shopper, goods):
        """A thing is bought; it may go for something else."""
        cart = shopper.add(shopper.cart(), variants["thing"])
        order = shopper.checkout(cart).json()["orders"][0]
        body = {"fewer": [{"line_id": order["lines"][0]["id"], "quantity": 1}],
                "variants": [{"variant_id": variants[goods], "quantity": 1}], "reason": "Better"}
        vendor.reconnect()
        return vendor.call("POST", f"/v1/vendor/orders/{order['id']}/edits", body, expect=201).json()

    def accept(self, shopper, edit, key):
        """Asks with the same key until there is an answer."""
        until = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < until:
            try:
                answer = shopper.call("POST", f"/v1/orders/{edit['order_id']}/edits/{edit['id']}/accept", key=key)
                if answer.status < 500 and answer.status != 202 and answer.code() != "request_in_progress":
                    return answer
            except (OSError, TimeoutError):
                pass
            time.sleep(0.1)
            try:
                shopper.reconnect()
            except OSError:
                pass
        self.fail(f"no end within {ENDS_WITHIN_S} s")

    def swap(self, point, action, goods, money):
        """Whoever has so much agrees to a swap while the fault is set."""
        shopper = market.shopper(money=PRICES["thing"] + money)
        edit = self.proposed(shopper, goods)
        self.settled()
        before = int(sold()[0])
        staff.reconnect()
        body = {"point": point, "action": action, "delay_ms": 300}
        staff.call("POST", "/v1/test/faults", body, expect=204)
        answer = self.accept(shopper, edit, uuid.uuid4().hex)
        self.settled()
        staff.reconnect()
        staff.call("POST", "/v1/test/faults", {**body, "times": 0}, expect=204)
        shopper.reconnect()
        self.assertEqual(int(sold()[0]), before, "one went and one came, or none")
        order = shopper.call("GET", f"/v1/orders/{edit['order_id']}", expect=200).json()
        paid = PRICES["thing"] if answer.status != 200 else PRICES[goods]
        self.assertEqual(shopper.available(), PRICES["thing"] + money - paid, (point, answer.body))
        self.assertEqual([line["quantity"] - line["cancelled"] for line in order["lines"]],
                         [1] if answer.status != 200 else [0, 1])
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "No."}, expect=200)
        self.settled()
        self.assertEqual((shopper.available(), int(sold()[0])), (PRICES["thing"] + money, before - 1))
        return answer

    def run_all(self, action):
        steps, commits = points_of_an_edit()
        self.assertGreaterEqual(len(steps), 14, points)
        for point in commits:
            self.assertIn(point, points)
        kills, visited = 0, steps + commits
        if action == "kill" and not IS_LONG:  # each kill costs seconds: the commits, and every third step
            visited = steps[::3] + commits
        for number, point in enumerate(visited):
            # Each point meets a dearer or a cheaper swap, one after the other; in the long run both.
            goods = [("dear", 5000), ("cheap", 0)] if IS_LONG else [("dear", 5000) if number % 2 == 0 else ("cheap", 0)]
            if "undo" in point:
                goods = [("dear", 0)]
            if action == "kill" and kills + len(goods) > KILLS_PER_LIFE:
                market.stop()
                market.start()
                kills = 0
            kills += len(goods)
            with self.subTest(point=point, action=action):
                for name, money in goods:
                    answer = self.swap(point, action, name, money)
                    if "undo" in point:
                        self.assertEqual(answer.status, 422)
        log = market.log_path.read_text()
        unmet = [point for point in visited if f'"fault_met","point":"{point}"' not in log]
        self.assertEqual(unmet, [], "the stories come to every point")
        for domain, check in (("order", "orders"), ("order", "prices"), ("order", "lives"), ("order", "returns"),
                              ("order", "shipments"), ("wallet", "ledger"), ("catalog", "stock")):
            schema = '"order"' if domain == "order" else domain
            self.assertEqual(market.sql(domain, f"SELECT * FROM {schema}.check_{check}()"), [], check)

    def test_a_node_that_is_killed_at_any_point_of_an_edit_leaves_one_of_its_two_ends(self):
        self.run_all("kill")

    def test_an_error_at_any_point_of_an_edit_leaves_one_of_its_two_ends(self):
        self.run_all("error")


if __name__ == "__main__":
    unittest.main()
