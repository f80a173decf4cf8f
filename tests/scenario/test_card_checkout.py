"""Checkouts that a card pays, at a bank that declines, asks, takes its time, falls silent or answers twice: each is
placed and charged once, or nothing is kept of it. The bank's own books are compared at the end of each story."""
import tempfile
import time
import unittest
import uuid

import books
from cards import BACK, CardMarket, by_card, group_of, insist, leave, pay, wait_for_end
from market import Shopper, wait_until
from people import mailed_token
from test_races import typed_id

PRICES = {"cup": 1001, "plate": 2503, "spoon": 333}  # cups and spoons of one vendor, plates of another
STOCK = 10_000
ENDS_WITHIN_S = 60


def setUpModule():
    global market, variants
    market = CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    variants = import_goods()


def import_goods():
    rows = ["Handle,Title,Vendor,Type,Variant Price,Variant Inventory Qty,Status,Published"]
    rows += [f"{name},{name},{'Plates' if name == 'plate' else 'Cups'},Table,{price / 100:.2f},{STOCK},active,true"
             for name, price in PRICES.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("\n".join(rows) + "\n")
        file.flush()
        market.import_products(file.name)
    found = market.sql("catalog", "SELECT p.handle, v.id FROM catalog.variant v JOIN catalog.product p "
                                  "ON p.id = v.product_id")
    return {handle: typed_id("var", variant) for handle, variant in found}


def filled(shopper):
    """A cup, a plate and a spoon, of two vendors."""
    cart = shopper.cart()
    for name in PRICES:
        cart = shopper.add(cart, variants[name])
    return cart


TOTAL = sum(PRICES.values())


class CardStory(unittest.TestCase):
    def setUp(self):
        self.addCleanup(market.ask_bank, "DELETE", "/test/faults")

    def finish(self):
        market.settle_cards()
        market.check_books(self)

    def assert_not_sold(self, shopper, cart, money):
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])
        self.assertEqual(shopper.available(), money)
        self.assertEqual(shopper.call("GET", f"/v1/carts/{cart['id']}", expect=200).json()["status"], "active")

    def ask_until_the_end(self, shopper, cart, key, body):
        return insist(shopper, "POST", f"/v1/carts/{cart['id']}/checkout", body, key)


class AtOnce(CardStory):
    def test_a_card_pays_a_checkout_of_two_vendors(self):
        shopper = market.shopper()
        methods = shopper.call("GET", "/v1/payment-methods", expect=200).json()["data"]
        self.assertIn("card", [one["method"] for one in methods])
        group = pay(shopper, filled(shopper), expect=201).json()
        self.assertEqual((group["status"], group["payment_status"]), ("placed", "paid"))
        self.assertEqual(len(group["orders"]), 2)
        self.finish()
        seen = group_of(shopper, group)["payment"]
        self.assertEqual((seen["status"], seen["amount"]["amount"]), ("captured", TOTAL))
        self.assertEqual(seen["id"].removeprefix("pay_"), group["id"].removeprefix("og_"))

    def test_wallet_and_card_share_it(self):
        shopper = market.shopper(money=1500)
        pay(shopper, filled(shopper), wallet=1500, expect=201)
        self.finish()
        self.assertEqual(shopper.available(), 0)

    def test_a_declined_card_says_why_and_the_wallet_has_its_money_back(self):
        shopper = market.shopper(money=1500)
        cart, key = filled(shopper), uuid.uuid4().hex
        for _ in range(2):
            answer = pay(shopper, cart, "pm_insufficient", wallet=1500, key=key, expect=422).json()
            self.assertEqual((answer["code"], answer["errors"][0]["detail"]), ("payment_failed", "insufficient_funds"))
            self.assertEqual(answer["errors"][0]["pointer"], "/payment/card")
        self.assert_not_sold(shopper, cart, 1500)
        pay(shopper, cart, "pm_decline", wallet=1500, expect=422)
        pay(shopper, cart, "pm_ok", wallet=1500, expect=201)
        self.finish()
        self.assertEqual(shopper.available(), 0)

    def test_a_wallet_that_is_too_empty_lets_the_card_go(self):
        shopper = market.shopper(money=999)
        cart = filled(shopper)
        for method in ("pm_ok", "pm_3ds"):
            answer = pay(shopper, cart, method, wallet=1000, expect=422)
            self.assertEqual(answer.code(), "insufficient_funds")
        self.assert_not_sold(shopper, cart, 999)
        market.grant(shopper.email, 1)
        pay(shopper, cart, wallet=1000, expect=201)
        self.finish()

    def test_a_guest_pays_by_card_and_sees_how_far_it_is(self):
        guest = Shopper(market, "g" + uuid.uuid4().hex[:12])
        cart = guest.call("POST", "/v1/carts", {}, expect=201).json()
        head = {"x_cart_token": cart["token"]}
        for name in PRICES:
            body = {"variant_id": variants[name], "quantity": 1}
            cart = guest.call("POST", f"/v1/carts/{cart['id']}/lines", body, expect=201, **head).json()
        body = {**by_card(cart, "pm_3ds"), "email": guest.email}
        group = pay(guest, cart, body=body, expect=202, **head).json()
        token = {"x_order_token": group["token"]}
        self.assertEqual(group_of(guest, group, **token)["payment"]["status"], "requires_action")
        guest.call("GET", f"/v1/order-groups/{group['id']}", expect=404)
        guest.call("POST", f"/v1/order-groups/{group['id']}/cancel", expect=404)
        market.at_the_bank(group)
        self.assertEqual(wait_for_end(guest, group, **token)["status"], "placed")
        self.claim_payment(guest, group, token)
        self.finish()

    def claim_payment(self, guest, group, token):
        """What was a guest's is read by whoever has claimed it, and by nobody else any more."""
        path = f"/v1/payments/{group_of(guest, group, **token)['payment']['id']}"
        seen = guest.call("GET", path, expect=200, **token).json()
        owner = market.shopper()
        owner.call("GET", path, expect=404)
        owner.call("POST", "/v1/orders/claim", {"token": mailed_token(market, guest.email, "guest_order_placed")},
                   expect=200)
        self.assertEqual(owner.call("GET", path, expect=200).json()["id"], seen["id"])
        owner.call("POST", path + "/confirm", {}, expect=200)
        for method, to, body in (("GET", path, None), ("POST", path + "/confirm", {})):
            guest.call(method, to, body, expect=404, **token)
            market.shopper().call(method, to, body, expect=404, **token)

    def test_bad_card_parts_are_refused_by_name_and_nothing_is_asked_of_the_bank(self):
        shopper = market.shopper(money=TOTAL)
        cart, charges = filled(shopper), len(market.books()["charges"])
        good = by_card(cart)["payment"]["card"]
        euro = {"amount": 1, "currency": "EUR"}
        for card, pointer in (({**good, "payment_method": "4242424242424242"}, "/payment/card/payment_method"),
                              ({**good, "payment_method": "pm_4242-4242-4242-4242"}, "/payment/card/payment_method"),
                              ({**good, "payment_method": "pm ok"}, "/payment/card/payment_method"),
                              ({**good, "payment_method": ""}, "/payment/card/payment_method"),
                              ({**good, "payment_method": "p" * 65}, "/payment/card/payment_method"),
                              ({**good, "return_url": "http://shop.example/"}, "/payment/card/return_url"),
                              ({**good, "return_url": "javascript:alert(1)"}, "/payment/card/return_url"),
                              ({**good, "return_url": "https://" + "x" * 1100}, "/payment/card/return_url"),
                              ({**good, "amount": euro}, "/payment/card/amount"),
                              ({"return_url": BACK}, "/payment/card/payment_method"),
                              ({**good, "number": "4242424242424242"}, "/payment/card/number")):
            body = {**by_card(cart), "payment": {"card": card}}
            answer = pay(shopper, cart, body=body)
            self.assertIn(answer.status, (400, 422), card)
            self.assertEqual(answer.json()["errors"][0]["pointer"], pointer, answer.body)
        nothing = pay(shopper, cart, wallet=TOTAL, expect=422).json()
        self.assertEqual((nothing["code"], nothing["errors"][0]["pointer"]), ("payment_mismatch", "/payment/card"))
        strange = pay(shopper, cart, "pm_nobody_has_heard_of", expect=422).json()
        self.assertEqual(strange["code"], "payment_failed")
        self.assertEqual(len(market.books()["charges"]), charges)
        self.assert_not_sold(shopper, cart, TOTAL)
        for domain, tables in (("order", ("host.saga",)), ("payment", ("payment.payment", "payment.operation"))):
            for table in tables:
                rows = market.sql(domain, f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%4242424242%'")
                self.assertEqual(rows, [["0"]], table)
        self.assertNotIn("4242424242424242", market.log_path.read_text())


class AtTheBank(CardStory):
    def test_who_is_asked_by_his_bank_is_told_where_to_go_and_his_order_is_placed(self):
        shopper = market.shopper()
        cart, key = filled(shopper), uuid.uuid4().hex
        answer = pay(shopper, cart, "pm_3ds", key=key, expect=202)
        group = answer.json()
        self.assertEqual(answer.headers["location"], f"/v1/order-groups/{group['id']}")
        self.assertEqual((group["status"], group["payment"]["status"]), ("pending", "requires_action"))
        seen = shopper.call("GET", answer.headers["location"], expect=200).json()
        self.assertEqual(seen["payment"], group["payment"])
        again = pay(shopper, cart, "pm_3ds", key=key, expect=202)
        self.assertEqual(again.json(), group)
        self.assertEqual(pay(shopper, cart, "pm_ok", expect=409).code(), "checkout_in_progress")
        self.assertTrue(market.at_the_bank(group).startswith(BACK))
        placed = wait_for_end(shopper, group, timeout_s=5)
        self.assertEqual((placed["status"], placed["payment_status"]), ("placed", "paid"))
        self.assertNotIn("next_action", placed["payment"])
        end = pay(shopper, cart, "pm_3ds", key=key, expect=201)
        self.assertEqual((end.headers.get("idempotent-replayed"), end.json()["id"]), ("true", group["id"]))
        self.finish()

    def test_who_says_no_at_his_bank_buys_nothing(self):
        shopper = market.shopper(money=700)
        cart, key = filled(shopper), uuid.uuid4().hex
        group = pay(shopper, cart, "pm_3ds", wallet=700, key=key, expect=202).json()
        market.at_the_bank(group, "refuse")
        self.assertEqual(wait_for_end(shopper, group)["status"], "failed")
        self.assertEqual(pay(shopper, cart, "pm_3ds", wallet=700, key=key).code(), "payment_failed")
        self.assert_not_sold(shopper, cart, 700)
        self.finish()

    def test_who_has_left_the_page_takes_the_cart_back_and_pays_otherwise(self):
        shopper = market.shopper(money=TOTAL)
        cart, key = filled(shopper), uuid.uuid4().hex
        group = pay(shopper, cart, "pm_3ds", key=key, expect=202).json()
        market.shopper().call("POST", f"/v1/order-groups/{group['id']}/cancel", expect=404)
        canceled = shopper.call("POST", f"/v1/order-groups/{group['id']}/cancel", expect=200).json()
        self.assertEqual(canceled["payment"]["status"], "voided")
        self.assertEqual(wait_for_end(shopper, group)["status"], "failed")
        refused = pay(shopper, cart, "pm_3ds", key=key, expect=422).json()
        self.assertEqual((refused["code"], refused["errors"][0]["detail"]), ("payment_failed", "canceled"))
        shopper.checkout(cart)
        shopper.call("POST", f"/v1/order-groups/{group['id']}/cancel", expect=200)  # again, and it changes nothing
        self.finish()
        self.assertEqual(shopper.available(), 0)

    def test_what_takes_its_time_is_placed_when_it_is_through(self):
        for method, end in (("pm_slow", "placed"), ("pm_async", "placed"), ("pm_async_failed", "failed")):
            with self.subTest(method=method):
                shopper = market.shopper()
                cart, key = filled(shopper), uuid.uuid4().hex
                answer = pay(shopper, cart, method, key=key)
                self.assertIn(answer.status, (201, 202), answer.body)
                self.assertEqual(wait_for_end(shopper, answer.json())["status"], end)
                self.assertEqual(pay(shopper, cart, method, key=key).status, 201 if end == "placed" else 422)
        self.finish()

    def test_silence_is_asked_about_until_it_is_known(self):
        for method, end in (("pm_timeout_captured", "placed"), ("pm_timeout_failed", "failed")):
            with self.subTest(method=method):
                shopper = market.shopper()
                cart, key = filled(shopper), uuid.uuid4().hex
                answer = pay(shopper, cart, method, key=key)
                self.assertIn(answer.status, (201, 202, 422), answer.body)
                answer = self.ask_until_the_end(shopper, cart, key, by_card(cart, method))
                self.assertEqual(answer.status, 201 if end == "placed" else 422, answer.body)
        self.finish()

    def test_who_stays_too_long_has_bought_nothing_and_what_he_pays_then_goes_back(self):
        """Where the payment was let go in time, his yes comes too late at his bank; where that call was lost, he can
        still say yes, and nothing is taken of it."""
        with CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5")) as other:
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
                file.write("Handle,Title,Vendor,Type,Variant Price,Variant Inventory Qty,Status,Published\n"
                           "cup,cup,Cups,Table,10.00,5,active,true\n")
                file.flush()
                other.import_products(file.name)
            variant = typed_id("var", other.sql("catalog", "SELECT id FROM catalog.variant")[0][0])
            for is_lost in (False, True):
                with self.subTest(is_lost=is_lost):
                    self.stay_too_long(other, variant, is_lost)
                    other.check_books(self)
            self.assertEqual(books.queue_of(other.clerk())[0], set())

    def stay_too_long(self, other, variant, is_lost):
        shopper = other.shopper(money=400)
        cart, key = shopper.add(shopper.cart(), variant), uuid.uuid4().hex
        group = pay(shopper, cart, "pm_3ds", wallet=400, key=key, expect=202).json()
        if is_lost:
            other.ask_bank("POST", "/test/faults", {"operation": "payment_intents.cancel", "kind": "nothing",
                                                    "count": "1000"})
        shopper.call("POST", "/v1/test/clock", {"advance": 1300}, expect=200)
        shopper.login()
        self.assertEqual(wait_for_end(shopper, group)["status"], "failed")
        self.assertEqual(pay(shopper, cart, "pm_3ds", wallet=400, key=key).code(), "checkout_expired")
        self.assertEqual(shopper.available(), 400)
        page = group["payment"]["next_action"]["redirect_url"]
        if not is_lost:
            wait_until(lambda: self.intents(other, group) == ["canceled"], ENDS_WITHIN_S, "it is let go")
        leave(page, "approve")
        other.ask_bank("DELETE", "/test/faults")
        other.settle_cards()
        wait_until(lambda: self.intents(other, group) == ["canceled"], ENDS_WITHIN_S, "it is let go")
        charges = [(one["amount"], one["captured"], one["refunded"]) for one in other.books()["charges"]
                   if books.payment_of(one) == books.untyped(group["id"])]
        self.assertEqual(charges, [(600, 0, 0)] if is_lost else [])
        self.assertEqual(shopper.available(), 400)
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])
        self.assertEqual(shopper.call("GET", f"/v1/carts/{cart['id']}", expect=200).json()["status"], "active")

    @staticmethod
    def intents(other, group):
        return [one["status"] for one in other.ask_bank("GET", "/v1/payment_intents?limit=20")["data"]
                if books.untyped(one["metadata"]["souk_payment"]) == books.untyped(group["id"])]


if __name__ == "__main__":
    unittest.main()
