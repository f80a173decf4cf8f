"""A bank that answers wrongly or not at all for as long as somebody looks: who checks out meanwhile is told 202 and
where to look, the same key tells the end, nobody is charged for nothing or twice, and nothing stays locked
(tests/README.md, S-08). The market's clock makes an hour of it."""
import datetime
import json
import os
import threading
import unittest
import uuid

import books
import test_card_checkout
from cards import CardMarket, by_card, group_of, insist, pay, wait_for_end
from market import wait_until
from test_card_checkout import TOTAL, filled, import_goods

LONG = "SOUK_LONG" in os.environ
KINDS = ("error", "too_many", "garbage", "half", "redirect", "nothing", "close")
MINUTES_KINDS = KINDS if LONG else ("too_many", "nothing")
HOUR_KINDS = KINDS if LONG else ("error", "half", "nothing")
LOST_ANSWERS = ("error", "garbage", "half", "redirect", "nothing", "close") if LONG else ("error", "nothing")
MANY = "100000"
WALLET = 500
SOON_S, HOUR_S = 300, 3600  # before and after a checkout is given up
ENDS_WITHIN_S = 30


def setUpModule():
    global market
    market = CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_card_checkout.market = market
    test_card_checkout.variants = import_goods()


def market_time():
    return datetime.datetime.fromisoformat(market.get("/v1/test/clock").json()["now"].replace("Z", "+00:00"))


def advance(seconds):
    """Time passes for both, since what the bank made is looked for by when that was."""
    market.ask_bank("POST", "/test/clock/advance", {"seconds": str(seconds)})
    advance_market(seconds)


def advance_market(seconds):
    """On a slow machine what is due then may take longer than the answer."""
    target = market_time() + datetime.timedelta(seconds=seconds)
    connection = market.connect(timeout_s=60)
    try:
        answer = connection.request("POST", "/v1/test/clock", {"content-type": "application/json"},
                                    json.dumps({"advance": seconds}).encode())
    finally:
        connection.close()
    if answer.status == 503:
        wait_until(lambda: market_time() >= target, ENDS_WITHIN_S, "time has passed")
    elif answer.status != 200:
        raise AssertionError(f"{answer.status}: {answer.body[:300]}")


def charges_of(group):
    """Of the bank's books: those that are approved."""
    return [charge for charge in market.books()["charges"]
            if books.payment_of(charge) == books.untyped(group["id"]) and charge["approved"]]


class Checkout:
    """Of one shopper, by card and wallet."""

    def __init__(self, method="pm_ok", wallet=WALLET):
        self.shopper = market.shopper(money=WALLET)
        self.cart, self.key = filled(self.shopper), uuid.uuid4().hex
        self.body = by_card(self.cart, method, wallet)
        self.path = f"/v1/carts/{self.cart['id']}"

    def ask(self, **more):
        return pay(self.shopper, self.cart, key=self.key, body=self.body, **more)

    def end(self):
        return insist(self.shopper, "POST", f"{self.path}/checkout", self.body, self.key)

    def status(self):
        return self.shopper.call("GET", self.path, expect=200).json()["status"]


class Outage(unittest.TestCase):
    def setUp(self):
        self.addCleanup(market.ask_bank, "DELETE", "/test/faults")
        self.addCleanup(market.ask_bank, "POST", "/test/deliveries/release", {"order": "made"})

    def break_bank(self, kind, operation="*", does_work="false"):
        market.ask_bank("POST", "/test/faults", {"operation": operation, "kind": kind, "count": MANY,
                                                 "does_work": does_work})

    def heal(self):
        market.ask_bank("DELETE", "/test/faults")
        market.ask_bank("POST", "/test/deliveries/release", {"order": "shuffled"})

    def finish(self):
        market.settle_cards()
        market.check_books(self)
        self.assertEqual(books.queue_of(market.clerk())[0], set(), "nobody has to see to anything")

    def begin(self, checkout):
        """It is told at once that it takes time, and where to look; the group."""
        answer = checkout.ask(expect=202)
        group = answer.json()
        self.assertEqual(answer.headers["location"], f"/v1/order-groups/{group['id']}")
        self.assertEqual(group["status"], "pending")
        return group

    def assert_locked(self, checkout, group):
        shopper = checkout.shopper
        self.assertEqual(checkout.status(), "locked")
        line = {"variant_id": test_card_checkout.variants["cup"], "quantity": 1}
        refused = shopper.call("POST", f"{checkout.path}/lines", line, expect=409)
        self.assertEqual(refused.code(), "checkout_in_progress")
        self.assertEqual(pay(shopper, checkout.cart, expect=409).code(), "checkout_in_progress")
        wait_until(lambda: self.hears_the_same(checkout, group), ENDS_WITHIN_S, "the same key says that it takes time")
        self.assertEqual(shopper.available(), 0)
        self.assertEqual(group_of(shopper, group)["status"], "pending")

    def hears_the_same(self, checkout, group):
        """While it is not yet set aside for long, the key is in use."""
        answer = checkout.ask()
        if answer.code() == "request_in_progress":
            return False
        self.assertEqual((answer.status, answer.json()["id"]), (202, group["id"]), answer.body)
        return True

    def assert_nothing_of(self, checkout, code):
        shopper = checkout.shopper
        self.assertEqual(checkout.end().code(), code)
        self.assertEqual((checkout.status(), shopper.available()), ("active", WALLET))
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])

    def assert_placed(self, checkout, group):
        end = checkout.end()
        self.assertEqual((end.status, end.json()["id"]), (201, group["id"]), end.body)
        self.assertEqual((checkout.status(), checkout.shopper.available()), ("ordered", 0))
        wait_until(lambda: [one["captured"] for one in charges_of(group)] == [TOTAL - WALLET], ENDS_WITHIN_S,
                   "it is charged once")


class ForAsLongAsSomebodyLooks(Outage):
    def test_minutes_of_a_broken_bank_delay_a_checkout_and_no_more(self):
        for kind in MINUTES_KINDS:
            with self.subTest(kind=kind):
                self.break_bank(kind)
                checkout = Checkout()
                group = self.begin(checkout)
                self.assert_locked(checkout, group)
                advance(SOON_S)
                self.assert_locked(checkout, group)
                self.assertEqual(charges_of(group), [])
                self.heal()
                self.assert_placed(checkout, group)
        self.finish()

    def test_an_hour_of_a_broken_bank_sells_nothing_new_and_loses_nothing_old(self):
        """Who is on his way when it begins has paid, or has his money back, when it is over."""
        for kind in HOUR_KINDS:
            with self.subTest(kind=kind):
                back, front, new = Checkout(), Checkout("pm_3ds"), Checkout()
                given_back = back.ask(expect=201).json()
                waiting = self.begin(front)
                wait_until(lambda g=given_back: charges_of(g)[0]["captured"] > 0, ENDS_WITHIN_S, "it is captured")
                wait_until(lambda f=front, w=waiting: "next_action" in group_of(f.shopper, w)["payment"], ENDS_WITHIN_S,
                           "he is sent to his bank")
                at_bank = group_of(front.shopper, waiting)
                self.break_bank(kind)
                group = self.begin(new)
                for order in given_back["orders"]:
                    back.shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
                market.at_the_bank(at_bank)  # whose event comes through
                self.assertEqual(wait_for_end(front.shopper, waiting)["status"], "placed")
                advance(HOUR_S)
                for one in (back, front, new):
                    one.shopper.reconnect()
                    one.shopper.login()
                self.assert_nothing_of(new, "checkout_expired")
                self.assertEqual([one["captured"] for one in charges_of(waiting)], [0])
                self.assertEqual([one["refunded"] for one in charges_of(given_back)], [0])
                self.heal()
                self.assert_placed(front, waiting)
                wait_until(lambda g=given_back: charges_of(g)[0]["refunded"] == TOTAL - WALLET, ENDS_WITHIN_S,
                           "it is back on the card")
                self.assertEqual(back.shopper.available(), WALLET)
                again = pay(new.shopper, new.cart, wallet=WALLET, expect=201).json()
                self.assertNotEqual(again["id"], group["id"])
        self.finish()

    def test_answers_that_are_lost_after_the_charge_charge_once(self):
        """Not even its events arrive."""
        for kind in LOST_ANSWERS:
            for seconds in (SOON_S, HOUR_S) if LONG or kind == "error" else (SOON_S,):
                with self.subTest(kind=kind, seconds=seconds):
                    market.ask_bank("POST", "/test/deliveries/hold", {})
                    self.break_bank(kind, "payment_intents.create", does_work="true")
                    self.break_bank(kind)  # nor can it be asked
                    checkout = Checkout()
                    group = self.begin(checkout)
                    wait_until(lambda g=group: len(charges_of(g)) == 1, ENDS_WITHIN_S, "the bank has set it aside")
                    self.assert_locked(checkout, group)
                    advance(seconds)
                    checkout.shopper.reconnect()
                    checkout.shopper.login()
                    if seconds == HOUR_S:
                        self.assert_nothing_of(checkout, "checkout_expired")
                    self.heal()
                    if seconds == SOON_S:
                        self.assert_placed(checkout, group)
                    else:
                        market.settle_cards()
                        self.assertEqual([(one["captured"], one["intent_status"]) for one in charges_of(group)],
                                         [(0, "canceled")])
        self.finish()


class Silence(Outage):
    """S-08 by its row: the bank has taken the money, or has not, and says nothing."""

    def silent(self, method):
        """Nobody hears how it stands: neither who asks nor by an event."""
        market.ask_bank("POST", "/test/deliveries/hold", {})
        self.break_bank("nothing", does_work="true")
        checkout = Checkout(method)
        group = self.begin(checkout)
        self.assert_locked(checkout, group)
        return checkout, group

    def test_what_was_taken_in_silence_is_placed_when_the_bank_is_asked(self):
        checkout, group = self.silent("pm_timeout_captured")
        self.assertEqual([one["captured"] for one in charges_of(group)], [0])
        market.ask_bank("DELETE", "/test/faults")
        self.assert_placed(checkout, group)
        self.heal()
        self.finish()

    def test_what_was_taken_in_silence_is_placed_when_its_event_comes(self):
        checkout, group = self.silent("pm_timeout_captured")
        market.ask_bank("POST", "/test/deliveries/release", {"order": "made"})
        self.assertEqual(wait_for_end(checkout.shopper, group)["status"], "placed")
        self.heal()
        self.assert_placed(checkout, group)
        self.finish()

    def test_what_was_refused_in_silence_leaves_the_cart_and_the_money(self):
        checkout, group = self.silent("pm_timeout_failed")
        market.ask_bank("DELETE", "/test/faults")
        self.assert_nothing_of(checkout, "payment_failed")
        self.heal()
        again = pay(checkout.shopper, checkout.cart, wallet=WALLET, expect=201).json()
        self.assertNotEqual(again["id"], group["id"])
        self.finish()


class KilledBank(Outage):
    def test_a_bank_that_dies_between_charge_and_answer_charges_once(self):
        """Its answers are held, so that nobody can have heard of the charge; its faults die with it."""
        for is_down_for_minutes in (False, True):
            with self.subTest(is_down_for_minutes=is_down_for_minutes):
                market.ask_bank("POST", "/test/deliveries/hold", {})
                self.break_bank("nothing", does_work="true")
                checkout, answers = Checkout(), []
                asking = threading.Thread(target=lambda c=checkout: answers.append(c.end()))
                asking.start()
                wait_until(lambda c=checkout: self.is_charged(c), ENDS_WITHIN_S, "the bank has set it aside")
                self.assertEqual(self.heard(checkout), "created")
                market.bank.kill()
                if is_down_for_minutes:
                    advance_market(SOON_S)
                self.assertEqual(self.heard(checkout), "created")
                market.bank.start()
                asking.join()
                self.assertEqual(answers[0].status, 201, answers[0].body)
                self.assert_placed(checkout, answers[0].json())
        self.finish()

    def payment_of(self, checkout):
        """(id, status) by what the market knows."""
        rows = market.sql("payment", "SELECT id, status FROM payment.payment WHERE user_id = "
                                     f"'{books.untyped(checkout.shopper.user['id'])}'")
        return rows[0] if rows else (None, None)

    def is_charged(self, checkout):
        ours = self.payment_of(checkout)[0]
        return any(books.payment_of(charge) == ours for charge in market.books()["charges"])

    def heard(self, checkout):
        return self.payment_of(checkout)[1]


if __name__ == "__main__":
    unittest.main()
