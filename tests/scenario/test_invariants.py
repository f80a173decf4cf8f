"""Whether everything adds up: what the market says of its own books, and that it notices what does not."""
import subprocess
import unittest

from market import PASSWORD, Market, wait_until
from test_races import import_stock_of

PATH = "/v1/admin/invariants"


def setUpModule():
    global market, staff
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()
    variant = import_stock_of(market, "counted", 1, 100)[0]
    for _ in range(3):
        shopper = market.shopper(money=500)
        shopper.checkout(shopper.add(shopper.cart(), variant, 2))
    wait_until(lambda: market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]], 30,
               "the checkouts have ended")


def ask():
    return staff.call("GET", PATH, expect=200).json()


def verify():
    return subprocess.run(market.command("verify", "--data-dir", str(market.data_dir)), capture_output=True, text=True,
                          timeout=60)


def find(answer, name):
    return next(check for check in answer["checks"] if check["name"] == name)


class Invariants(unittest.TestCase):
    def tampered(self, domain, change, undo):
        market.sql(domain, change)
        try:
            return ask()
        finally:
            market.sql(domain, undo)
            self.assertTrue(ask()["is_ok"])

    def test_a_market_that_has_sold_adds_up_and_says_what_was_compared(self):
        answer = ask()
        self.assertTrue(answer["is_ok"], answer)
        self.assertEqual(find(answer, "order.orders")["compared"], 3)
        self.assertEqual(find(answer, "order.purchases")["compared"], 3)
        self.assertEqual(find(answer, "catalog.stock")["compared"], 1)
        self.assertEqual(find(answer, "wallet.ledger")["compared"], 12)  # three grants, three purchases, two legs each

    def test_stock_that_is_set_aside_for_nobody_is_named(self):
        answer = self.tampered("catalog", "UPDATE catalog.stock SET held = held + 1",
                               "UPDATE catalog.stock SET held = held - 1")
        check = find(answer, "catalog.stock")
        self.assertFalse(answer["is_ok"] or check["is_ok"])
        self.assertEqual(check["violations"][0]["rule"], "held_is_not_sum_of_reservations")

    def test_a_balance_that_its_postings_do_not_explain_is_named(self):
        answer = self.tampered("wallet", "UPDATE wallet.balance SET balance = balance + 1",
                               "UPDATE wallet.balance SET balance = balance - 1")
        rule = find(answer, "wallet.ledger")["violations"][0]["rule"]
        self.assertEqual(rule, "balance is not the sum of its postings")
        self.assertTrue(find(answer, "catalog.stock")["is_ok"])

    def test_an_order_that_says_another_amount_than_the_ledger_is_named(self):
        both = "UPDATE \"order\".order_group SET on_delivery = {0}"
        answer = self.tampered("order", both.format(1), both.format(0))
        check = find(answer, "order.purchases")
        self.assertFalse(check["is_ok"])
        self.assertIn("3 of 597 here, 3 of 600 there", check["violations"][0]["subject"])

    def test_while_a_checkout_is_under_way_a_difference_says_nothing(self):
        market.sql("order", "UPDATE host.saga SET is_done = false WHERE id = (SELECT id FROM host.saga LIMIT 1)")
        both = "UPDATE \"order\".order_group SET on_delivery = {0}"
        market.sql("order", both.format(1))
        try:
            answer = ask()
        finally:
            market.sql("order", both.format(0))
            market.sql("order", "UPDATE host.saga SET is_done = true")
        check = find(answer, "order.purchases")
        self.assertEqual((answer["open_processes"], check["is_finished"], check["is_ok"]), (1, False, False))

    def test_a_refund_that_only_the_orders_know_is_named(self):
        order, sequence = market.sql("order", 'SELECT object_id, sequence FROM "order".order_history LIMIT 1')[0]
        answer = self.tampered(
            "order",
            f"""INSERT INTO "order".order_refund VALUES ('{order}', '{order}', {sequence}, 7, 0)""",
            f"""DELETE FROM "order".order_refund WHERE id = '{order}'""")
        check = find(answer, "order.refunds")
        self.assertFalse(check["is_ok"])
        self.assertIn("1 of 7 here, 0 of 0 there", check["violations"][0]["subject"])

    def test_an_event_that_is_missing_among_others_is_named(self):
        shopper = market.shopper()
        for number in range(3):  # each is told to the shopper, so each is an event of the shopper's shard
            shopper.call("POST", "/v1/me/api-keys", {"name": f"key {number}", "scopes": ["account"],
                                                     "current_password": PASSWORD}, expect=201)
        shard = market.sql("user", "SELECT shard FROM host.outbox GROUP BY shard ORDER BY count(*) DESC LIMIT 1")[0][0]
        gone = f"(SELECT min(seq) + 1 FROM host.outbox WHERE shard = {shard})"
        row = market.sql("user", "SELECT shard, seq, msg_id, number, key, body, at FROM host.outbox "
                                 f"WHERE shard = {shard} AND seq = {gone}")[0]
        values = ", ".join(f"'{value}'" for value in row)
        answer = self.tampered("user", f"DELETE FROM host.outbox WHERE shard = {shard} AND seq = {gone}",
                               f"INSERT INTO host.outbox VALUES ({values})")
        self.assertEqual(find(answer, "user.events")["violations"],
                         [{"rule": "the numbers of its events have a gap", "subject": f"shard {shard}"}])

    def test_a_decision_that_the_audit_trail_does_not_have_is_named(self):
        order = staff.call("GET", "/v1/admin/orders?limit=1", expect=200).json()["data"][0]["id"]
        staff.call("POST", f"/v1/admin/orders/{order}/process", expect=200)
        wait_until(lambda: find(ask(), "order.decisions")["compared"] == 1, 30, "the decision is old enough")
        mine = "request_id = '{0}' WHERE actor_kind = 'staff'"
        was = market.sql("order", 'SELECT request_id FROM "order".order_history WHERE actor_kind = \'staff\'')[0][0]
        answer = self.tampered("order", 'UPDATE "order".order_history SET ' + mine.format("of-nobody"),
                               'UPDATE "order".order_history SET ' + mine.format(was))
        self.assertEqual([one["subject"] for one in find(answer, "order.decisions")["violations"]],
                         ["request of-nobody"])

    def test_the_operator_has_the_same_from_the_nodes_alone(self):
        told = verify()
        self.assertEqual(told.returncode, 0, told.stderr)
        lines = [line.split() for line in told.stdout.splitlines()]
        compared = {line[2]: (line[0], line[1]) for line in lines[:-1]}
        for check in ask()["checks"]:
            self.assertEqual(compared[check["name"]], ("ok", str(check["compared"])), check["name"])
        self.assertTrue(told.stdout.endswith("not ok; 0 processes under way\n"), told.stdout)

    def test_the_operators_program_fails_and_names_what_does_not_add_up(self):
        market.sql("catalog", "UPDATE catalog.stock SET held = held + 1")
        try:
            told = verify()
        finally:
            market.sql("catalog", "UPDATE catalog.stock SET held = held - 1")
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertRegex(told.stdout, r"VIOLATED +1  catalog.stock +I3 .*\n +held_is_not_sum_of_reservations: ")

    def test_only_staff_that_sees_money_may_ask(self):
        market.shopper().call("GET", PATH, expect=401)


if __name__ == "__main__":
    unittest.main()
