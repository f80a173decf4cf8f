"""Two nodes that claim the same shards, without a supervisor over them: the one that was stopped meanwhile commits
nothing and exits 75."""
import os
import signal
import subprocess
import time
import unittest
import uuid

from market import BIN, Market, wait_until
import test_races

EXIT_FENCED = 75
EPOCHS = "SELECT min(epoch), max(epoch) FROM host.shard_fence"
DOMAINS = ("user", "vendor", "catalog", "order", "wallet")


class StaleOwner(unittest.TestCase):
    def test_a_node_that_lost_its_shards_commits_nothing_and_exits_75(self):
        market = Market(settings=("--up.nodes=false",))
        nodes = []
        try:
            market.start(wait=False)
            wait_until(lambda: '"child":"migrate","exit_code":0' in market.log_tail(), 60, "the databases are there")
            nodes.append(self.start_node(market))
            market.wait_ready()
            self.go_on(market, nodes)
        except BaseException:
            print(market.log_tail())
            raise
        finally:
            for node in nodes:
                if node.poll() is None:
                    node.send_signal(signal.SIGCONT)
                    node.send_signal(signal.SIGTERM)
                    node.wait(timeout=30)
            market.__exit__(None)

    def go_on(self, market, nodes):
        test_races.market = market
        variant = test_races.import_stock("stale", 1, 1000)[0]
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variant)
        first = nodes[0]
        first.send_signal(signal.SIGSTOP)
        # These wait in the stopped node's socket while the second node takes over.
        method, path, headers, body = shopper.checkout_request(cart, uuid.uuid4().hex)
        shopper.connection.begin(method, path, headers, body)
        shopper.connection.begin("PATCH", f"/v1/carts/{cart['id']}/lines/{cart['lines'][0]['id']}",
                                 {**shopper.headers(), "content-type": "application/json"}, b'{"quantity":7}')
        before = {domain: market.sql(domain, EPOCHS) for domain in DOMAINS}
        nodes.append(self.start_node(market))
        wait_until(lambda: all(market.sql(domain, EPOCHS) != before[domain] for domain in DOMAINS), 30,
                   "the second node has claimed the shards")
        written = self.what_stays_written(market)
        first.send_signal(signal.SIGCONT)
        self.assertEqual(first.wait(timeout=30), EXIT_FENCED)
        self.assertEqual(self.everything_written(market), written, "the stale owner has written")
        self.assertIsNone(nodes[1].poll(), "the new owner lives")
        market.wait_ready()
        shopper.reconnect()
        shopper.checkout(shopper.cart())

    def start_node(self, market):
        log = open(market.log_path, "ab")
        node = subprocess.Popen([str(BIN / "souk-node"), "--member", "node-1", "--data-dir", str(market.data_dir),
                                 "--test-mode"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        return node

    def what_stays_written(self, market):
        """Once the new owner has written what it does at its start."""
        seen = [self.everything_written(market)]

        def is_quiet():
            time.sleep(0.7)
            seen.append(self.everything_written(market))
            return seen[-1] == seen[-2]
        wait_until(is_quiet, 20, "the new owner writes nothing more")
        return seen[-1]

    def everything_written(self, market):
        """Each answer that was given and each event that was told leaves a row in these."""
        return [(domain, market.sql(domain, "SELECT (SELECT count(*) FROM host.inbox), "
                                            "(SELECT count(*) FROM host.outbox), "
                                            "(SELECT sum(next_seq) FROM host.shard_fence)"))
                for domain in DOMAINS]


if __name__ == "__main__":
    unittest.main()
