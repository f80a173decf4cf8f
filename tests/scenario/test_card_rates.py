"""The provider's events have a rate of their own: who else is on its network is throttled, and it is not
(tests/README.md, S-15)."""
import unittest

import test_card_events
from cards import CardMarket
from market import Shopper
from test_card_events import event, tell

SHOPPERS, EVENTS, BURST = 20, 300, 250
LIMITS = ("--gateway.rate_limits=true", f"--gateway.rate_requests={SHOPPERS}", f"--gateway.rate_webhooks={EVENTS}",
          "--gateway.rate_auth=1000")


class Rates(unittest.TestCase):
    def test_shoppers_of_one_network_are_throttled_and_the_provider_on_it_is_not(self):
        with CardMarket(settings=LIMITS) as market:
            test_card_events.market = market
            client = Shopper(market, "provider")
            body = event("product.created", {"id": "prod_1", "object": "product"})

            def shop():
                return market.get("/v1/products").status
            codes = [shop() for _ in range(2 * SHOPPERS)]
            self.assertEqual(set(codes), {200, 429})
            # Nobody gets through any more, but for the provider.
            answers = [tell(body, client=client) for _ in range(BURST)]
            self.assertEqual({answer.status for answer in answers}, {200})
            self.assertEqual(answers[0].headers["ratelimit-policy"], f'"webhooks";q={EVENTS};w=60')
            self.assertIn(429, [shop() for _ in range(SHOPPERS)])
            # It is bounded, too, and comes again later by itself.
            codes = [tell(body, client=client).status for _ in range(EVENTS)]
            self.assertEqual(set(codes), {200, 429})
