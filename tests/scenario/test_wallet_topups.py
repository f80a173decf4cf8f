"""Wallets that are topped up by card, at a bank that asks, declines, tells things three times and takes money back; and
numbers of cards in texts, which are taken nowhere (tests/README.md, S-47)."""
import time
import unittest
import uuid

import test_card_events
from books import untyped
from cards import CardMarket, leave
from market import wait_until
from people import first_staff
from test_races import import_stock_of

CREDIT_S = 20
CARD = "4242 4242 4242 4242"


def setUpModule():
    global market, staff, goods
    market = CardMarket(settings=("--admin.second_factor=optional", "--wallet.topup_max=100000",
                                  "--payment.query_pause=5"), bank=("--dispute-ms", "3600000")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    goods = import_stock_of(market, "goods", 1, 1000)[0]  # for 1.00 each
    test_card_events.market = market


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def top_up(shopper, amount, method="pm_ok", expect=201, key=None):
    return shopper.call("POST", "/v1/wallet/topups", {"amount": euros(amount), "payment_method": method,
                                                     "return_url": "https://shop.example/wallet"},
                        key=key or uuid.uuid4().hex, expect=expect).json()


def balance(shopper):
    return next((one for one in shopper.call("GET", "/v1/wallet", expect=200).json()["balances"]
                 if one["currency"] == "EUR"), {"available": euros(0), "held": euros(0)})


def wait_for(shopper, amount):
    wait_until(lambda: balance(shopper)["available"]["amount"] == amount, CREDIT_S, f"the wallet has {amount}")


def charge_of(payment):
    """As the bank's books have it."""
    return next(one for one in market.books()["charges"]
                if untyped(one["metadata"]["souk_payment"]) == untyped(payment["id"]))


def events_of(kind):
    return market.ask_bank("GET", f"/v1/events?limit=100&type={kind}")["data"]


class Topups(unittest.TestCase):
    def tearDown(self):
        market.settle_cards()
        market.check_books(self)

    def test_what_its_bank_takes_its_time_for_is_under_way(self):
        shopper = market.shopper()
        answer = shopper.call("POST", "/v1/wallet/topups", {"amount": euros(700), "payment_method": "pm_async"},
                              key=uuid.uuid4().hex, expect=202)
        self.assertEqual(answer.json()["status"], "processing")
        self.assertEqual(answer.headers["location"], "/v1/payments/" + answer.json()["id"])
        wait_for(shopper, 700)

    def test_1_a_topup_is_credited_once_however_often_it_is_told(self):
        shopper, key = market.shopper(), uuid.uuid4().hex
        payment = top_up(shopper, 5000, key=key)
        self.assertIn(payment["status"], ("authorised", "captured"))
        wait_for(shopper, 5000)
        self.assertEqual(top_up(shopper, 5000, key=key)["id"], payment["id"])
        for event in events_of("charge.captured") + events_of("payment_intent.succeeded"):
            market.ask_bank("POST", f"/test/events/{event['id']}/deliver", {"times": 3})
        time.sleep(1)
        self.assertEqual(balance(shopper)["available"], euros(5000))
        self.assertEqual(charge_of(payment)["captured"], 5000)
        rows = shopper.call("GET", "/v1/wallet/transactions", expect=200).json()["data"]
        self.assertEqual([(row["kind"], row["amount"]["amount"], row["reference"]) for row in rows],
                         [("topup", 5000, payment["id"])])

    def test_2_who_is_asked_by_his_bank_is_credited_when_he_comes_back(self):
        shopper = market.shopper()
        payment = top_up(shopper, 700, method="pm_3ds")
        self.assertEqual(payment["status"], "requires_action")
        self.assertEqual(balance(shopper)["available"]["amount"], 0)
        time.sleep(1.1)
        back = leave(payment["next_action"]["redirect_url"], "approve")
        self.assertTrue(back.startswith("https://shop.example/wallet"), back)
        confirmed = shopper.call("POST", f"/v1/payments/{payment['id']}/confirm", {}, expect=200).json()
        self.assertIn(confirmed["status"], ("authorised", "captured"))
        wait_for(shopper, 700)
        other = market.shopper()
        for method, path in (("GET", ""), ("POST", "/confirm")):
            other.call(method, f"/v1/payments/{payment['id']}{path}", {} if method == "POST" else None, expect=404)

    def test_3_what_is_refused_costs_nothing_and_counts_for_nothing(self):
        shopper = market.shopper()
        for _ in range(3):
            payment = top_up(shopper, 90000, method="pm_decline")
            self.assertEqual(payment["status"], "failed")
            self.assertTrue(payment["decline_code"])
            wait_until(lambda: market.sql("wallet", "SELECT count(*) FROM wallet.topup WHERE state = 'pending'")
                       == [["0"]], CREDIT_S, "it is counted no more")
        top_up(shopper, 90000)
        wait_for(shopper, 90000)
        refused = shopper.call("POST", "/v1/wallet/topups", {"amount": euros(10001), "payment_method": "pm_ok"},
                               key=uuid.uuid4().hex, expect=422)
        self.assertEqual(refused.code(), "limit_exceeded")
        self.assertEqual(refused.json()["errors"][0]["available"], 10000)

    def test_4_a_failure_after_the_capture_takes_nothing_and_a_charge_back_is_owed_and_blocks_spending(self):
        shopper = market.shopper()
        payment = top_up(shopper, 5000)
        wait_for(shopper, 5000)
        intent = next(one for one in market.ask_bank("GET", "/v1/payment_intents?limit=5")["data"]
                      if untyped(one["metadata"]["souk_payment"]) == untyped(payment["id"]))
        failed = test_card_events.event("payment_intent.payment_failed",
                                        {**intent, "status": "requires_payment_method"})
        self.assertEqual(test_card_events.tell(failed).status, 200)
        shown = shopper.call("GET", f"/v1/payments/{payment['id']}", expect=200).json()
        self.assertEqual((shown["status"], balance(shopper)["available"]), ("captured", euros(5000)))
        shopper.checkout(shopper.add(shopper.cart(), goods, 40))
        wait_for(shopper, 1000)
        market.ask_bank("POST", f"/test/charges/{charge_of(payment)['id']}/dispute", {})
        wait_until(lambda: balance(shopper).get("debt") == euros(4000), CREDIT_S, "the debt is shown")
        self.assertEqual(balance(shopper)["available"], euros(0))
        cart = shopper.add(shopper.cart(), goods, 1)
        refused = shopper.checkout(cart, expect=422).json()
        self.assertEqual((refused["code"], refused["errors"][0]["available"]), ("insufficient_funds", 0))
        self.assertEqual(shopper.call("GET", f"/v1/carts/{cart['id']}", expect=200).json()["status"], "active")
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
        causes = {item["cause"]: item for item in
                  staff.call("GET", "/v1/admin/queue?limit=50", expect=200).json()["data"]}
        self.assertEqual(causes["wallet_debt"]["subject"], shopper.user["id"])
        self.assertEqual(causes["dispute_open"]["subject"], payment["id"])
        for action in causes["dispute_open"]["actions"]:
            staff.call(action["method"], action["path"], {} if action["method"] == "POST" else None, expect=200)
        # A top-up makes it good, and the dispute that is won is the shopper's again.
        top_up(shopper, 4500)
        wait_for(shopper, 500)
        shopper.checkout(cart)
        wait_for(shopper, 400)
        dispute = market.ask_bank("GET", "/v1/disputes?limit=1")["data"][0]
        market.ask_bank("POST", f"/test/disputes/{dispute['id']}/win", {})
        wait_for(shopper, 5400)
        self.assertNotIn("debt", balance(shopper))

    def test_5_staff_sees_what_was_asked_and_said(self):
        shopper = market.shopper()
        payment = top_up(shopper, 1234)
        wait_for(shopper, 1234)
        listed = staff.call("GET", f"/v1/admin/payments?user_id={shopper.user['id']}", expect=200).json()["data"]
        self.assertEqual([one["id"] for one in listed], [payment["id"]])
        reference = listed[0]["reference"]
        found = staff.call("GET", f"/v1/admin/payments?reference={reference}", expect=200).json()["data"]
        self.assertEqual([one["id"] for one in found], [payment["id"]])
        details = staff.call("GET", f"/v1/admin/payments/{payment['id']}", expect=200).json()
        self.assertEqual([one["operation"] for one in details["operations"]], ["capture", "authorise"])
        self.assertIn("captured", {fact["fact"] for fact in details["facts"]})
        shopper.call("GET", "/v1/admin/payments", expect=401)

    def test_6_a_number_of_a_card_is_taken_in_no_text_and_stands_in_no_log(self):
        shopper = market.shopper()
        for method, path, body in (
                ("POST", "/v1/me/api-keys", {"name": CARD, "scopes": ["account"]}),
                ("POST", "/v1/me/addresses", {"name": "Ada", "line1": CARD.replace(" ", "-"), "city": "Leeds",
                                              "postal_code": "LS1 1AA", "country": "GB"}),
                ("POST", "/v1/wallet/topups", {"amount": euros(100), "payment_method": CARD.replace(" ", "")})):
            refused = shopper.call(method, path, body, key=uuid.uuid4().hex if method == "POST" else None)
            self.assertEqual((refused.status, refused.code()), (422, "invalid_value"), refused.body)
            self.assertNotIn(b"4242", refused.body)
        found = market.get("/v1/products?q=4242424242424242")
        self.assertEqual(found.status, 200, "a barcode may look like that")
        for log in market.data_dir.rglob("*.log"):
            self.assertNotIn("4242424242424242", log.read_text(errors="replace").replace(" ", "").replace("-", ""), log)
