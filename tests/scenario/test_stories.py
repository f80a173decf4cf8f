"""Acceptance stories from end to end, by their numbers (tests/README.md): S-01, S-02, S-20, S-24, S-28, S-50, and the
journeys J-1 and J-2 as far as they are built (no reviews, no payouts)."""
import concurrent.futures
import json
import threading
import time
import unittest
import uuid

import books
import test_people_guest
import test_prices as shop
from cards import CardMarket, group_of, pay, wait_for_end
from live import Live
from market import PASSWORD, Market, wait_until
from people import apply_as_vendor, approved_vendor, first_staff, mailed_token, outbox

CROWD, CONNECTIONS, AT_ONCE, UNITS = 1000, 20, 5, 10
DAY_S = 24 * 3600


def setUpModule():
    shop.setUpModule(CardMarket)
    test_people_guest.market = shop.market


def act(vendor, order, *more, body=None, expect=200):
    return vendor.call("POST", "/".join(("/v1/vendor/orders", order["id"], *more)), body, expect=expect).json()


def send(vendor, order, quantity):
    parcel = act(vendor, order, "shipments", expect=201,
                 body={"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], "carrier": "Post",
                       "tracking_number": "T" + uuid.uuid4().hex[:8]})
    act(vendor, order, "shipments", parcel["id"], "hand-over")
    return parcel


def adds_up():
    return shop.staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"]


def kinds_told(email):
    return [mail["kind"] for mail in outbox(shop.market, email)]


def seller_of(order):
    return next(vendor for vendor in shop.vendors if vendor.vendor["id"] == order["vendor"]["id"])


def charge_of(group):
    """The one of the bank's books."""
    charges = [charge for charge in shop.market.books()["charges"]
               if books.payment_of(charge) == books.untyped(group["id"])]
    if len(charges) != 1:
        raise AssertionError(charges)
    return charges[0]


class Story(unittest.TestCase):
    setUp, cart, put, send_to = shop.Prices.setUp, shop.Prices.cart, shop.Prices.put, shop.Prices.send_to
    choose, ready, type_code, place = (shop.Prices.choose, shop.Prices.ready, shop.Prices.type_code,
                                       shop.Prices.place)

    def tearDown(self):
        wait_until(adds_up, 30, "everything adds up")


class Placement(Story):
    def test_s_01_two_want_the_last_unit_with_delivery_code_and_tax(self):
        last = shop.product(shop.vendors[0], 2499, stock=1)
        code = shop.coupon(limit_total=5)
        shoppers, carts = [], []
        for _ in range(2):
            self.setUp()
            cart = self.choose(self.send_to(self.cart((last, 1))), shop.methods[0])
            carts.append(self.type_code(cart, code).json())
            shoppers.append(self.shopper)
        totals = carts[0]["totals"]
        self.assertEqual((totals["discount"]["amount"], totals["shipping"]["amount"]), (250, 644))
        self.assertEqual(sum(t["amount"]["amount"] for t in totals["taxes"]), 359 + 103)
        gate = threading.Barrier(2)

        def buy(pair):
            method, path, headers, body = pair[0].checkout_request(pair[1], uuid.uuid4().hex)
            gate.wait()
            return pair[0].connection.request(method, path, headers, body)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(buy, zip(shoppers, carts)))
        self.assertEqual(sorted(answer.status for answer in answers), [201, 409])
        won, lost = sorted(answers, key=lambda answer: answer.status)
        winner, loser = shoppers[answers.index(won)], shoppers[answers.index(lost)]
        problem = lost.json()
        self.assertEqual(problem["code"], "insufficient_stock")
        line = carts[answers.index(lost)]["lines"][0]["id"]
        self.assertEqual([(e["pointer"], e["requested"], e["available"]) for e in problem["errors"]],
                         [(f"/lines/{line}", 1, 0)])
        wait_until(lambda: winner.available() == 1000000 - totals["total"]["amount"], 20, "the winner has paid")
        self.assertEqual(loser.available(), 1000000)
        self.assertEqual(loser.call("GET", "/v1/wallet", expect=200).json()["balances"][0]["held"]["amount"], 0)
        wait_until(lambda: shop.market.sql("order", 'SELECT held, used FROM "order".promotion WHERE code_key = \''
                                           + code + "'") == [["0", "1"]], 20, "one use of the code")
        self.assertEqual(loser.call("GET", "/v1/orders", expect=200).json()["data"], [])

    def test_s_02_a_thousand_want_ten(self):
        thing = shop.product(shop.vendors[2], 300, stock=UNITS)
        lots = [[] for _ in range(CONNECTIONS)]

        def fill(number):
            connection = shop.market.connect()
            head = {"content-type": "application/json"}
            for _ in range(CROWD // CONNECTIONS):
                cart = connection.request("POST", "/v1/carts", head, b"{}").json()
                own = {**head, "x-cart-token": cart["token"]}
                body = json.dumps({"variant_id": thing, "quantity": 1}).encode()
                cart_id = cart["id"]
                cart = connection.request("POST", f"/v1/carts/{cart_id}/lines", own, body).json()
                total = cart["totals"]["total"]
                body = {"expected_total": total, "payment": {"on_delivery": total},
                        "email": f"{uuid.uuid4().hex[:12]}@example.com"}
                lots[number].append(("POST", f"/v1/carts/{cart_id}/checkout",
                                     {**own, "idempotency-key": uuid.uuid4().hex}, json.dumps(body).encode()))
            return connection
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            connections = list(pool.map(fill, range(CONNECTIONS)))
        gate, answers, times = threading.Barrier(CONNECTIONS), [], []

        def buy(number):
            connection, lot = connections[number], lots[number]
            gate.wait()
            for first in range(0, len(lot), AT_ONCE):
                began = time.monotonic()
                streams = [connection.begin(*request) for request in lot[first:first + AT_ONCE]]
                for stream in streams:
                    answers.append(connection.end(stream))
                    times.append(time.monotonic() - began)
            connection.close()
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(buy, range(CONNECTIONS)))
        took = time.monotonic() - began
        by_status = {status: sum(a.status == status for a in answers) for status in {a.status for a in answers}}
        print(f"S-02: {CROWD} checkouts in {took:.1f} s, {CONNECTIONS * AT_ONCE} at once: {by_status},"
              f" p50 {sorted(times)[CROWD // 2] * 1000:.0f} ms, p99 {sorted(times)[CROWD * 99 // 100] * 1000:.0f} ms")
        self.assertEqual(by_status, {201: UNITS, 409: CROWD - UNITS})
        self.assertEqual({a.code() for a in answers if a.status == 409}, {"insufficient_stock"})

    def test_s_20_price_sale_and_promotions_move_during_the_checkout(self):
        vendor = shop.vendors[2]
        thing = shop.product(vendor, 1000)
        path = f"/v1/vendor/products/{shop.products[thing]}/variants/{thing}"
        vendor.call("PATCH", path, {"sales": [{"price": shop.euros(700)}]}, expect=200)
        wait_until(lambda: self.cart((thing, 1))["totals"]["total"]["amount"] % 700 == 0, 10, "the sale runs")
        cart = self.shopper.cart()
        vendor.call("PATCH", path, {"remove_sales": True}, expect=200)
        refused = self.shopper.checkout(cart, expect=409).json()
        quantity = cart["lines"][0]["quantity"]
        told = {e["pointer"]: (e["requested"], e["available"]) for e in refused["errors"]}
        self.assertEqual(refused["code"], "totals_changed")
        self.assertEqual(told["/expected_total"], (700 * quantity, 1000 * quantity))
        self.assertEqual(told[f"/lines/{cart['lines'][0]['id']}"], (700, 1000))
        self.assertEqual(self.place(self.shopper.cart())["total"]["amount"], 1000 * quantity)

    def test_s_20_promotions_that_rule_each_other_out_settle_and_never_block(self):
        """The one needs a subtotal that only holds without the other: whatever the answer, it is the same each time."""
        thing = shop.product(shop.vendors[2], 1000)
        codes = [shop.coupon(subtotal_min=shop.euros(2000)), shop.coupon(subtotal_min=shop.euros(1900))]
        totals = set()
        for order in (codes, codes[::-1]) * 3:
            cart = self.cart((thing, 2))
            for code in order:
                cart = self.type_code(cart, code).json()
            totals.add(self.place(cart)["total"]["amount"])
        self.assertEqual(len(totals), 1, totals)


class Vendors(Story):
    def test_s_28_a_vendor_is_suspended_while_its_goods_are_in_a_cart_and_after_a_payment(self):
        vendor = approved_vendor(shop.market, shop.staff)
        thing = shop.product(vendor, 500)
        paid = self.place(self.cart((thing, 1)))["orders"][0]
        cart = self.cart((thing, 1), (shop.variants[2], 1))
        product = f"/v1/products/{shop.products[thing]}"
        self.assertEqual(shop.market.get(product).status, 200)
        where = f"/v1/admin/vendors/{vendor.vendor['id']}"
        shop.staff.login()
        shop.staff.call("POST", where + "/suspend", {"reason": "Late parcels"}, expect=200)
        began = time.monotonic()
        wait_until(lambda: shop.market.get(product).status == 404, 5, "it is not shown any more")
        self.assertLess(time.monotonic() - began, 1)
        line = next(ln["id"] for ln in cart["lines"] if ln["variant_id"] == thing)
        seen = next(ln for ln in self.shopper.cart()["lines"] if ln["id"] == line)
        self.assertEqual(seen["problems"][0]["code"], "vendor_unavailable")
        refused = self.shopper.checkout(cart, expect=409).json()
        self.assertEqual(refused["code"], "vendor_unavailable")
        self.assertEqual([e["pointer"] for e in refused["errors"]], [f"/lines/{line}"])
        left = self.shopper.call("POST", f"/v1/carts/{cart['id']}/remove-unavailable", expect=200).json()
        self.assertEqual([ln["variant_id"] for ln in left["lines"]], [shop.variants[2]])
        self.place(left)
        # Its open order is told to staff, with choices; its team still does what was paid for, and sells nothing anew.
        queue = shop.staff.call("GET", "/v1/admin/queue?cause=vendor_suspended", expect=200).json()["data"]
        item = next(i for i in queue if i["subject"] == vendor.vendor["id"])
        self.assertEqual([action["name"] for action in item["actions"]], ["look", "reinstate"])
        vendor.login()
        vendor.call("GET", "/v1/vendor/me", expect=200)
        send(vendor, paid, 1)
        body = {"name": "More", "description": "", "category_id": "cat_" + "0" * 26, "price": shop.euros(1), "stock": 1}
        self.assertEqual(vendor.call("POST", "/v1/vendor/products", body).status, 403)
        shop.staff.call("POST", where + "/reinstate", {}, expect=200)
        wait_until(lambda: shop.market.get(product).status == 200, 5, "it is shown again")


class Money(unittest.TestCase):
    def test_s_24_currencies_and_tax_modes_are_exact_in_what_is_stored(self):
        """24.99 and delivery of 6.44 with 10.75 % on the goods, in currencies of two, no and three digits."""
        for currency, inclusive, total, tax in (("EUR", False, 3412, 269), ("EUR", True, 3143, 243),
                                                ("JPY", False, 3412, 269), ("KWD", False, 3412, 269)):
            with self.subTest(currency=currency, inclusive=inclusive), \
                    Market([f"--market.currency={currency}", "--market.country=US",
                            f"--market.prices_include_tax={str(inclusive).lower()}"]) as market:
                staff = first_staff(market)
                category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
                staff.call("POST", "/v1/admin/tax-rates", {"name": "Sales tax", "country": "US",
                                                           "tax_class": "standard", "rate_ppm": 107500}, expect=201)
                vendor = approved_vendor(market, staff)
                made = vendor.call("POST", "/v1/vendor/products",
                                   {"name": "Thing", "description": "", "category_id": category, "stock": 10,
                                    "price": {"amount": 2499, "currency": currency}}, expect=201).json()
                method = vendor.call("POST", "/v1/vendor/shipping-methods",
                                     {"name": "Parcel", "kind": "flat", "price": {"amount": 644, "currency": currency}},
                                     expect=201).json()
                shopper = market.shopper()
                market.grant(shopper.email, 5000, currency)
                cart = shopper.add(shopper.cart(), made["variants"][0]["id"])
                path = f"/v1/carts/{cart['id']}"
                cart = shopper.call("PUT", path + "/address", {"address": shop.BOISE}, expect=200).json()
                profile = cart["shipping_options"][0]["profile_id"]
                choice = {"profile_id": profile, "method_id": method["id"]}
                shopper.call("PUT", path + "/shipping", {"choices": [choice]}, expect=200)
                cart = shopper.call("GET", path + "?explain=1", expect=200).json()
                self.assertEqual((cart["totals"]["total"], [t["amount"]["amount"] for t in cart["totals"]["taxes"]]),
                                 ({"amount": total, "currency": currency}, [tax]))
                steps = [step for step in cart["explanation"] if step.get("divisor")]
                self.assertIn(tax, [step["amount"] for step in steps])
                for step in steps:
                    self.assertEqual(step["base"] * step["factor"],
                                     step["amount"] * step["divisor"] + step["remainder"])
                order = shopper.checkout(cart).json()
                wait_until(lambda s=shopper: s.available() == 5000 - total, 20, "as much is taken as was said")
                self.assertEqual(order["total"], {"amount": total, "currency": currency})
                self.assertTrue(staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"])


class People(Story):
    def test_s_50_an_account_with_a_completed_order_is_exported_and_leaves_no_words(self):
        group = self.place(self.ready((shop.variants[0], 2)))
        order, vendor = group["orders"][0], shop.vendors[0]
        vendor.login()
        send(vendor, order, 2)
        self.assertEqual(self.shopper.call("DELETE", "/v1/me").code(), "erasure_blocked")
        self.shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        secret = "My aunt Gwendolyn hates it"
        body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "reason": secret}
        self.shopper.call("POST", f"/v1/orders/{order['id']}/returns", body, expect=201)
        asked = self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()["returns"][0]
        act(vendor, order, "returns", asked["id"], "reject", body={"reason": "Gwendolyn again"})
        shop.staff.login()
        shop.staff.call("POST", "/v1/test/clock", {"advance": 15 * DAY_S}, expect=200)
        wait_until(lambda: self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()["status"]
                   == "completed", 20, "the order is completed")
        # What is left of the wallet is spent on something that is given away.
        blocked = self.shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD})
        self.assertTrue(all("wallet holds" in error["detail"] for error in blocked.json()["errors"]), blocked.body)
        rest = shop.product(shop.vendors[2], self.shopper.available())
        last = self.place(self.cart((rest, 1)))["orders"][0]
        shop.vendors[2].login()
        send(shop.vendors[2], last, 1)
        self.shopper.call("POST", f"/v1/orders/{last['id']}/confirm-delivery", expect=200)
        shop.staff.call("POST", "/v1/test/clock", {"advance": 15 * DAY_S}, expect=200)
        wait_until(lambda: self.shopper.call("GET", f"/v1/orders/{last['id']}", expect=200).json()["status"]
                   == "completed", 20, "the other, too")
        export = self.shopper.call("GET", "/v1/me/export", expect=200).json()
        self.assertTrue(export["orders"]["is_complete"])
        self.assertEqual({o["id"] for o in export["orders"]["orders"]}, {order["id"], last["id"]})
        said = json.dumps(export["orders"])
        self.assertTrue(secret in said and "Gwendolyn again" in said and "Unter den Linden" in said)
        self.shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD}, expect=204)

        def words():
            tables = (("order_history", "order_id = o.id"), ("order_return", "order_id = o.id"),
                      ("group_address", "group_id = o.group_id"))
            return [shop.market.sql("order", f'SELECT count(*) FROM "order".{table} t, "order".vendor_order o WHERE'
                                             f" o.number = '{order['number']}' AND t.{joined} AND t::text LIKE ANY"
                                             " (ARRAY['%Gwendolyn%', '%Unter den Linden%'])")[0][0]
                    for table, joined in tables]
        wait_until(lambda: words() == ["0", "0", "0"], 20, "nothing names anybody any more")
        kept = shop.staff.call("GET", f"/v1/admin/orders/{order['id']}", expect=200).json()
        self.assertEqual((kept["status"], kept["totals"]), ("completed", order["totals"]))
        self.assertNotIn("Lovelace", json.dumps(kept))


class Journeys(Story):
    def test_j_1_a_shopper_from_the_guests_cart_to_the_refund(self):
        self.browse()
        guest = test_people_guest.Guest()
        for variant, quantity in ((shop.variants[0], 1), (shop.variants[1], 2), (shop.variants[2], 1)):
            guest.put(variant, quantity)
        shopper = shop.market.shopper(money=100000)
        merged = test_people_guest.sign_in(shopper, guest_cart=guest.ticket()).json()["cart"]
        self.assertEqual(merged["id"], shopper.cart()["id"])
        self.assertEqual({(ln["variant_id"], ln["quantity"]) for ln in shopper.cart()["lines"]},
                         {(shop.variants[0], 1), (shop.variants[1], 2), (shop.variants[2], 1)})
        self.shopper = shopper
        shopper.login()
        shopper.call("POST", "/v1/auth/verify-email",
                     {"token": mailed_token(shop.market, shopper.email, "verify_email")}, expect=204)
        cart = self.choose(self.send_to(shopper.cart()), shop.methods[0], shop.methods[2])
        cart = self.type_code(cart, shop.coupon()).json()
        live = Live(shop.market, "/v1/orders/events?from=now", shopper.headers())
        group = self.pay_by_wallet_and_card(cart)
        self.assertEqual(len(group["orders"]), 3)
        wait_until(lambda: kinds_told(shopper.email).count("order_placed") == 1, 20, "one confirmation")
        for order in group["orders"]:
            seller = seller_of(order)
            seller.login()
            send(seller, order, order["lines"][0]["quantity"])
        orders = {order["id"] for order in group["orders"]}

        def shipped(events):
            return {e["data"]["order_id"] for e in events if e["data"].get("event", {}).get("to") == "shipped"}
        live.until(lambda events: shipped(events) == orders)
        live.cut()
        for order in group["orders"]:
            shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        back = next(o for o in group["orders"] if o["lines"][0]["variant_id"] == shop.variants[1])
        seller, money = seller_of(back), shopper.available()
        shopper.call("POST", f"/v1/orders/{back['id']}/returns", expect=201,
                     body={"lines": [{"line_id": back["lines"][0]["id"], "quantity": 1}], "reason": "Too many"})
        asked = shopper.call("GET", f"/v1/orders/{back['id']}", expect=200).json()["returns"][0]
        act(seller, back, "returns", asked["id"], "approve")
        done = act(seller, back, "returns", asked["id"], "receive",
                   body={"receipts": [{"line_id": back["lines"][0]["id"], "quantity": 1, "condition": "as_new",
                                       "is_restocked": True}]})["returns"][0]
        self.assertEqual((done["status"], done["total"], done["card"]["amount"]), ("refunded", shop.euros(900),
                                                                                  shop.euros(900)))
        wait_until(lambda: charge_of(group)["refunded"] == 900, 20, "it is back on the card, less what the code took")
        # For the trouble, into the wallet.
        shop.staff.login()
        shop.staff.call("POST", f"/v1/admin/orders/{back['id']}/refunds",
                        {"amount": shop.euros(100), "reason": "Sorry",
                         "destinations": [{"destination": "wallet", "amount": shop.euros(100)}]},
                        key=uuid.uuid4().hex, expect=201)
        wait_until(lambda: shopper.available() == money + 100, 20, "that is in the wallet")
        self.assertEqual(kinds_told(shopper.email).count("order_placed"), 1)
        shop.market.settle_cards()
        shop.market.check_books(self)

    def browse(self):
        """By a list, by a search with a typo and a facet, to the page of each product."""
        listed = shop.market.get("/v1/products?limit=100").json()["data"]
        wanted = {shop.products[v] for v in shop.variants}
        self.assertLessEqual(wanted, {p["id"] for p in listed})

        def found(query):
            return shop.market.get(f"/v1/products?limit=100&{query}").json()
        wait_until(lambda: wanted <= {p["id"] for p in found("q=thimg")["data"]}, 20, "a typo finds them")
        seen = found("q=thimg&facets=category,vendor")
        counted = {one["id"]: one["count"] for one in seen["facets"]["vendors"]}
        for variant, vendor in zip(shop.variants, shop.vendors):
            chosen = found(f"q=thimg&vendor={vendor.vendor['id']}")["data"]
            self.assertIn(shop.products[variant], {p["id"] for p in chosen})
            self.assertEqual(len(chosen), counted[vendor.vendor["id"]])
            page = shop.market.get(f"/v1/products/{shop.products[variant]}").json()
            self.assertIn(variant, {one["id"] for one in page["variants"]})

    def pay_by_wallet_and_card(self, cart):
        """A quarter from the wallet, the rest by a card whose bank asks."""
        wallet = cart["totals"]["total"]["amount"] // 4
        before = self.shopper.available()
        group = pay(self.shopper, cart, "pm_3ds", wallet, expect=202).json()
        self.assertEqual(group["status"], "pending")
        wait_until(lambda: "next_action" in group_of(self.shopper, group)["payment"], 20, "his bank asks")
        shop.market.at_the_bank(group_of(self.shopper, group))
        placed = wait_for_end(self.shopper, group)
        self.assertEqual((placed["status"], placed["payment_status"]), ("placed", "paid"))
        wait_until(lambda: self.shopper.available() == before - wallet, 20, "the wallet's part is taken")
        wait_until(lambda: charge_of(group)["captured"] == cart["totals"]["total"]["amount"] - wallet, 20,
                   "the card's part is taken")
        return placed

    def test_j_2_a_vendor_from_the_application_to_two_parcels(self):
        vendor = apply_as_vendor(shop.market)
        category = shop.market.get("/v1/categories").json()["data"][0]["id"]
        body = {"name": "Kettle", "description": "Boils.", "category_id": category, "price": shop.euros(4000),
                "stock": 7}
        self.assertEqual(vendor.call("POST", "/v1/vendor/products", body).status, 403)
        shop.staff.login()
        shop.staff.call("POST", f"/v1/admin/vendors/{vendor.vendor['id']}/approve", {}, expect=200)
        wait_until(lambda: "vendor_approved" in kinds_told(vendor.email), 20, "it is told")
        vendor.login()
        vendor.call("POST", "/v1/vendor/products", {**body, "stock": -1}, expect=422)
        made = vendor.call("POST", "/v1/vendor/products", body, expect=201).json()
        self.shopper.call("GET", f"/v1/products/{made['id']}", expect=200)
        order = self.place(self.cart((made["variants"][0]["id"], 3)))["orders"][0]
        wait_until(lambda: "vendor_order_placed" in kinds_told(vendor.email), 20, "the order is told")
        self.assertEqual([o["id"] for o in vendor.call("GET", "/v1/vendor/orders", expect=200).json()["data"]],
                         [order["id"]])
        first, second = send(vendor, order, 1), send(vendor, order, 2)
        now = shop.market.get("/v1/test/clock").json()["now"]
        for parcel in (second, first):
            act(vendor, order, "shipments", parcel["id"], "events", body={"status": "delivered", "at": now}, expect=201)
        seen = self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()
        self.assertEqual((seen["status"], {p["status"] for p in seen["shipments"]}), ("delivered", {"delivered"}))
        self.assertEqual({p["tracking_number"] for p in seen["shipments"]},
                         {first["tracking_number"], second["tracking_number"]})
        stock = vendor.call("GET", f"/v1/vendor/products/{made['id']}", expect=200).json()["variants"][0]["on_hand"]
        self.assertEqual(stock, 4)


if __name__ == "__main__":
    unittest.main()
