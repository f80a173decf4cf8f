"""That the comparison of books.py notices: each thing that can be wrong between a bank and a market, made up."""
import copy
import unittest

from books import Comparison, untyped

GROUP, TOPUP, LOST = (f"{number:08d}-0000-0000-0000-000000000000" for number in (1, 2, 3))


def typed(uuid):
    digits, number, text = "0123456789abcdefghjkmnpqrstvwxyz", int(uuid.replace("-", ""), 16), ""
    for _ in range(26):
        text, number = digits[number & 31] + text, number >> 5
    return "pay_" + text


def charge(name, payment, captured, refunded=0, **more):
    return {"id": name, "approved": True, "intent_status": "succeeded", "captured": captured, "refunded": refunded,
            "payment_intent": "pi_" + name, "metadata": {"souk_payment": typed(payment)}, **more}


class Market:
    """A group of 30.00 of which 10.00 went back, a top-up of 5.00 that is disputed, and 7.00 that nobody wanted."""

    def __init__(self):
        self.bank = {
            "is_cut": False,
            "charges": [charge("ch_1", GROUP, 3000, 1000), charge("ch_2", TOPUP, 500), charge("ch_3", LOST, 700, 700)],
            "refunds": [{"id": "re_1", "charge": "ch_1", "status": "succeeded", "amount": 1000},
                        {"id": "re_2", "charge": "ch_3", "status": "succeeded", "amount": 700}],
            "disputes": [{"id": "du_1", "charge": "ch_2", "status": "needs_response", "amount": 500}],
            "movements": [{"currency": "eur", "amount": amount} for amount in (3000, -1000, 500, -500, 700, -700)]}
        self.rows = {
            "payment.payment ": [[GROUP, "order", "take", "ch_1", "captured", "3000", "3000", "1000", "0", "0", "0"],
                                 [TOPUP, "topup", "take", "ch_2", "disputed", "500", "500", "0", "0", "500", "0"],
                                 [LOST, "order", "release", "ch_3", "refunded", "700", "700", "700", "0", "0", "0"]],
            "payment.refund WHERE": [["re_1", "refund-1", GROUP, "1000"]],
            "payment.fact": [["re_2", LOST]],
            "payment.stray": [],
            "order_group ": [[GROUP, "3000", ""]],
            "sum(r.by_bank)": [],
            "order_refund": [["refund-1", GROUP, "1000", "succeeded", "0"]],
            "wallet.topup": [[TOPUP, "500", "credited"]],
            "wallet.posting": [["EUR", "-2000"]]}
        self.queue, self.silent = [{"cause": "dispute_open", "subject": typed(TOPUP)}], []

    def books(self):
        return copy.deepcopy(self.bank)

    def sql(self, _, statement):
        return next(rows for name, rows in self.rows.items() if name in statement)

    def call(self, _, path, **__):
        """A page of the queue, which goes on behind the number of an item."""
        self.path = path
        return self

    def json(self):
        first = int(self.path.partition("&after=")[2] or 0)
        return {"data": self.queue[first:first + 50], "has_more": first + 50 < len(self.queue), "next": str(first + 50),
                "unanswered": self.silent}


class Notices(unittest.TestCase):
    def setUp(self):
        self.market = Market()

    def assert_told(self, *words):
        wrong = Comparison(self.market, self.market).wrong
        for word in words:
            self.assertTrue(any(word in one for one in wrong), (word, wrong))

    def test_nothing_where_nothing_is_wrong(self):
        self.assertEqual(untyped(typed(GROUP)), GROUP)
        self.assertEqual(Comparison(self.market, self.market).wrong, [])

    def test_a_second_charge_and_one_of_a_stranger(self):
        self.market.bank["charges"] += [charge("ch_4", GROUP, 3000), charge("ch_5", LOST, 1, metadata={})]
        self.assert_told("a charge of no payment: {'id': 'ch_4'", "a charge of no payment: {'id': 'ch_5'")

    def test_a_second_charge_that_is_known_goes_back_to_the_cent(self):
        self.market.rows["payment.stray"] = [["pi_ch_4", GROUP]]
        self.market.rows["payment.fact"].append(["re_4", GROUP])
        self.market.bank["charges"].append(charge("ch_4", GROUP, 3000, 2999))
        self.market.bank["refunds"].append({"id": "re_4", "charge": "ch_4", "status": "succeeded", "amount": 2999})
        self.assert_told("a second charge that is kept: {'id': 'ch_4'")
        self.market.queue.append({"cause": "payment_not_wanted", "subject": typed(GROUP)})
        self.assertFalse(any("a second charge" in one or "of nobody" in one
                             for one in Comparison(self.market, self.market).wrong))

    def test_a_placed_group_whose_card_was_not_charged_or_otherwise(self):
        self.market.rows["order_group "] = [[GROUP, "2999", ""], [TOPUP.replace("2", "4"), "1", ""]]
        self.assert_told("the card's part of group", "is placed, and its card was not charged")

    def test_what_is_kept_for_a_checkout_that_failed(self):
        self.market.bank["charges"][2]["refunded"], self.market.bank["refunds"] = 0, self.market.bank["refunds"][:1]
        self.assert_told("kept for nothing", "captured, refunded")
        self.market.queue.append({"cause": "payment_not_wanted", "subject": typed(LOST)})
        self.assertFalse(any("kept for" in one for one in Comparison(self.market, self.market).wrong))

    def test_what_is_still_set_aside(self):
        self.market.bank["charges"][2]["intent_status"] = "requires_capture"
        self.assert_told("still set aside")

    def test_a_top_up_that_is_credited_without_a_charge_or_otherwise(self):
        self.market.rows["wallet.topup"] = [[TOPUP, "501", "credited"], [TOPUP.replace("2", "5"), "1", "credited"]]
        self.assert_told("top-up", "is credited and was not charged")

    def test_a_charge_of_a_top_up_that_is_not_credited(self):
        self.market.bank["disputes"] = []
        self.market.rows["wallet.topup"], self.market.queue = [[TOPUP, "500", "failed"]], []
        self.assert_told("kept for nothing")

    def test_what_is_kept_for_nothing_is_found_among_hundreds_that_wait(self):
        self.market.bank["charges"][2]["refunded"], self.market.bank["refunds"] = 0, self.market.bank["refunds"][:1]
        self.market.rows["payment.payment "][2][7] = "0"
        self.market.rows["wallet.posting"] = [["EUR", "-2700"]]
        self.market.bank["movements"].pop()
        others = [typed(f"{number:08d}-0000-0000-0000-000000000000") for number in range(100, 700)]
        self.market.queue += [{"cause": "payment_not_wanted", "subject": other} for other in others]
        self.assert_told("kept for nothing")
        self.market.queue[-1]["subject"] = typed(LOST)  # and it is enough that the last of all pages has it
        self.assertEqual(Comparison(self.market, self.market).wrong, [])

    def test_a_charge_of_a_group_that_has_lost_its_card_waits_for_staff(self):
        self.market.rows["order_group "] = [[GROUP, "0", "17"]]
        self.market.bank["refunds"], self.market.rows["payment.refund WHERE"] = self.market.bank["refunds"][1:], []
        self.market.bank["charges"][0]["refunded"] = 0
        self.assert_told("kept for nothing")
        self.market.queue.append({"cause": "card_without_order", "subject": typed(GROUP)})
        wrong = Comparison(self.market, self.market).wrong
        self.assertFalse(any("kept for nothing" in one for one in wrong), wrong)

    def test_a_queue_that_is_not_whole(self):
        self.market.silent = ["payment"]
        self.assert_told("does not say what waits in ['payment']")

    def test_refunds_that_one_side_does_not_know(self):
        self.market.rows["payment.refund WHERE"] = [["re_9", "refund-1", GROUP, "1000"]]
        self.assert_told("a refund of nobody", "refunds that the bank does not know")

    def test_a_refund_that_did_not_arrive_while_its_order_says_so(self):
        self.market.bank["refunds"][0]["status"] = "failed"
        self.assert_told("has succeeded here; at the bank failed", "captured, refunded")

    def test_a_refund_that_was_asked_for_again_is_compared_by_what_its_group_got_back(self):
        self.market.bank["refunds"][0]["status"] = "failed"
        self.market.rows["order_refund"][0][4] = "1"
        wrong = Comparison(self.market, self.market).wrong
        self.assertFalse(any("has succeeded here" in one for one in wrong), wrong)
        self.assertTrue(any("given back of group" in one for one in wrong), wrong)

    def test_a_refund_that_failed_and_nobody_is_told(self):
        self.market.bank["refunds"][0]["status"] = "failed"
        self.market.rows["order_refund"][0][3] = "failed"
        self.assert_told("nobody is told of failed refund")

    def test_a_refund_without_an_end(self):
        self.market.rows["order_refund"][0][3] = "pending"
        self.assert_told("has no end", "given back of group")

    def test_a_dispute_that_was_not_heard_of(self):
        self.market.rows["payment.payment "][1][9] = "0"
        self.assert_told("captured, refunded, on their way, disputed")

    def test_a_ledger_that_has_more(self):
        self.market.rows["wallet.posting"] = [["EUR", "-2001"]]
        self.assert_told("the ledger's provider has {'EUR': 2001} and at the bank {'EUR': 2000}")


if __name__ == "__main__":
    unittest.main()
