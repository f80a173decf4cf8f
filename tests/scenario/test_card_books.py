"""What payments, orders and ledger know of card payments, held against each other by the market itself (I5, I8): it
notices what does not fit, payment by payment, and what is of no order waits for staff until it has gone back."""
import time
import unittest
import uuid

import test_card_refunds
from books import untyped
from cards import CardMarket
from market import wait_until
from test_card_refunds import TOTAL, bought, charge_of, import_goods, refund, wait_at_bank

MARGIN_S = 1.5  # of books.settled_after, and some
SHOWN_AFTER_S = 16 * 60  # what the market gives back by itself has gone by then


def setUpModule():
    global market, staff, order, topup
    market = CardMarket(settings=("--payment.query_pause=5", "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = test_card_refunds.staff = market.staff()
    test_card_refunds.market = market
    test_card_refunds.variants = import_goods()
    order = bought(market.shopper(money=500), wallet=500)
    refund(order, amount={"amount": 700, "currency": "EUR"})
    wait_at_bank(order, 700)
    topup = market.shopper().call("POST", "/v1/wallet/topups", {
        "amount": {"amount": 4000, "currency": "EUR"}, "payment_method": "pm_ok",
        "return_url": "https://shop.example/wallet"}, key=uuid.uuid4().hex, expect=201).json()
    market.settle_cards()
    wait_until(lambda: books()["is_ok"] and books()["compared"] == 2, 30, "all know of both")
    time.sleep(MARGIN_S)


def books():
    found = staff.call("GET", "/v1/admin/invariants", expect=200).json()["checks"]
    return next(check for check in found if check["name"] == "payment.books")


def tampered(domain, change, undo):
    market.sql(domain, change)
    try:
        return books()
    finally:
        market.sql(domain, undo)


def waiting():
    return staff.call("GET", "/v1/admin/queue?cause=card_without_order", expect=200).json()["data"]


class Books(unittest.TestCase):
    def assert_named(self, check, payment_id, words):
        self.assertFalse(check["is_ok"])
        self.assertEqual([one["subject"].partition(":")[0] for one in check["violations"]], [payment_id])
        self.assertIn(words, check["violations"][0]["rule"])
        self.assertTrue(books()["is_ok"])

    def pay_id(self, group_id):
        return "pay_" + group_id.partition("_")[2]

    def test_1_a_group_that_says_another_amount_than_its_charge(self):
        part = 'UPDATE "order".order_group SET card_amount = card_amount'
        check = tampered("order", f"{part} - 1", f"{part} + 1")
        self.assert_named(check, self.pay_id(order["group_id"]), "is not the card part of its group")
        check = tampered("order", """UPDATE "order".order_group SET card_lost_at = 1""",
                         """UPDATE "order".order_group SET card_lost_at = NULL""")
        self.assert_named(check, self.pay_id(order["group_id"]), "a captured payment is of no placed group")

    def test_2_a_refund_that_no_order_knows(self):
        check = tampered("order", """UPDATE "order".order_refund SET card_state = 'failed'""",
                         """UPDATE "order".order_refund SET card_state = 'succeeded'""")
        self.assert_named(check, self.pay_id(order["group_id"]), "what its orders say")

    def test_3_a_top_up_that_is_not_credited_as_it_was_charged(self):
        mine = f"WHERE payment_id = '{untyped(topup['id'])}'"
        for column in ("captured", "refunded", "disputed"):
            change = f"UPDATE wallet.payment_book SET {column} = {column} + 1 {mine}"
            check = tampered("wallet", change, change.replace("+ 1", "- 1"))
            self.assert_named(check, topup["id"], "is not what the ledger has")

    def test_4_a_payment_that_says_another_amount_and_what_the_operator_sees(self):
        mine = f"WHERE id = '{untyped(order['group_id'])}'"
        change = f"UPDATE payment.payment SET captured = captured - 1 {mine}"
        check = tampered("payment", change, change.replace("- 1", "+ 1"))
        self.assert_named(check, self.pay_id(order["group_id"]), "is not what the ledger has")
        code, told = market.verify()
        self.assertEqual(code, 0, told)
        self.assertRegex(told, r"(?m)^ok +2  payment.books ")

    def test_5_what_is_of_no_order_waits_for_staff_and_is_given_back(self):
        """As if the card had been lost first, and charged then: the next word of the bank shows it."""
        lone = bought(market.shopper())
        group = untyped(lone["group_id"])
        market.settle_cards()
        market.sql("order", f"""UPDATE "order".order_group SET card_lost_at = 1 WHERE id = '{group}'""")
        market.ask_bank("POST", "/v1/refunds", {"charge": charge_of(lone)["id"], "amount": "100"})
        noted = f"""SELECT count(*) FROM "order".stray_payment WHERE payment_id = '{group}' AND gone = 100"""
        wait_until(lambda: market.sql("order", noted) == [["1"]], 30, "it is heard")
        staff.call("POST", "/v1/test/clock", {"advance": SHOWN_AFTER_S}, expect=200)
        item, = waiting()
        self.assertEqual(item["subject"], self.pay_id(lone["group_id"]))
        self.assertIn("49.00 EUR", item["detail"])
        self.assertEqual([one["name"] for one in item["actions"]], ["look", "return"])
        self.assertTrue(books()["is_ok"])  # it waits for staff
        path = item["actions"][1]["path"]
        self.assertEqual(staff.call("POST", path, {}).status, 422)
        staff.call("POST", path, {"reason": "Its orders are to be paid otherwise"}, expect=204)
        wait_at_bank(lone, TOTAL)
        wait_until(lambda: not waiting(), 30, "nobody waits any more")
        staff.call("POST", path, {"reason": "Again"}, expect=404)
        told = staff.call("GET", "/v1/admin/audit?limit=50", expect=200).json()["data"]
        self.assertIn(("order.return_card_payment", item["subject"]),
                      {(entry["action"], entry["subject"]) for entry in told})


if __name__ == "__main__":
    unittest.main()
