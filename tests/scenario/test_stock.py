"""Goods that are sold ahead, as bundles, and from several locations, over HTTP; and fifty who want a bundle and
its part at once while the node is killed."""
import subprocess
import threading
import time
import unittest
import uuid

from market import Market, wait_until
from people import Person, approved_vendor, first_staff
from test_crashes import Buyer, untyped

SHOPPERS = 50
SETS, EXTRA_CUPS = 15, 10
RESERVATION_S = 20


def setUpModule():
    global market, staff, vendor, category
    market = Market(settings=(f"--ttl.reservation={RESERVATION_S}", f"--ttl.hold={RESERVATION_S}",
                              "--saga.deadline=10", "--admin.second_factor=optional")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor = approved_vendor(market, staff)
    category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]


def goods(name, stock):
    """A product of one variant."""
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": name, "description": "", "category_id": category, "stock": stock,
                           "price": {"amount": 100, "currency": "EUR"}}, expect=201).json()
    return product["id"], product["variants"][0]["id"]


def stock_of(variant):
    return vendor.call("GET", f"/v1/vendor/variants/{variant}/stock", expect=200).json()


def assert_invariants(test):
    for check in ("check_stock", "check_bundles", "check_locations"):
        test.assertEqual(market.sql("catalog", f"SELECT * FROM catalog.{check}()"), [])
    test.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_orders()"), [])
    test.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])


def settle():
    """Open sagas end, and reservations that nobody needs lapse."""
    limit = RESERVATION_S + 40
    wait_until(lambda: market.sql("order", "SELECT count(*) FROM host.saga WHERE NOT is_done") == [["0"]], limit,
               "no saga is open")
    wait_until(lambda: market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock") == [["0"]], limit,
               "no stock is held")


class Ahead(unittest.TestCase):
    def test_back_orders_are_bought_told_and_filled(self):
        product, variant = goods("Kettle", 1)
        path = f"/v1/vendor/variants/{variant}"
        level = vendor.call("PUT", f"{path}/stock-policy", {"policy": "backorder", "limit": 3}, expect=200).json()
        self.assertEqual(level["available"], 4)
        shopper = market.shopper(money=10_000)
        cart = shopper.add(shopper.cart(), variant, 3)
        self.assertEqual(cart["lines"][0]["backordered"], 2)
        order = shopper.checkout(cart).json()["orders"][0]
        self.assertEqual(order["lines"][0]["backordered"], 2)
        settle()
        shown = market.get(f"/v1/products/{product}").json()
        self.assertEqual((shown["availability"], shown["in_stock"]), ("backorder", True))
        self.assertEqual(stock_of(variant)["owed"], 2)
        slip = vendor.call("GET", f"/v1/vendor/orders/{order['id']}/packing-slip", expect=200).json()
        self.assertEqual(slip["lines"][0]["backordered"], 2)
        key = uuid.uuid4().hex
        for _ in range(2):
            level = vendor.call("POST", f"{path}/stock/receipts", {"quantity": 5}, key=key, expect=200).json()
            self.assertEqual((level["on_hand"], level["owed"]), (3, 0))
        kinds = [m["kind"] for m in vendor.call("GET", f"{path}/stock-movements", expect=200).json()["data"]]
        self.assertEqual(kinds, ["receipt", "sale", "opening"])
        assert_invariants(self)

    def test_parcels_made_up_at_once_take_the_one_unit_that_has_come_in_once(self):
        _, variant = goods("Rare kettle", 0)
        path = f"/v1/vendor/variants/{variant}"
        vendor.call("PUT", f"{path}/stock-policy", {"policy": "backorder", "limit": 10}, expect=200)
        shoppers = [market.shopper(money=10_000) for _ in range(4)]
        orders = [shopper.checkout(shopper.add(shopper.cart(), variant, 1)).json()["orders"][0] for shopper in shoppers]
        packing = [Person(market, vendor.name, "vendor") for _ in orders]
        statuses = []

        def pack(who, order):
            body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "carrier": "Post"}
            statuses.append(who.call("POST", f"/v1/vendor/orders/{order['id']}/shipments", body).status)

        def pack_all():
            statuses.clear()
            packers = [threading.Thread(target=pack, args=pair) for pair in zip(packing, orders)]
            for thread in packers:
                thread.start()
            for thread in packers:
                thread.join(60)
            return sorted(statuses)

        for person in packing:
            person.token = vendor.token
        self.assertEqual(pack_all(), [409] * 4)
        settle()
        self.assertEqual(pack_all(), [409] * 4)
        vendor.call("POST", f"{path}/stock/receipts", {"quantity": 1}, key=uuid.uuid4().hex, expect=200)
        self.assertEqual(pack_all(), [201] + [409] * 3)
        self.assertEqual(pack_all(), [409] * 3 + [422])  # one has none left
        assert_invariants(self)

    def test_receipts_and_transfers_of_a_variant_that_is_being_bought_are_never_told_to_come_again(self):
        seller = approved_vendor(market, staff)
        body = {"name": "Busy kettle", "description": "", "category_id": category, "stock": 500,
                "price": {"amount": 100, "currency": "EUR"}}
        made = seller.call("POST", "/v1/vendor/products", body, expect=201).json()
        variant = made["variants"][0]["id"]
        wait_until(lambda: market.get(f"/v1/products/{made['id']}").status == 200, 10, "the vendor is open")
        path = f"/v1/vendor/variants/{variant}"
        first = seller.call("POST", "/v1/vendor/stock-locations", {"name": "Hall"}, expect=201).json()["id"]
        second = seller.call("POST", "/v1/vendor/stock-locations", {"name": "Attic"}, expect=201).json()["id"]
        shoppers = [market.shopper(money=100_000) for _ in range(6)]
        stop, bought, answers = threading.Event(), [0], []

        def buy(shopper):
            while not stop.is_set():
                cart = shopper.add(shopper.cart(), variant, 1)
                if shopper.checkout(cart, expect=None).status == 201:
                    bought[0] += 1
        buyers = [threading.Thread(target=buy, args=(shopper,)) for shopper in shoppers]
        for thread in buyers:
            thread.start()
        for _ in range(40):
            body = {"quantity": 1, "location_id": second}
            answers.append(seller.call("POST", f"{path}/stock/receipts", body, key=uuid.uuid4().hex))
            body = {"quantity": 1, "from_id": second, "to_id": first}
            answers.append(seller.call("POST", f"{path}/stock/transfers", body, key=uuid.uuid4().hex))
        stop.set()
        for thread in buyers:
            thread.join(60)
        self.assertEqual([a.body for a in answers if a.status != 200], [])
        self.assertGreater(bought[0], 0)
        settle()
        assert_invariants(self)

    def test_wrong_policies_are_refused(self):
        _, variant = goods("Iron", 1)
        path = f"/v1/vendor/variants/{variant}/stock-policy"
        for limit in (0, -1, 2 ** 31):
            vendor.call("PUT", path, {"policy": "backorder", "limit": limit}, expect=422)
        for day in ("2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
            vendor.call("PUT", path, {"policy": "preorder", "limit": 1, "available_on": day}, expect=422)
        vendor.call("PUT", path, {"policy": "backorder"}, expect=422)
        vendor.call("PUT", path, {"policy": "never"}, expect=422)
        self.assertEqual(stock_of(variant)["policy"], "deny")


class Bundles(unittest.TestCase):
    def test_wrong_parts_are_refused(self):
        product, variant = goods("Box", 0)
        _, other = goods("Lid", 5)
        path = f"/v1/vendor/products/{product}/variants/{variant}/parts"
        parts = [{"variant_id": other, "quantity": 1}]
        vendor.call("PUT", path, {"parts": [{"variant_id": other, "quantity": 0}]}, expect=422)
        vendor.call("PUT", path, {"parts": [{"variant_id": other, "quantity": 101}]}, expect=422)
        vendor.call("PUT", path, {"parts": parts * 21}, expect=422)
        answer = vendor.call("PUT", path, {"parts": [{"variant_id": variant, "quantity": 1}]}, expect=409)
        self.assertEqual(answer.code(), "bundle_cycle")
        stranger = approved_vendor(market, staff)
        stranger.call("PUT", path, {"parts": parts}, expect=404)
        vendor.call("PUT", path, {"parts": parts}, expect=200)
        answer = vendor.call("PUT", f"/v1/vendor/variants/{variant}/stock", {"on_hand": 3}, expect=409)
        self.assertEqual(answer.code(), "variant_is_bundle")

    def test_parts_that_are_written_while_they_are_bought_stay_exact(self):
        """A vendor who saves the same parts again writes to the rows that checkouts change at that moment."""
        product, bundle = goods("Pair", 0)
        _, left = goods("Left", 500)
        _, right = goods("Right", 500)
        path = f"/v1/vendor/products/{product}/variants/{bundle}/parts"
        parts = [{"variant_id": left, "quantity": 1}, {"variant_id": right, "quantity": 1}]
        vendor.call("PUT", path, {"parts": parts}, expect=200)
        until = time.monotonic() + 6
        buyers = [Buyer(market.shopper(money=100_000), (left, bundle)[i % 2:][:1], until) for i in range(8)]
        for buyer in buyers:
            buyer.start()
        while time.monotonic() < until:
            self.assertIn(vendor.call("PUT", path, {"parts": parts}).status, (200, 409))
        for buyer in buyers:
            buyer.join(timeout=60)
            self.assertEqual(buyer.problems, [])
        settle()
        assert_invariants(self)

    def test_fifty_race_for_a_bundle_and_its_part_while_the_node_dies(self):
        product, bundle = goods("Set", 0)
        _, cup = goods("Cup", SETS * 2 + EXTRA_CUPS)
        _, pot = goods("Pot", SETS)
        vendor.call("PUT", f"/v1/vendor/products/{product}/variants/{bundle}/parts",
                    {"parts": [{"variant_id": cup, "quantity": 2}, {"variant_id": pot, "quantity": 1}]}, expect=200)
        until = time.monotonic() + 12
        buyers = [Once(market.shopper(money=10_000), (bundle,) if i % 2 else (bundle, cup), until)
                  for i in range(SHOPPERS)]
        for buyer in buyers:
            buyer.start()
        for _ in range(3):
            time.sleep(2)
            wait_until(lambda: "souk-node" in market.children(), 30, "the node runs")
            market.kill("souk-node")
        wait_until(lambda: vendor.call("GET", "/v1/vendor/products").status == 200, 60, "the node is back")
        for buyer in buyers:
            buyer.join(timeout=150)
            self.assertFalse(buyer.is_alive(), "a buyer still waits for an answer")
            self.assertEqual(buyer.problems, [])
        settle()
        acknowledged = [group for buyer in buyers for group in buyer.acknowledged]
        placed = {row[0] for row in market.sql("order", "SELECT id FROM \"order\".order_group WHERE status = 'placed'")}
        self.assertEqual([g["id"] for g in acknowledged if untyped(g["id"]) not in placed], [])
        units = "SELECT coalesce(sum(quantity), 0) FROM \"order\".order_line WHERE variant_id = '%s'"
        sets, cups = (int(market.sql("order", units % untyped(v))[0][0]) for v in (bundle, cup))
        self.assertGreater(sets, 0)
        self.assertLessEqual(sets, SETS)
        rows = {v: market.sql("catalog", "SELECT on_hand, held, sold FROM catalog.stock "
                                         f"WHERE variant_id = '{untyped(v)}'")[0] for v in (bundle, cup, pot)}
        self.assertEqual(rows[bundle], ["0", "0", "0"])
        self.assertEqual(rows[pot], [str(SETS - sets), "0", str(sets)])
        sold = 2 * sets + cups
        self.assertEqual(rows[cup], [str(SETS * 2 + EXTRA_CUPS - sold), "0", str(sold)])
        assert_invariants(self)
        print(f"sets {sets}, cups beside {cups}, acknowledged {len(acknowledged)}", flush=True)


class Once(Buyer):
    """Buys once; who comes too late buys nothing."""

    def run(self):
        try:
            time.sleep(hash(self.shopper.name) % 50 / 10)
            self.buy_once()
        except Exception as problem:  # shown by the test
            self.problems.append(repr(problem))


class Locations(unittest.TestCase):
    def test_units_are_placed_moved_sold_and_packed_by_location(self):
        _, variant = goods("Chair", 10)
        path = f"/v1/vendor/variants/{variant}/stock"
        north, south = (vendor.call("POST", "/v1/vendor/stock-locations", {"name": name, "priority": i}, expect=201)
                        .json()["id"] for i, name in enumerate(("North", "South")))
        move = {"from_id": north, "to_id": south, "quantity": 6}
        key = uuid.uuid4().hex
        vendor.call("POST", f"{path}/transfers", move, expect=400)
        for _ in range(2):
            vendor.call("POST", f"{path}/transfers", move, key=key, expect=200)
        self.assertEqual(self.places(path), [4, 6])
        answer = vendor.call("POST", f"{path}/transfers", move, key=uuid.uuid4().hex, expect=409)
        self.assertEqual(answer.code(), "not_enough_there")
        vendor.call("DELETE", f"/v1/vendor/stock-locations/{south}", expect=409)
        shopper = market.shopper(money=10_000)
        order = shopper.checkout(shopper.add(shopper.cart(), variant, 5)).json()["orders"][0]
        settle()
        self.assertEqual(self.places(path), [4, 1])
        slip = f"/v1/vendor/orders/{order['id']}/packing-slip"
        wait_until(lambda: vendor.call("GET", slip, expect=200).json()["sources"], 20, "the sale is split")
        source = vendor.call("GET", slip, expect=200).json()["sources"][0]
        self.assertEqual((source["name"], source["quantity"]), ("South", 5))
        back = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 5}]}
        shopper.call("POST", f"/v1/orders/{order['id']}/cancellations", back, key=uuid.uuid4().hex, expect=201)
        wait_until(lambda: self.places(path) == [4, 6], 20, "what came back lies where it was")
        assert_invariants(self)
        report = staff.call("GET", "/v1/admin/invariants", expect=200).json()
        self.assertIn("catalog.stock_places", str(report))

    def places(self, path):
        return [place["on_hand"] for place in vendor.call("GET", f"{path}/places", expect=200).json()["places"]]

    def test_verify_finds_nothing(self):
        settle()
        done = subprocess.run(market.command("verify", "--data-dir", str(market.data_dir)), capture_output=True,
                              text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
