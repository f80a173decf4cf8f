"""The gateway in the open: limits of rate, other origins, the access log."""
import json
import pathlib
import shutil
import tempfile
import unittest

from market import Market, PASSWORD, wait_until

RATE = ["--gateway.rate_limits=true", "--gateway.rate_requests=20", "--gateway.rate_auth=5"]


class Rates(unittest.TestCase):
    """tests/SECURITY.md, item 23, by network: a flood is told to wait and others are not."""

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


class Origins(unittest.TestCase):
    """tests/SECURITY.md, item 20: a list of origins, and no wildcard; and the access log, which tells no secret."""

    def test_a_listed_script_may_read_and_the_log_knows_routes_only(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-edge-"))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o711)  # a market of root is a user of its own, who must get there
        log = folder / "access.log"
        settings = ["--gateway.cors_origins=https://shop.example", f"--gateway.access_log={log}"]
        with Market(settings) as market:
            shopper = market.shopper()
            self.preflight(market)
            answer = shopper.call("GET", "/v1/me?", expect=200, origin="https://shop.example")
            self.assertEqual(answer.headers["access-control-allow-origin"], "https://shop.example")
            other = shopper.call("GET", "/v1/me", expect=200, origin="https://evil.example")
            self.assertNotIn("access-control-allow-origin", other.headers)
            wait_until(lambda: log.read_text().count('"/v1/me"') >= 2, 10, "the log has both lines")
            self.check_lines(log.read_text(), shopper)

    def preflight(self, market):
        connection = market.connect(tls=True)
        self.addCleanup(connection.close)
        answer = connection.request("OPTIONS", "/v1/carts", {"origin": "https://shop.example",
                                                             "access-control-request-method": "POST"})
        self.assertEqual(answer.status, 204)
        self.assertIn("POST", answer.headers["access-control-allow-methods"])
        self.assertIn("Idempotency-Key", answer.headers["access-control-allow-headers"])
        self.assertNotIn("access-control-allow-credentials", answer.headers)

    def check_lines(self, text, shopper):
        lines = [json.loads(line) for line in text.splitlines()]
        mine = [line for line in lines if line["route"] == "/v1/me"]
        self.assertEqual({(line["method"], line["status"], line["principal"]) for line in mine},
                         {("GET", 200, "shopper")})
        self.assertTrue(any(line["route"] == "/v1/auth/register" and line["status"] == 201 for line in lines))
        for secret in (shopper.token, shopper.refresh_token, PASSWORD, shopper.email, shopper.user["id"]):
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main()
