"""Shoppers who want the same thing at the same moment: one wins, and the loser leaves nothing behind."""
import os
import tempfile
import unittest
import uuid

from market import Market, wait_until

ROUNDS = 100


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def import_stock(name, count, quantity):
    return import_stock_of(market, name, count, quantity)


def import_stock_of(market, name, count, quantity):
    """Imports products with so much stock each; returns their variants."""
    rows = ["Handle,Title,Vendor,Type,Variant Price,Variant Inventory Qty,Status,Published"]
    rows += [f"{name}-{i},{name} {i},Racer,Racing,1.00,{quantity},active,true" for i in range(count)]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write("\n".join(rows) + "\n")
    try:
        market.import_products(file.name)
    finally:
        os.unlink(file.name)
    rows = market.sql("catalog", "SELECT v.id FROM catalog.variant v JOIN catalog.product p ON p.id = v.product_id "
                                 f"WHERE p.handle LIKE '{name}-%' ORDER BY p.handle")
    wait_until(lambda: len(market.get(f"/v1/products?q={name}&limit=1").json()["data"]) == 1, 10,
               "the products are listed")
    return [typed_id("var", row[0]) for row in rows]


def typed_id(prefix, text):
    number = int(uuid.UUID(text))
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return prefix + "_" + "".join(alphabet[number >> shift & 31] for shift in range(125, -1, -5))


class Races(unittest.TestCase):
    def assert_nothing_is_held(self):
        self.assertEqual(market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock"), [["0"]])
        self.assertEqual(market.sql("wallet", "SELECT coalesce(sum(held), 0) FROM wallet.balance"), [["0"]])
        self.assertEqual(market.sql("order", "SELECT count(*) FROM \"order\".cart WHERE status = 'locked'"), [["0"]])
        self.assertEqual(market.sql("wallet", "SELECT * FROM wallet.check_ledger()"), [])
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_orders()"), [])
        self.assertEqual(market.sql("order", "SELECT * FROM \"order\".check_promotions()"), [])
        self.assertEqual(market.sql("catalog", "SELECT * FROM catalog.check_stock()"), [])

    def test_two_shoppers_race_for_the_last_unit(self):
        variants = import_stock("lastunit", ROUNDS, 1)
        first, second = market.shopper(money=1_000_000), market.shopper(money=1_000_000)
        for variant in variants:
            carts = []
            for shopper in (first, second):
                cart = shopper.cart()
                for line in cart["lines"]:
                    cart = shopper.call("DELETE", f"/v1/carts/{cart['id']}/lines/{line['id']}", expect=200).json()
                carts.append(shopper.add(cart, variant))
            requests = [shopper.checkout_request(cart, uuid.uuid4().hex)
                        for shopper, cart in zip((first, second), carts)]
            answers = first.connection.race(requests)
            self.assertEqual(sorted(a.status for a in answers), [201, 409], [a.body for a in answers])
            loser = next(a for a in answers if a.status == 409)
            self.assertEqual(loser.code(), "insufficient_stock")
        wait_until(lambda: market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock") == [["0"]], 10,
                   "what was sold is committed")
        wait_until(lambda: market.sql("wallet", "SELECT coalesce(sum(held), 0) FROM wallet.balance") == [["0"]], 10,
                   "what was held is posted")
        self.assert_nothing_is_held()
        sold = market.sql("catalog", "SELECT sum(sold), sum(on_hand) FROM catalog.stock s JOIN catalog.product p "
                                     "ON p.id = s.product_id WHERE p.handle LIKE 'lastunit-%'")
        self.assertEqual(sold, [[str(ROUNDS), "0"]])
        bought = len(first.call("GET", "/v1/orders?limit=100").json()["data"]) + \
            len(second.call("GET", "/v1/orders?limit=100").json()["data"])
        self.assertEqual(bought, ROUNDS)

    def test_two_tabs_with_one_cart_make_one_group(self):
        variant = import_stock("twotabs", 1, 50)[0]
        shopper = market.shopper(money=100_000)
        for _ in range(20):
            cart = shopper.add(shopper.cart(), variant)
            answers = shopper.connection.race([shopper.checkout_request(cart, uuid.uuid4().hex) for _ in range(2)])
            self.assertEqual(sorted(a.status for a in answers), [201, 409], [a.body for a in answers])
            loser = next(a for a in answers if a.status == 409)
            self.assertIn(loser.code(), ("checkout_in_progress", "cart_already_ordered"))
        self.assertEqual(len(shopper.call("GET", "/v1/orders?limit=100").json()["data"]), 20)

    def test_two_requests_with_one_key_run_once(self):
        variant = import_stock("onekey", 1, 50)[0]
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variant)
        key = uuid.uuid4().hex
        answers = shopper.connection.race([shopper.checkout_request(cart, key) for _ in range(2)])
        statuses = sorted(a.status for a in answers)
        self.assertIn(statuses, ([201, 201], [201, 409]), [a.body for a in answers])
        for answer in answers:
            if answer.status == 409:
                self.assertEqual(answer.code(), "request_in_progress")
        self.assertEqual(len(shopper.call("GET", "/v1/orders").json()["data"]), 1)


if __name__ == "__main__":
    unittest.main()
