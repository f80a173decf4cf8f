"""kill -9 of gateway, node and PostgreSQL's postmaster in rotation while shoppers check out:
everything comes back by itself, and
whatever was acknowledged exists once."""
import os
import threading
import time
import unittest
import uuid

from market import Market, wait_until
import test_races

SECONDS = 30
KILL_EVERY_S = 3
VICTIMS = ("souk-gateway", "souk-node", "postgres")
SHOPPERS = 4
RESERVATION_S = 20


def setUpModule():
    global market
    market = Market(settings=(f"--ttl.reservation={RESERVATION_S}", f"--ttl.hold={RESERVATION_S}",
                              "--saga.deadline=10")).__enter__()
    test_races.market = market
    unittest.addModuleCleanup(market.__exit__, None, None, None)


class Buyer(threading.Thread):
    """Buys at a steady pace; after a lost answer it asks again with the same key until there is an answer."""

    def __init__(self, shopper, variants, until):
        super().__init__(daemon=True)
        self.shopper, self.variants, self.until = shopper, variants, until
        self.acknowledged = []
        self.problems = []

    def run(self):
        try:
            while time.monotonic() < self.until:
                self.buy_once()
                time.sleep(0.05)
        except Exception as problem:  # shown by the test
            self.problems.append(repr(problem))

    def patiently(self, call):
        """Repeats a call over outages; gives up one minute after the end of the killing."""
        while True:
            try:
                response = call()
                if response.status < 500 and response.code() != "request_in_progress":
                    return response
            except (OSError, TimeoutError, Exception) as problem:
                if not isinstance(problem, (OSError, TimeoutError)) and "h2" not in type(problem).__module__:
                    raise
            if time.monotonic() > self.until + 60:
                raise TimeoutError("no answer long after the last kill")
            time.sleep(0.1)
            try:
                self.shopper.reconnect()
            except OSError:
                pass

    def buy_once(self):
        shopper = self.shopper
        cart = self.patiently(lambda: shopper.call("POST", "/v1/carts", {})).json()
        if not cart["lines"]:
            for variant in self.variants:
                body = {"variant_id": variant, "quantity": 1}
                response = self.patiently(lambda: shopper.call("POST", f"/v1/carts/{cart['id']}/lines", body))
                if response.status != 201:
                    return
                cart = response.json()
        key = uuid.uuid4().hex
        method, path, headers, body = shopper.checkout_request(cart, key)
        response = self.patiently(lambda: shopper.connection.request(method, path, headers, body))
        if response.status == 201:
            self.acknowledged.append(response.json())
        elif response.status == 202:
            self.acknowledged.append(response.json() | {"is_pending": True})


class Crashes(unittest.TestCase):
    def test_kill_9_in_rotation_loses_and_doubles_nothing(self):
        variants = test_races.import_stock("crash", 3, 1_000_000)
        stock_before = int(market.sql("catalog", "SELECT sum(on_hand) FROM catalog.stock")[0][0])
        until = time.monotonic() + SECONDS
        buyers = [Buyer(market.shopper(money=10_000_000), variants, until) for _ in range(SHOPPERS)]
        for buyer in buyers:
            buyer.start()
        kills = 0
        while time.monotonic() < until or kills < 9:
            time.sleep(KILL_EVERY_S)
            self.kill_when_there(VICTIMS[kills % len(VICTIMS)])
            kills += 1
        market.wait_ready(timeout_s=30)
        for buyer in buyers:
            buyer.join(timeout=120)
            self.assertFalse(buyer.is_alive(), "a buyer still waits for an answer")
            self.assertEqual(buyer.problems, [])
        acknowledged = [group for buyer in buyers for group in buyer.acknowledged]
        self.assertGreater(len(acknowledged), SECONDS, "too few checkouts came through to prove anything")
        self.settle()
        self.assert_each_exists_once(acknowledged)
        self.assert_stock_matches(stock_before)
        self.assert_outboxes_are_gapless()
        print(f"kills {kills}, acknowledged {len(acknowledged)}", flush=True)

    def kill_when_there(self, program):
        """The victim of the last round may still be starting."""
        wait_until(lambda: program in market.children(), 30, f"{program} runs")
        market.kill(program)

    def settle(self):
        """Open sagas end, and reservations that nobody needs lapse."""
        limit = RESERVATION_S + 40
        wait_until(lambda: market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]], limit,
                   "no saga is open")
        wait_until(lambda: market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock") == [["0"]], limit,
                   "no stock is held")
        wait_until(lambda: market.sql("wallet", "SELECT coalesce(sum(held), 0) FROM wallet.balance") == [["0"]], limit,
                   "no money is held")

    def assert_each_exists_once(self, acknowledged):
        placed = {row[0] for row in market.sql(
            "order", "SELECT id FROM \"order\".order_group WHERE status = 'placed'")}
        wanted = [untyped(group["id"]) for group in acknowledged if not group.get("is_pending")]
        self.assertEqual(len(wanted), len(set(wanted)), "two answers name one group")
        self.assertEqual([group for group in wanted if group not in placed], [], "acknowledged, but not placed")
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_orders()"), [])
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_promotions()"), [])
        self.assertEqual(market.sql("catalog", "SELECT * FROM catalog.check_stock()"), [])
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])

    def assert_stock_matches(self, before):
        sold = market.sql("order", "SELECT coalesce(sum(l.quantity), 0) FROM \"order\".order_line l")[0][0]
        after, sold_by_stock = market.sql("catalog", "SELECT sum(on_hand), sum(sold) FROM catalog.stock")[0]
        self.assertEqual(int(after), before - int(sold))
        self.assertEqual(sold_by_stock, sold)
        spent = market.sql("wallet", "SELECT coalesce(-sum(amount), 0) FROM wallet.transaction WHERE kind = 'purchase'")
        total = market.sql("order", "SELECT coalesce(sum(total), 0) FROM \"order\".order_group "
                                    "WHERE status = 'placed'")
        self.assertEqual(spent, total, "what was paid is what was ordered")

    def assert_outboxes_are_gapless(self):
        for domain in ("user", "vendor", "catalog", "order", "wallet"):
            holes = market.sql(domain, "SELECT shard, count(*), min(seq), max(seq) FROM host.outbox GROUP BY shard "
                                       "HAVING count(*) <> max(seq) - min(seq) + 1 OR min(seq) <> 1")
            self.assertEqual(holes, [], domain)


def untyped(identifier):
    """The UUID behind a typed id, as PostgreSQL writes it."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for letter in identifier.split("_", 1)[1]:
        number = number << 5 | alphabet.index(letter)
    return str(uuid.UUID(int=number))


if __name__ == "__main__":
    unittest.main()
