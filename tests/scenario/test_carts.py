"""Carts before and after a checkout: what comes along at a sign-in, is saved for later, is ordered again; who wants it
is told of a cart that was left."""
import unittest
import uuid

from market import Market, PASSWORD, Shopper, wait_until
from people import approved_vendor, first_staff, outbox

BERLIN = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
BOISE = {"name": "Ada", "line1": "1 Main Street", "city": "Boise", "country": "US"}


def setUpModule():
    global market, staff, vendor
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    vendor = approved_vendor(market, staff)


def product(stock=50, price=500):
    category = market.get("/v1/categories").json()["data"][0]["id"]
    return vendor.call("POST", "/v1/vendor/products",
                       {"name": "Thing", "description": "", "category_id": category, "stock": stock,
                        "price": {"amount": price, "currency": "EUR"}}, expect=201).json()


def variant(**more):
    return product(**more)["variants"][0]["id"]


class Guest(Shopper):
    """Somebody without an account, with a cart and its token."""

    def __init__(self):
        super().__init__(market, "g" + uuid.uuid4().hex[:12])
        made = self.call("POST", "/v1/carts", {}, expect=201).json()
        self.ticket, self.path = {"id": made["id"], "token": made["token"]}, f"/v1/carts/{made['id']}"

    def headers(self, key=None, **more):
        token = self.ticket["token"] if hasattr(self, "ticket") else None
        return super().headers(key, **({"x_cart_token": token} if token else {}), **more)


class Merging(unittest.TestCase):
    def wishing(self, address, code):
        guest = Guest()
        guest.call("POST", guest.path + "/lines", {"variant_id": variant(), "quantity": 1}, expect=201)
        guest.call("POST", guest.path + "/coupons", {"code": code}, expect=200)
        guest.call("PUT", guest.path + "/address", {"address": address}, expect=200)
        return guest.ticket

    def test_codes_and_address_of_a_guests_cart_come_along(self):
        code = "C" + uuid.uuid4().hex[:10].upper()
        staff.call("POST", "/v1/admin/promotions",
                   {"name": "Spring", "code": code, "terms": {"kind": "percent", "off_ppm": 100000}}, expect=201)
        shopper = market.shopper()
        for address, is_left in ((BERLIN, False), (BOISE, True)):
            body = {"email": shopper.email, "password": PASSWORD, "guest_cart": self.wishing(address, code)}
            merged = shopper.call("POST", "/v1/auth/login", body, expect=200).json()["cart"]
            self.assertEqual((merged["coupons_left"], merged.get("is_address_left", False)), ([], is_left))
            cart = shopper.cart()
            self.assertEqual(([c["code"] for c in cart["coupons"]], cart["address"]), ([code], BERLIN))


class CutShort(unittest.TestCase):
    def repeated(self, shopper, path, point, action, expect=200):
        """The answer to a call that is cut short at that point and repeated with its key until there is one."""
        key = uuid.uuid4().hex
        shopper.call("POST", "/v1/test/faults", {"point": point, "action": action}, expect=204)
        self.assertEqual(shopper.call("POST", path, {}, key).status, 503, point)
        answers = []

        def is_answered():
            shopper.reconnect()
            try:
                answers.append(shopper.call("POST", path, {}, key))
            except (OSError, TimeoutError):
                return False
            return answers[-1].status < 500
        wait_until(is_answered, 60, f"an answer after {point}")
        self.assertEqual(answers[-1].status, expect, point)
        self.assertEqual(shopper.call("POST", path, {}, key, expect=expect).json(), answers[-1].json())
        return answers[-1].json()


class Saved(CutShort):
    def saved(self, shopper):
        return shopper.call("GET", "/v1/saved-items", expect=200).json()["data"]

    def test_items_go_from_list_to_cart_and_back_and_are_never_in_both(self):
        shopper, one, two = market.shopper(), variant(price=700), variant()
        first = shopper.call("POST", "/v1/saved-items", {"variant_id": one, "quantity": 2}, expect=201).json()
        self.assertEqual((first["price"]["amount"], first["quantity"], first["problems"]), (700, 2, []))
        again = shopper.call("POST", "/v1/saved-items", {"variant_id": one, "quantity": 3}, expect=200).json()
        self.assertEqual(again["quantity"], 3)
        cart = shopper.add(shopper.cart(), two, 1)
        line = cart["lines"][0]["id"]
        stale = shopper.call("POST", f"/v1/carts/{cart['id']}/lines/{line}/save", {}, if_match='"1"')
        self.assertEqual(stale.code(), "precondition_failed")
        cart = shopper.call("POST", f"/v1/carts/{cart['id']}/lines/{line}/save", {}, expect=200).json()
        self.assertEqual((cart["lines"], [i["variant_id"] for i in self.saved(shopper)]), ([], [two, one]))
        key = uuid.uuid4().hex
        path = f"/v1/carts/{cart['id']}/saved-items/{one}"
        moved = shopper.call("POST", path, {}, key, expect=201).json()
        self.assertEqual(shopper.call("POST", path, {}, key, expect=201).json(), moved)
        self.assertEqual([(l["variant_id"], l["quantity"]) for l in moved["lines"]], [(one, 3)])
        self.assertEqual([i["variant_id"] for i in self.saved(shopper)], [two])
        shopper.call("POST", path, {}, expect=404)
        shopper.call("DELETE", f"/v1/saved-items/{two}", expect=204)
        shopper.call("DELETE", f"/v1/saved-items/{two}", expect=404)
        self.assertEqual(self.saved(shopper), [])

    def test_a_move_that_a_dying_node_cuts_short_is_made_once(self):
        shopper, one = market.shopper(), variant()
        shopper.call("POST", "/v1/saved-items", {"variant_id": one, "quantity": 2}, expect=201)
        cart = f"/v1/carts/{shopper.cart()['id']}"
        for moment, action in (("before", "kill"), ("after", "error"), ("after", "kill")):
            path = f"{cart}/saved-items/{one}"
            moved = self.repeated(shopper, path, f"order.unsave_item.commit.{moment}", action, 201)
            self.assertEqual(([l["quantity"] for l in moved["lines"]], self.saved(shopper)), ([2], []), moment)
            line = f"{cart}/lines/{moved['lines'][0]['id']}/save"
            back = self.repeated(shopper, line, f"order.save_line.commit.{moment}", "error")
            self.assertEqual((back["lines"], [i["quantity"] for i in self.saved(shopper)]), ([], [2]), moment)

    def test_what_cannot_be_put_into_the_cart_stays_saved_and_says_why(self):
        shopper, made = market.shopper(), product(stock=1)
        scarce = made["variants"][0]["id"]
        shopper.call("POST", "/v1/saved-items", {"variant_id": scarce, "quantity": 2}, expect=201)
        path = f"/v1/carts/{shopper.cart()['id']}/saved-items/{scarce}"
        refused = shopper.call("POST", path, {}, expect=409)
        self.assertEqual(refused.code(), "insufficient_stock")
        vendor.call("POST", f"/v1/vendor/products/{made['id']}/hide", {}, expect=200)
        self.assertEqual([p["code"] for p in self.saved(shopper)[0]["problems"]], ["product_unavailable"])
        self.assertEqual(shopper.call("POST", path, {}, expect=409).code(), "product_unavailable")
        self.assertEqual(len(self.saved(shopper)), 1)

    def test_lists_are_bounded_and_ones_own(self):
        shopper, other, one = market.shopper(), market.shopper(), variant()
        me = shopper.call("GET", "/v1/me", expect=200).json()["id"]
        shopper.call("POST", "/v1/saved-items", {"variant_id": one}, expect=201)
        market.sql("order", 'INSERT INTO "order".saved_item SELECT user_id, gen_random_uuid(), product_id, vendor_id,'
                            ' name, 1, 1 FROM "order".saved_item, generate_series(2, 100)'
                            " WHERE name = 'Thing' AND saved_at = (SELECT max(saved_at) FROM \"order\".saved_item)")
        full = shopper.call("POST", "/v1/saved-items", {"variant_id": variant()}, expect=422)
        self.assertEqual((full.code(), full.json()["errors"][0]["maximum"]), ("too_many_saved_items", 100))
        shopper.call("POST", "/v1/saved-items", {"variant_id": one, "quantity": 5}, expect=200)
        cart = shopper.add(shopper.cart(), variant(), 1)
        line = f"/v1/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/save"
        self.assertEqual(shopper.call("POST", line, {}, expect=422).code(), "too_many_saved_items")
        self.assertEqual(len(shopper.cart()["lines"]), 1)
        self.assertEqual(self.saved(other), [])
        other.call("POST", line, {}, expect=404)
        other.call("DELETE", f"/v1/saved-items/{one}", expect=404)
        for wrong in ({"variant_id": "var_" + "0" * 26}, {"variant_id": one, "quantity": 0}, {}):
            self.assertIn(shopper.call("POST", "/v1/saved-items", wrong).status, (400, 404, 422))
        guest = Guest()
        guest.call("GET", "/v1/saved-items", expect=401)
        part = shopper.call("GET", "/v1/me/export", expect=200).json()["orders"]
        self.assertEqual(len(part["saved_items"]), 100)
        self.assertTrue(me)


class Again(CutShort):
    def test_what_was_bought_is_put_into_the_cart_again_as_far_as_it_can_be_had(self):
        shopper, here, gone, scarce = market.shopper(money=100000), variant(), product(), product(stock=5)
        cart = shopper.cart()
        for one, quantity in ((here, 2), (gone["variants"][0]["id"], 1), (scarce["variants"][0]["id"], 4)):
            cart = shopper.add(cart, one, quantity)
        group = shopper.checkout(cart).json()
        vendor.call("POST", f"/v1/vendor/products/{gone['id']}/hide", {}, expect=200)
        key = uuid.uuid4().hex
        path = f"/v1/order-groups/{group['id']}/reorder"
        filled = shopper.call("POST", path, {}, key, expect=200).json()
        self.assertEqual(shopper.call("POST", path, {}, key, expect=200).json(), filled)
        lines = {line["variant_id"]: line["quantity"] for line in filled["cart"]["lines"]}
        self.assertEqual(lines, {here: 2, scarce["variants"][0]["id"]: 1})
        self.assertEqual({a["variant_id"]: (a["code"], a["requested"], a["granted"]) for a in filled["adjustments"]},
                         {gone["variants"][0]["id"]: ("line_unavailable", 1, 0),
                          scarce["variants"][0]["id"]: ("quantity_capped", 4, 1)})
        order = group["orders"][0]["id"]
        more = shopper.call("POST", f"/v1/orders/{order}/reorder", {}, expect=200).json()
        self.assertEqual({l["variant_id"]: l["quantity"] for l in more["cart"]["lines"]}[here], 4)
        other = market.shopper()
        for foreign in (path, f"/v1/orders/{order}/reorder", f"/v1/orders/ord_{'0' * 26}/reorder"):
            other.call("POST", foreign, {}, expect=404)
        self.assertEqual(other.call("GET", "/v1/cart").status, 404)


    def test_a_reorder_that_a_dying_node_cuts_short_is_added_once_whoever_repeats_it(self):
        shopper, one = market.shopper(money=100000), variant()
        group = shopper.checkout(shopper.add(shopper.cart(), one, 2)).json()
        of_group, of_order = f"/v1/order-groups/{group['id']}/reorder", f"/v1/orders/{group['orders'][0]['id']}/reorder"
        cases = [(path, f"order.{command}.commit.{moment}", action)
                 for path, own in ((of_group, "reorder_group"), (of_order, "reorder"))
                 for command, moment, action in ((own, "before", "error"), (own, "before", "kill"),
                                                 ("refill_cart", "before", "error"), ("refill_cart", "after", "kill"))]
        for number, (path, point, action) in enumerate(cases, 1):
            filled = self.repeated(shopper, path, point, action)
            for cart in (filled["cart"], shopper.call("GET", "/v1/cart", expect=200).json()):
                self.assertEqual([(l["variant_id"], l["quantity"]) for l in cart["lines"]], [(one, 2 * number)], point)


class Left(unittest.TestCase):
    """O24: opt-in, once per cart, never of one that is being checked out."""

    def left(self, wants=True, lines=1, days=2):
        shopper = market.shopper()
        if wants:
            chosen = [{"topic": "marketing", "channel": channel, "is_enabled": True} for channel in ("email", "in_app")]
            shopper.call("PATCH", "/v1/me/notification-preferences", {"preferences": chosen}, expect=200)
        cart = shopper.cart()
        for _ in range(lines):
            cart = shopper.add(cart, variant(), 1)
        self.leave(shopper, days)
        return shopper

    def leave(self, shopper, days):
        """As if the cart had been changed so many days ago."""
        me = shopper.call("GET", "/v1/me", expect=200).json()["id"]
        where = f"WHERE user_id = '{self.uuid_of(me)}' AND status = 'active'"
        market.sql("order", f'UPDATE "order".cart SET updated_at = updated_at - {days} * 86400000000 {where}')

    def uuid_of(self, typed):
        letters = "0123456789abcdefghjkmnpqrstvwxyz"
        number = 0
        for letter in typed.split("_")[1]:
            number = number * 32 + letters.index(letter)
        return str(uuid.UUID(int=number & (1 << 128) - 1))

    def mails(self, shopper):
        return [m for m in outbox(market, shopper.email) if m["kind"] == "cart_left"]

    def notes(self, shopper):
        page = shopper.call("GET", "/v1/notifications", expect=200).json()["data"]
        return [n for n in page if n["kind"] == "cart_left"]

    def test_who_has_chosen_it_is_told_once_and_nobody_else(self):
        asked, never, empty = self.left(), self.left(wants=False), self.left(lines=0)
        old = self.left(days=30)
        wait_until(lambda: self.mails(asked), 40, "the mail has come")
        wait_until(lambda: self.notes(asked), 20, "the note has come")
        self.leave(asked, 1)
        again = self.left()
        wait_until(lambda: self.mails(again), 40, "a later sweep has come")
        self.assertEqual((len(self.mails(asked)), len(self.notes(asked))), (1, 1))
        for other in (never, empty, old):
            self.assertEqual(self.mails(other) + self.notes(other), [])


if __name__ == "__main__":
    unittest.main()
