"""Orders that are changed before they are sent: more units, fewer, other goods; proposed, agreed to, withdrawn, paid,
and given back (tests/README.md, O12)."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

BERLIN = {"name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
          "country": "DE", "region_code": "BE"}
PRICE, TAX = 1001, 190  # of one, and 19 % of it
DEAR, DEAR_TAX = 2503, 476
CHEAP, CHEAP_TAX = 333, 63


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def setUpModule():
    global market, staff, vendors, variant, dear, cheap, foreign
    market = Market(settings=("--market.offline_payment=allowed", "--market.prices_include_tax=false",
                             "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201)
    staff.call("POST", "/v1/admin/tax-rates",
               {"name": "VAT", "country": "DE", "tax_class": "standard", "rate_ppm": 190000}, expect=201)
    vendors = [approved_vendor(market, staff) for _ in range(2)]
    category = market.get("/v1/categories").json()["data"][0]["id"]
    variant, dear, cheap, foreign = (
        made(vendor, name, price, category)
        for vendor, name, price in ((vendors[0], "Thing", PRICE), (vendors[0], "Dear thing", DEAR),
                                    (vendors[0], "Cheap thing", CHEAP), (vendors[1], "Foreign thing", PRICE)))


def made(vendor, name, price, category):
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": name, "description": "", "category_id": category, "stock": 1000,
                           "price": euros(price)}, expect=201).json()
    return product["variants"][0]["id"]


def stock(of=None):
    products = vendors[0].call("GET", "/v1/vendor/products", expect=200).json()["data"]
    for product in products:
        product = vendors[0].call("GET", f"/v1/vendor/products/{product['id']}", expect=200).json()
        for one in product["variants"]:
            if one["id"] == (of or variant):
                return one["on_hand"]
    raise AssertionError("no such goods")


def propose(order, quantity=0, expect=201, who=None, surface="vendor", key=None, fewer=(), goods=()):
    """More units of the first line; fewer by (line, units); goods by (variant, units)."""
    body = {"reason": "As you asked."}
    if quantity:
        body["lines"] = [{"line_id": order["lines"][0]["id"], "quantity": quantity}]
    if fewer:
        body["fewer"] = [{"line_id": order["lines"][line]["id"], "quantity": units} for line, units in fewer]
    if goods:
        body["variants"] = [{"variant_id": one, "quantity": units} for one, units in goods]
    return (who or vendors[0]).call("POST", f"/v1/{surface}/orders/{order['id']}/edits", body, expect=expect,
                                    key=key).json()


def kinds_told(email, order):
    return [mail["kind"] for mail in outbox(market, email) if order["number"] in mail["text"]]


class Edits(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=10000)

    def settle(self):
        wait_until(lambda: market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]], 20,
                   "no process is open")

    def tearDown(self):
        self.settle()
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def bought(self, quantity, on_delivery=0):
        self.settle()
        before = stock()
        cart = self.shopper.add(self.shopper.cart(), variant, quantity)
        cart = self.shopper.call("PUT", f"/v1/carts/{cart['id']}/address", {"address": BERLIN}, expect=200).json()
        total = cart["totals"]["total"]
        payment = {"wallet": euros(total["amount"] - on_delivery)}
        if on_delivery:
            payment["on_delivery"] = euros(on_delivery)
        group = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                  {"expected_total": total, "payment": payment}, key=uuid.uuid4().hex,
                                  expect=201).json()
        wait_until(lambda: stock() == before - quantity, 20, "the goods are sold")
        self.group_id = group["id"]
        return group["orders"][0]

    def answer(self, edit, what, expect=200, who=None, key=None):
        return (who or self.shopper).call("POST", f"/v1/orders/{edit['order_id']}/edits/{edit['id']}/{what}",
                                          expect=expect, key=key).json()

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def test_o12_two_more_are_agreed_to_and_then_all_is_cancelled(self):
        shopper = self.shopper
        shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                     expect=204)
        # So many mails go to a vendor a day.
        staff.call("POST", "/v1/test/clock", {"advance": 24 * 3600 + 1}, expect=200)
        full, money = stock(), shopper.available()
        order = self.bought(1)
        paid = order["totals"]["total"]["amount"]
        self.assertEqual(paid, PRICE + TAX)
        edit = propose(order, 2)
        self.assertEqual((edit["status"], edit["total"]["amount"], edit["tax"]["amount"], edit["payment"]),
                         ("open", 2 * PRICE + 380, 380, "wallet"))
        self.assertEqual(propose(order, 1, expect=409)["code"], "edit_open")
        stranger = market.shopper()
        self.answer(edit, "accept", expect=404, who=stranger)
        propose(order, 1, expect=404, who=vendors[1])
        key = uuid.uuid4().hex
        done = self.answer(edit, "accept", key=key)
        self.assertEqual(done["status"], "applied")
        self.assertEqual(self.answer(edit, "accept", key=key), done)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        wait_until(lambda: stock() == full - 3, 20, "the goods are taken")
        wait_until(lambda: shopper.available() == money - paid - edit["total"]["amount"], 20, "it is paid, once")
        after = self.seen(order)
        self.assertEqual([line["quantity"] for line in after["lines"]], [1, 2])
        self.assertEqual((after["totals"]["total"]["amount"], after["payment_status"]),
                         (paid + edit["total"]["amount"], "paid"))
        group = shopper.call("GET", f"/v1/order-groups/{self.group_id}", expect=200).json()
        self.assertEqual(group["total"]["amount"], paid + edit["total"]["amount"])
        again = shopper.call("POST", f"/v1/orders/{order['id']}/reorder", {}, expect=200).json()["cart"]
        self.assertEqual([line["quantity"] for line in again["lines"]], [3])
        events = shopper.call("GET", f"/v1/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([e["trigger"] for e in events][-2:], ["propose_edit", "apply_edit"])
        for who, kind in ((shopper, "order_edit_proposed"), (vendors[0], "vendor_order_edit_answered")):
            wait_until(lambda w=who, k=kind: kinds_told(w.email, order).count(k) == 1, 20, f"told: {kind}")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                     {"lines": [{"line_id": after["lines"][1]["id"], "quantity": 1}]}, expect=201)
        wait_until(lambda: shopper.available() == money - paid - PRICE - TAX, 20, "one of them is paid back")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "No."}, expect=200)
        wait_until(lambda: shopper.available() == money, 20, "all money is back, of both purchases")
        wait_until(lambda: stock() == full, 20, "all goods are back")

    def test_o12_who_has_too_little_pays_later_or_declines(self):
        shopper, order = self.shopper, self.bought(1)
        before, money = stock(), shopper.available()
        edit = propose(order, 8)
        self.assertEqual(self.answer(edit, "accept", expect=422)["code"], "insufficient_funds")
        self.assertEqual((len(self.seen(order)["lines"]), stock()), (1, before))
        market.grant(shopper.email, 10000)
        self.assertEqual(self.answer(edit, "accept")["status"], "applied")
        wait_until(lambda: shopper.available() == money + 10000 - edit["total"]["amount"], 20, "it is paid")
        edit = propose(order, 1, who=staff, surface="admin")
        self.assertEqual(self.answer(edit, "decline")["status"], "declined")
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        listed = shopper.call("GET", f"/v1/orders/{order['id']}/edits", expect=200).json()["data"]
        self.assertEqual([e["status"] for e in listed], ["applied", "declined"])
        for who, surface in ((vendors[0], "vendor"), (staff, "admin")):
            seen = who.call("GET", f"/v1/{surface}/orders/{order['id']}/edits", expect=200).json()["data"]
            self.assertEqual(seen, listed)

    def test_o12_at_the_door_it_is_owed(self):
        order = self.bought(1, on_delivery=500)
        money = self.shopper.available()
        edit = propose(order, 1)
        self.assertEqual(edit["payment"], "on_delivery")
        self.answer(edit, "accept")
        after = self.seen(order)
        self.assertEqual(after["on_delivery"]["amount"], 500 + PRICE + TAX)
        self.assertEqual((self.shopper.available(), after["payment_status"]), (money, "partially_paid"))

    def test_o12_what_waits_too_long_is_over_and_what_is_sent_stays(self):
        order = self.bought(1)
        edit = propose(order, 1)
        staff.call("POST", "/v1/test/clock", {"advance": 2 * 24 * 3600 + 1}, expect=200)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        edit = propose(order, 1)
        parcel = vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                                 {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"},
                                 expect=201).json()
        vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments/{parcel['id']}/hand-over", expect=200)
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")

    def swapped(self, order, fewer, goods, total, payment):
        """Proposed and agreed to; stock and money are what that says."""
        money, before = self.shopper.available(), [stock(one) for one, _ in goods]
        edit = propose(order, fewer=fewer, goods=goods)
        self.assertEqual((edit["total"]["amount"], edit["payment"]), (total, payment))
        self.assertEqual(edit["added"]["amount"] - edit["given_back"]["amount"], total)
        self.assertEqual(self.shopper.available(), money, "nothing happens without the buyer")
        key = uuid.uuid4().hex
        done = self.answer(edit, "accept", key=key)
        self.assertEqual((done["status"], self.answer(edit, "accept", key=key)), ("applied", done))
        wait_until(lambda: self.shopper.available() == money - total, 20, "the difference is settled, once")
        for (one, units), was in zip(goods, before):
            wait_until(lambda o=one, n=was - units: stock(o) == n, 20, "the goods are taken")
        return edit

    def call_off(self, order):
        self.shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "No."}, expect=200)

    def test_o12_a_swap_for_something_dearer_takes_the_difference(self):
        money, full = self.shopper.available(), (stock(), stock(dear))
        order = self.bought(2)
        edit = self.swapped(order, [(0, 1)], [(dear, 1)], DEAR + DEAR_TAX - PRICE - TAX, "wallet")
        self.assertEqual(edit["goods"][0]["name"], "Dear thing")
        self.assertEqual(edit["fewer"][0]["total"]["amount"], PRICE + TAX)
        wait_until(lambda: stock() == full[0] - 1, 20, "what went is back on the shelf")
        after = self.seen(order)
        self.assertEqual([(line["name"], line["quantity"], line["cancelled"]) for line in after["lines"]],
                         [("Thing", 2, 1), ("Dear thing", 1, 0)])
        self.assertEqual((after["payment_status"], after.get("refunded"), after.get("offline")), ("paid", None, None))
        gone = after["cancellations"][0]
        self.assertEqual((gone["total"]["amount"], gone["waived"]["amount"], gone["refunded"]["amount"]),
                         (PRICE + TAX, PRICE + TAX, 0))
        self.shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                          {"lines": [{"line_id": after["lines"][1]["id"], "quantity": 1}]}, expect=201)
        wait_until(lambda: self.shopper.available() == money - PRICE - TAX, 20, "what was added goes back whole")
        self.call_off(order)
        wait_until(lambda: self.shopper.available() == money, 20, "all money is back")
        wait_until(lambda: (stock(), stock(dear)) == full, 20, "all goods are back")

    def test_o12_a_swap_for_something_cheaper_gives_the_difference_back(self):
        money, full = self.shopper.available(), (stock(), stock(cheap))
        order = self.bought(2)
        edit = self.swapped(order, [(0, 2)], [(cheap, 1)], CHEAP + CHEAP_TAX - 2 * (PRICE + TAX), "returned")
        self.assertEqual(edit["to_wallet"]["amount"], 2 * (PRICE + TAX) - CHEAP - CHEAP_TAX)
        after = self.seen(order)
        self.assertEqual((after["status"], after["fulfilment_status"]), ("accepted", "unfulfilled"))
        self.assertEqual((after["refunded"], after["payment_status"]), (edit["to_wallet"], "partially_refunded"))
        parcel = vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                                 {"lines": [{"line_id": after["lines"][1]["id"], "quantity": 1}], "carrier": "Post"},
                                 expect=201).json()
        vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments/{parcel['id']}/hand-over", expect=200)
        self.shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        self.assertEqual(self.shopper.available(), money - CHEAP - CHEAP_TAX)
        wait_until(lambda: (stock(), stock(cheap)) == (full[0], full[1] - 1), 20, "one cheap thing was sold")
        asked = self.shopper.call("POST", f"/v1/orders/{order['id']}/returns",
                                  {"lines": [{"line_id": after["lines"][1]["id"], "quantity": 1}], "reason": "Mine"},
                                  expect=201).json()["returns"][0]
        back = f"/v1/vendor/orders/{order['id']}/returns/{asked['id']}"
        vendors[0].call("POST", back + "/approve", expect=200)
        vendors[0].call("POST", back + "/receive",
                        {"receipts": [{"line_id": after["lines"][1]["id"], "quantity": 1, "condition": "as_new",
                                       "is_restocked": True}]}, expect=200)
        wait_until(lambda: self.shopper.available() == money, 20, "what was added is returned like the rest")
        wait_until(lambda: (stock(), stock(cheap)) == full, 20, "all goods are back")

    def test_o12_units_go_while_others_and_other_goods_come(self):
        money, full = self.shopper.available(), (stock(), stock(dear), stock(cheap))
        order = self.bought(3)
        self.swapped(order, [(0, 1)], [], -(PRICE + TAX), "returned")
        self.swapped(self.seen(order), [], [(dear, 1), (cheap, 2)], DEAR + 2 * CHEAP + 602, "wallet")
        after = self.seen(order)
        cheap_line = next(i for i, line in enumerate(after["lines"]) if line["name"] == "Cheap thing")
        edit = propose(after, 1, fewer=[(cheap_line, 1)])
        self.assertEqual(len(edit["lines"]) + len(edit["fewer"]), 2)
        self.answer(edit, "accept")
        wait_until(lambda: stock() == full[0] - 3 and stock(cheap) == full[2] - 1, 20, "goods came and went")
        self.call_off(order)
        wait_until(lambda: self.shopper.available() == money, 20, "all money is back, by all its holds")
        wait_until(lambda: (stock(), stock(dear), stock(cheap)) == full, 20, "all goods are back")

    def test_o12_what_makes_no_sense_is_refused_where_it_stands(self):
        order = self.bought(2)
        for change, status, code, pointer in (
                ({}, 422, "missing_field", "/lines"),
                ({"fewer": [(0, 2)]}, 422, "edit_empties_order", "/fewer"),
                ({"fewer": [(0, 3)]}, 422, "units_not_left", "/fewer/0/quantity"),
                ({"quantity": 1, "fewer": [(0, 1)]}, 422, "invalid_value", "/fewer/0/line_id"),
                ({"fewer": [(0, 1)], "goods": [(variant, 1)]}, 422, "invalid_value", "/variants/0"),
                ({"goods": [(dear, 1), (dear, 1)]}, 422, "invalid_value", "/variants/1"),
                ({"goods": [(cheap, 1), (foreign, 1)]}, 404, "not_found", "/variants/1/variant_id")):
            answer = propose(order, expect=status, **change)
            self.assertEqual((answer["code"], answer["errors"][0]["pointer"]), (code, pointer), change)
        self.assertEqual(self.shopper.call("GET", f"/v1/orders/{order['id']}/edits", expect=200).json()["data"], [])

    def test_o12_who_has_proposed_withdraws(self):
        order = self.bought(2)
        money = self.shopper.available()
        edit = propose(order, fewer=[(0, 1)], goods=[(dear, 1)])
        withdraw = f"/v1/vendor/orders/{order['id']}/edits/{edit['id']}/withdraw"
        vendors[1].call("POST", withdraw, {"reason": "No."}, expect=404)
        done = vendors[0].call("POST", withdraw, {"reason": "Sold out."}, expect=200).json()
        self.assertEqual(done["status"], "withdrawn")
        self.assertEqual(vendors[0].call("POST", withdraw, {"reason": "No."}, expect=409).json()["code"], "edit_ended")
        self.assertEqual(self.answer(edit, "accept", expect=409)["code"], "edit_ended")
        edit = propose(order, 1, who=staff, surface="admin")
        self.assertEqual(edit["proposed_by"], "staff")
        withdraw = f"orders/{order['id']}/edits/{edit['id']}/withdraw"
        refused = vendors[0].call("POST", f"/v1/vendor/{withdraw}", {"reason": "No."}, expect=409).json()
        self.assertEqual(refused["code"], "not_the_proposer")
        staff.call("POST", f"/v1/admin/{withdraw}", {"reason": "No."}, expect=200)
        self.assertEqual((self.shopper.available(), len(self.seen(order)["lines"])), (money, 1))

    def test_o12_of_agreeing_and_withdrawing_at_once_one_wins(self):
        for _ in range(4):
            order = self.bought(1)
            money, edit = self.shopper.available(), propose(order, fewer=[(0, 1)], goods=[(cheap, 1)])
            paths = (f"/v1/orders/{order['id']}/edits/{edit['id']}/accept",
                     f"/v1/vendor/orders/{order['id']}/edits/{edit['id']}/withdraw")
            streams = [who.connection.begin("POST", path, {**who.headers(), "content-type": "application/json"}, body)
                       for who, path, body in ((self.shopper, paths[0], b"{}"),
                                               (vendors[0], paths[1], b'{"reason": "No."}'))]
            agreed, withdrawn = (who.connection.end(stream)
                                 for who, stream in zip((self.shopper, vendors[0]), streams))
            self.assertEqual(sorted((agreed.status, withdrawn.status)), [200, 409], (agreed.body, withdrawn.body))
            gained = PRICE + TAX - CHEAP - CHEAP_TAX if agreed.status == 200 else 0
            wait_until(lambda m=money + gained: self.shopper.available() == m, 20, "the winner's end")
            self.call_off(order)

    def test_o12_of_agreeing_and_cancelling_at_once_nothing_is_lost(self):
        for _ in range(4):
            money, full = self.shopper.available(), (stock(), stock(dear))
            order = self.bought(1)
            edit = propose(order, fewer=[(0, 1)], goods=[(dear, 1)])
            paths = (f"/v1/orders/{order['id']}/edits/{edit['id']}/accept", f"/v1/orders/{order['id']}/cancel")
            headers = {**self.shopper.headers(), "content-type": "application/json"}
            streams = [self.shopper.connection.begin("POST", path, headers, b"{}") for path in paths]
            agreed, cancelled = (self.shopper.connection.end(stream) for stream in streams)
            self.assertEqual(cancelled.status, 200, cancelled.body)
            self.assertIn(agreed.status, (200, 409), agreed.body)
            wait_until(lambda m=money: self.shopper.available() == m, 20, "all money is back")
            wait_until(lambda f=full: (stock(), stock(dear)) == f, 20, "all goods are back")

    def test_o12_what_was_cancelled_meanwhile_does_not_go_again(self):
        order = self.bought(2)
        edit = propose(order, fewer=[(0, 2)], goods=[(dear, 1)])
        self.shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                          {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}, expect=201)
        self.settle()
        money, left = self.shopper.available(), stock(dear)
        refused = self.answer(edit, "accept", expect=422)
        self.assertEqual((refused["code"], refused["errors"][0]["pointer"]), ("units_not_left", "/fewer/0/quantity"))
        self.assertEqual((self.shopper.available(), stock(dear)), (money, left))

    def test_o12_at_the_door_a_swap_changes_what_is_owed(self):
        order = self.bought(2, on_delivery=1500)
        money = self.shopper.available()
        edit = propose(order, fewer=[(0, 1)], goods=[(dear, 1)])
        self.assertEqual(edit["payment"], "on_delivery")
        self.answer(edit, "accept")
        owed = 1500 + DEAR + DEAR_TAX - PRICE - TAX
        self.assertEqual((self.seen(order)["on_delivery"]["amount"], self.shopper.available()), (owed, money))
        edit = propose(self.seen(order), fewer=[(1, 1)])
        self.assertNotIn("to_wallet", edit, "what is owed is taken off first")
        self.answer(edit, "accept")
        owed += CHEAP + CHEAP_TAX - DEAR - DEAR_TAX
        edit = propose(self.seen(order), fewer=[(0, 1)], goods=[(cheap, 1)])
        self.assertEqual(edit["to_wallet"]["amount"], PRICE + TAX - owed, "the rest goes back")
        self.answer(edit, "accept")
        wait_until(lambda: self.shopper.available() == money + PRICE + TAX - owed, 20, "it is given back")
        self.assertNotIn("on_delivery", self.seen(order))


if __name__ == "__main__":
    unittest.main()
