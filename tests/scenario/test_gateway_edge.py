"""The gateway in the open: limits of rate, other origins, the access log."""
import json
import unittest

from market import Market, PASSWORD

RATE = ["--gateway.rate_limits=true", "--gateway.rate_requests=20", "--gateway.rate_auth=5"]


class Rates(unittest.TestCase):
    """RUNTIME.md, section 6, item 23 (per network) and API4: a flood is told to wait and others are not."""

    def test_guesses_and_floods_are_told_to_wait_and_a_signed_in_shopper_is_not(self):
        with Market(RATE) as market:
            shopper = market.shopper()
            first = market.get("/v1/products")
            self.assertEqual(first.status, 200)
            self.assertEqual(first.headers["ratelimit-policy"], '"default";q=20;w=60')
            self.assertRegex(first.headers["ratelimit"], r'^"default";r=\d+;t=\d+$')
            self.flood(market)
            self.guess(market)
            answer = shopper.call("GET", "/v1/me", expect=200)
            self.assertEqual(answer.headers["ratelimit"], '"default";r=19;t=3')
            for path in ("/healthz", "/readyz", "/metrics"):
                for _ in range(30):
                    self.assertEqual(market.get(path).status, 200)

    def flood(self, market):
        answers = [market.get("/v1/products") for _ in range(30)]
        refused = [answer for answer in answers if answer.status == 429]
        self.assertGreaterEqual(len(refused), 9)
        self.assertEqual({answer.status for answer in answers}, {200, 429})
        for answer in refused:
            self.assertEqual(answer.code(), "too_many_requests")
            self.assertIn(int(answer.headers["retry-after"]), range(1, 4))

    def guess(self, market):
        connection = market.connect()
        self.addCleanup(connection.close)
        body = json.dumps({"email": "nobody@example.com", "password": PASSWORD + "?"}).encode()
        codes = [connection.request("POST", "/v1/auth/login", {"content-type": "application/json"}, body).code()
                 for _ in range(8)]
        self.assertNotEqual(codes[0], "too_many_requests")
        self.assertGreaterEqual(codes.count("too_many_requests"), 3)


if __name__ == "__main__":
    unittest.main()
