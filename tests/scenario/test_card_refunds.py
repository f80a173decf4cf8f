"""Money back to cards: what is cancelled, and what staff gives back, is at the bank's books, once, whatever the bank
does; what a card cannot get goes another way. The bank's books and ours are compared at the end of each story."""
import tempfile
import threading
import unittest
import uuid

from books import untyped
from cards import CardMarket, group_of, pay
from market import wait_until
from test_races import typed_id

PRICES = {"lamp": 3000, "rug": 2000}  # of one vendor
TOTAL = sum(PRICES.values())
APPROVAL_FROM = 100_000
SETTLE_S = 30
outside = []  # refunds that were made at the bank itself


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def setUpModule():
    global market, staff, variants
    market = CardMarket(settings=("--payment.call_timeout=1", "--payment.query_pause=5",
                                  "--admin.second_factor=optional",
                                  f"--market.refund_approval_from={APPROVAL_FROM}")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()
    variants = import_goods()


def import_goods():
    rows = ["Handle,Title,Vendor,Type,Variant Price,Variant Inventory Qty,Status,Published"]
    rows += [f"{name},{name},Home,Table,{price / 100:.2f},10000,active,true" for name, price in PRICES.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("\n".join(rows) + "\n")
        file.flush()
        market.import_products(file.name)
    found = market.sql("catalog", "SELECT p.handle, v.id FROM catalog.variant v JOIN catalog.product p "
                                  "ON p.id = v.product_id")
    return {handle: typed_id("var", variant) for handle, variant in found}


def bought(shopper, method="pm_ok", wallet=0, lamps=1, rugs=1):
    """The one order of a lamp and a rug, paid by card but for so much; captured."""
    cart = shopper.cart()
    for name, quantity in (("lamp", lamps), ("rug", rugs)):
        if quantity:
            cart = shopper.add(cart, variants[name], quantity)
    group = pay(shopper, cart, method, wallet, expect=201).json()
    wait_until(lambda: group_of(shopper, group)["payment"]["status"] == "captured", SETTLE_S, "it is captured")
    return group_of(shopper, group)["orders"][0]


def seen(order):
    return staff.call("GET", f"/v1/admin/orders/{order['id']}", expect=200).json()


def line_of(order, name):
    return next(line["id"] for line in order["lines"] if line["name"] == name)


def refund(order, who=None, key=None, expect=201, **wish):
    answer = (who or staff).call("POST", f"/v1/admin/orders/{order['id']}/refunds", {"reason": "Sorry", **wish},
                                 key=key or uuid.uuid4().hex, expect=expect)
    return answer.json()


def charge_of(order):
    return next(charge for charge in market.books()["charges"] if charge["captured"] and
                untyped(charge["metadata"]["souk_payment"]) == untyped(order["group_id"]))


def wait_at_bank(order, amount):
    wait_until(lambda: charge_of(order)["refunded"] == amount, SETTLE_S, f"the bank has given {amount} back")


def stuck(order):
    items = staff.call("GET", "/v1/admin/queue?cause=card_refund_failed&limit=50", expect=200).json()["data"]
    return [item for item in items if item["subject"] == order["id"]]


class Refunds(unittest.TestCase):
    def setUp(self):
        self.addCleanup(market.ask_bank, "DELETE", "/test/faults")

    def finish(self):
        """All is over, both books say the same, and nothing contradicts itself."""
        market.settle_cards()
        market.check_books(self, outside=outside)

    def test_ten_to_the_card_twenty_to_the_wallet_and_then_too_much(self):
        shopper = market.shopper(money=2000)
        order = bought(shopper, wallet=2000)
        first = refund(order, amount=euros(1000), destinations=[{"destination": "original", "amount": euros(1000)}])
        self.assertEqual(first["refunds"][0]["card"]["amount"], euros(1000))
        second = refund(order, lines=[{"line_id": line_of(order, "rug"), "quantity": 1}],
                        destinations=[{"destination": "wallet", "amount": euros(2000)}])
        self.assertEqual(second["refunds"][1]["refunded"], euros(2000))
        third = refund(order, amount=euros(2500), expect=422)
        self.assertEqual((third["code"], third["errors"][0]["available"]), ("refund_exceeds_captured", 2000))
        wait_at_bank(order, 1000)
        self.assertEqual(shopper.available(), 2000)
        off = shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200).json()
        self.assertEqual(off["payment_status"], "refund_pending")
        wait_at_bank(order, 3000)  # what it has paid, and not more
        wait_until(lambda: seen(order)["payment_status"] == "refunded", SETTLE_S, "it is back")
        self.assertEqual(shopper.available(), 2000)
        self.finish()

    def test_a_cancelled_order_is_back_on_the_card(self):
        shopper = market.shopper()
        order = bought(shopper)
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        wait_at_bank(order, TOTAL)
        wait_until(lambda: seen(order)["cancellations"][0]["card"]["state"] == "succeeded", SETTLE_S, "it is shown")
        read = shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()
        self.assertEqual(read["card_refunded"], euros(TOTAL))
        self.assertNotIn("refunded", read)
        self.finish()

    def test_a_bank_that_fails_gives_back_once(self):
        for kind, does_work in (("error", "true"), ("error", "false"), ("close", "true"), ("too_many", "false")):
            with self.subTest(kind=kind, does_work=does_work):
                shopper = market.shopper()
                order = bought(shopper)
                market.ask_bank("POST", "/test/faults", {"operation": "refunds.create", "kind": kind, "count": "2",
                                                         "does_work": does_work})
                shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
                wait_at_bank(order, TOTAL)
                market.ask_bank("DELETE", "/test/faults")
        self.finish()

    def test_a_bank_that_is_away_is_asked_when_it_is_back(self):
        shopper = market.shopper()
        order = bought(shopper)
        market.bank.kill()
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        self.assertEqual(seen(order)["cancellations"][0]["card"]["state"], "requested")
        market.bank.start()
        wait_at_bank(order, TOTAL)
        self.finish()

    def test_a_node_that_dies_meanwhile_gives_back_once(self):
        shopper = market.shopper()
        order = bought(shopper)
        refund(order, amount=euros(700))
        market.kill("souk-node")
        market.wait_ready()
        wait_at_bank(order, 700)
        self.finish()

    def test_what_did_not_arrive_is_sent_to_the_wallet_once(self):
        shopper = market.shopper()
        order = bought(shopper, "pm_refund_fails")
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        wait_until(lambda: stuck(order), SETTLE_S, "staff is told")
        item = stuck(order)[0]
        self.assertEqual([action["name"] for action in item["actions"]], ["look", "redirect"])
        listed = staff.call("GET", f"/v1/admin/refunds?state=failed&order_id={order['id']}", expect=200).json()["data"]
        self.assertEqual([one["id"] for one in listed], [item["part"]])
        self.assertEqual(charge_of(order)["refunded"], 0)
        self.assertEqual(shopper.call("GET", f"/v1/orders/{order['id']}", expect=200).json()["payment_status"],
                         "refund_failed")
        path = f"/v1/admin/refunds/{item['part']}/redirect"
        staff.call("POST", path, {"destination": "card", "reason": "No"}, expect=422)
        staff.call("POST", path, {"destination": "wallet", "reason": "The card was closed"}, expect=200)
        staff.call("POST", path, {"destination": "manual", "reason": "Again"}, expect=409)
        wait_until(lambda: shopper.available() == TOTAL, SETTLE_S, "it is in the wallet")
        self.assertEqual(stuck(order), [])
        self.assertEqual(seen(order)["cancellations"][0]["refunded"], euros(TOTAL))
        self.finish()
        self.assertEqual(shopper.available(), TOTAL)

    def give_outside(self, order, amount):
        """At the bank itself, as in a merchant's dashboard."""
        made = market.ask_bank("POST", "/v1/refunds", {"charge": charge_of(order)["id"], "amount": str(amount)})
        outside.append(made["id"])
        market.settle_cards()

    def test_what_the_bank_gave_back_by_itself_closes_so_much_and_the_rest_follows(self):
        """What is left of the order's money is not stuck, whoever gives it back."""
        for who in ("shopper", "staff"):
            with self.subTest(who=who):
                shopper = market.shopper()
                order = bought(shopper)
                self.give_outside(order, 1500)
                self.assertEqual(seen(order)["payment_status"], "paid")
                if who == "shopper":
                    shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
                else:
                    staff.call("POST", f"/v1/admin/orders/{order['id']}/cancel", {"reason": "No"}, expect=200)
                wait_until(lambda: seen(order)["payment_status"] == "refunded", SETTLE_S, "all is back")
                wait_at_bank(order, TOTAL)
                card = seen(order)["cancellations"][0]["card"]
                self.assertEqual((card["by_bank"], card["amount"], card["state"]),
                                 (euros(1500), euros(TOTAL - 1500), "succeeded"))
                self.assertEqual(seen(order)["card_refunded"], euros(TOTAL))
                self.assertEqual(stuck(order), [])
        self.finish()

    def test_what_the_bank_gave_back_all_of_is_closed_by_staff(self):
        shopper = market.shopper()
        order = bought(shopper)
        self.give_outside(order, TOTAL)
        shopper.call("POST", f"/v1/orders/{order['id']}/cancel", {}, expect=200)
        wait_until(lambda: stuck(order), SETTLE_S, "staff is told")
        item, = stuck(order)
        self.assertIn("it has gone back already", item["detail"])
        path = f"/v1/admin/refunds/{item['part']}/redirect"
        staff.call("POST", path, {"destination": "wallet", "reason": "Nothing is left"}, expect=422)
        staff.call("POST", path, {"destination": "bank", "reason": "It went back before"}, expect=200)
        self.assertEqual(seen(order)["payment_status"], "refunded")
        self.assertEqual(stuck(order), [])
        self.finish()
        self.assertEqual(shopper.available(), 0)

    def test_two_who_refund_a_line_at_once_refund_it_once(self):
        order = bought(market.shopper())
        others = [market.staff(), market.staff()]
        codes = []

        def try_it(who):
            answer = who.call("POST", f"/v1/admin/orders/{order['id']}/refunds",
                              {"lines": [{"line_id": line_of(order, "lamp"), "quantity": 1}], "reason": "Scratched"},
                              key=uuid.uuid4().hex)
            codes.append(answer.status)
        threads = [threading.Thread(target=try_it, args=(who,)) for who in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(codes), [201, 422])
        wait_at_bank(order, PRICES["lamp"])
        self.finish()

    def test_what_is_much_takes_two(self):
        order = bought(market.shopper(), lamps=40, rugs=0)
        asked = refund(order, amount=euros(APPROVAL_FROM), expect=202)["approvals"][0]
        waiting = staff.call("GET", f"/v1/admin/approvals/orders?state=open&subject={order['id']}", expect=200).json()
        self.assertEqual([one["id"] for one in waiting["data"]], [asked["id"]])
        path = f"/v1/admin/approvals/orders/{asked['id']}"
        self.assertEqual(staff.call("POST", path + "/approve", {"reason": "I say so"}, expect=403).json()["code"],
                         "own_request")
        self.assertEqual(charge_of(order)["refunded"], 0)
        second = market.staff()
        made = second.call("POST", path + "/approve", {"reason": "I saw it"}, expect=201).json()
        self.assertEqual(made["refunds"][0]["card"]["amount"], euros(APPROVAL_FROM))
        self.assertEqual(second.call("POST", path + "/decline", {"reason": "No"}, expect=409).json()["code"],
                         "approval_ended")
        wait_at_bank(order, APPROVAL_FROM)
        self.finish()

    def test_what_somebody_asked_for_who_is_put_out_is_not_made(self):
        order = bought(market.shopper(), lamps=40, rugs=0)
        asking, second = market.staff(), market.staff()
        path = f"/v1/admin/orders/{order['id']}/cancel"
        asked = asking.call("POST", path, {"reason": "Sold out"}, expect=202).json()["approvals"][0]
        self.assertEqual(asked["amount"], order["totals"]["total"])
        self.assertEqual(asked["request"]["reason"], "Sold out")
        staff.call("PATCH", f"/v1/admin/staff/{asked['requested_by']}", {"is_active": False, "reason": "Has left"},
                   expect=200)
        path = f"/v1/admin/approvals/orders/{asked['id']}"
        self.assertEqual(second.call("POST", path + "/approve", {"reason": "Yes"}, expect=409).json()["code"],
                         "requester_lost_right")
        self.assertEqual(charge_of(order)["refunded"], 0)
        second.call("POST", path + "/decline", {"reason": "He has left"}, expect=200)
        self.finish()

    def test_who_may_not_and_what_makes_no_sense(self):
        shopper = market.shopper()
        order = bought(shopper)
        path = f"/v1/admin/orders/{order['id']}/refunds"
        shopper.call("POST", path, {"amount": euros(5), "reason": "Mine"}, key=uuid.uuid4().hex, expect=401)
        staff.call("POST", path, {"amount": euros(5), "reason": "No key"}, expect=400)
        for wish, code in (({}, "missing_field"), ({"amount": euros(0)}, "out_of_range"),
                           ({"amount": euros(5), "delivery": True}, "invalid_value"),
                           ({"amount": {"amount": 5, "currency": "USD"}}, "currency_mismatch"),
                           ({"amount": euros(5), "destinations": [{"destination": "wallet", "amount": euros(4)}]},
                            "invalid_value"),
                           ({"amount": euros(TOTAL + 1)}, "refund_exceeds_captured")):
            with self.subTest(wish=wish):
                answer = staff.call("POST", path, {"reason": "Why not", **wish}, key=uuid.uuid4().hex)
                self.assertIn(answer.status, (400, 422))
                self.assertEqual(answer.json()["errors"][0]["code"], code)
        self.assertEqual(seen(order)["refunds"], [])
        self.finish()


if __name__ == "__main__":
    unittest.main()
