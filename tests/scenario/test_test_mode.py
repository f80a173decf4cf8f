"""Test mode: the market's time moves for every node at once and stays moved; something goes wrong wherever it is told
to, and a checkout ends in one of its two ends all the same (S-14)."""
import datetime
import json
import time
import unittest
import uuid

from market import Market, wait_until
from test_races import import_stock_of

PRICE = 100
ENDS_WITHIN_S = 30
KILLS_PER_LIFE = 4  # of a supervisor, which after more of them within half a minute waits before it goes on
# The commits that a checkout is made of.
COMMITS = ("order.checkout", "order.place_group", "order.abandon_group", "catalog.reserve_stock",
           "catalog.commit_stock", "catalog.release_stock", "wallet.hold_funds", "wallet.post_hold", "wallet.void_hold")


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def post(path, body, expect):
    connection = market.connect()
    try:
        answer = connection.request("POST", path, {"content-type": "application/json"}, json.dumps(body).encode())
    finally:
        connection.close()
    if answer.status != expect:
        raise AssertionError(f"POST {path}: {answer.status} instead of {expect}: {answer.body[:600]}")
    return answer.json() if answer.body else None


def seconds_ahead():
    answer = market.get("/v1/test/clock")
    if answer.status != 200:
        raise AssertionError(f"GET /v1/test/clock: {answer.status}: {answer.body[:600]}")
    now = datetime.datetime.fromisoformat(answer.json()["now"].replace("Z", "+00:00"))
    return now.timestamp() - time.time()


def wait_for_nodes():
    """/readyz takes a moment to notice."""
    wait_until(lambda: market.get("/v1/test/clock").status == 200, ENDS_WITHIN_S, "the nodes answer")


def reservations():
    return market.sql("catalog", "SELECT count(*) FROM catalog.reservation WHERE state = 1")[0][0]


class Clock(unittest.TestCase):
    def test_time_moves_for_all_and_what_is_due_has_happened_when_it_answers(self):
        guest = market.connect()
        self.addCleanup(guest.close)
        cart = guest.request("POST", "/v1/carts", {"content-type": "application/json"}, b"{}").json()
        before = seconds_ahead()
        answer = post("/v1/test/clock", {"advance": 400 * 24 * 3600}, expect=200)
        self.assertAlmostEqual(seconds_ahead() - before, 400 * 24 * 3600, delta=5)
        self.assertGreaterEqual(answer["offset_seconds"], 400 * 24 * 3600)
        rows = market.sql("order", 'SELECT count(*) FROM "order".cart WHERE user_id IS NULL')
        self.assertEqual(rows, [["0"]], f"the guest's cart {cart['id']} was idle for a year and is still there")

    def test_it_never_goes_back_and_outlives_the_nodes(self):
        post("/v1/test/clock", {"advance": 5000}, expect=200)
        ahead = seconds_ahead()
        market.kill("souk-node")
        wait_for_nodes()
        self.assertAlmostEqual(seconds_ahead(), ahead, delta=5)
        post("/v1/test/clock", {"advance": -1}, expect=422)
        self.assertGreaterEqual(seconds_ahead(), ahead - 5)

    def test_many_who_move_it_at_once_are_all_heard(self):
        before = seconds_ahead()
        connections = [market.connect() for _ in range(8)]
        streams = [c.begin("POST", "/v1/test/clock", {"content-type": "application/json"}, b'{"advance": 100}')
                   for c in connections]
        for connection, stream in zip(connections, streams):
            self.assertEqual(connection.end(stream).status, 200)
            connection.close()
        self.assertAlmostEqual(seconds_ahead() - before, 800, delta=5)

    def test_tokens_keep_to_real_time(self):
        shopper = market.shopper()
        post("/v1/test/clock", {"advance": 30 * 24 * 3600}, expect=200)
        shopper.call("GET", "/v1/me", expect=200)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.variant = import_stock_of(market, "faulty", 1, 100000)[0]
        cls.points = market.get("/v1/test/faults").json()["data"]

    def test_an_unknown_point_is_refused_by_name(self):
        for point in ("order.checkout.nothing.before", "nowhere.at.all", "host.fetch_events.commit.before"):
            answer = post("/v1/test/faults", {"point": point, "action": "error"}, expect=422)
            self.assertEqual(answer["errors"][0]["pointer"], "/point")

    def points_of_a_checkout(self):
        # All versions of the process have most of them in common; test_card_checkout.py comes to those of cards.
        steps = list(dict.fromkeys(p for p in self.points if p.startswith("order.checkout.")
                                   and ".commit." not in p and "_card." not in p))
        commits = [f"{name}.commit.{moment}" for name in COMMITS for moment in ("before", "after")]
        for point in commits:
            self.assertIn(point, self.points)
        return steps + commits

    def check_out(self, shopper, cart, key):
        """Asks with the same key until there is an answer."""
        until = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < until:
            try:
                answer = shopper.checkout(cart, key, expect=None)
                if answer.status < 500 and answer.status != 202 and answer.code() != "request_in_progress":
                    return answer
            except (OSError, TimeoutError):
                pass
            time.sleep(0.1)
            shopper.reconnect()
        self.fail(f"no end within {ENDS_WITHIN_S} s")

    def assert_settled(self):
        def is_settled():
            return (market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]]
                    and market.sql("wallet", "SELECT count(*) FROM wallet.hold WHERE state = 'pending'") == [["0"]]
                    and reservations() == "0")
        wait_until(is_settled, ENDS_WITHIN_S, "everything that was set aside is taken or given back")

    def assert_invariants(self):
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_orders()'), [])
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_promotions()'), [])
        self.assertEqual(market.sql("catalog", "SELECT * FROM catalog.check_stock()"), [])

    def buy_with_fault(self, point, action):
        """Somebody who can pay, and somebody who has spent the money before the checkout holds it."""
        rich, poor = market.shopper(money=PRICE), market.shopper()
        carts = [buyer.add(buyer.cart(), self.variant) for buyer in (rich, poor)]
        post("/v1/test/faults", {"point": point, "action": action, "delay_ms": 300}, expect=204)
        answers = [self.check_out(buyer, cart, uuid.uuid4().hex) for buyer, cart in zip((rich, poor), carts)]
        self.assert_settled()
        wait_for_nodes()
        post("/v1/test/faults", {"point": point, "action": action, "times": 0}, expect=204)
        for buyer in (rich, poor):
            buyer.reconnect()
        if answers[0].status == 201:
            self.assertEqual(rich.available(), 0)
            self.assertEqual(len(rich.call("GET", "/v1/orders", expect=200).json()["data"]), 1)
        else:
            self.assertEqual(rich.available(), PRICE, answers[0].body)
            self.assertEqual(rich.call("GET", "/v1/orders", expect=200).json()["data"], [])
        self.assertEqual(answers[1].status, 422, answers[1].body)
        self.assertEqual(poor.call("GET", "/v1/orders", expect=200).json()["data"], [])

    def run_all(self, action):
        for number, point in enumerate(self.points_of_a_checkout(), 1):
            with self.subTest(point=point, action=action):
                self.buy_with_fault(point, action)
            if action == "kill" and number % KILLS_PER_LIFE == 0:
                market.stop()
                market.start()
        log = market.log_path.read_text()
        unmet = [point for point in self.points_of_a_checkout() if f'"fault_met","point":"{point}"' not in log]
        self.assertEqual(unmet, [], "the stories come to every point")
        self.assert_invariants()

    def test_a_node_that_is_killed_at_any_point_of_a_checkout_leaves_one_of_its_two_ends(self):
        self.run_all("kill")

    def test_an_error_at_any_point_of_a_checkout_leaves_one_of_its_two_ends(self):
        self.run_all("error")

    def test_a_delay_at_any_point_of_a_checkout_leaves_one_of_its_two_ends(self):
        self.run_all("delay")


class Production(unittest.TestCase):
    def test_without_test_mode_its_routes_are_neither_served_nor_documented(self):
        with Market(test_mode=False) as other:
            for path in ("/v1/test/clock", "/v1/test/faults", "/v1/test/outbox"):
                self.assertEqual(other.get(path).status, 404)
            for page in ("/openapi.json", "/docs"):
                self.assertFalse(b"/v1/test/clock" in other.get(page).body, page)
                self.assertTrue(b"/v1/test/clock" in market.get(page).body, page)


if __name__ == "__main__":
    unittest.main()
