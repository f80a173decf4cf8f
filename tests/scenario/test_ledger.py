"""Money as staff sees it: what a purchase has moved, wallets at any moment, and corrections by new entries."""
import unittest
import uuid

from market import Market, Staff, wait_until
from test_races import import_stock_of

MOST_A_DAY = 1000


def setUpModule():
    global market, staff, shopper, group
    market = Market(settings=[f"--wallet.corrections_max={MOST_A_DAY}", "--wallet.balance_max=20000"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()
    variant = import_stock_of(market, "ledger", 1, 100)[0]
    shopper = market.shopper(money=10_000)
    group = shopper.checkout(shopper.add(shopper.cart(), variant, 3)).json()
    wait_until(lambda: [entry["kind"] for entry in entries(f"user_id={shopper.user['id']}")] == ["purchase", "grant"],
               30, "the hold is posted")


def page(query=""):
    return staff.call("GET", f"/v1/admin/ledger?{query}", expect=200).json()


def entries(query=""):
    """All that the query finds, page by page."""
    found, after = [], ""
    while True:
        answer = page(f"{query}&limit=3{after}")
        found += answer["data"]
        if not answer["has_more"]:
            return found
        after = "&after=" + answer["next"]


def wallet(person, query=""):
    return staff.call("GET", f"/v1/admin/wallets/{person.user['id']}{query}", expect=200).json()


def balance(person, query=""):
    balances = wallet(person, query)["balances"]
    return balances[0]["balance"]["amount"] if balances else 0


def correct(by, person, amount, key=None, expect=201, **more):
    body = {"amount": {"amount": amount, "currency": "EUR"}, "reason": "the parcel came late", **more}
    return by.call("POST", f"/v1/admin/wallets/{person.user['id']}/corrections", body, key=key or uuid.uuid4().hex,
                   expect=expect)


class Ledger(unittest.TestCase):
    def tearDown(self):
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
        self.assertTrue(staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"])

    def test_every_entry_adds_up_to_nothing_and_all_of_them_to_the_balances(self):
        everything = entries()
        self.assertEqual(len({entry["id"] for entry in everything}), len(everything))
        self.assertEqual([entry["created_at"] for entry in everything],
                         sorted((entry["created_at"] for entry in everything), reverse=True))
        wallets = {}
        for entry in everything:
            amount = entry["amount"]["amount"]
            self.assertEqual(amount + sum(leg["amount"]["amount"] for leg in entry["legs"]), 0, entry)
            wallets[entry["user_id"]] = wallets.get(entry["user_id"], 0) + amount
        self.assertEqual(wallets[shopper.user["id"]], balance(shopper))
        self.assertEqual(sum(wallets.values()),
                         int(market.sql("wallet", "SELECT sum(balance) FROM wallet.balance")[0][0]))

    def test_an_order_is_found_by_its_id(self):
        found = entries(f"reference={group['id']}")
        self.assertEqual([(entry["kind"], entry["amount"]["amount"]) for entry in found],
                         [("purchase", -group["total"]["amount"])])
        self.assertEqual(found[0]["legs"], [{"account": "clearing", "amount": group["total"]}])
        self.assertEqual(entries(f"reference={group['id']}&kind=grant"), [])

    def test_a_wallet_is_shown_as_it_was_at_any_moment(self):
        statement = list(reversed(entries(f"user_id={shopper.user['id']}")))
        self.assertEqual(balance(shopper, "?as_of=2001-01-01T00:00:00Z"), 0)
        for entry in statement:
            self.assertEqual(balance(shopper, f"?as_of={entry['created_at']}"), entry["balance"]["amount"])
        now = wallet(shopper)["balances"][0]
        self.assertEqual(now["balance"]["amount"], statement[-1]["balance"]["amount"])
        self.assertEqual(now["available"]["amount"], shopper.available())

    def test_corrections_both_ways_are_entries_that_the_shopper_sees(self):
        person, by = market.shopper(), market.staff()
        key = uuid.uuid4().hex
        first = correct(by, person, 500, key, reference="goodwill").json()
        self.assertEqual(first["balance"], {"amount": 500, "currency": "EUR"})
        again = correct(by, person, 500, key, reference="goodwill")
        self.assertEqual((again.json(), again.headers.get("idempotent-replayed")), (first, "true"))
        second = correct(by, person, -200).json()
        self.assertEqual((person.available(), second["balance"]["amount"]), (300, 300))
        seen = person.call("GET", "/v1/wallet/transactions", expect=200).json()["data"]
        self.assertEqual([(t["kind"], t["amount"]["amount"], t["balance"]["amount"], t.get("reference")) for t in seen],
                         [("correction", -200, 300, None), ("correction", 500, 500, "goodwill")])
        self.assertNotIn("parcel", str(seen))
        newest = entries(f"user_id={person.user['id']}&kind=correction")[0]
        self.assertEqual((newest["id"], newest["staff_id"], newest["reason"]),
                         (second["transaction_id"], by.person["id"], "the parcel came late"))
        self.assertEqual(newest["legs"],
                         [{"account": "corrections", "amount": {"amount": 200, "currency": "EUR"}}])

    def test_a_correction_is_in_the_audit_trail(self):
        person, by = market.shopper(), market.staff()
        correct(by, person, 10)

        def trail():
            return staff.call("GET", f"/v1/admin/audit?subject={person.user['id']}&action=wallet.correct_wallet",
                              expect=200).json()["data"]
        wait_until(trail, 30, "the entry has arrived")
        entry = trail()[0]
        self.assertEqual((entry["principal"], entry["reason"]), (by.person["id"], "the parcel came late"))
        self.assertEqual(entry["before"], {"currency": "EUR", "balance": 0, "held": 0})
        self.assertEqual(entry["request"]["amount"], {"amount": 10, "currency": "EUR"})

    def test_what_is_not_there_is_not_taken(self):
        person, by = market.shopper(money=100), market.staff()
        answer = correct(by, person, -101, expect=422)
        self.assertEqual(answer.code(), "insufficient_funds")
        self.assertEqual(answer.json()["errors"][0]["available"], 100)
        correct(by, person, -100)
        self.assertEqual(person.available(), 0)

    def test_limits_say_which_they_are(self):
        person, by = market.shopper(), market.staff()
        correct(by, person, MOST_A_DAY - 10)
        answer = correct(by, person, -11, expect=422)
        self.assertEqual(answer.code(), "limit_exceeded")
        fault = answer.json()["errors"][0]
        self.assertEqual((fault["pointer"], fault["available"]), ("/amount", 10))
        self.assertIn("wallet.corrections_max", fault["detail"])
        rich = market.shopper(money=19_500)
        answer = correct(market.staff(), rich, 501, expect=422)
        self.assertEqual(answer.code(), "limit_exceeded")
        self.assertIn("wallet.balance_max", answer.json()["errors"][0]["detail"])
        refused = market.admin("grant", "--email", rich.email, "--amount", "501", "--currency", "EUR", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(rich.available(), 19_500)

    def test_a_correction_needs_a_key_an_amount_and_a_shopper(self):
        path = f"/v1/admin/wallets/{shopper.user['id']}/corrections"
        body = {"amount": {"amount": 1, "currency": "EUR"}, "reason": "late"}
        self.assertEqual(staff.call("POST", path, body).code(), "idempotency_key_required")
        self.assertEqual(correct(staff, shopper, 0, expect=422).code(), "out_of_range")
        nobody = "/v1/admin/wallets/usr_" + "0" * 26
        self.assertEqual(staff.call("GET", nobody).status, 404)
        self.assertEqual(staff.call("POST", nobody + "/corrections", body, key=uuid.uuid4().hex).status, 404)

    def test_keys_that_may_look_at_money_may_not_move_it_and_shoppers_neither(self):
        made = staff.call("POST", "/v1/admin/api-keys", {"name": "books", "scopes": ["view_money"]}, expect=201).json()
        books = Staff(market, "books")
        books.token = made["secret"]
        books.call("GET", "/v1/admin/ledger", expect=200)
        self.assertEqual(correct(books, shopper, 1, expect=None).code(), "forbidden")
        self.assertEqual(shopper.call("GET", "/v1/admin/ledger").status, 401)


if __name__ == "__main__":
    unittest.main()
