"""Who may place an order, where that needs a verified address; and how a misused key is answered."""
import unittest
import uuid

from market import Market
from people import mailed_token
import test_races


def setUpModule():
    global market, variant
    market = Market(["--market.verified_email_required=order"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_races.market = market
    variant = test_races.import_stock("gift", 1, 100)[0]


def verify(shopper):
    shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                 expect=204)


def verified_shopper():
    shopper = market.shopper(money=100000)
    verify(shopper)
    return shopper


class Policy(unittest.TestCase):
    def test_an_order_waits_for_the_address_to_be_verified(self):
        shopper = market.shopper(money=100000)
        cart = shopper.add(shopper.cart(), variant)
        refused = shopper.checkout(cart, expect=None)
        self.assertEqual((refused.status, refused.code()), (403, "email_not_verified"))
        self.assertEqual(shopper.available(), 100000)
        verify(shopper)
        self.assertEqual(shopper.checkout(cart).status, 201)


class KeyMisuse(unittest.TestCase):
    """tests/README.md, S-06."""

    def test_a_key_with_another_body_is_refused_and_changes_nothing(self):
        shopper, key = verified_shopper(), uuid.uuid4().hex
        cart = shopper.add(shopper.cart(), variant)
        shopper.checkout(cart, key)
        left = shopper.available()
        answer = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", {
            "expected_total": cart["totals"]["total"], "payment": {"wallet": {"amount": 1, "currency": "EUR"}}}, key)
        self.assertEqual((answer.status, answer.code()), (422, "idempotency_key_reused"))
        self.assertEqual(shopper.available(), left)

    def test_of_two_at_once_one_runs_and_the_other_waits_or_repeats(self):
        for _ in range(10):
            shopper = verified_shopper()
            cart = shopper.add(shopper.cart(), variant)
            request = shopper.checkout_request(cart, uuid.uuid4().hex)
            answers = shopper.connection.race([request, request])
            codes = sorted(answer.status for answer in answers)
            self.assertIn(codes, ([201, 201], [201, 409]))
            for answer in answers:
                if answer.status == 409:
                    self.assertEqual(answer.code(), "request_in_progress")
                    self.assertIn("retry-after", answer.headers)
            again = shopper.connection.request(*request)
            self.assertEqual(again.status, 201)
            self.assertEqual(again.headers["idempotent-replayed"], "true")
            self.assertEqual(len(shopper.call("GET", "/v1/orders", expect=200).json()["data"]), 1)

    def test_placement_without_a_key_is_refused(self):
        shopper = verified_shopper()
        cart = shopper.add(shopper.cart(), variant)
        total = cart["totals"]["total"]
        answer = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                              {"expected_total": total, "payment": {"wallet": total}})
        self.assertEqual((answer.status, answer.code()), (400, "idempotency_key_required"))

    def test_the_same_key_of_somebody_else_is_independent(self):
        key, groups = uuid.uuid4().hex, set()
        for _ in range(2):
            shopper = verified_shopper()
            answer = shopper.checkout(shopper.add(shopper.cart(), variant), key)
            self.assertNotIn("idempotent-replayed", answer.headers)
            groups.add(answer.json()["id"])
        self.assertEqual(len(groups), 2)


if __name__ == "__main__":
    unittest.main()
