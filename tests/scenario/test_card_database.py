"""PostgreSQL is away just when it matters for a card: the bank has answered and nobody can write it down, and the bank
tells of something that nobody can write down. Frozen, and killed while it is frozen."""
import contextlib
import os
import signal
import threading
import time
import unittest
import uuid

import books
import test_card_checkout
from cards import CardMarket, by_card, group_of, insist, pay
from market import wait_until
from test_card_checkout import TOTAL, filled, import_goods
from test_outages import children_of

SLOW_S, CALL_S = 4, 15  # the bank's answer comes so late, and is waited for for so long
ENDS_WITHIN_S = 60
WALLET = 500
EVENT = "payment_intent.amount_capturable_updated"


def setUpModule():
    global market
    market = CardMarket(settings=(f"--payment.call_timeout={CALL_S}", "--payment.query_pause=3600"),
                        bank=("--slow-ms", str(SLOW_S * 1000))).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_card_checkout.market = market
    test_card_checkout.variants = import_goods()


@contextlib.contextmanager
def frozen_database(is_killed):
    """Nothing is read or written while the block runs; then it goes on, or is dead and started by the supervisor."""
    main = market.children()["postgres"][0]
    frozen = [main]
    os.kill(main, signal.SIGSTOP)  # starts no other any more
    frozen += children_of(main)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if is_killed else signal.SIGCONT)


def charge_of(shopper):
    payments = {books.untyped(one["id"]) for one in
                market.clerk().call("GET", f"/v1/admin/payments?user_id={shopper.user['id']}",
                                    expect=200).json()["data"]}
    return next((one for one in market.books()["charges"] if books.payment_of(one) in payments), None)


class DatabaseAway(unittest.TestCase):
    def finish(self):
        market.wait_ready()
        market.settle_cards()
        market.check_books(self)
        self.assertEqual(books.queue_of(market.clerk())[0], set(), "nobody has to see to anything")

    def test_it_is_away_between_the_banks_answer_and_its_record(self):
        for is_killed in (False, True):
            with self.subTest(is_killed=is_killed):
                shopper, answers = market.shopper(money=WALLET), []
                cart, key = filled(shopper), uuid.uuid4().hex
                body, path = by_card(cart, "pm_slow", WALLET), f"/v1/carts/{cart['id']}/checkout"
                asking = threading.Thread(target=lambda s=shopper, p=path, b=body, k=key: answers.append(
                    insist(s, "POST", p, b, k, within_s=ENDS_WITHIN_S * 2)))
                begun = len(market.books()["charges"])
                asking.start()
                wait_until(lambda n=begun: len(market.books()["charges"]) > n, ENDS_WITHIN_S, "it is charged")
                charged_at = time.monotonic()
                with frozen_database(is_killed):
                    self.assertLess(time.monotonic() - charged_at, SLOW_S, "it is frozen before the bank has answered")
                    time.sleep(SLOW_S + 2)
                    self.assertEqual(answers, [])
                market.wait_ready()
                asking.join()
                self.assertEqual(answers[0].status, 201, answers[0].body)
                self.assertEqual(shopper.available(), 0)
                wait_until(lambda s=shopper: charge_of(s)["captured"] == TOTAL - WALLET, ENDS_WITHIN_S, "it is taken")
        self.finish()

    def deliveries(self, event):
        """(attempts, code of the last one) at the one endpoint."""
        told = market.ask_bank("GET", f"/test/events/{event}/deliveries")["data"]
        return (told[0]["attempts"], told[0]["last_code"]) if told else (0, 0)

    def is_written_down(self, event):
        return market.sql("payment", f"SELECT count(*) FROM payment.event WHERE id = '{event}'") == [["1"]]

    def test_the_bank_hears_yes_when_its_event_is_written_down_and_not_before(self):
        for is_killed in (False, True):
            with self.subTest(is_killed=is_killed):
                shopper = market.shopper()
                group = pay(shopper, filled(shopper), "pm_3ds", expect=202).json()
                wait_until(lambda s=shopper, g=group: "next_action" in group_of(s, g)["payment"], ENDS_WITHIN_S,
                           "he is sent to his bank")
                group = group_of(shopper, group)
                with frozen_database(is_killed):
                    market.at_the_bank(group)
                    event = market.ask_bank("GET", f"/v1/events?limit=1&type={EVENT}")["data"][0]
                    self.assertEqual(event["data"]["object"]["metadata"]["souk_payment"], group["payment"]["id"])
                    wait_until(lambda e=event["id"]: self.deliveries(e)[0] >= 2, ENDS_WITHIN_S, "it is told twice")
                    code = self.deliveries(event["id"])[1]
                    self.assertFalse(200 <= code < 300, code)
                wait_until(lambda e=event["id"]: self.deliveries(e)[1] == 200, ENDS_WITHIN_S, "it is heard")
                self.assertTrue(self.is_written_down(event["id"]))
                market.wait_ready()
                # Nothing else tells it: it is asked about once an hour.
                wait_until(lambda s=shopper, g=group: is_placed(s, g), ENDS_WITHIN_S, "it is placed")
        self.finish()


def is_placed(shopper, group):
    shopper.reconnect()
    answer = shopper.call("GET", f"/v1/order-groups/{group['id']}")
    return answer.status == 200 and answer.json()["status"] == "placed"


if __name__ == "__main__":
    unittest.main()
