"""Cards where there is more than goods and a price: codes, tax, delivery, wallets, credit that expires, gift cards,
what is paid at the door, guests and cards that are kept. What was charged, posted and given back is exact, and both
books say the same (tests/README.md, S-16, S-17, S-21)."""
import unittest
import uuid

import books
import test_prices as shop
from cards import BACK, CardMarket, by_card, days_from_now, group_of, insist, pay, wait_for_end
from market import Shopper, wait_until

ENDS_WITHIN_S = 30
LAMP, RUG, EXTRA = 3000, 2000, 500


def setUpModule():
    global market, goods
    shop.setUpModule(CardMarket)
    market = shop.market
    goods = {name: shop.product(shop.vendors[2], price)
             for name, price in (("lamp", LAMP), ("rug", RUG), ("extra", EXTRA))}


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def charges_of(group):
    """What the bank took and gave back for it: (amount, captured, refunded) of what it approved."""
    return [(one["amount"], one["captured"], one["refunded"]) for one in market.books()["charges"]
            if books.payment_of(one) == books.untyped(group["id"]) and one["approved"]]


def uses_of(code):
    """(held, used) of a promotion's code."""
    return market.sql("order", f"SELECT held, used FROM \"order\".promotion WHERE code = '{code}'")


class MoneyStory(unittest.TestCase):
    cart, put, send_to = shop.Prices.cart, shop.Prices.put, shop.Prices.send_to
    choose, ready, type_code = shop.Prices.choose, shop.Prices.ready, shop.Prices.type_code

    def buyer(self, money=0):
        self.shopper = market.shopper(money=money)
        return self.shopper

    def finish(self):
        market.settle_cards()
        market.check_books(self)
        for check in ("orders", "prices", "promotions"):
            self.assertEqual(market.sql("order", f'SELECT * FROM "order".check_{check}()'), [])
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])

    def wait_for_charges(self, group, *expected):
        wait_until(lambda: charges_of(group) == list(expected), ENDS_WITHIN_S,
                   f"the bank has {expected}, not {charges_of(group)}")

    def refund(self, order, expect=201, **wish):
        return market.clerk().call("POST", f"/v1/admin/orders/{order['id']}/refunds", {"reason": "Sorry", **wish},
                                   key=uuid.uuid4().hex, expect=expect).json()


def five_off_once():
    """A code that one order may use."""
    code = "C" + uuid.uuid4().hex[:10].upper()
    shop.staff.reconnect()
    shop.staff.login()
    shop.staff.call("POST", "/v1/admin/promotions",
                    {"name": "Five off", "code": code,
                     "terms": {"kind": "fixed", "amount": euros(500), "limit_total": 1}}, expect=201)
    return code


class SplitTender(MoneyStory):
    def test_s_16_a_declined_card_releases_money_stock_and_code_and_another_one_pays(self):
        shopper, code = self.buyer(money=2000), five_off_once()
        cart = self.cart((goods["lamp"], 1), (goods["rug"], 1), (goods["extra"], 1))
        cart = self.type_code(cart, code).json()
        self.assertEqual(cart["totals"]["total"], euros(5000))
        answer = pay(shopper, cart, "pm_decline", wallet=2000, expect=422).json()
        self.assertEqual((answer["code"], answer["errors"][0]["pointer"]), ("payment_failed", "/payment/card"))
        self.assertEqual(shopper.available(), 2000)
        self.assertEqual(shopper.call("GET", "/v1/wallet", expect=200).json()["balances"][0]["held"], euros(0))
        self.assertEqual(market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock"), [["0"]])
        self.assertEqual(uses_of(code), [["0", "0"]])
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])
        self.assertEqual(shopper.call("GET", f"/v1/carts/{cart['id']}", expect=200).json()["status"], "active")
        group = pay(shopper, cart, "pm_ok", wallet=2000, expect=201).json()
        self.wait_for_charges(group, (3000, 3000, 0))
        wait_until(lambda: uses_of(code) == [["0", "1"]], ENDS_WITHIN_S, "the code is used")
        self.finish()
        self.assertEqual(shopper.available(), 0)
        spent = [row["amount"]["amount"] for row in
                 shopper.call("GET", "/v1/wallet/transactions", expect=200).json()["data"] if row["kind"] == "purchase"]
        self.assertEqual(spent, [-2000])

    def test_s_17_lines_delivery_and_amounts_go_back_to_several_places_and_never_too_much(self):
        """Of 50.00 and a parcel of 6.44 with tax: 20.00 from the wallet, the rest by card."""
        shopper = self.buyer(money=2000)
        lamp, rug = (shop.product(shop.vendors[0], price) for price in (LAMP, RUG))
        cart = self.choose(self.send_to(self.cart((lamp, 1), (rug, 1))), shop.methods[0])
        self.assertEqual(cart["totals"]["total"], euros(5644))
        group = pay(shopper, cart, wallet=2000, expect=201).json()
        self.wait_for_charges(group, (3644, 3644, 0))
        order = group["orders"][0]
        rug_line = next(line for line in order["lines"] if line["variant_id"] == rug)
        self.refund(order, amount=euros(1000), destinations=[{"destination": "original", "amount": euros(1000)}])
        self.wait_for_charges(group, (3644, 3644, 1000))
        line = self.refund(order, lines=[{"line_id": rug_line["id"], "quantity": 1}],
                           destinations=[{"destination": "wallet", "amount": euros(RUG)}])["refunds"][1]
        self.assertEqual((line["total"], line["refunded"], line["delivery"]), (euros(RUG), euros(RUG), euros(0)))
        self.assertEqual(line["lines"][0]["tax"], rug_line["tax"])  # 19 % of what is in it
        self.assertEqual(rug_line["tax"], euros(319))
        wait_until(lambda: shopper.available() == RUG, ENDS_WITHIN_S, "it is in the wallet")
        both = self.refund(order, delivery=True, destinations=[{"destination": "original", "amount": euros(444)},
                                                               {"destination": "wallet", "amount": euros(100)},
                                                               {"destination": "manual", "amount": euros(100)}])
        last = both["refunds"][2]
        self.assertEqual((last["delivery"], last["card"]["amount"], last["refunded"], last["manual"]),
                         (euros(644), euros(444), euros(100), euros(100)))
        self.wait_for_charges(group, (3644, 3644, 1444))
        wait_until(lambda: shopper.available() == RUG + 100, ENDS_WITHIN_S, "that, too")
        again = self.refund(order, delivery=True, expect=422)
        self.assertEqual((again["code"], again["errors"][0]["pointer"]), ("refund_exceeds_captured", "/delivery"))
        third = self.refund(order, amount=euros(2500), expect=422)
        self.assertEqual((third["code"], third["errors"][0]["available"]), ("refund_exceeds_captured", 2000))
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        self.finish()
        back = charges_of(group)[0][2] + shopper.available() + 100
        self.assertEqual(back, 5644, "all of it, and no cent more")
        self.assertLessEqual(charges_of(group)[0][2], 3644)

    def test_a_delivery_goes_back_to_the_card_that_has_paid_it(self):
        shopper = self.buyer()
        cart = self.choose(self.send_to(self.cart((shop.variants[0], 1))), shop.methods[0])
        group = pay(shopper, cart, expect=201).json()
        self.wait_for_charges(group, (2499 + 644, 2499 + 644, 0))
        made = self.refund(group["orders"][0], delivery=True)["refunds"][0]
        self.assertEqual((made["delivery"], made["card"]["amount"], made["lines"]), (euros(644), euros(644), []))
        self.wait_for_charges(group, (2499 + 644, 2499 + 644, 644))
        self.finish()

    def test_s_21_too_little_money_says_how_much_and_a_topup_of_a_cent_buys_it(self):
        shopper = self.buyer(money=999)
        thing = shop.product(shop.vendors[2], 1000)
        cart, key = self.cart((thing, 1)), uuid.uuid4().hex
        refused = shopper.checkout(cart, key=key, expect=422).json()
        self.assertEqual(refused["code"], "insufficient_funds")
        told = refused["errors"][0]
        self.assertEqual((told["available"], told["requested"]), (999, 1000), told)
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])
        self.assertEqual(market.sql("wallet", "SELECT count(*) FROM wallet.hold WHERE state = 'pending'"), [["0"]])
        self.assertEqual(market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock"), [["0"]])
        self.assertEqual(shopper.call("GET", f"/v1/carts/{cart['id']}", expect=200).json()["status"], "active")
        shopper.call("POST", "/v1/wallet/topups", {"amount": euros(1), "payment_method": "pm_ok", "return_url": BACK},
                     key=uuid.uuid4().hex, expect=201)
        wait_until(lambda: shopper.available() == 1000, ENDS_WITHIN_S, "the cent is there")
        shopper.checkout(cart, expect=201)
        self.finish()
        self.assertEqual(shopper.available(), 0)


class Mixes(MoneyStory):
    def credit(self, shopper, amount, expires_at=None):
        body = {"amount": euros(amount), "reason": "Spring"}
        if expires_at:
            body["expires_at"] = expires_at
        market.clerk().call("POST", f"/v1/admin/wallets/{shopper.user['id']}/credits", body, key=uuid.uuid4().hex,
                            expect=201)

    def test_gift_card_money_credit_that_expires_and_a_card_pay_together_and_each_has_its_own_back(self):
        shopper = self.buyer(money=300)
        code = market.clerk().call("POST", "/v1/admin/gift-cards",
                                   {"amount": euros(700), "count": 1, "reference": "Gift", "reason": "Sold"},
                                   key=uuid.uuid4().hex, expect=201).json()["codes"][0]
        shopper.call("POST", "/v1/wallet/gift-cards", {"code": code}, key=uuid.uuid4().hex, expect=201)
        self.credit(shopper, 200, days_from_now(30))
        self.assertEqual(shopper.available(), 1200)
        cart = self.type_code(self.cart((goods["lamp"], 1), (goods["extra"], 1)), five_off_once()).json()
        declined = pay(shopper, cart, "pm_insufficient", wallet=1000, expect=422)
        self.assertEqual(declined.code(), "payment_failed")
        self.assertEqual(shopper.available(), 1200)
        group = pay(shopper, cart, "pm_3ds", wallet=1000, expect=202).json()
        market.at_the_bank(wait_for_page(shopper, group))
        self.assertEqual(wait_for_end(shopper, group)["status"], "placed")
        self.wait_for_charges(group, (LAMP - 1000, LAMP - 1000, 0))
        wait_until(lambda: shopper.available() == 200, ENDS_WITHIN_S, "the wallet's part is posted")
        order = group_of(shopper, group)["orders"][0]
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        self.wait_for_charges(group, (LAMP - 1000, LAMP - 1000, LAMP - 1000))
        wait_until(lambda: shopper.available() == 1200, ENDS_WITHIN_S, "the wallet has its part back")
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_lots()"), [])
        self.finish()

    def test_a_card_pays_what_the_door_and_the_wallet_leave(self):
        shopper = self.buyer(money=500)
        cart = self.cart((goods["lamp"], 1), (goods["rug"], 1))
        body = by_card(cart, "pm_ok", wallet=500, on_delivery=euros(1500))
        group = pay(shopper, cart, body=body, expect=201).json()
        self.wait_for_charges(group, (3000, 3000, 0))
        self.assertEqual(group["payment_status"], "partially_paid")
        order = group_of(shopper, group)["orders"][0]
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        self.wait_for_charges(group, (3000, 3000, 3000))  # what was never paid at the door goes back nowhere
        wait_until(lambda: shopper.available() == 500, ENDS_WITHIN_S, "the wallet has its part back")
        self.finish()

    def test_a_guest_pays_with_a_code_and_delivery_by_card(self):
        guest = Shopper(market, "g" + uuid.uuid4().hex[:12])
        cart = guest.call("POST", "/v1/carts", {}, expect=201).json()
        head, path = {"x_cart_token": cart["token"]}, f"/v1/carts/{cart['id']}"
        guest.call("POST", path + "/lines", {"variant_id": shop.variants[1], "quantity": 2}, expect=201, **head)
        guest.call("PUT", path + "/address", {"address": shop.BERLIN}, expect=200, **head)
        cart = guest.call("POST", path + "/coupons", {"code": five_off_once()}, expect=200, **head).json()
        self.assertEqual(cart["totals"]["total"], euros(2 * 1000 - 500 + 300))
        body = {**by_card(cart, "pm_async"), "email": guest.email}
        key = uuid.uuid4().hex
        answer = insist(guest, "POST", path + "/checkout", body, key, ends=(201,), **head)
        self.assertEqual(answer.status, 201, answer.body)
        self.wait_for_charges(answer.json(), (1800, 1800, 0))
        self.finish()

    def test_a_card_that_is_kept_pays_until_it_is_forgotten_and_nobody_elses_does(self):
        shopper = self.buyer()
        card = shopper.call("POST", "/v1/payment-methods/cards", {"payment_method": "pm_ok", "return_url": BACK},
                            key=uuid.uuid4().hex, expect=201).json()
        cart = self.cart((goods["lamp"], 1))
        group = pay(shopper, cart, card["id"], expect=201).json()
        self.wait_for_charges(group, (LAMP, LAMP, 0))
        other = market.shopper()
        theirs = other.add(other.cart(), goods["rug"])
        refused = pay(other, theirs, card["id"])
        self.assertEqual(refused.status, 422, refused.body)
        shopper.call("DELETE", f"/v1/me/cards/{card['id']}", expect=204)
        self.assertEqual(shopper.call("GET", "/v1/me/cards", expect=200).json()["data"], [])
        again = self.cart((goods["rug"], 1))
        gone = pay(shopper, again, card["id"])
        self.assertEqual((gone.status, gone.code()), (refused.status, refused.code()), "as if there had never been one")
        # What it has paid goes back to it all the same.
        order = group_of(shopper, group)["orders"][0]
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        self.wait_for_charges(group, (LAMP, LAMP, LAMP))
        pay(shopper, again, "pm_ok", expect=201)
        self.finish()


def wait_for_page(shopper, group):
    """The group when its shopper is sent to his bank."""
    wait_until(lambda: "next_action" in group_of(shopper, group).get("payment", {}), ENDS_WITHIN_S, "he is sent there")
    return group_of(shopper, group)


if __name__ == "__main__":
    unittest.main()
