"""Gift cards and credit that expires: codes told once, redeemed once whoever races or dies, spent before all other
money, and gone when their time is over (tests/README.md, S-48)."""
import threading
import time
import unittest
import uuid

from market import Market, wait_until
from people import first_staff, outbox
from test_races import import_stock_of

DAY_S = 24 * 3600
RACES = 10
ENDS_WITHIN_S = 30


def setUpModule():
    global market, staff, variant
    market = Market(settings=("--admin.second_factor=optional", "--gateway.rate_codes=10000")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    variant = import_stock_of(market, "gift", 1, 100)[0]


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def day(days):
    """A time so many days from the market's now."""
    now = market.get("/v1/test/clock").json()["now"]
    moment = time.mktime(time.strptime(now[:19], "%Y-%m-%dT%H:%M:%S")) + days * DAY_S
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.localtime(moment))


def advance(seconds):
    """Every sweep has run when this returns."""
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)
    staff.login()


def make(amount, count=1, key=None, expect=201, **more):
    body = {"amount": euros(amount), "count": count, "reference": "Christmas", "reason": "Sold at the desk.", **more}
    return staff.call("POST", "/v1/admin/gift-cards", body, key=key or uuid.uuid4().hex, expect=expect).json()


def redeem(shopper, code, expect=201, key=None):
    return shopper.call("POST", "/v1/wallet/gift-cards", {"code": code}, key=key, expect=expect)


def balance(shopper):
    return shopper.call("GET", "/v1/wallet", expect=200).json()["balances"][0]


class GiftCards(unittest.TestCase):
    def setUp(self):
        staff.reconnect()
        staff.login()

    def tearDown(self):
        for check in ("check_ledger", "check_lots", "check_gift_cards"):
            self.assertEqual(market.sql("wallet", f"SELECT * FROM wallet.{check}()"), [])
        self.assertTrue(staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"])

    def test_1_a_card_is_made_told_once_and_redeemed_once(self):
        key = uuid.uuid4().hex
        made = make(2500, 3, key=key)
        self.assertEqual(make(2500, 3, key=key)["codes"], made["codes"])
        shopper, other = market.shopper(), market.shopper()
        code = made["codes"][0]
        self.assertRegex(code, r"^([2-9A-HJKMNP-Z]{4}-){4}[2-9A-HJKMNP-Z]$")
        key = uuid.uuid4().hex
        first = redeem(shopper, code.replace("-", "").lower(), key=key).json()
        self.assertEqual(redeem(shopper, code.replace("-", "").lower(), key=key).json(), first)
        self.assertEqual(redeem(shopper, code, expect=200).json()["transaction_id"], first["transaction_id"])
        self.assertEqual(redeem(other, code, expect=422).code(), "gift_card_used")
        self.assertEqual(shopper.available(), 2500)
        rows = shopper.call("GET", "/v1/wallet/transactions", expect=200).json()["data"]
        self.assertEqual([(row["kind"], row["amount"]["amount"], row["reference"]) for row in rows],
                         [("gift_card", 2500, "Christmas")])
        listed = staff.call("GET", "/v1/admin/gift-cards?state=redeemed", expect=200)
        self.assertEqual([card["redeemed_by"] for card in listed.json()["data"]], [shopper.user["id"]])
        self.assertNotIn(code, str(listed.body))
        # A second card is blocked, and looks like none.
        card = made["data"][1]
        staff.call("POST", f"/v1/admin/gift-cards/{card['id']}/block", {"reason": "Stolen."}, expect=200)
        self.assertEqual(redeem(other, made["codes"][1], expect=422).code(), "gift_card_unknown")
        wrong = ("2" if code[0] != "2" else "3") + code[1:]
        self.assertEqual(redeem(other, wrong, expect=422).code(), "gift_card_mistyped")

    def test_2_of_two_who_race_for_a_code_one_has_it(self):
        made = make(100, RACES)
        shoppers = [market.shopper(), market.shopper()]
        for code in made["codes"]:
            answers = [None, None]
            barrier = threading.Barrier(2)

            def run(at, code=code, answers=answers, barrier=barrier):
                barrier.wait()
                answers[at] = shoppers[at].call("POST", "/v1/wallet/gift-cards", {"code": code}).status
            threads = [threading.Thread(target=run, args=(at,)) for at in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answers), [201, 422])
        self.assertEqual(sum(shopper.available() for shopper in shoppers), 100 * RACES)

    def test_3_a_redemption_that_is_cut_short_is_finished_once(self):
        points = [f"wallet.{command}.commit.{moment}" for command in ("claim_gift_card", "redeem_gift_card")
                  for moment in ("before", "after")]
        self.assertLessEqual(set(points), set(market.get("/v1/test/faults").json()["data"]))
        for point in points:
            with self.subTest(point=point):
                shopper, code = market.shopper(), make(700)["codes"][0]
                staff.call("POST", "/v1/test/faults", {"point": point, "action": "kill"}, expect=204)
                try:
                    shopper.call("POST", "/v1/wallet/gift-cards", {"code": code})
                except (OSError, TimeoutError):
                    pass
                wait_until(lambda: market.get("/v1/test/clock").status == 200, ENDS_WITHIN_S, "the nodes answer")
                shopper.reconnect()
                staff.reconnect()
                if point.endswith("claim_gift_card.commit.before"):
                    wait_until(lambda: shopper.call("POST", "/v1/wallet/gift-cards", {"code": code}).status
                               in (200, 201), ENDS_WITHIN_S, "it is redeemed by trying again")
                advance(11)
                wait_until(lambda: market.sql("wallet", "SELECT count(*) FROM wallet.gift_card WHERE "
                                                        "state = 'redeemed' AND credited_at IS NULL") == [["0"]],
                           ENDS_WITHIN_S, "the sweep has finished it")
                self.assertEqual(shopper.available(), 700)

    def test_4_credit_is_spent_before_it_lapses_and_comes_back(self):
        shopper = market.shopper(money=100)
        staff.call("POST", f"/v1/admin/wallets/{shopper.user['id']}/credits",
                   {"amount": euros(150), "expires_at": day(5), "reference": "Summer", "reason": "A campaign."},
                   key=uuid.uuid4().hex, expect=201)
        redeem(shopper, make(50, expires_at=day(20))["codes"][0])
        self.assertEqual([part["amount"]["amount"] for part in balance(shopper)["expiring"]], [150, 50])
        order = shopper.checkout(shopper.add(shopper.cart(), variant)).json()["orders"][0]
        wait_until(lambda: balance(shopper)["held"]["amount"] == 0, ENDS_WITHIN_S, "the order is paid")
        self.assertEqual([part["amount"]["amount"] for part in balance(shopper)["expiring"]], [50, 50])
        advance(1)
        wait_until(lambda: "credit_expiring" in [mail["kind"] for mail in outbox(market, shopper.email)],
                   ENDS_WITHIN_S, "the shopper is told")
        advance(6 * DAY_S)
        shopper.login()
        self.assertEqual(balance(shopper)["available"], euros(150))
        self.assertEqual([part["amount"]["amount"] for part in balance(shopper)["expiring"]], [50])
        kinds = [row["kind"] for row in shopper.call("GET", "/v1/wallet/transactions", expect=200).json()["data"]]
        self.assertEqual(kinds, ["lapse", "purchase", "gift_card", "credit", "grant"])
        wait_until(lambda: "credit_lapsed" in [mail["kind"] for mail in outbox(market, shopper.email)],
                   ENDS_WITHIN_S, "the shopper is told")
        # What comes back of a credit that is over can be spent for a while.
        shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                     {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}, expect=201)
        wait_until(lambda: balance(shopper)["available"] == euros(250), ENDS_WITHIN_S, "it comes back")
        self.assertEqual([part["amount"]["amount"] for part in balance(shopper)["expiring"]], [50, 100])

    def test_5_the_operator_grants_for_a_time(self):
        shopper = market.shopper()
        until = day(30)
        market.admin("grant", "--email", shopper.email, "--amount", "300", "--currency", "EUR", "--expires", until)
        self.assertEqual(balance(shopper)["expiring"], [{"amount": euros(300), "expires_at": until}])


if __name__ == "__main__":
    unittest.main()
