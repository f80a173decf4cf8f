"""Cards in currencies without decimals, and with three of which cards know two: bought, cancelled in part, refunded,
topped up. What a card cannot be asked for is refused before anything happens; what it cannot get, the wallet gets."""
import unittest
import uuid

from books import untyped
from cards import CardMarket, group_of, pay
from market import wait_until
from people import approved_vendor, first_staff

SETTLE_S = 30


def setUpModule():
    global market, staff, product, category
    market = CardMarket(settings=("--market.currencies=USD,JPY,KWD", "--payment.query_pause=5",
                                  "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
    product = made(approved_vendor(market, staff))


def money(amount, currency):
    return {"amount": amount, "currency": currency}


def made(vendor, name="Lamp"):
    body = {"name": name, "description": "Brass", "category_id": category,
            "variants": [{"options": {}, "stock": 100, "prices": [money(1000, "EUR"), money(1005, "KWD"),
                                                                  money(333, "JPY")]}]}
    made_product = vendor.call("POST", "/v1/vendor/products", body, expect=201).json()
    wait_until(lambda: market.get(f"/v1/products/{made_product['id']}").status == 200, SETTLE_S, "it is sold")
    return made_product


def filled(shopper, currency, quantity):
    cart = shopper.call("POST", "/v1/carts", {"currency": currency}, expect=201).json()
    return shopper.add(cart, product["variants"][0]["id"], quantity)


def bought(shopper, currency, quantity, wallet=0):
    group = pay(shopper, filled(shopper, currency, quantity), wallet=wallet, expect=201).json()
    wait_until(lambda: group_of(shopper, group)["payment"]["status"] == "captured", SETTLE_S, "it is captured")
    return group_of(shopper, group)["orders"][0]


def refund(order, amount, currency, expect=201):
    body = {"reason": "Scratched", "amount": money(amount, currency)}
    return staff.call("POST", f"/v1/admin/orders/{order['id']}/refunds", body, key=uuid.uuid4().hex,
                      expect=expect).json()


def cancel_units(shopper, order, quantity):
    return shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                        {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}]}, expect=201).json()


def wait_at_bank(order, captured, refunded):
    def charge():
        return next(one for one in market.books()["charges"] if one["captured"] and
                    untyped(one["metadata"]["souk_payment"]) == untyped(order["group_id"]))
    wait_until(lambda: charge()["refunded"] == refunded, SETTLE_S, f"the bank has given {refunded} back")
    assert charge()["captured"] == captured, charge()


class Currencies(unittest.TestCase):
    def tearDown(self):
        market.settle_cards()
        market.check_books(self)

    def test_yen_are_paid_and_given_back_one_by_one(self):
        shopper = market.shopper()
        order = bought(shopper, "JPY", 3)
        self.assertEqual(order["totals"]["total"], money(999, "JPY"))
        refund(order, 1, "JPY")
        cancelled = cancel_units(shopper, order, 1)
        self.assertEqual(cancelled["cancellations"][0]["card"]["amount"], money(333, "JPY"))
        wait_at_bank(order, 999, 334)
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        wait_at_bank(order, 999, 999)
        self.assertEqual(shopper.available(), 0)

    def test_dinars_are_paid_and_given_back_as_cards_know_them(self):
        shopper, other = market.shopper(), market.shopper()
        refused = pay(other, filled(other, "KWD", 1), expect=422).json()
        self.assertEqual((refused["errors"][0]["pointer"], refused["errors"][0]["code"]),
                         ("/payment/card", "invalid_value"))
        order = bought(shopper, "KWD", 2)
        told = refund(order, 335, "KWD", expect=422)["errors"][0]
        self.assertEqual((told["pointer"], told["code"], told["available"]), ("/amount", "invalid_value", 330))
        refund(order, 330, "KWD")
        first = cancel_units(shopper, order, 1)["cancellations"][0]
        self.assertEqual((first["card"]["amount"], first["refunded"]), (money(1000, "KWD"), money(5, "KWD")))
        wait_at_bank(order, 2010, 1330)
        wait_until(lambda: shopper.available() == 5, SETTLE_S, "the wallet has the rest")
        off = shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200).json()
        self.assertEqual(off["status"], "cancelled")
        wait_at_bank(order, 2010, 2000)
        wait_until(lambda: shopper.available() == 10, SETTLE_S, "the wallet has the rest")
        wait_until(lambda: shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()["payment_status"]
                   == "refunded", SETTLE_S, "all is back")

    def test_the_wallet_pays_what_a_card_cannot(self):
        shopper = market.shopper()
        market.grant(shopper.email, 5, "KWD")
        order = bought(shopper, "KWD", 1, wallet=5)
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        wait_at_bank(order, 1000, 1000)
        wait_until(lambda: shopper.available() == 5, SETTLE_S, "the wallet has its own")

    def test_a_wallet_is_topped_up_with_what_a_card_can_pay(self):
        shopper = market.shopper()
        body = {"amount": money(1005, "KWD"), "payment_method": "pm_ok", "return_url": "https://shop.example/wallet"}
        refused = shopper.call("POST", "/v1/wallet/topups", body, key=uuid.uuid4().hex, expect=422).json()
        self.assertEqual(refused["code"], "invalid_value")
        for amount, currency in ((1010, "KWD"), (1, "JPY")):
            shopper.call("POST", "/v1/wallet/topups", {**body, "amount": money(amount, currency)},
                         key=uuid.uuid4().hex, expect=201)

        def balances():
            found = shopper.call("GET", "/v1/wallet", expect=200).json()["balances"]
            return {one["currency"]: one["available"]["amount"] for one in found}
        wait_until(lambda: balances().get("KWD") == 1010 and balances().get("JPY") == 1, SETTLE_S, "they are credited")


if __name__ == "__main__":
    unittest.main()
