"""Two nodes that claim the same shards, without a supervisor: the one that was stopped meanwhile
commits nothing and exits 75."""
import os
import signal
import subprocess
import time
import unittest
import uuid

from market import BIN, Market, wait_until
import test_races

EXIT_FENCED = 75


class StaleOwner(unittest.TestCase):
    def test_a_node_that_lost_its_shards_commits_nothing_and_exits_75(self):
        with Market() as market:
            test_races.market = market
            variant = test_races.import_stock("stale", 1, 1000)[0]
            shopper = market.shopper(money=100_000)
            cart = shopper.add(shopper.cart(), variant)
            epoch = market.sql("order", "SELECT max(epoch) FROM host.shard_fence")
            first = market.children()["souk-node"][0]
            os.kill(first, signal.SIGSTOP)
            try:
                # A checkout waits in the stopped node's socket while the second node takes over.
                method, path, headers, body = shopper.checkout_request(cart, uuid.uuid4().hex)
                stream = shopper.connection.begin(method, path, headers, body)
                second = subprocess.Popen(
                    [str(BIN / "souk-node"), "--member", "node-1", "--data-dir", str(market.data_dir), "--test-mode"],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                wait_until(lambda: market.sql("order", "SELECT max(epoch) FROM host.shard_fence") != epoch, 20,
                           "the second node has claimed the shards")
                placed = self.placed(market)
            finally:
                os.kill(first, signal.SIGCONT)
            try:
                wait_until(lambda: "node_fenced" in market.log_path.read_text(), 20, "the first node notices")
                wait_until(lambda: f'"exit_code":{EXIT_FENCED}' in market.log_path.read_text().replace(" ", ""), 20,
                           "the supervisor sees exit code 75")
                del stream
                self.assertLessEqual(self.placed(market) - placed, 1)
                self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
                self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_orders()"), [])
            finally:
                second.send_signal(signal.SIGTERM)
                second.wait(timeout=30)

    def placed(self, market):
        return int(market.sql("order", "SELECT count(*) FROM \"order\".order_group WHERE status = 'placed'")[0][0])


if __name__ == "__main__":
    unittest.main()
