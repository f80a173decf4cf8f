"""A live stream lives no longer than the token that opened it, and is heard of while nothing happens."""
import unittest

from live import Live
from market import Market

LIFE_S = 60  # the shortest that there may be


class Token(unittest.TestCase):
    def test_a_stream_beats_and_ends_with_its_token(self):
        with Market(settings=(f"--ttl.access_token={LIFE_S}",)) as market:
            shopper = market.shopper()
            live = Live(market, "/v1/orders/events?from=now", shopper.headers())
            self.assertEqual(live.response.status, 200)
            self.assertEqual(live.ending(), "token_expired")  # its client waits for 20 s at most
            self.assertGreaterEqual(live.response.body.count(b":\n\n"), 2)
            live.cut()
            again = Live(market, "/v1/orders/events?from=now", shopper.headers())
            self.assertEqual((again.response.status, again.response.code()), (401, "token_expired"))
            shopper.reconnect()
            shopper.login()
            place = live.response.body.decode().split("id: ")[1].split("\n")[0]
            fresh = Live(market, "/v1/orders/events?from=now", shopper.headers(), last=place)
            self.assertEqual(fresh.response.status, 200)
            fresh.cut()


if __name__ == "__main__":
    unittest.main()
