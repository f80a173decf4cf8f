"""Processes that stand still for a while, as on a busy host, are served and serve again afterwards: nobody is given up
for good, nobody is killed who did nothing, and the probe says what is true."""
import os
import signal
import time
import unittest

from market import Market, wait_until

PAUSES_S = (3, 5, 8)
AGAIN_S = 20
PROGRAMS = ("souk-agent", "souk-gateway", "souk-node")


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def stop_all(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)


def go_on_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


class Pauses(unittest.TestCase):
    def serves(self):
        """A read and a write over every hop."""
        try:
            if market.get("/v1/products?limit=1").status != 200:
                return False
            connection = market.connect(timeout_s=3)
            try:
                answer = connection.request("POST", "/v1/carts", {"content-type": "application/json"}, b"{}")
                return answer.status in (200, 201)
            finally:
                connection.close()
        except (OSError, TimeoutError, RuntimeError):
            return False

    def pause(self, pids, seconds):
        stop_all(pids)
        try:
            time.sleep(seconds)
        finally:
            go_on_all(pids)

    def pauses_of(self, find_pids):
        for seconds in PAUSES_S:
            with self.subTest(seconds=seconds):
                wait_until(self.serves, AGAIN_S, "the market serves")
                self.pause(find_pids(), seconds)
                wait_until(self.serves, AGAIN_S, f"it serves again after {seconds} s")
                wait_until(market.is_ready, AGAIN_S, "it says so")

    def children_of(self, *programs):
        return [pid for program in programs for pid in market.children()[program]]

    def test_a_node_that_stands_still(self):
        self.pauses_of(lambda: self.children_of("souk-node"))

    def test_a_gateway_that_stands_still(self):
        self.pauses_of(lambda: self.children_of("souk-gateway"))

    def test_an_agent_that_stands_still(self):
        self.pauses_of(lambda: self.children_of("souk-agent"))

    def test_a_supervisor_that_stands_still(self):
        before = market.children()
        self.pauses_of(lambda: [market.process.pid])
        for program in PROGRAMS:
            self.assertEqual(market.children()[program], before[program], program)

    def test_all_stand_still_and_all_live_on(self):
        before = market.children()
        self.pauses_of(lambda: [market.process.pid, *self.children_of(*PROGRAMS)])
        for program in PROGRAMS:
            self.assertEqual(market.children()[program], before[program], program)

    def test_the_probe_tells_while_a_node_stands_still(self):
        wait_until(market.is_ready, AGAIN_S, "the market is ready")
        pids = self.children_of("souk-node")
        stop_all(pids)
        try:
            wait_until(lambda: market.get("/readyz").status == 503, AGAIN_S, "the probe tells")
            self.assertEqual(market.get("/healthz").status, 200)
        finally:
            go_on_all(pids)
        wait_until(market.is_ready, AGAIN_S, "the market is ready again")


if __name__ == "__main__":
    unittest.main()
