"""What is paid outside of the market: by bank transfer, for an invoice, at the door. Orders wait for their transfer,
are reminded and end without it; who has the money says that it came, and hands it back."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff, mailed_token, outbox

DAY_S = 24 * 3600
PRICE = 1500
ACCOUNT = "Souk GmbH, IBAN DE02 1203 0000 0000 2020 51"


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def setUpModule():
    global market, staff, vendors, variants
    market = Market(settings=("--market.offline_payment=allowed", "--market.transfer_payment=allowed",
                              f"--market.transfer_account={ACCOUNT}", "--market.invoice_payment=known",
                              "--admin.second_factor=optional")).__enter__()
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


def stock_of(vendor):
    products = vendor.call("GET", "/v1/vendor/products", expect=200).json()["data"]
    product = vendor.call("GET", f"/v1/vendor/products/{products[0]['id']}", expect=200).json()
    return product["variants"][0]["on_hand"]


def advance(seconds):
    staff.call("POST", "/v1/test/clock", {"advance": seconds}, expect=200)


def mails(person, kind, number):
    return [mail for mail in outbox(market, person.email) if mail["kind"] == kind and number in mail["text"]]


def mark(path, amount, expect=200, who=None):
    return (who or staff).call("POST", path + "/mark-paid", {"amount": euros(amount), "note": "Line 3"},
                               expect=expect).json()


def stuck(cause, subject):
    items = staff.call("GET", f"/v1/admin/queue?cause={cause}&limit=50", expect=200).json()["data"]
    return [item for item in items if item["subject"] == subject]


def wait_until_stuck(cause, subject):
    wait_until(lambda: stuck(cause, subject), 20, f"{cause} waits for staff")
    return stuck(cause, subject)[0]


class Offline(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=100000)
        self.shopper.call("POST", "/v1/auth/verify-email",
                          {"token": mailed_token(market, self.shopper.email, "verify_email")}, expect=204)

    def tearDown(self):
        wait_until(lambda: staff.call("GET", "/v1/admin/invariants", expect=200).json()["is_ok"], 20, "all adds up")

    def bought(self, payment, first=2, second=1, expect=201):
        """Units of both vendors; the group, and the orders of the first and of the second."""
        cart = self.shopper.cart()
        for variant, quantity in zip(variants, (first, second)):
            if quantity:
                cart = self.shopper.add(cart, variant, quantity)
        total = cart["totals"]["total"]
        group = self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                  {"expected_total": total, "payment": payment}, uuid.uuid4().hex,
                                  expect=expect).json()
        if expect != 201:
            return group, None
        return group, sorted(group["orders"], key=lambda o: o["vendor"]["id"] != vendors[0].vendor["id"])

    def seen(self, order):
        return self.shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()

    def group(self, group):
        return self.shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()

    def test_a_transfer_is_told_marked_and_sent(self):
        group, (order, other) = self.bought({"transfer": euros(3 * PRICE)})
        offline = group["offline"]
        number = order["number"].split("-")[0]
        self.assertEqual((offline["method"], offline["owed"]["amount"], offline["account"], offline["reference"]),
                         ("transfer", 3 * PRICE, ACCOUNT, number))
        self.assertEqual((order["status"], group["payment_status"]), ("pending_payment", "unpaid"))
        self.assertEqual(self.group(group)["offline"], offline)
        self.assertEqual(self.seen(order)["offline"]["owed"]["amount"], 2 * PRICE)
        wait_until(lambda: mails(self.shopper, "order_placed", ACCOUNT), 20, "told where to pay")
        text = mails(self.shopper, "order_placed", ACCOUNT)[-1]["text"]
        self.assertIn("45.00 EUR", text)
        self.assertIn(offline["due_at"][:10], text)
        problem = vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                                  {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"},
                                  expect=409).json()
        self.assertEqual(problem["code"], "illegal_transition")
        self.assertEqual(mark(f"/v1/admin/order-groups/{group['id']}", PRICE, 422)["code"], "payment_mismatch")
        self.assertEqual(mark(f"/v1/vendor/orders/{order['id']}", 2 * PRICE, 403, vendors[0])["code"], "forbidden")
        paid = mark(f"/v1/admin/order-groups/{group['id']}", 3 * PRICE)
        self.assertEqual((paid["payment_status"], [o["status"] for o in paid["orders"]]), ("paid", ["accepted"] * 2))
        self.assertEqual(self.group(group)["payment_status"], "paid")
        self.assertEqual(mark(f"/v1/admin/order-groups/{group['id']}", 3 * PRICE, 409)["code"], "nothing_owed")
        wait_until(lambda: mails(self.shopper, "payment_received", number), 20, "thanked")
        wait_until(lambda: mails(vendors[0], "vendor_order_paid", order["number"]), 20, "the vendor may send it")
        self.assertEqual(len(mails(self.shopper, "payment_received", number)), 1)
        events = staff.call("GET", f"/v1/admin/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([(e["trigger"], e["actor"]) for e in events], [("pay", "staff"), ("accept", "staff")])
        self.assertEqual(events[0]["note"], "Line 3")
        listed = vendors[0].call("GET", "/v1/vendor/orders?payment_status=paid", expect=200).json()["data"]
        self.assertIn(order["id"], [o["id"] for o in listed])
        wait_until(lambda: b"mark_group_paid" in staff.call("GET", "/v1/admin/audit?limit=50", expect=200).body, 20,
                   "audited")

    def test_what_is_not_paid_is_reminded_of_and_ends_with_everything_given_back(self):
        shopper = self.shopper
        stock, money = stock_of(vendors[0]), shopper.available()
        code = "C" + uuid.uuid4().hex[:10].upper()
        staff.call("POST", "/v1/admin/promotions",
                   {"name": "Once", "code": code, "terms": {"kind": "percent", "off_ppm": 100000, "limit_total": 1}},
                   expect=201)
        cart = shopper.add(shopper.cart(), variants[0], 2)
        cart = shopper.add(cart, variants[1], 1)
        cart = shopper.call("POST", f"/v1/carts/{cart['id']}/coupons", {"code": code}, expect=200).json()
        total = cart["totals"]["total"]
        group = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                             {"expected_total": total,
                              "payment": {"wallet": euros(1000), "transfer": euros(total["amount"] - 1000)}},
                             uuid.uuid4().hex, expect=201).json()
        number = group["offline"]["reference"]
        self.assertEqual(group["payment_status"], "partially_paid")
        wait_until(lambda: stock_of(vendors[0]) == stock - 2 and shopper.available() == money - 1000, 20, "set aside")
        advance(5 * DAY_S + 60)
        wait_until(lambda: mails(shopper, "payment_due", number), 20, "reminded")
        self.assertIn(ACCOUNT, mails(shopper, "payment_due", number)[0]["text"])
        self.assertEqual(self.group(group)["orders"][0]["status"], "pending_payment")
        advance(2 * DAY_S)
        wait_until(lambda: [o["status"] for o in self.group(group)["orders"]] == ["cancelled"] * 2, 20, "both ended")
        wait_until(lambda: stock_of(vendors[0]) == stock and shopper.available() == money, 20, "all is back")
        wait_until(lambda: mails(shopper, "payment_missing", number), 20, "told")
        order = self.seen(group["orders"][0])
        self.assertEqual((order["cancellations"][0]["reason"], order["cancellations"][0]["actor"]),
                         ("unpaid", "system"))
        self.assertEqual(mark(f"/v1/admin/order-groups/{group['id']}", total["amount"] - 1000, 409)["code"],
                         "nothing_owed")
        again = shopper.add(shopper.cart(), variants[0], 1)
        wait_until(lambda: shopper.call("POST", f"/v1/carts/{again['id']}/coupons",
                                        {"code": code}).json().get("totals", {}).get("discount", {}).get("amount"),
                   20, "the code can be used again")
        self.assertEqual((len(mails(shopper, "payment_due", number)), len(mails(shopper, "payment_missing", number)),
                          len(mails(shopper, "order_cancelled", number))), (1, 1, 0))

    def test_what_was_paid_by_hand_goes_back_by_hand(self):
        shopper = self.shopper
        money = shopper.available()
        group, (order, _) = self.bought({"transfer": euros(2 * PRICE)}, second=0)[0], (None, None)
        order = group["orders"][0]
        finance, reader = staff.with_key(["manage_money"]), staff.with_key(["view_orders", "view_money"])
        for path in (f"orders/{order['id']}", f"order-groups/{group['id']}"):
            mark(f"/v1/admin/{path}", 2 * PRICE, 403, reader)
        for path in (f"orders/{order['id']}", f"order-groups/{group['id']}"):  # a key confirms nothing
            self.assertEqual(mark(f"/v1/admin/{path}", 2 * PRICE, 403, finance)["code"], "step_up_required")
        mark(f"/v1/admin/orders/{order['id']}", 2 * PRICE)
        staff.call("POST", f"/v1/admin/orders/{order['id']}/mark-unpaid", {"reason": "Slip"}, expect=200)
        mark(f"/v1/admin/order-groups/{group['id']}", 2 * PRICE)
        part = shopper.call("POST", f"/v1/orders/{order['id']}/cancellations",
                            {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}, expect=201).json()
        cancelled = part["cancellations"][0]
        self.assertEqual((cancelled["manual"]["amount"], cancelled["refunded"]["amount"], part["payment_status"]),
                         (PRICE, 0, "partially_refunded"))
        open_ids = [r["refund_id"]
                    for r in staff.call("GET", "/v1/admin/manual-refunds?limit=100", expect=200).json()["data"]]
        self.assertIn(cancelled["refund_id"], open_ids)
        path = f"orders/{order['id']}/refunds/{cancelled['refund_id']}/settle"
        vendors[1].call("POST", "/v1/vendor/" + path, {}, expect=404)
        vendors[0].call("POST", "/v1/vendor/" + path, {}, expect=403)
        reader.call("POST", "/v1/admin/" + path, {}, expect=403)
        done = finance.call("POST", "/v1/admin/" + path, {"note": "Sent"}, expect=200).json()
        self.assertIn("settled_at", done["cancellations"][0])
        self.assertEqual(staff.call("POST", "/v1/admin/" + path, {}, expect=409).json()["code"], "already_settled")
        self.assertEqual(staff.call("POST", f"/v1/admin/orders/{order['id']}/mark-unpaid", {"reason": "Slip"},
                                    expect=409).json()["code"], "already_refunded")
        self.assertEqual(shopper.available(), money)

    def test_at_the_door_the_vendor_says_so_and_then_is_known_for_invoices(self):
        shopper = self.shopper
        self.assertEqual(self.bought({"invoice": euros(PRICE)}, 1, 0, 422)[0]["code"], "payment_method_unavailable")
        cart = shopper.call("GET", "/v1/cart", expect=200).json()
        shopper.call("DELETE", f"/v1/carts/{cart['id']}/lines/{cart['lines'][0]['id']}", expect=200)
        group, _ = self.bought({"on_delivery": euros(PRICE)}, 1, 0)
        order = group["orders"][0]
        self.assertEqual((order["status"], order["offline"]["method"], "account" in order["offline"]),
                         ("accepted", "on_delivery", False))
        parcel = vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments",
                                 {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"},
                                 expect=201).json()
        vendors[0].call("POST", f"/v1/vendor/orders/{order['id']}/shipments/{parcel['id']}/hand-over", expect=200)
        shopper.call("POST", f"/v1/orders/{order['id']}/confirm-delivery", expect=200)
        mark(f"/v1/vendor/orders/{order['id']}", PRICE, 404, vendors[1])
        paid = mark(f"/v1/vendor/orders/{order['id']}", PRICE, who=vendors[0])
        self.assertEqual((paid["payment_status"], paid["status"], "on_delivery" in paid), ("paid", "delivered", False))
        undone = staff.call("POST", f"/v1/admin/orders/{order['id']}/mark-unpaid", {"reason": "Not yet"},
                            expect=200).json()
        self.assertEqual((undone["payment_status"], undone["on_delivery"]["amount"]), ("unpaid", PRICE))
        mark(f"/v1/vendor/orders/{order['id']}", PRICE, who=vendors[0])
        advance(15 * DAY_S)
        wait_until(lambda: self.seen(order)["status"] == "completed", 20, "completed")
        group, _ = self.bought({"invoice": euros(PRICE)}, 1, 0)
        invoiced = group["orders"][0]
        self.assertEqual((invoiced["status"], invoiced["payment_status"]), ("accepted", "unpaid"))
        self.assertIn("due_at", invoiced["offline"])
        advance(15 * DAY_S)
        problem, _ = self.bought({"invoice": euros(PRICE)}, 1, 0, 422)
        self.assertEqual(problem["code"], "payment_method_unavailable")
        number = invoiced["number"].split("-")[0]
        wait_until(lambda: len(mails(shopper, "invoice_due", number)) == 1, 30, "reminded when it is due")
        text = mails(shopper, "invoice_due", number)[0]["text"]
        self.assertIn(ACCOUNT, text)
        self.assertIn("15.00 EUR", text)
        item = wait_until_stuck("invoice_overdue", invoiced["id"])
        self.assertIn(invoiced["number"], item["detail"])
        advance(7 * DAY_S + 60)
        wait_until(lambda: len(mails(shopper, "invoice_due", number)) == 2, 30, "and once more")
        mark(f"/v1/admin/orders/{invoiced['id']}", PRICE)
        wait_until(lambda: not stuck("invoice_overdue", invoiced["id"]), 10, "it is settled")
        advance(30 * DAY_S)
        self.assertEqual(len(mails(shopper, "invoice_due", number)), 2)

    def test_a_vendor_takes_its_own_word_back_for_a_while(self):
        order = self.bought({"on_delivery": euros(PRICE)}, 1, 0)[0]["orders"][0]
        path = f"/v1/vendor/orders/{order['id']}"

        def unmark(expect=200, who=vendors[0]):
            return who.call("POST", path + "/mark-unpaid", {"reason": "Another customer's"}, expect=expect).json()
        self.assertEqual(unmark(409)["code"], "illegal_transition")
        mark(path, PRICE, who=vendors[0])
        unmark(404, vendors[1])
        self.assertEqual((unmark()["payment_status"], unmark(409)["code"]), ("unpaid", "illegal_transition"))
        mark(path, PRICE, who=vendors[0])
        advance(DAY_S + 60)
        self.assertEqual(unmark(409)["code"], "too_late_to_undo")
        staff.call("POST", f"/v1/admin/orders/{order['id']}/mark-unpaid", {"reason": "Slip"}, expect=200)
        mark(f"/v1/admin/orders/{order['id']}", PRICE)
        self.assertEqual(unmark(409)["code"], "too_late_to_undo")  # it is staff's word now
        events = staff.call("GET", f"/v1/admin/orders/{order['id']}/events", expect=200).json()["data"]
        self.assertEqual([(e["trigger"], e["actor"]) for e in events if e["trigger"].startswith("mark")],
                         [("mark_paid", "vendor"), ("mark_unpaid", "vendor"), ("mark_paid", "vendor"),
                          ("mark_unpaid", "staff"), ("mark_paid", "staff")])

    def test_a_transfer_that_comes_too_late_goes_back_once(self):
        shopper = self.shopper
        money = shopper.available()
        groups = [self.bought({"transfer": euros(2 * PRICE)}, second=0)[0] for _ in range(2)]

        def late(group, destination, expect=201, key=None, who=staff):
            body = {"amount": euros(2 * PRICE), "destination": destination, "note": "Line 9"}
            return who.call("POST", f"/v1/admin/order-groups/{group['id']}/late-payments", body,
                            key or uuid.uuid4().hex, expect=expect).json()
        self.assertEqual(late(groups[0], "wallet", 409)["code"], "illegal_transition")  # it is still awaited
        advance(7 * DAY_S + 60)
        wait_until(lambda: all(self.group(g)["orders"][0]["status"] == "cancelled" for g in groups), 20, "ended")
        self.assertEqual(mark(f"/v1/admin/order-groups/{groups[0]['id']}", 2 * PRICE, 409)["code"], "nothing_owed")
        self.assertEqual(late(groups[0], "wallet", 403, who=staff.with_key(["manage_money"]))["code"],
                         "step_up_required")
        late(groups[0], "wallet", 403, who=staff.with_key(["manage_orders"]))  # it fills a wallet
        key = uuid.uuid4().hex
        payment = late(groups[0], "wallet", key=key)
        self.assertEqual(late(groups[0], "wallet", key=key), payment)
        self.assertEqual(late(groups[0], "manual", 409)["code"], "late_payment_recorded")
        wait_until(lambda: "settled_at" in self.late(payment), 20, "credited")
        self.assertEqual(shopper.available(), money + 2 * PRICE)
        by_hand = late(groups[1], "manual")
        self.assertEqual(wait_until_stuck("late_payment", by_hand["id"])["subject"], by_hand["id"])
        listed = staff.call("GET", "/v1/admin/late-payments?is_settled=false", expect=200).json()["data"]
        self.assertEqual([p["id"] for p in listed], [by_hand["id"]])
        path = f"/v1/admin/late-payments/{by_hand['id']}/settle"
        self.assertIn("settled_at", staff.call("POST", path, expect=200).json())
        self.assertEqual(staff.call("POST", path, expect=409).json()["code"], "already_settled")
        wait_until(lambda: not stuck("late_payment", by_hand["id"]), 10, "it is settled")
        self.assertEqual(shopper.available(), money + 2 * PRICE)

    def late(self, payment):
        return staff.call("GET", f"/v1/admin/late-payments/{payment['id']}", expect=200).json()

    def test_a_node_that_dies_while_a_late_transfer_is_credited_credits_it_once(self):
        for point in ("order.credit_late_payment.commit.before", "order.credit_late_payment.commit.after",
                      "wallet.transfer_funds.commit.before", "wallet.transfer_funds.commit.after"):
            money = self.shopper.available()
            group = self.bought({"transfer": euros(PRICE)}, 1, 0)[0]
            advance(7 * DAY_S + 60)
            wait_until(lambda: self.group(group)["orders"][0]["status"] == "cancelled", 20, "ended")
            staff.call("POST", "/v1/test/faults", {"point": point, "action": "kill"}, expect=204)
            payment = staff.call("POST", f"/v1/admin/order-groups/{group['id']}/late-payments",
                                 {"amount": euros(PRICE), "destination": "wallet"}, uuid.uuid4().hex, expect=201).json()

            def is_settled():
                staff.reconnect()
                try:
                    return "settled_at" in staff.call("GET", f"/v1/admin/late-payments/{payment['id']}").json()
                except (OSError, TimeoutError, ValueError):
                    return False
            wait_until(is_settled, 60, f"{point}: credited after all")
            self.shopper.reconnect()
            self.assertEqual(self.shopper.available(), money + PRICE, point)


if __name__ == "__main__":
    unittest.main()
