"""Orders by telephone: staff fills a cart for a shopper or a guest, sees it priced and explained, and places it to be
paid outside of the market, or sends it to its customer, who checks it out himself."""
import json
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox
from test_prices import BERLIN, euros

PRICE = 1500
ADMIN = "/v1/admin/drafts"
DAY_S = 24 * 3600


def setUpModule():
    global market, staff, vendors, variants
    market = Market(settings=("--market.offline_payment=allowed", "--market.transfer_payment=allowed",
                              "--market.invoice_payment=everyone", "--market.transfer_account=IBAN 1",
                              "--market.url=https://market.example")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    variants = [variant_of(vendor) for vendor in vendors]


def variant_of(vendor):
    category = market.get("/v1/categories").json()["data"][0]["id"]
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": "Thing", "description": "", "category_id": category, "stock": 1000,
                           "price": euros(PRICE)}, expect=201).json()
    return product["variants"][0]["id"]


def opened(who=None, by=None, **more):
    """A draft for a shopper, or for a guest."""
    body = {"user_id": who.user["id"]} if who else {"email": "g" + uuid.uuid4().hex[:10] + "@example.com"}
    return (by or staff).call("POST", ADMIN, {**body, **more}, expect=201).json()


def filled(who=None, *quantities, **more):
    cart = opened(who, **more)
    for variant, quantity in zip(variants, quantities or (2, 1)):
        cart = staff.call("POST", f"{ADMIN}/{cart['id']}/lines", {"variant_id": variant, "quantity": quantity},
                          expect=201).json()
    return cart


def request_to_place(cart, method="on_delivery", key=None, by=None):
    total = cart["totals"]["total"]
    body = json.dumps({"expected_total": total, "payment": {method: total}}).encode()
    return ("POST", f"{ADMIN}/{cart['id']}/place",
            {**(by or staff).headers(key or uuid.uuid4().hex), "content-type": "application/json"}, body)


def placed(cart, method="on_delivery", expect=201, key=None):
    total = cart["totals"]["total"]
    return staff.call("POST", f"{ADMIN}/{cart['id']}/place", {"expected_total": total, "payment": {method: total}},
                      key or uuid.uuid4().hex, expect=expect).json()


def sent(cart):
    return staff.call("POST", f"{ADMIN}/{cart['id']}/send", expect=200).json()


def seen(cart, expect=200):
    return staff.call("GET", f"{ADMIN}/{cart['id']}", expect=expect).json()


def adds_up():
    return staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"]


def groups_of(cart):
    return market.sql("order", "SELECT count(*) FROM \"order\".order_group g "
                               "JOIN \"order\".draft d ON d.cart_id = g.cart_id "
                               f"WHERE g.status = 'placed' AND d.cart_id = '{untyped(cart['id'])}'")[0][0]


def untyped(text):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for letter in text.split("_")[1]:
        number = number << 5 | alphabet.index(letter)
    return str(uuid.UUID(int=number))


class Drafts(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=100000)
        self.shopper.call("POST", "/v1/auth/verify-email",
                          {"token": mailed_token(market, self.shopper.email, "verify_email")}, expect=204)

    def tearDown(self):
        wait_until(adds_up, 20, "all adds up")

    def sees(self, cart, expect=200):
        return self.shopper.call("GET", f"/v1/carts/{cart['id']}", expect=expect).json()

    def test_staff_fills_a_draft_by_the_rules_of_carts_and_nobody_else_sees_it(self):
        own = self.shopper.add(self.shopper.cart(), variants[0], 1)
        code = "C" + uuid.uuid4().hex[:10].upper()
        staff.call("POST", "/v1/admin/promotions",
                   {"name": "Ten", "code": code, "terms": {"kind": "percent", "off_ppm": 100000}}, expect=201)
        cart = filled(self.shopper, note="Calls again on Monday.")
        path = f"{ADMIN}/{cart['id']}"
        self.assertEqual((cart["draft"]["status"], cart["draft"]["note"], cart["draft"]["user_id"],
                          cart["draft"]["made_by"]),
                         ("open", "Calls again on Monday.", self.shopper.user["id"], staff_id()))
        cart = staff.call("PUT", path + "/address", {"address": BERLIN}, expect=200).json()
        self.assertEqual((cart["address"], cart["draft"]["lines_count"]), (BERLIN, 2))
        cart = staff.call("POST", path + "/coupons", {"code": code.lower()}, expect=200).json()
        self.assertEqual(cart["totals"]["total"], euros(3 * PRICE * 9 // 10))
        line = cart["lines"][1]["id"]
        cart = staff.call("PATCH", f"{path}/lines/{line}", {"quantity": 3}, expect=200).json()
        self.assertEqual(cart["totals"]["items"], euros(5 * PRICE))
        staff.call("PATCH", f"{path}/lines/{line}", {"quantity": 100000}, expect=422)
        self.assertEqual(staff.call("PATCH", f"{path}/lines/{line}", {"quantity": 5000}, expect=409).json()["code"],
                         "insufficient_stock")
        cart = staff.call("DELETE", f"{path}/lines/{line}", expect=200).json()
        cart = staff.call("DELETE", f"{path}/coupons/{code}", expect=200).json()
        self.assertEqual(cart["totals"]["total"], euros(2 * PRICE))
        self.assertTrue(staff.call("GET", path + "?explain=true", expect=200).json()["explanation"])
        changed = staff.call("PATCH", path, {"note": "Wants it blue."}, expect=200).json()
        self.assertEqual((changed["draft"]["note"], changed["version"]), ("Wants it blue.", cart["version"] + 1))
        stale = {"if_match": f'"{cart["version"]}"'}
        staff.call("PATCH", path, {"note": ""}, expect=412, **stale)
        self.assertEqual(seen(cart)["draft"], changed["draft"])
        for method, rest, body in (("GET", "", None), ("POST", "/lines", {"variant_id": variants[0], "quantity": 1}),
                                   ("POST", "/checkout", {"expected_total": euros(1), "payment": {}})):
            self.shopper.call(method, f"/v1/carts/{cart['id']}{rest}", body, uuid.uuid4().hex if body else None,
                              expect=404)
        self.assertEqual(self.shopper.call("GET", "/v1/cart", expect=200).json()["id"], own["id"])
        self.assertEqual(self.shopper.call("GET", "/v1/orders/drafts", expect=200).json()["data"], [])
        reader = staff.with_key(["view_orders"])
        reader.call("GET", path, expect=200)
        reader.call("DELETE", path, expect=403)
        staff.call("GET", f"{ADMIN}/{own['id']}", expect=404)  # no draft
        staff.call("DELETE", path, expect=204)
        seen(cart, 404)
        staff.call("DELETE", path, expect=404)
        def audited():
            return staff.call("GET", "/v1/admin/audit?limit=50", expect=200).body
        wait_until(lambda: b"discard_draft" in audited(), 20, "the end of the draft is in the audit trail")
        audited = audited()
        self.assertNotIn(b"Wants it blue", audited)
        self.assertNotIn(BERLIN["line1"].encode(), audited)

    def test_staff_places_it_in_the_customers_name_and_never_pays_from_a_wallet(self):
        cart, money = filled(self.shopper, note="Loud line."), self.shopper.available()
        total = cart["totals"]["total"]
        wrong = staff.call("POST", f"{ADMIN}/{cart['id']}/place",
                           {"expected_total": euros(1), "payment": {"on_delivery": euros(1)}}, uuid.uuid4().hex,
                           expect=409).json()
        self.assertEqual(wrong["code"], "totals_changed")
        self.assertEqual(staff.call("POST", f"{ADMIN}/{cart['id']}/place",
                                    {"expected_total": total, "payment": {"wallet": total}}, uuid.uuid4().hex,
                                    expect=400).json()["code"], "unknown_field")
        staff.call("POST", f"{ADMIN}/{cart['id']}/place", {"expected_total": total, "payment": {"on_delivery": total}},
                   expect=400)  # without a key
        key = uuid.uuid4().hex
        group = placed(cart, key=key)
        self.assertEqual(placed(cart, key=key), group)
        self.assertEqual(placed(cart, expect=409)["code"], "cart_already_ordered")
        self.assertEqual((self.shopper.available(), group["offline"]["method"], "token" in group),
                         (money, "on_delivery", False))
        order = group["orders"][0]
        mine = self.shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()
        self.assertEqual([o["id"] for o in mine["orders"]], [o["id"] for o in group["orders"]])
        events = staff.call("GET", f"/v1/admin/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([(e["trigger"], e["actor"]) for e in events],
                         [("prepare", "staff"), ("pay", "system"), ("accept", "system")])
        self.assertIn(staff_id(), json.dumps(events[0]))
        mine = self.shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).body.decode()
        self.assertNotIn(staff_id(), mine)
        draft = seen(cart)["draft"]
        self.assertEqual((draft["status"], draft["placed_by"], draft["group_id"], "note" in draft),
                         ("placed", staff_id(), group["id"], False))
        wait_until(lambda: [m for m in outbox(market, self.shopper.email) if m["kind"] == "order_placed"], 20, "told")
        wait_until(lambda: self.audited("order.place_draft", self.shopper.user["id"]), 20, "audited for whom")
        vendors[0].call("GET", f"/v1/vendor/orders/{order['id']}", expect=200)

    def audited(self, action, subject):
        entries = staff.call("GET", f"/v1/admin/audit?limit=50&subject={subject}", expect=200).json()["data"]
        return [e for e in entries if e["action"] == action and e["principal"] == staff_id()]

    def test_a_transfer_and_an_invoice_are_placed_as_the_customer_could(self):
        group = placed(filled(self.shopper), "transfer")
        order = group["orders"][0]
        self.assertEqual(order["status"], "pending_payment")
        events = staff.call("GET", f"/v1/admin/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events], ["prepare"])
        paid = staff.call("POST", f"/v1/admin/order-groups/{group['id']}/mark-paid", {"amount": euros(3 * PRICE)},
                          expect=200).json()
        self.assertEqual([o["status"] for o in paid["orders"]], ["accepted"] * 2)
        self.assertEqual(placed(filled(self.shopper), "invoice")["offline"]["method"], "invoice")
        self.assertEqual(placed(filled(), "invoice", 422)["code"], "payment_method_unavailable")  # a guest

    def test_a_sent_draft_is_its_shoppers_who_checks_it_out_as_a_cart(self):
        shopper, money = self.shopper, self.shopper.available()
        own = shopper.add(shopper.cart(), variants[1], 1)
        empty = opened(shopper)
        self.assertEqual(staff.call("POST", f"{ADMIN}/{empty['id']}/send", expect=422).json()["code"], "empty_cart")
        cart = filled(shopper, note="For us only.")
        self.assertEqual(sent(cart)["draft"]["status"], "sent")
        self.assertEqual(staff.call("POST", f"{ADMIN}/{cart['id']}/send", expect=409).json()["code"], "draft_sent")
        wait_until(lambda: [m for m in outbox(market, shopper.email) if m["kind"] == "draft_sent"], 20, "told")
        mail = [m for m in outbox(market, shopper.email) if m["kind"] == "draft_sent"][0]
        self.assertIn(f"https://market.example/account/drafts/{cart['id']}", mail["text"])
        self.assertNotIn("For us only", mail["text"])
        listed = shopper.call("GET", "/v1/orders/drafts", expect=200).json()["data"]
        self.assertEqual([(d["id"], d["status"], d["lines_count"]) for d in listed], [(cart["id"], "sent", 2)])
        self.assertFalse({"note", "made_by", "email"} & set(listed[0]))
        mine = self.sees(cart)
        self.assertEqual((mine["totals"], "note" in mine["draft"]), (cart["totals"], False))
        market.shopper().call("GET", f"/v1/carts/{cart['id']}", expect=404)
        mine = shopper.call("PATCH", f"/v1/carts/{cart['id']}/lines/{mine['lines'][0]['id']}", {"quantity": 1},
                            expect=200).json()
        product = vendors[1].call("GET", "/v1/vendor/products", expect=200).json()["data"][0]["id"]
        path = f"/v1/vendor/products/{product}/variants/{variants[1]}"
        vendors[1].call("PATCH", path, {"prices": [euros(PRICE + 100)]}, expect=200)
        self.addCleanup(vendors[1].call, "PATCH", path, {"prices": [euros(PRICE)]})
        total = euros(2 * PRICE + 100)
        wait_until(lambda: self.sees(cart)["totals"]["total"] == total, 10, "prices are those of today")
        self.assertEqual(shopper.checkout(mine, expect=409).code(), "totals_changed")
        group = shopper.checkout(self.sees(cart)).json()
        self.assertEqual(shopper.available(), money - 2 * PRICE - 100)
        self.assertEqual(shopper.call("GET", "/v1/orders/drafts", expect=200).json()["data"], [])
        self.assertEqual(shopper.call("GET", "/v1/cart", expect=200).json()["id"], own["id"])
        draft = seen(cart)["draft"]
        self.assertEqual((draft["status"], draft["group_id"], "placed_by" in draft), ("placed", group["id"], False))
        events = staff.call("GET", f"/v1/admin/orders/{group['orders'][0]['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events], ["pay", "accept"])

    def test_a_guest_opens_a_sent_draft_by_the_mailed_token_only(self):
        cart = filled(None, name="Ada", locale="de")
        email = cart["draft"]["email"]
        sent(cart)
        token = mailed_token(market, email, "guest_draft_sent")
        mail = outbox(market, email)[0]
        self.assertIn("https://market.example/guest/order-draft?token=" + token, mail["text"])
        self.assertIn("Guten Tag", mail["text"])
        guest = market.connect()
        self.addCleanup(guest.close)
        head = {"x-cart-token": token, "content-type": "application/json"}
        self.assertEqual(guest.request("GET", f"/v1/carts/{cart['id']}", {"x-cart-token": "x"}).status, 404)
        self.assertEqual(guest.request("GET", "/v1/orders/drafts/by-token", {"x-cart-token": "tic_x.y"}).code(),
                         "invalid_ticket")
        mine = guest.request("GET", "/v1/orders/drafts/by-token", head).json()
        self.assertEqual((mine["id"], "email" in mine["draft"]), (cart["id"], False))
        again = {"email": f"n{uuid.uuid4().hex[:8]}@example.com", "username": "n" + uuid.uuid4().hex[:10],
                 "password": "correct horse battery", "guest_cart": {"id": cart["id"], "token": token}}
        answer = guest.request("POST", "/v1/auth/register", {"content-type": "application/json"},
                               json.dumps(again).encode())
        self.assertEqual((answer.status, "cart" in answer.json()), (201, False))  # it is not merged
        total = mine["totals"]["total"]
        body = {"expected_total": total, "payment": {"on_delivery": total}}
        path, key = f"/v1/carts/{cart['id']}/checkout", uuid.uuid4().hex
        other = guest.request("POST", path, {**head, "idempotency-key": uuid.uuid4().hex},
                              json.dumps({**body, "email": "other@example.com"}).encode())
        self.assertEqual(other.status, 422)
        answer = guest.request("POST", path, {**head, "idempotency-key": key}, json.dumps(body).encode())
        self.assertEqual(answer.status, 201, answer.body)
        wait_until(lambda: [m for m in outbox(market, email) if m["kind"] == "guest_order_placed"], 20, "confirmed")
        draft = seen(cart)["draft"]
        self.assertEqual((draft["status"], {"email", "name"} & set(draft)), ("placed", set()))

    def test_staff_places_for_a_guest_who_is_told_and_staff_gets_no_token(self):
        cart = filled(None, name="Ada")
        email = cart["draft"]["email"]
        group = placed(cart, "transfer")
        self.assertNotIn("token", group)
        token = mailed_token(market, email, "guest_order_placed")
        guest = market.connect()
        self.addCleanup(guest.close)
        self.assertEqual(guest.request("GET", f"/v1/order-groups/{group['id']}", {"x-order-token": token}).status, 200)

    def test_lists_go_by_status_customer_maker_and_time(self):
        other = market.staff()
        mine, theirs, ordered = filled(self.shopper), opened(self.shopper, by=other), filled(self.shopper)
        placed(ordered)
        sent(mine)

        def ids(query):
            answer = staff.call("GET", f"{ADMIN}?user_id={self.shopper.user['id']}&{query}", expect=200).json()
            return [d["id"] for d in answer["data"]], answer.get("next")
        self.assertEqual(set(ids("limit=10")[0]), {mine["id"], theirs["id"], ordered["id"]})
        for status, cart in (("open", theirs), ("sent", mine), ("placed", ordered)):
            self.assertEqual(ids(f"status={status}")[0], [cart["id"]])
        self.assertEqual(ids(f"made_by={other.person['id']}")[0], [theirs["id"]])
        self.assertEqual(ids("made_to=2020-01-01T00:00:00Z")[0], [])
        found, cursor = [], ""
        while cursor is not None:
            page, cursor = ids("limit=1" + (f"&after={cursor}" if cursor else ""))
            found += page
        self.assertEqual(sorted(found), sorted([mine["id"], theirs["id"], ordered["id"]]))

    def test_one_member_of_the_staff_has_fifty_and_ordered_ones_do_not_count(self):
        busy = market.staff()
        carts = [opened(self.shopper, by=busy) for _ in range(50)]
        refused = busy.call("POST", ADMIN, {"user_id": self.shopper.user["id"]}, expect=422).json()
        self.assertEqual((refused["code"], refused["errors"][0]["maximum"]), ("too_many_drafts", 50))
        cart = busy.call("POST", f"{ADMIN}/{carts[0]['id']}/lines", {"variant_id": variants[0], "quantity": 1},
                         expect=201).json()
        placed(cart)
        opened(self.shopper, by=busy)
        busy.call("DELETE", f"{ADMIN}/{carts[1]['id']}", expect=204)
        key = uuid.uuid4().hex
        answers = [busy.call("POST", ADMIN, {"user_id": self.shopper.user["id"]}, key, expect=201).json()["id"]
                   for _ in range(2)]
        self.assertEqual(answers[0], answers[1])
        busy.call("POST", ADMIN, {}, expect=422)
        busy.call("POST", ADMIN, {"user_id": self.shopper.user["id"], "email": "a@example.com"}, expect=422)

    def test_nothing_is_ordered_for_who_is_blocked_or_erased_and_export_and_erasure_have_drafts(self):
        self.shopper = market.shopper()  # whose wallet is empty
        cart = filled(self.shopper, note="Prefers mornings.")
        self.assertEqual(cart["draft"]["lines_count"], 2)
        user = self.shopper.user["id"]
        exported = self.shopper.call("GET", "/v1/me/export", expect=200).json()
        self.assertEqual([d["note"] for d in exported["orders"]["drafts"]], ["Prefers mornings."])
        self.assertEqual(len(exported["orders"]["cart_lines"]), 2)
        staff.call("POST", f"/v1/admin/users/{user}/block", {"reason": "Fraud"}, expect=200)
        for path, body, key in ((f"/{cart['id']}/send", None, None), ("", {"user_id": user}, None)):
            self.assertEqual(staff.call("POST", ADMIN + path, body, key, expect=409).json()["code"],
                             "customer_inactive")
        self.assertEqual(placed(cart, expect=409)["code"], "customer_inactive")
        staff.call("POST", f"/v1/admin/users/{user}/unblock", {"reason": "It was not"}, expect=200)
        self.shopper.login()
        self.shopper.call("DELETE", "/v1/me", {"current_password": "correct horse battery"}, expect=204)
        wait_until(lambda: staff.call("GET", f"{ADMIN}/{cart['id']}").status == 404, 30, "forgotten")
        self.assertEqual(market.sql("order", f"SELECT * FROM \"order\".draft WHERE user_id = '{untyped(user)}'"), [])
        self.assertEqual(staff.call("POST", ADMIN, {"user_id": user}, expect=409).json()["code"], "customer_inactive")

    # --- races and crashes ---

    def test_placed_twice_at_once_it_is_one_order(self):
        for same_key in (True, False):
            cart, key = filled(self.shopper, 1), uuid.uuid4().hex
            answers = staff.connection.race([request_to_place(cart, key=key if same_key else None) for _ in range(2)])
            self.assertEqual(sorted(a.status for a in answers)[0], 201, [a.body for a in answers])
            self.assertIn(sorted(a.status for a in answers)[1], (201, 409))
            wait_until(lambda: groups_of(cart) == "1", 10, "one group")

    def test_staff_and_customer_order_the_same_draft_at_once_and_it_is_one_order(self):
        for _ in range(10):
            cart = sent(filled(self.shopper, 1))
            answers = staff.connection.race([request_to_place(cart),
                                             self.shopper.checkout_request(cart, uuid.uuid4().hex)])
            self.assertEqual(sorted(a.status for a in answers), [201, 409], [a.body for a in answers])
            self.assertEqual(groups_of(cart), "1")
        self.assertEqual(len(self.shopper.call("GET", "/v1/orders?limit=100", expect=200).json()["data"]), 10)

    def test_a_draft_is_placed_or_discarded_never_both(self):
        for turn in range(10):
            cart = filled(self.shopper, 1)
            requests = [request_to_place(cart), ("DELETE", f"{ADMIN}/{cart['id']}", staff.headers(), None)]
            answers = staff.connection.race(requests if turn % 2 else requests[::-1])
            place, discard = answers if turn % 2 else answers[::-1]
            self.assertIn((place.status, discard.status), ((201, 409), (404, 204)), (place.body, discard.body))
            self.assertEqual(groups_of(cart), "1" if place.status == 201 else "0")

    def test_a_node_that_dies_while_a_draft_is_placed_places_it_once(self):
        for point in ("order.place_draft.commit.before", "order.place_draft.commit.after",
                      "order.place_group.commit.before", "order.place_group.commit.after"):
            cart, key = filled(self.shopper, 1), uuid.uuid4().hex
            staff.call("POST", "/v1/test/faults", {"point": point, "action": "kill"}, expect=204)
            method, path, headers, body = request_to_place(cart, key=key)
            answers = [staff.connection.request(method, path, headers, body)]

            def is_answered():
                staff.reconnect()
                try:
                    answers.append(staff.connection.request(method, path, headers, body))
                except (OSError, TimeoutError):
                    return False
                return answers[-1].status == 201
            wait_until(is_answered, 60, f"{point}: placed after all, {answers[-1].body[:300]}")
            wait_until(lambda: groups_of(cart) == "1", 20, "one group")
            self.assertEqual(seen(cart)["draft"]["group_id"], answers[-1].json()["id"])

    def test_what_nobody_touches_is_forgotten(self):
        carts = [opened(self.shopper), filled()]
        staff.call("POST", "/v1/test/clock", {"advance": 31 * DAY_S}, expect=200)
        wait_until(lambda: all(staff.call("GET", f"{ADMIN}/{c['id']}").status == 404 for c in carts), 60, "gone")


def staff_id():
    return staff.call("GET", "/v1/admin/me", expect=200).json()["id"]


if __name__ == "__main__":
    unittest.main()
