"""Guests, over HTTP: a cart of their own, merged at sign-in (S-09), bought without an account, claimed by who proves
the address (S-10). tests/README.md has the stories by number."""
import threading
import time
import unittest
import uuid

from market import Market, PASSWORD, Shopper, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox
import test_races

LOST_S = 60  # within which everything has come back after a kill


def setUpModule():
    global market, staff
    market = Market(["--market.offline_payment=allowed", "--admin.second_factor=optional",
                     "--market.url=https://market.example"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_races.market = market
    staff = first_staff(market)


class Guest(Shopper):
    """Somebody without an account, with a cart and its token."""

    def __init__(self, name=None):
        super().__init__(market, name or "g" + uuid.uuid4().hex[:12])
        answer = self.call("POST", "/v1/carts", {}, expect=201).json()
        self.cart_token = answer.pop("token")
        self.cart_of_mine = answer

    def headers(self, key=None, **more):
        token = getattr(self, "cart_token", None)
        return super().headers(key, **({"x_cart_token": token} if token else {}), **more)

    @property
    def path(self):
        return f"/v1/carts/{self.cart_of_mine['id']}"

    def put(self, variant, quantity=1, expect=201):
        answer = self.call("POST", self.path + "/lines", {"variant_id": variant, "quantity": quantity}, expect=expect)
        if expect == 201:
            self.cart_of_mine = answer.json()
        return answer

    def order(self, key=None, expect=201, email=None, **more):
        total = self.cart_of_mine["totals"]["total"]
        body = {"expected_total": total, "payment": {"on_delivery": total}, "email": email or self.email, **more}
        return self.call("POST", self.path + "/checkout", body, key or uuid.uuid4().hex, expect=expect)

    def ticket(self):
        """What goes with a sign-in."""
        return {"id": self.cart_of_mine["id"], "token": self.cart_token}

    def read(self, path, token=None):
        return self.call("GET", path, **({"x_order_token": token} if token else {}))


def sign_in(shopper, **more):
    return shopper.call("POST", "/v1/auth/login", {"email": shopper.email, "password": PASSWORD, **more}, expect=200)


def quantities(cart):
    return {line["variant_id"]: line["quantity"] for line in cart["lines"]}


class Story(unittest.TestCase):
    def setUp(self):
        staff.reconnect()

    def tearDown(self):
        wait_until(lambda: market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]], 30,
                   "no saga is open")
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_orders()"), [])
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_promotions()"), [])
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])


class Carts(Story):
    def test_a_guests_cart_is_his_who_has_the_token(self):
        variant = test_races.import_stock("own" + uuid.uuid4().hex[:6], 1, 50)[0]
        guest, other = Guest(), Guest()
        self.assertNotEqual(guest.cart_of_mine["id"], other.cart_of_mine["id"])
        guest.put(variant, 2)
        self.assertNotIn("token", guest.cart_of_mine)
        shopper = market.shopper()
        for person, token in ((other, other.cart_token), (shopper, None), (shopper, "x"), (shopper, other.cart_token)):
            more = {"x_cart_token": token} if person is shopper and token else {}
            for method, path, body in (("GET", guest.path, None), ("DELETE", guest.path + "/lines/" +
                                       guest.cart_of_mine["lines"][0]["id"], None),
                                       ("POST", guest.path + "/lines", {"variant_id": variant, "quantity": 1})):
                answer = person.call(method, path, body, **more)
                self.assertEqual((answer.status, answer.code()), (404, "not_found"), (method, path, token))
        line = guest.path + "/lines/" + guest.cart_of_mine["lines"][0]["id"]
        self.assertEqual(guest.call("PATCH", line, {"quantity": 3}, expect=200).json()["lines"][0]["quantity"], 3)
        self.assertEqual(guest.call("DELETE", line, expect=200).json()["lines"], [])
        stale = guest.call("POST", guest.path + "/lines", {"variant_id": variant, "quantity": 1}, if_match='"1"')
        self.assertEqual(stale.status, 412)
        self.assertEqual(guest.call("GET", "/v1/cart").status, 401)
        mine = shopper.cart()
        self.assertEqual(guest.call("GET", f"/v1/carts/{mine['id']}").status, 404)
        self.assertNotIn("token", mine)

    def test_the_same_key_of_two_guests_is_two_keys(self):
        """tests/README.md, S-06 (d); and without a token nobody can be told apart."""
        variant = test_races.import_stock("keys" + uuid.uuid4().hex[:6], 1, 50)[0]
        key = uuid.uuid4().hex
        nobody = market.shopper()
        nobody.token = None
        self.assertEqual(nobody.call("POST", "/v1/carts", {}, key, expect=400).code(), "idempotency_key_refused")
        guest, other = Guest(), Guest()
        body = {"variant_id": variant, "quantity": 1}
        first = guest.call("POST", guest.path + "/lines", body, key, expect=201)
        again = guest.call("POST", guest.path + "/lines", body, key, expect=201)
        self.assertEqual((again.headers.get("idempotent-replayed"), again.json()), ("true", first.json()))
        foreign = other.call("POST", guest.path + "/lines", body, key)
        self.assertEqual((foreign.status, foreign.headers.get("idempotent-replayed")), (404, None))
        other.call("POST", other.path + "/lines", body, key, expect=201)
        for person in (guest, other):
            person.cart_of_mine = person.call("GET", person.path, expect=200).json()
            self.assertEqual(quantities(person.cart_of_mine), {variant: 1})
        groups = [person.order(key).json() for person in (guest, other)]
        self.assertNotEqual(groups[0]["id"], groups[1]["id"])
        self.assertEqual(guest.order(key).json(), groups[0])
        reused = guest.order(key, email="elsewhere@example.com", expect=422)
        self.assertEqual(reused.code(), "idempotency_key_reused")

    def test_a_key_without_the_right_is_no_guest(self):
        """A token that may not shop is refused; it does not turn into nobody."""
        shopper = market.shopper()
        made = shopper.call("POST", "/v1/me/api-keys", {"name": "books", "scopes": ["wallet"]}, expect=201).json()
        shopper.token = made["secret"]
        refused = shopper.call("POST", "/v1/carts", {})
        self.assertEqual((refused.status, refused.code()), (403, "forbidden"))
        shopper.token = "v4.public.nonsense"
        self.assertEqual(shopper.call("POST", "/v1/carts", {}).status, 401)

    def test_an_idle_cart_is_forgotten(self):
        idle, busy = Guest(), Guest()
        market.sql("order", "UPDATE \"order\".cart SET updated_at = 1 WHERE id ="
                            f" '{untyped(idle.cart_of_mine['id'])}'")
        wait_until(lambda: idle.call("GET", idle.path).status == 404, 30, "the sweep has come")
        self.assertEqual(busy.call("GET", busy.path).status, 200)


class Addresses(Story):
    def test_the_address_of_a_checkout_that_failed_is_forgotten_and_that_of_an_open_order_is_not(self):
        guest = Guest()
        guest.put(test_races.import_stock("old" + uuid.uuid4().hex[:6], 1, 50)[0])
        placed = untyped(guest.order().json()["id"])
        failed = str(uuid.uuid4())
        market.sql("order", "INSERT INTO \"order\".order_group (id, cart_id, status, payment_status, total, currency,"
                            f" created_at, refusal, guest_email, on_delivery) SELECT '{failed}', gen_random_uuid(),"
                            " 'failed', 'unpaid', total, currency, 1, 'x', guest_email, total"
                            f" FROM \"order\".order_group WHERE id = '{placed}'")
        market.sql("order", f"UPDATE \"order\".order_group SET created_at = 1 WHERE id = '{placed}'")

        def rest():
            return market.sql("order", "SELECT guest_email IS NULL, guest_looked_at IS NULL FROM"
                                       f" \"order\".order_group WHERE id IN ('{placed}', '{failed}')"
                                       f" ORDER BY id = '{placed}'")
        wait_until(lambda: rest() == [["t", "f"], ["f", "f"]], 30, "the sweep has come")


class Merging(Story):
    def test_s_09_a_guests_cart_is_merged_at_sign_in(self):
        """Every variant has a price in euros; the account's cart is in dollars, which C is not sold for."""
        vendors = [approved_vendor(market, staff) for _ in range(2)]
        category = market.get("/v1/categories").json()["data"][0]["id"]
        euros, dollars = ({"amount": 500, "currency": currency} for currency in ("EUR", "USD"))

        def product(vendor, stock, *prices):
            made = vendor.call("POST", "/v1/vendor/products", {
                "name": "Thing", "description": "", "category_id": category,
                "variants": [{"prices": list(prices), "stock": stock}]}, expect=201).json()
            return made["variants"][0]["id"]

        a, b = product(vendors[1], 3, euros, dollars), product(vendors[0], 9, euros, dollars)
        c = product(vendors[1], 9, euros)
        shopper, guest = market.shopper(), Guest()
        wait_until(lambda: guest.put(b, 1, expect=None).status == 201, 20, "the catalogue has heard of the vendor")
        wait_until(lambda: guest.put(c, 1, expect=None).status == 201, 20, "the catalogue has heard of the other")
        guest.put(a, 2)
        mine = shopper.call("POST", "/v1/carts", {"currency": "USD"}, expect=201).json()
        shopper.add(mine, a, 2)
        staff.call("POST", f"/v1/admin/vendors/{vendors[0].vendor['id']}/suspend", {"reason": "late parcels"},
                   expect=200)
        wait_until(lambda: any(p["code"] == "vendor_unavailable" for line in
                               guest.call("GET", guest.path).json()["lines"]
                               if line["variant_id"] == b for p in line["problems"]), 20,
                   "the catalogue has heard of the suspension")

        merged = sign_in(shopper, guest_cart=guest.ticket()).json()["cart"]
        self.assertEqual(merged["id"], shopper.cart()["id"])
        told = {adjustment["variant_id"]: adjustment for adjustment in merged["adjustments"]}
        self.assertEqual({v: t["code"] for v, t in told.items()},
                         {a: "currency_changed", b: "line_unavailable", c: "currency_mismatch"})
        self.assertEqual((told[a]["requested"], told[a]["granted"]), (4, 3))
        now = shopper.call("GET", "/v1/cart", expect=200).json()
        self.assertEqual(quantities(now), {a: 3})
        closed = guest.call("GET", guest.path, expect=200).json()
        self.assertEqual(closed["status"], "merged")
        line = closed["lines"][0]["id"]
        for method, path, body in (("POST", "/lines", {"variant_id": a, "quantity": 1}),
                                   ("PATCH", f"/lines/{line}", {"quantity": 1}), ("DELETE", f"/lines/{line}", None)):
            refused = guest.call(method, guest.path + path, body)
            self.assertEqual((refused.status, refused.code()), (409, "cart_merged"))
        self.assertEqual(guest.order(expect=409).code(), "cart_merged")
        again = sign_in(shopper, guest_cart=guest.ticket()).json()["cart"]
        self.assertEqual(again, {"id": merged["id"], "adjustments": [], "coupons_left": []})
        self.assertEqual(shopper.call("GET", "/v1/cart", expect=200).json()["version"], now["version"])
        stranger = market.shopper()
        self.assertNotIn("cart", sign_in(stranger, guest_cart=guest.ticket()).json())
        self.assertEqual(stranger.call("GET", "/v1/cart").status, 404)

    def test_an_account_is_opened_with_what_was_in_the_cart(self):
        variant = test_races.import_stock("reg" + uuid.uuid4().hex[:6], 1, 50)[0]
        for typed in ("{}@example.com", " {}@Example.COM"):
            guest = Guest()
            guest.put(variant, 2)
            body = {"email": typed.format(guest.name), "username": guest.name, "password": PASSWORD,
                    "guest_cart": guest.ticket()}
            answer = guest.call("POST", "/v1/auth/register", body, expect=201).json()
            self.assertEqual((answer["user"]["email"], answer["cart"]["adjustments"]), (guest.email, []))
            shopper = Shopper(market, guest.name)
            shopper.token = answer["access_token"]
            cart = shopper.call("GET", "/v1/cart", expect=200).json()
            self.assertEqual((cart["id"], quantities(cart)), (answer["cart"]["id"], {variant: 2}))
            taken = guest.call("POST", "/v1/auth/register", body)
            self.assertEqual((taken.status, taken.code()), (409, "email_taken"))
            sign_in(shopper)

    def test_nothing_about_a_cart_keeps_anybody_from_signing_in(self):
        variant = test_races.import_stock("no" + uuid.uuid4().hex[:6], 1, 50)[0]
        shopper, guest, ordered = market.shopper(), Guest(), Guest()
        ordered.put(variant)
        ordered.order()
        mine = shopper.cart()
        for ticket in ({"id": guest.cart_of_mine["id"], "token": "wrong"},
                       {"id": guest.cart_of_mine["id"], "token": ordered.cart_token},
                       {"id": "cart_" + "01" + "0" * 24, "token": guest.cart_token},
                       {"id": mine["id"], "token": guest.cart_token}, ordered.ticket()):
            answer = sign_in(shopper, guest_cart=ticket).json()
            self.assertNotIn("cart", answer, ticket)
            self.assertIn("access_token", answer)
        self.assertEqual(guest.call("GET", guest.path, expect=200).json()["status"], "active")

    def test_kill_9_between_the_steps_of_a_merge_is_mended_by_the_next_sign_in(self):
        variant = test_races.import_stock("kill" + uuid.uuid4().hex[:6], 1, 100_000)[0]
        pairs = []
        for _ in range(24):
            guest = Guest()
            guest.put(variant, 2)
            pairs.append((market.shopper(), guest))
        problems = []

        def until_merged(shopper, guest):
            body = {"email": shopper.email, "password": PASSWORD, "guest_cart": guest.ticket()}
            until = time.monotonic() + LOST_S
            while time.monotonic() < until:
                try:
                    answer = shopper.call("POST", "/v1/auth/login", body)
                    if answer.status == 200 and "cart" in answer.json():
                        return
                except Exception:  # the connection or the answer is lost
                    pass
                time.sleep(0.05)
                try:
                    shopper.reconnect()
                except OSError:
                    pass
            problems.append(shopper.name)

        threads = [threading.Thread(target=until_merged, args=pair, daemon=True) for pair in pairs]
        for number, thread in enumerate(threads):
            thread.start()
            time.sleep(0.05)
            if number in (8, 16):
                market.kill("souk-node")
                wait_until(lambda: "souk-node" in market.children(), 30, "the node runs again")
        for thread in threads:
            thread.join(LOST_S + 10)
        market.wait_ready()
        self.assertEqual(problems, [])
        for shopper, guest in pairs:
            shopper.reconnect()
            answer = sign_in(shopper, guest_cart=guest.ticket()).json()
            self.assertEqual(answer["cart"]["adjustments"], [])
            shopper.token = answer["access_token"]
            self.assertEqual(quantities(shopper.call("GET", "/v1/cart", expect=200).json()), {variant: 2})


class Buying(Story):
    def test_a_guest_buys_and_is_told_once(self):
        variant = test_races.import_stock("buy" + uuid.uuid4().hex[:6], 1, 50)[0]
        guest = Guest()
        guest.put(variant, 2)
        total = guest.cart_of_mine["totals"]["total"]
        for change, code, pointer in (({"email": None}, "missing_field", "/email"),
                                      ({"email": "nobody"}, "invalid_value", "/email"),
                                      ({"payment": {"wallet": total}}, "payment_method_unavailable",
                                       "/payment/wallet"),
                                      ({"payment": {}}, "payment_mismatch", "/payment")):
            body = {"expected_total": total, "payment": {"on_delivery": total}, "email": guest.email, **change}
            body = {name: value for name, value in body.items() if value is not None}
            refused = guest.call("POST", guest.path + "/checkout", body, uuid.uuid4().hex)
            self.assertEqual((refused.status, refused.code()), (422, code), change)
            self.assertEqual(refused.json()["errors"][0]["pointer"], pointer)
        key = uuid.uuid4().hex
        group = guest.order(key).json()
        self.assertEqual((group["payment_status"], group["on_delivery"], group["orders"][0]["payment_status"]),
                         ("unpaid", total, "unpaid"))
        again = guest.order(key)
        self.assertEqual((again.headers["idempotent-replayed"], again.json()), ("true", group))
        self.assertEqual(guest.order(expect=409).code(), "cart_already_ordered")
        for path in (f"/v1/order-groups/{group['id']}", f"/v1/orders/{group['orders'][0]['id']}"):
            self.assertEqual(guest.read(path).status, 404)
            self.assertEqual(guest.read(path, "wrong").status, 404)
            self.assertEqual(guest.read(path, guest.cart_token).status, 404)
            self.assertEqual(guest.read(path, group["token"]).status, 200)
            self.assertNotIn("token", guest.read(path, group["token"]).json())
        mailed = mailed_token(market, guest.email, "guest_order_placed")
        self.assertEqual(guest.read(f"/v1/order-groups/{group['id']}", mailed).status, 200)
        time.sleep(1)
        mails = outbox(market, guest.email)
        self.assertEqual([mail["kind"] for mail in mails], ["guest_order_placed"])
        self.assertIn("https://market.example/guest/claim-order?token=" + mailed, mails[0]["text"])
        self.assertIn(group["orders"][0]["number"].rsplit("-", 1)[0], mails[0]["subject"])

    def test_a_guest_repeats_under_a_key_or_under_the_orders_version(self):
        variant = test_races.import_stock("again" + uuid.uuid4().hex[:6], 1, 50)[0]
        guest = Guest()
        guest.put(variant, 3)
        group = guest.order().json()
        order = group["orders"][0]
        path, token = f"/v1/orders/{order['id']}", group["token"]
        body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "reason": "One too many"}
        key = uuid.uuid4().hex
        refused = guest.call("POST", path + "/cancellations", body, key)
        self.assertEqual((refused.status, refused.code()), (400, "idempotency_key_refused"))
        first, again = (guest.call("POST", path + "/cancellations", body, key, x_order_token=token, expect=201)
                        for _ in range(2))
        self.assertEqual(first.json(), again.json())
        foreign = guest.call("POST", path + "/cancellations", body, key, x_order_token=token[::-1])
        self.assertEqual(foreign.status, 404)
        self.assertEqual(guest.read(path, token).json()["lines"][0]["cancelled"], 1)
        seen = f'"{guest.read(path, token).json()["version"]}"'
        guest.call("POST", path + "/cancellations", body, x_order_token=token, if_match=seen, expect=201)
        again = guest.call("POST", path + "/cancellations", body, x_order_token=token, if_match=seen)
        self.assertEqual((again.status, again.code()), (412, "precondition_failed"))
        self.assertEqual(guest.read(path, token).json()["lines"][0]["cancelled"], 2)

    def test_a_guest_is_written_to_in_the_language_of_his_browser(self):
        guest = Guest()
        guest.put(test_races.import_stock("lang" + uuid.uuid4().hex[:6], 1, 50)[0])
        total = guest.cart_of_mine["totals"]["total"]
        body = {"expected_total": total, "payment": {"on_delivery": total}, "email": guest.email}
        guest.call("POST", guest.path + "/checkout", body, uuid.uuid4().hex, expect=201,
                   accept_language="de-DE,de;q=0.9,en;q=0.5")
        mailed_token(market, guest.email, "guest_order_placed")
        self.assertIn("Ihre Bestellung", outbox(market, guest.email)[0]["subject"])

    def test_a_shopper_needs_no_address_and_may_pay_on_delivery(self):
        variant = test_races.import_stock("part" + uuid.uuid4().hex[:6], 1, 50)[0]
        shopper = market.shopper(money=100000)
        cart = shopper.add(shopper.cart(), variant)
        total = cart["totals"]["total"]
        path = f"/v1/carts/{cart['id']}/checkout"
        body = {"expected_total": total, "payment": {"wallet": total}, "email": shopper.email}
        refused = shopper.call("POST", path, body, uuid.uuid4().hex)
        self.assertEqual((refused.status, refused.json()["errors"][0]["pointer"]), (422, "/email"))
        rest = {**total, "amount": total["amount"] - 1}
        body = {"expected_total": total, "payment": {"wallet": {**total, "amount": 1}, "on_delivery": rest}}
        group = shopper.call("POST", path, body, uuid.uuid4().hex, expect=201).json()
        self.assertEqual((group["payment_status"], group["on_delivery"]), ("partially_paid", rest))
        self.assertNotIn("token", group)
        wait_until(lambda: shopper.available() == 99999, 10, "one cent was taken")

    def test_offline_payment_and_unverified_guests_are_refused_where_the_market_says_so(self):
        with Market(["--market.verified_email_required=order"]) as strict:
            global market
            usual, market = market, strict
            try:
                test_races.market = strict
                variant = test_races.import_stock("strict", 1, 50)[0]
                guest = Guest()
                guest.put(variant)
                self.assertEqual(guest.order(expect=403).code(), "email_not_verified")
                shopper = strict.shopper(money=100000)
                token = mailed_token(strict, shopper.email, "verify_email")
                shopper.call("POST", "/v1/auth/verify-email", {"token": token}, expect=204)
                cart = shopper.add(shopper.cart(), variant)
                total = cart["totals"]["total"]
                refused = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", {
                    "expected_total": total, "payment": {"on_delivery": total}}, uuid.uuid4().hex, expect=422)
                self.assertEqual((refused.code(), refused.json()["errors"][0]["pointer"]),
                                 ("payment_method_unavailable", "/payment/on_delivery"))
                shopper.checkout(cart)
            finally:
                market = test_races.market = usual


class Claiming(Story):
    def setUp(self):
        super().setUp()
        self.variant = test_races.import_stock("claim" + uuid.uuid4().hex[:6], 1, 50)[0]

    def bought(self, email):
        guest = Guest()
        guest.put(self.variant)
        return guest, guest.order(email=email).json()

    def everything(self, shopper):
        return [shopper.call("GET", path, expect=200).json() for path in
                ("/v1/orders", "/v1/wallet", "/v1/cart", "/v1/notifications")]

    def test_s_10_a_guest_uses_somebodys_address(self):
        owner = market.shopper(money=5000)
        owner.call("POST", "/v1/auth/verify-email",
                   {"token": mailed_token(market, owner.email, "verify_email")}, expect=204)
        owner.add(owner.cart(), self.variant, 2)
        before = self.everything(owner)
        guest, group = self.bought(owner.email.upper())
        _, unknown = self.bought(uuid.uuid4().hex + "@example.com")
        self.assertEqual(group.keys(), unknown.keys(), "the answer tells nothing of the account")
        mailed = mailed_token(market, owner.email, "guest_order_placed")
        self.assertEqual(self.everything(owner), before)
        self.assertEqual(owner.call("GET", f"/v1/order-groups/{group['id']}").status, 404)
        self.assertEqual(owner.call("GET", f"/v1/orders/{group['orders'][0]['id']}").status, 404)

        for wrong in (group["token"], guest.cart_token, mailed[:-1] + ("A" if mailed[-1] != "A" else "B"), "x"):
            refused = owner.call("POST", "/v1/orders/claim", {"token": wrong})
            self.assertEqual((refused.status, refused.code()), (422, "invalid_ticket"))
            self.assertEqual(refused.json()["errors"][0]["pointer"], "/token")
        self.assertEqual(guest.call("POST", "/v1/orders/claim", {"token": mailed}).status, 401)
        claimed = owner.call("POST", "/v1/orders/claim", {"token": mailed}, expect=200).json()
        self.assertEqual(claimed["id"], group["id"])
        self.assertEqual(owner.call("POST", "/v1/orders/claim", {"token": mailed}, expect=200).json(), claimed)
        self.assertEqual([o["id"] for o in owner.call("GET", "/v1/orders", expect=200).json()["data"]],
                         [group["orders"][0]["id"]])
        after = self.everything(owner)
        self.assertEqual(after[1:], before[1:], "cart, wallet and inbox are as they were")
        stranger = market.shopper()
        refused = stranger.call("POST", "/v1/orders/claim", {"token": mailed})
        self.assertEqual((refused.status, refused.code()), (422, "invalid_ticket"))
        self.assertEqual(guest.read(f"/v1/order-groups/{group['id']}", group["token"]).status, 404)
        self.assertEqual(len([m for m in outbox(market, owner.email) if m["kind"] == "guest_order_placed"]), 1)

    def test_an_address_that_is_verified_claims_all_that_was_bought_under_it(self):
        shopper = Shopper(market, "s" + uuid.uuid4().hex[:12])
        groups = [self.bought(email)[1] for email in (shopper.email, " " + shopper.email.upper())]
        _, other = self.bought("x" + shopper.email)
        shopper.register()
        self.assertEqual(shopper.call("GET", "/v1/orders", expect=200).json()["data"], [])
        for group in groups:
            self.assertEqual(shopper.call("GET", f"/v1/order-groups/{group['id']}").status, 404)
        shopper.call("POST", "/v1/auth/verify-email",
                     {"token": mailed_token(market, shopper.email, "verify_email")}, expect=204)

        def claimed():
            return {o["group_id"] for o in shopper.call("GET", "/v1/orders", expect=200).json()["data"]}
        wait_until(lambda: claimed() == {group["id"] for group in groups}, 20, "both are in the account")
        self.assertEqual(shopper.call("GET", f"/v1/order-groups/{other['id']}").status, 404)
        export = shopper.call("GET", "/v1/me/export", expect=200).body
        for group in groups:
            self.assertIn(group["id"].encode(), export)


class Secrets(Story):
    def test_no_log_has_a_guests_address_or_token(self):
        variant = test_races.import_stock("log" + uuid.uuid4().hex[:6], 1, 50)[0]
        guest, shopper = Guest("canary" + uuid.uuid4().hex[:10]), market.shopper()
        guest.put(variant)
        group = guest.order().json()
        mailed = mailed_token(market, guest.email, "guest_order_placed")
        sign_in(shopper, guest_cart=guest.ticket())
        shopper.call("POST", "/v1/orders/claim", {"token": mailed}, expect=200)
        logs = market.log_path.read_text(errors="replace")
        for secret in (guest.email, guest.cart_token, group["token"], mailed):
            self.assertNotIn(secret, logs)
        for domain, table in (("order", "\"order\".cart"), ("order", "\"order\".order_group"),
                              ("notification", "notification.message"), ("order", "host.outbox")):
            rows = str(market.sql(domain, f"SELECT t::text FROM {table} t"))
            for secret in (guest.cart_token, group["token"], mailed.split(".")[1]):
                self.assertNotIn(secret, rows, table)


def untyped(identifier):
    """The UUID behind a typed id, as PostgreSQL writes it."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for letter in identifier.split("_", 1)[1]:
        number = number << 5 | alphabet.index(letter)
    return str(uuid.UUID(int=number))


if __name__ == "__main__":
    unittest.main()
