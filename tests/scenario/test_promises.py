"""What an order was promised is nobody else's, however long an outage lasts: longer than what is set aside may live."""
import os
import subprocess
import time
import unittest
import uuid

from market import Market, wait_until
from test_races import import_stock_of

LIFE_S = 20
PRICE = 100


def setUpModule():
    global market
    market = Market(settings=(f"--ttl.hold={LIFE_S}", f"--ttl.reservation={LIFE_S}")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


class Lock:
    """Rows that a session of somebody else holds, so that a domain cannot write them."""

    def __init__(self, domain, statement):
        password = (market.data_dir / "keys" / "database" / domain).read_text().strip()
        self.psql = subprocess.Popen(
            ["psql", "-X", "-A", "-t", "-q", f"host={market.run_dir()}/pg user=souk_{domain} dbname=souk_{domain}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PGPASSWORD": password})
        self.psql.stdin.write("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; BEGIN; "
                              f"{statement}; \\echo locked\n")
        self.psql.stdin.flush()
        while self.psql.stdout.readline().strip() != "locked":
            if self.psql.poll() is not None:
                raise RuntimeError("the lock was refused")

    def release(self):
        if self.psql.poll() is None:
            self.psql.communicate("COMMIT;\n", timeout=20)


class Promises(unittest.TestCase):
    def assert_paid_is_purchased(self):
        """Every paid group has its one purchase in the ledger, and nothing is open."""
        def is_settled():
            return (market.sql("wallet", "SELECT count(*) FROM wallet.hold WHERE state = 'pending'") == [["0"]]
                    and market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]])
        wait_until(is_settled, 60, "all sagas have ended")
        groups = market.sql("order", "SELECT id FROM \"order\".order_group WHERE status = 'placed' "
                                     "AND payment_status = 'paid' ORDER BY id")
        purchases = market.sql("wallet", "SELECT h.id FROM wallet.hold h WHERE h.state = 'posted' ORDER BY h.id")
        self.assertEqual(purchases, groups)
        count = market.sql("wallet", "SELECT count(*) FROM wallet.transaction WHERE kind = 'purchase'")
        self.assertEqual(count, [[str(len(groups))]])
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_orders()'), [])
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_promotions()'), [])
        self.assertEqual(market.sql("catalog", "SELECT * FROM catalog.check_stock()"), [])

    def test_money_that_paid_an_order_buys_no_second_one_while_its_posting_is_hindered(self):
        variant = import_stock_of(market, "promised", 1, 10)[0]
        shopper = market.shopper(money=PRICE)
        cart = shopper.add(shopper.cart(), variant)
        lock = Lock("wallet", "SELECT 1 FROM wallet.chain FOR UPDATE")
        try:
            group = shopper.checkout(cart).json()
            self.assertEqual(group["status"], "placed")
            time.sleep(LIFE_S + 5)  # the life of the hold is the story
            again = shopper.checkout(shopper.add(shopper.cart(), variant), expect=None)
            self.assertNotEqual(again.status, 201, again.body)
        finally:
            lock.release()
        self.assert_paid_is_purchased()
        self.assertEqual(shopper.available(), 0)

    def test_goods_of_a_placed_order_are_sold_once_through_a_power_cut_longer_than_their_life(self):
        variant = import_stock_of(market, "powercut", 1, 1)[0]
        first, second = market.shopper(money=PRICE), market.shopper(money=PRICE)
        cart = first.add(first.cart(), variant)
        lock = Lock("wallet", "SELECT 1 FROM wallet.chain FOR UPDATE")
        try:
            self.assertEqual(first.checkout(cart).json()["status"], "placed")
        finally:
            market.kill("souk-node")
            lock.release()
        market.stop()
        time.sleep(LIFE_S + 2)
        market.start()
        wait_until(lambda: market.sql("catalog", "SELECT count(*) FROM catalog.reservation WHERE state = 1") == [["0"]],
                   60, "the reservation is settled")
        for shopper in (first, second):
            shopper.reconnect()
            shopper.login()
        answer = second.call("POST", f"/v1/carts/{second.cart()['id']}/lines", {"variant_id": variant, "quantity": 1})
        self.assertEqual(answer.status, 409, answer.body)
        self.assert_paid_is_purchased()


if __name__ == "__main__":
    unittest.main()
