"""The bank's report of a day is read by itself when the day is over, and held against payments and ledger: what fits is
done, what does not is named for staff, who looks at it and says what it was (issue: P16). The bank's clock is a day
behind at first, so that its day is over when ours is."""
import datetime
import unittest

import test_card_checkout
from books import untyped
from cards import CardMarket, pay
from market import wait_until
from test_card_checkout import TOTAL, filled, import_goods

DAY_S = 24 * 3600
ENDS_WITHIN_S = 60
STRANGE, BEHIND = 777, 100


def setUpModule():
    global market, staff
    market = CardMarket(settings=("--payment.query_pause=3600", "--payment.reconcile_after=1"),
                        bank=("--behind-s", str(DAY_S))).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_card_checkout.market = market
    test_card_checkout.variants = import_goods()
    staff = market.staff()


def read(path):
    staff.reconnect()
    staff.login()
    return staff.call("GET", f"/v1/admin/payments/{path}", expect=200).json()["data"]


def bank_day():
    """Of the bank's clock, before it has caught up."""
    now_s = market.ask_bank("GET", "/test/clock")["now_us"] / 1e6
    return str(datetime.datetime.fromtimestamp(now_s, datetime.timezone.utc).date())


class Reconciliation(unittest.TestCase):
    def test_a_day_is_compared_by_itself_and_what_does_not_fit_is_named_until_somebody_has_looked(self):
        day = bank_day()
        shopper = market.shopper()
        good, touched = (pay(shopper, filled(shopper), expect=201).json() for _ in range(2))
        market.settle_cards()
        # The provider's days are of real time, so what was heard is dated as it would have been a day before.
        market.sql("payment", f"UPDATE payment.fact SET heard_at = heard_at - {DAY_S * 1_000_000}")
        # What moves behind our back: a charge of nobody, and a refund of which we hear nothing.
        market.ask_bank("POST", "/test/deliveries/hold", {})
        market.ask_bank("POST", "/v1/payment_intents",
                        {"amount": str(STRANGE), "currency": "eur", "payment_method": "pm_ok", "confirm": "true",
                         "payment_method_types[0]": "card"})
        intent = next(one for one in market.ask_bank("GET", "/v1/payment_intents?limit=10")["data"]
                      if untyped(one["metadata"].get("souk_payment", "pay_" + "0" * 26)) == untyped(touched["id"]))
        market.ask_bank("POST", "/v1/refunds", {"payment_intent": intent["id"], "amount": str(BEHIND)})
        market.ask_bank("POST", "/test/clock/advance", {"seconds": str(DAY_S)})
        if bank_day() == day:
            self.fail("the bank's day is over")
        wait_until(lambda: self.state_a_moment_later(day) == "done", ENDS_WITHIN_S, "the day's report is compared")
        told = next(one for one in read("reconciliations") if one["day"] == day)
        sums = {one["charged"]["currency"]: one for one in told["sums"]}["EUR"]
        self.assertEqual((sums["charged"]["amount"], sums["refunded"]["amount"]), (2 * TOTAL + STRANGE, BEHIND))
        self.assertGreater(sums["fees"]["amount"], 0)
        found = {one["kind"]: one for one in read(f"differences?day={day}")}
        self.assertEqual(set(found), {"unknown_payment", "not_told"})
        self.assertEqual(told["differences"], 2)
        stranger = found["unknown_payment"]
        self.assertEqual((stranger["reported"]["amount"], stranger["state"]), (STRANGE, "open"))
        self.assertNotIn("payment_id", stranger)
        self.assertEqual(found["not_told"]["payment_id"], touched["payment"]["id"] if "payment" in touched
                         else touched["id"].replace("og_", "pay_"))
        self.assertEqual((found["not_told"]["movement"], abs(found["not_told"]["reported"]["amount"])),
                         ("refund", BEHIND))
        self.assertFalse([one for one in found.values() if untyped(good["id"]) == untyped(one.get("payment_id",
                                                                                                  "pay_" + "0" * 26))])
        # What may heal by itself is shown to people when it was judged again, as the refund was, which has healed.
        wait_until(lambda: stranger["id"] in self.waiting_an_hour_later(), ENDS_WITHIN_S, "staff is told of it")
        self.assertEqual(self.waiting_an_hour_later(), [stranger["id"]])
        healed = next(one for one in read(f"differences?day={day}") if one["kind"] == "not_told")
        self.assertEqual(healed["state"], "healed")
        refunded = staff.call("GET", f"/v1/admin/payments/{healed['payment_id']}", expect=200).json()
        self.assertIn("refund_succeeded", {fact["fact"] for fact in refunded["facts"]})
        staff.call("POST", f"/v1/admin/payments/differences/{stranger['id']}/settle", {"reason": "The shop next door."},
                   expect=204)
        settled = next(one for one in read(f"differences?day={day}") if one["id"] == stranger["id"])
        self.assertEqual((settled["state"], settled["reason"]), ("settled", "The shop next door."))
        self.assertEqual(self.waiting_an_hour_later(), [])
        shopper.call("GET", "/v1/admin/payments/differences", expect=401)

    @staticmethod
    def waiting_an_hour_later():
        staff.call("POST", "/v1/test/clock", {"advance": 3600})
        staff.reconnect()
        staff.login()
        queue = staff.call("GET", "/v1/admin/queue?cause=payment_difference&limit=50", expect=200).json()["data"]
        return [one["subject"] for one in queue]

    @staticmethod
    def state_a_moment_later(day):
        """Whatever is looked for by the clock is looked for when it moves."""
        staff.call("POST", "/v1/test/clock", {"advance": 60}, expect=200)
        return next((one["state"] for one in read("reconciliations") if one["day"] == day), None)


if __name__ == "__main__":
    unittest.main()
