"""Who comes at the same moment when a card pays: the browser and the bank's event, a shopper who takes his cart back
while his bank says yes, many who ask with one key. One end, one charge (tests/README.md, S-11)."""
import json
import os
import random
import threading
import time
import unittest
import uuid

import books
import test_card_checkout
import test_card_events
from cards import CardMarket, by_card, pay, wait_for_end
from market import wait_until
from people import outbox
from test_card_checkout import CardStory, filled, import_goods

RACES_S = 20
LONG = "SOUK_LONG" in os.environ
RETURNS, RETURNS_EACH = 200 if LONG else 60, 10  # at least so many, of each shopper so many
RETURN_OFFSET_S = 0.01
SEED = int(os.environ.get("SOUK_SEED", "1"))
AUTHORISED = "payment_intent.amount_capturable_updated"


def setUpModule():
    global market
    market = CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_card_checkout.market = test_card_events.market = market
    test_card_checkout.variants = import_goods()


class Races(CardStory):
    def test_s_11_the_return_of_the_browser_and_the_webhook_place_it_once(self):
        """The bank tells nobody: its event comes when we say, a random moment before or after the browser."""
        rng, runs, until = random.Random(SEED), 0, time.monotonic() + RACES_S
        market.ask_bank("POST", "/test/deliveries/hold", {})
        self.addCleanup(market.ask_bank, "POST", "/test/deliveries/release", {"order": "made"})
        while runs < RETURNS or (not LONG and time.monotonic() < until):
            shopper = market.shopper()
            groups = [self.return_once(shopper, rng.uniform(-RETURN_OFFSET_S, RETURN_OFFSET_S))
                      for _ in range(RETURNS_EACH)]
            runs += len(groups)
            wait_until(lambda s=shopper: confirmations(s) == RETURNS_EACH, 20, "each is confirmed by mail")
            charges = [books.payment_of(one) for one in market.books()["charges"] if one["approved"]]
            self.assertEqual([charges.count(books.untyped(group)) for group in groups], [1] * len(groups))
            self.assertEqual(confirmations(shopper), RETURNS_EACH)
        market.ask_bank("POST", "/test/deliveries/release", {"order": "shuffled"})
        self.finish()
        print(f"returns {runs}, seed {SEED}", flush=True)

    def return_once(self, shopper, offset_s):
        """Both come back at once; the group that both have placed."""
        cart, key = filled(shopper), uuid.uuid4().hex
        group = pay(shopper, cart, "pm_3ds", key=key, expect=202).json()
        market.at_the_bank(group)
        event = next(one for one in market.ask_bank("GET", f"/v1/events?limit=5&type={AUTHORISED}")["data"]
                     if one["data"]["object"]["metadata"]["souk_payment"] == group["payment"]["id"])
        body, answers = json.dumps(event).encode(), {}
        back, door = market.connect(), market.connect()

        def come(who, wait_s, connection, *request):
            time.sleep(max(0, wait_s))
            answers[who] = connection.request(*request).status
        hook = {"content-type": "application/json", "stripe-signature": test_card_events.signature(body)}
        confirm = f"/v1/payments/{group['payment']['id']}/confirm"
        json_type = {**shopper.headers(), "content-type": "application/json"}
        both = [threading.Thread(target=come, args=("browser", offset_s, back, "POST", confirm, json_type, b"{}")),
                threading.Thread(target=come, args=("event", -offset_s, door, "POST", test_card_events.DOOR, hook,
                                                    body))]
        for one in both:
            one.start()
        for one in both:
            one.join()
        back.close()
        door.close()
        self.assertEqual(answers, {"browser": 200, "event": 200}, offset_s)
        self.assertEqual(wait_for_end(shopper, group)["status"], "placed")
        self.assertEqual(pay(shopper, cart, "pm_3ds", key=key, expect=201).json()["id"], group["id"])
        return group["id"]

    def test_who_takes_the_cart_back_while_his_bank_says_yes_has_one_of_both(self):
        until, ends = time.monotonic() + RACES_S, {"placed": 0, "failed": 0}
        number = 0
        while time.monotonic() < until:
            shopper = market.shopper()
            cart = filled(shopper)
            group = pay(shopper, cart, "pm_3ds", expect=202).json()
            bank = threading.Thread(target=self.approve, args=(group,))
            bank.start()
            time.sleep(number % 8 * 0.002)
            number += 1
            answer = shopper.call("POST", f"/v1/order-groups/{group['id']}/cancel")
            self.assertIn(answer.status, (200, 409), answer.body)
            bank.join()
            end = wait_for_end(shopper, group)["status"]
            self.assertEqual(end, "failed" if answer.status == 200 else "placed")
            ends[end] += 1
        self.finish()
        print(f"ends {ends}", flush=True)

    @staticmethod
    def approve(group):
        try:
            market.at_the_bank(group)
        except OSError:
            pass  # it was let go before

    def test_many_who_ask_with_one_key_begin_one_payment(self):
        shopper = market.shopper()
        cart, key = filled(shopper), uuid.uuid4().hex
        before = int(market.sql("payment", "SELECT count(*) FROM payment.payment")[0][0])
        browsers = [market.connect() for _ in range(6)]
        request = ("POST", f"/v1/carts/{cart['id']}/checkout",
                   {**shopper.headers(key), "content-type": "application/json"},
                   json.dumps(by_card(cart, "pm_3ds")).encode())
        answers = wait_for_streams(browsers, [request] * len(browsers))
        self.assertLessEqual({answer.status for answer in answers}, {202, 409})
        groups = {answer.json()["id"] for answer in answers if answer.status == 202}
        self.assertEqual(len(groups), 1)
        for browser in browsers:
            browser.close()
        self.assertEqual(int(market.sql("payment", "SELECT count(*) FROM payment.payment")[0][0]), before + 1)
        market.at_the_bank(pay(shopper, cart, "pm_3ds", key=key, expect=202).json())
        self.assertEqual(wait_for_end(shopper, {"id": groups.pop()})["status"], "placed")
        self.finish()


def confirmations(shopper):
    return [mail["kind"] for mail in outbox(market, shopper.email)].count("order_placed")


def wait_for_streams(connections, requests):
    streams = [connection.begin(*request) for connection, request in zip(connections, requests)]
    return [connection.end(stream) for connection, stream in zip(connections, streams)]


if __name__ == "__main__":
    unittest.main()
