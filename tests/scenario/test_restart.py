"""A market that is stopped and started again knows what it knew; a token that has expired is refused."""
import time
import unittest
import uuid

from market import Market, wait_until
import test_races

TOKEN_LIFE_S = 4


class Restart(unittest.TestCase):
    def test_a_repeated_checkout_is_answered_as_before_after_a_restart(self):
        with Market(settings=(f"--ttl.access_token={TOKEN_LIFE_S}",)) as market:
            test_races.market = market
            variant = test_races.import_stock("restart", 1, 10)[0]
            shopper = market.shopper(money=100_000)
            cart = shopper.add(shopper.cart(), variant)
            key = uuid.uuid4().hex
            first = shopper.checkout(cart, key)

            market.stop()
            self.assertEqual(market.exit_code, 0)
            market.start()
            shopper.reconnect()
            shopper.login()
            second = shopper.checkout(cart, key)

            self.assertEqual((second.status, second.body), (first.status, first.body))
            self.assertEqual(second.headers.get("idempotent-replayed"), "true")
            self.assertEqual(len(shopper.call("GET", "/v1/orders", expect=200).json()["data"]), 1)
            self.assertEqual(shopper.available(), 100_000 - first.json()["total"]["amount"])
            self.expired_token_is_refused(shopper)

    def expired_token_is_refused(self, shopper):
        shopper.login()
        shopper.call("GET", "/v1/me", expect=200)
        time.sleep(TOKEN_LIFE_S + 0.5)
        response = shopper.call("GET", "/v1/me")
        self.assertEqual((response.status, response.code()), (401, "token_expired"))
        answer = shopper.call("POST", "/v1/auth/refresh", {"refresh_token": shopper.refresh_token}, expect=200).json()
        shopper.token = answer["access_token"]
        shopper.call("GET", "/v1/me", expect=200)

    def test_a_checkout_that_would_outlive_its_reservations_is_undone(self):
        with Market(settings=("--ttl.reservation=2", "--ttl.hold=2", "--saga.deadline=1")) as market:
            test_races.market = market
            variant = test_races.import_stock("lapse", 1, 5)[0]
            shopper = market.shopper(money=100_000)
            cart = shopper.add(shopper.cart(), variant)
            # The pivot is refused because what was set aside could lapse before it is used.
            answer = shopper.checkout(cart, expect=409)
            self.assertEqual(answer.code(), "checkout_expired")
            wait_until(lambda: market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock") == [["0"]],
                       15, "no stock is held")
            wait_until(lambda: market.sql("wallet", "SELECT coalesce(sum(held), 0) FROM wallet.balance") == [["0"]],
                       15, "no money is held")
            self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])


if __name__ == "__main__":
    unittest.main()
