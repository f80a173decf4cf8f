"""Each point of whatever is done with cards as a place where a node dies, errs or is late: a checkout, one that is
undone, a top-up, the way back from the bank, its events, and money back. Who repeats himself has an end, once, within
a bound that starts when the market answers again; nobody has to see to anything, and both books say the same
(tests/README.md, S-14)."""
import collections
import contextlib
import os
import statistics
import threading
import time
import unittest
import urllib.error
import uuid

import books
import test_card_checkout
from cards import BACK, LOST, CardMarket, by_card, insist, leave, pay
from market import wait_until
from test_card_checkout import filled, import_goods

RECOVERS_WITHIN_S = 30
READY_WITHIN_S = 120
DELAY_MS = 1500  # longer than a call may take
KILLS_PER_LIFE = 4  # a supervisor waits after more within half a minute
WALLET = 1000
TOPUP, BACK_TO_CARD = 700, 450
LONG = "SOUK_LONG" in os.environ
SHORT_STEP = 5  # three in five of the points that cards have of their own meet one of the three ways to fail
MOMENTS = ("before", "after")
# A node is killed at these in every run: as S-14 lists them, after the hold, before the charge, after it and before it
# is recorded, when it is recorded and nothing is final, in the middle of that, and before the answer.
KILLED_AT = ("order.checkout.hold_funds.after", "payment.transfer.http.before", "payment.transfer.http.after",
             "order.checkout.authorise_card.after", "order.checkout.post_hold.after", "order.checkout.take_card.after")
# Units that a step of the checkout asks for, and those of its undoing.
COMMITS = ("order.checkout", "order.place_group", "payment.authorise", "payment.record_call", "payment.take")
UNDO = ("order.abandon_group", "payment.release")
# What else is done, and the units on its way.
OTHER = {"top_up": ("payment.top_up.commit", "wallet.reserve_topup.commit", "wallet.book_payment.commit",
                    "payment.record_call.commit", "payment.transfer.http"),
         "come_back": ("payment.confirm.commit", "payment.record_call.commit", "payment.transfer.http"),
         "hear": ("payment.record_event.commit", "wallet.book_payment.commit"),
         "hear_a_stranger": ("payment.receive_event.commit",),
         "give_back": ("order.refund_order.commit", "payment.give_back.commit", "payment.record_call.commit",
                       "payment.transfer.http")}


def setUpModule():
    global market, names
    market = CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_card_checkout.market = market
    test_card_checkout.variants = import_goods()
    names = market.get("/v1/test/faults").json()["data"]


def ways():
    """(act, point): everything on the way of a card, each once for each act that comes by."""
    steps = [name for name in dict.fromkeys(names) if ".commit." not in name and
             name.startswith(("order.checkout.", "payment.provider.", "payment.transfer.http."))]
    commits = [f"{name}.commit.{moment}" for name in COMMITS + UNDO for moment in MOMENTS]
    buying = [("undo" if "undo" in point or point.startswith(UNDO) else "buy", point) for point in steps + commits]
    return buying + [(act, f"{point}.{moment}") for act, points in OTHER.items() for point in points
                     for moment in MOMENTS]


def spread(action, first):
    """All in the long run, else every fifth of what cards have of their own, and what is always tried."""
    found = ways()
    if LONG:
        return found
    own = [one for one in found if one[0] not in ("buy", "undo") or "_card" in one[1] or "payment." in one[1]
           or "place_group" in one[1]]
    always = [("buy", point) for point in KILLED_AT] if action == "kill" else []
    return list(dict.fromkeys(always + own[first::SHORT_STEP]))


class Faults(unittest.TestCase):
    def setUp(self):
        self.turn, self.times = 0, collections.defaultdict(list)

    # --- what is done while the fault is set; each says what has to be so in the end ---

    def buy(self, methods=("pm_ok", "pm_3ds", "pm_async")):
        shopper = market.shopper(money=WALLET)
        cart, key = filled(shopper), uuid.uuid4().hex
        method = methods[self.turn % len(methods)]
        body = by_card(cart, method, wallet=WALLET)
        yield
        window = threading.Thread(target=self.go_to_the_bank, args=(shopper, cart))
        if method == "pm_3ds":
            window.start()
        answer = insist(shopper, "POST", f"/v1/carts/{cart['id']}/checkout", body, key)
        if method == "pm_3ds":
            window.join()
        yield
        orders = shopper.call("GET", "/v1/orders", expect=200).json()["data"]
        sold = answer.status == 201
        self.assertEqual((len(orders), shopper.available()), (2, 0) if sold else (0, WALLET), answer.body)
        if method == "pm_decline":
            self.assertFalse(sold)
        yield

    def undo(self):
        yield from self.buy(("pm_decline",))

    def go_to_the_bank(self, shopper, cart):
        """Another window of the same shopper, which goes to the bank as soon as it is told where that is."""
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and not has_ended(shopper, cart):
            time.sleep(0.05)
            with contextlib.suppress(RuntimeError):  # PostgreSQL is not there
                rows = market.sql("payment", "SELECT next_url FROM payment.payment WHERE next_url <> '' "
                                             "AND status = 'requires_action' AND goal = 'hold'")
                if rows:
                    with contextlib.suppress(urllib.error.HTTPError):  # the page is closed by now
                        leave(rows[0][0], "approve")
                    return

    def ask_for_topup(self, shopper, method, key):
        body = {"amount": {"amount": TOPUP, "currency": "EUR"}, "payment_method": method, "return_url": BACK}
        return shopper.call("POST", "/v1/wallet/topups", body, key=key)

    def assert_topped_up(self, shopper):
        self.assertEqual(shopper.available(), TOPUP)
        rows = shopper.call("GET", "/v1/wallet/transactions", expect=200).json()["data"]
        self.assertEqual([(row["kind"], row["amount"]["amount"]) for row in rows], [("topup", TOPUP)])

    def top_up(self):
        shopper, key = market.shopper(), uuid.uuid4().hex
        body = {"amount": {"amount": TOPUP, "currency": "EUR"}, "payment_method": "pm_ok", "return_url": BACK}
        yield
        # 202: it is begun, and this key hears no other answer.
        insist(shopper, "POST", "/v1/wallet/topups", body, key, ends=(201, 202))
        self.wait_for_money(shopper)
        yield
        self.assert_topped_up(shopper)
        yield

    def wait_for_money(self, shopper):
        def has_it():
            return market.sql("wallet", "SELECT balance FROM wallet.balance WHERE wallet_id = "
                                        f"'{books.untyped(shopper.user['id'])}'") == [[str(TOPUP)]]
        wait_until(has_it, READY_WITHIN_S, "the wallet is topped up")

    def come_back(self):
        """Nobody is told anything by the bank but who asks."""
        shopper = market.shopper()
        market.ask_bank("POST", "/test/deliveries/hold", {})
        try:
            payment = self.ask_for_topup(shopper, "pm_3ds", uuid.uuid4().hex).json()
            time.sleep(0.6)  # it is asked about once in a moment
            leave(payment["next_action"]["redirect_url"], "approve")
            yield
            insist(shopper, "POST", f"/v1/payments/{payment['id']}/confirm", {})
            self.wait_for_money(shopper)
            yield
        finally:
            market.ask_bank("POST", "/test/deliveries/release", {"order": "made"})
        self.assert_topped_up(shopper)
        yield

    def hear(self):
        """Nobody comes back: what the bank tells by itself is all."""
        shopper = market.shopper()
        payment = self.ask_for_topup(shopper, "pm_3ds", uuid.uuid4().hex).json()
        yield
        leave(payment["next_action"]["redirect_url"], "approve")
        self.wait_for_money(shopper)
        yield
        self.assert_topped_up(shopper)
        yield

    def hear_a_stranger(self):
        """An event about nothing of ours is kept for staff, once."""
        intent = market.ask_bank("POST", "/v1/payment_intents", {"amount": "100", "currency": "eur"})
        yield
        market.ask_bank("POST", f"/v1/payment_intents/{intent['id']}/cancel", {})
        event = market.ask_bank("GET", "/v1/events?limit=1&type=payment_intent.canceled")["data"][0]["id"]
        wait_until(lambda: parked(event) == [["1"]], READY_WITHIN_S, "it is set aside")
        yield
        self.assertEqual(parked(event), [["1"]])
        market.clerk().call("POST", f"/v1/admin/payments/events/{event}/discard", {"reason": "Not ours"}, expect=204)
        yield

    def give_back(self):
        shopper = market.shopper()
        group = pay(shopper, filled(shopper), expect=201).json()
        market.settle_cards()
        clerk, order = market.clerk(), group["orders"][0]
        body = {"reason": "Sorry", "amount": {"amount": BACK_TO_CARD, "currency": "EUR"},
                "destinations": [{"destination": "original", "amount": {"amount": BACK_TO_CARD, "currency": "EUR"}}]}
        yield
        answer = insist(clerk, "POST", f"/v1/admin/orders/{order['id']}/refunds", body, uuid.uuid4().hex)
        self.assertEqual(answer.status, 201, answer.body)
        yield
        charge = next(one for one in market.books()["charges"] if books.payment_of(one) == books.untyped(group["id"]))
        self.assertEqual((charge["captured"], charge["refunded"]),
                         (sum(test_card_checkout.PRICES.values()), BACK_TO_CARD))
        yield

    # --- around it ---

    def set(self, point, action, **more):
        asking = market.shopper()
        asking.call("POST", "/v1/test/faults", {"point": point, "action": action, "delay_ms": DELAY_MS, **more},
                    expect=204)

    def visit(self, act, point, action):
        doing, watch = getattr(self, act)(), Watch(point, action)
        next(doing)
        self.set(point, action)
        watch.start()
        next(doing)
        market.settle_cards()
        ended = time.monotonic()
        watch.join()
        self.assertIsNotNone(watch.up_at, "the act comes by, and the market comes back")
        self.set(point, action, times=0)
        for shopper in market.shoppers[-2:]:
            shopper.reconnect()
        next(doing)
        self.turn += 1
        took = max(0, ended - watch.up_at)
        self.times["answers again after"].append(watch.up_at - watch.met_at)
        self.times["all is over"].append(took)
        self.assertLessEqual(took, RECOVERS_WITHIN_S)
        market.check_books(self)
        self.assertEqual(books.queue_of(market.clerk())[0], set(), "nobody has to see to anything")
        doing.close()

    def run_all(self, action, first):
        kills, visited = 0, spread(action, first)
        for act, point in visited:
            self.assertIn(point, names)
            if action == "kill" and kills == KILLS_PER_LIFE:
                market.stop()
                market.start()
                kills = 0
            kills += 1
            with self.subTest(act=act, point=point, action=action):
                self.visit(act, point, action)
        told = ", ".join(f"{name} {statistics.median(times):.1f} s, at most {max(times):.1f} s"
                         for name, times in self.times.items())
        print(f"{action} at {len(visited)} points: {told}", flush=True)

    def test_a_node_that_is_killed_on_the_cards_way_leaves_one_of_its_two_ends(self):
        self.run_all("kill", 0)

    def test_an_error_on_the_cards_way_leaves_one_of_its_two_ends(self):
        self.run_all("error", 1)

    def test_what_is_late_on_the_cards_way_leaves_one_of_its_two_ends(self):
        self.run_all("delay", 2)


class Watch(threading.Thread):
    """When the fault was met, and when nodes answered again after it."""

    def __init__(self, point, action):
        super().__init__(daemon=True)
        self.point, self.action = point, action
        self.begin = market.log_path.stat().st_size
        self.met_at = self.up_at = None

    def has_told(self, what):
        with open(market.log_path, "rb") as log:
            log.seek(self.begin)
            return what.encode() in log.read()

    def run(self):
        with contextlib.suppress(TimeoutError):  # then up_at says so
            wait_until(lambda: self.has_told(f'"fault_met","point":"{self.point}"'), READY_WITHIN_S, "it is met")
            self.met_at = time.monotonic()
            if self.action == "kill":
                wait_until(lambda: self.has_told('"event":"child_started"'), READY_WITHIN_S, "a node is started")
            wait_until(answers, READY_WITHIN_S, "the nodes answer")
            self.up_at = time.monotonic()


def answers():
    """/readyz takes a moment to notice that nobody is there."""
    with contextlib.suppress(*LOST):
        return market.get("/v1/test/clock").status == 200
    return False


def has_ended(shopper, cart):
    """In another window; False while nobody answers."""
    with contextlib.suppress(OSError, TimeoutError):
        with contextlib.closing(market.connect()) as connection:
            answer = connection.request("GET", f"/v1/carts/{cart['id']}", shopper.headers())
            return answer.status == 200 and answer.json()["status"] == "ordered"
    return False


def parked(event):
    return market.sql("payment", f"SELECT count(*) FROM payment.parked_event WHERE id = '{event}'")


if __name__ == "__main__":
    unittest.main()
