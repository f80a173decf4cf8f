"""The first purchase: browse, fill a cart with items of three vendors, pay from the wallet, read
one group with three orders."""
import pathlib
import unittest
import uuid

from market import Market, ROOT, wait_until

DEMO = ROOT / "scripts" / "demo" / "products.csv"


def setUpModule():
    global market
    market = Market(is_new=True).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(DEMO)
    unheard = ("SELECT count(*) FROM catalog.product p"
               " WHERE NOT EXISTS (SELECT FROM catalog.vendor_copy v WHERE v.vendor_id = p.vendor_id)")
    wait_until(lambda: market.sql("catalog", unheard) == [["0"]], 10, "the catalogue has heard of all vendors")


def products(**filters):
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    response = market.get(f"/v1/products?{query}")
    assert response.status == 200, response.body
    return response.json()


def variants_of_vendors(count):
    """One variant in stock of each of `count` vendors."""
    found = {}
    for product in products(limit=100, in_stock="true")["data"]:
        if product["vendor"]["id"] not in found:
            detail = market.get(f"/v1/products/{product['id']}").json()
            found[product["vendor"]["id"]] = next(v for v in detail["variants"] if v["available"] > 0)
    return list(found.values())[:count]


class FirstPurchase(unittest.TestCase):
    def test_a_shopper_buys_from_three_vendors_and_gets_one_group_with_three_orders(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.cart()
        for variant in variants_of_vendors(3):
            cart = shopper.add(cart, variant["id"])
        self.assertEqual(len(cart["lines"]), 3)
        self.assertEqual(cart["problems"], [])
        group = shopper.checkout(cart).json()
        total = cart["totals"]["total"]
        self.assertEqual((group["status"], group["payment_status"], group["total"]), ("placed", "paid", total))
        self.assertEqual(len(group["orders"]), 3)
        self.assertEqual(sum(order["totals"]["total"]["amount"] for order in group["orders"]), total["amount"])
        self.assertEqual(len({order["number"] for order in group["orders"]}), 3)
        again = shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()
        self.assertEqual(again, group)
        listed = shopper.call("GET", "/v1/orders", expect=200).json()["data"]
        self.assertEqual({order["id"] for order in listed}, {order["id"] for order in group["orders"]})
        self.assertEqual(shopper.available(), 100_000 - total["amount"])

        def kinds():
            page = shopper.call("GET", "/v1/wallet/transactions", expect=200).json()
            return [transaction["kind"] for transaction in page["data"]]
        wait_until(lambda: kinds() == ["purchase", "grant"], 10, "the hold is posted")

    def test_a_category_lists_its_products_and_its_cursor_walks_them_all_once(self):
        categories = market.get("/v1/categories").json()["data"]
        self.assertGreaterEqual(len(categories), 6)
        everything = {p["id"] for p in products(limit=100)["data"]}
        seen, after = [], None
        while True:
            page = products(limit=7, **({"after": after} if after else {}))
            seen += [p["id"] for p in page["data"]]
            if not page["has_more"]:
                break
            after = page["next"]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(seen), everything)

    def test_search_finds_a_product_by_a_word_of_its_name(self):
        product = products(limit=1)["data"][0]
        word = max(product["name"].split(), key=len).strip(".,-()").lower()

        def is_found():
            return product["id"] in [p["id"] for p in products(q=word, sort="relevance")["data"]]
        wait_until(is_found, 10, "the index has heard of what was imported")

    def test_a_repeated_checkout_returns_the_stored_answer(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variants_of_vendors(1)[0]["id"])
        key = uuid.uuid4().hex
        first = shopper.checkout(cart, key)
        second = shopper.checkout(cart, key)
        self.assertEqual(second.body, first.body)
        self.assertEqual(second.headers.get("idempotent-replayed"), "true")
        self.assertEqual(len(shopper.call("GET", "/v1/orders").json()["data"]), 1)

    def test_a_checkout_without_key_is_refused(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variants_of_vendors(1)[0]["id"])
        total = cart["totals"]["total"]
        response = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                {"expected_total": total, "payment": {"wallet": total}})
        self.assertEqual((response.status, response.code()), (400, "idempotency_key_required"))

    def test_a_key_with_another_body_is_refused(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variants_of_vendors(1)[0]["id"])
        key = uuid.uuid4().hex
        shopper.checkout(cart, key)
        other = {"expected_total": {"amount": 1, "currency": "EUR"}, "payment": {}}
        response = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", other, key=key)
        self.assertEqual((response.status, response.code()), (422, "idempotency_key_reused"))

    def test_too_little_money_leaves_nothing_behind(self):
        shopper = market.shopper(money=1)
        variant = variants_of_vendors(1)[0]
        cart = shopper.add(shopper.cart(), variant["id"])
        response = shopper.checkout(cart, expect=422)
        self.assertEqual(response.code(), "insufficient_funds")
        self.assertEqual(shopper.available(), 1)
        self.assertEqual(shopper.call("GET", "/v1/orders").json()["data"], [])
        self.assertEqual(shopper.call("GET", "/v1/cart").json()["status"], "active")
        held = market.sql("catalog", "SELECT coalesce(sum(held), 0) FROM catalog.stock")
        self.assertEqual(held, [["0"]])

    def test_a_wrong_expected_total_is_told_the_new_one(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variants_of_vendors(1)[0]["id"])
        wrong = {"amount": cart["totals"]["total"]["amount"] + 1, "currency": "EUR"}
        response = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                {"expected_total": wrong, "payment": {"wallet": wrong}}, key=uuid.uuid4().hex)
        self.assertEqual((response.status, response.code()), (409, "totals_changed"))
        self.assertEqual(response.json()["errors"][0]["available"], cart["totals"]["total"]["amount"])

    def test_a_wallet_payment_that_is_not_the_total_is_refused(self):
        shopper = market.shopper(money=100_000)
        cart = shopper.add(shopper.cart(), variants_of_vendors(1)[0]["id"])
        total = cart["totals"]["total"]
        less = {"amount": total["amount"] - 1, "currency": "EUR"}
        response = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                                {"expected_total": total, "payment": {"wallet": less}}, key=uuid.uuid4().hex)
        self.assertEqual((response.status, response.code()), (422, "payment_mismatch"))

    def test_what_belongs_to_others_is_not_found(self):
        owner, other = market.shopper(money=100_000), market.shopper()
        cart = owner.add(owner.cart(), variants_of_vendors(1)[0]["id"])
        group = owner.checkout(cart).json()
        for path in (f"/v1/carts/{cart['id']}", f"/v1/order-groups/{group['id']}",
                     f"/v1/orders/{group['orders'][0]['id']}"):
            response = other.call("GET", path)
            self.assertEqual((response.status, response.code()), (404, "not_found"), path)
        response = other.call("POST", f"/v1/carts/{cart['id']}/lines",
                              {"variant_id": variants_of_vendors(1)[0]["id"], "quantity": 1})
        self.assertEqual(response.status, 404)

    def test_a_refresh_token_is_good_once(self):
        shopper = market.shopper()
        answer = shopper.call("POST", "/v1/auth/refresh", {"refresh_token": shopper.refresh_token}, expect=200).json()
        self.assertNotEqual(answer["refresh_token"], shopper.refresh_token)
        shopper.token = answer["access_token"]
        shopper.call("GET", "/v1/me", expect=200)
        shopper.call("POST", "/v1/auth/logout", expect=204)
        response = shopper.call("POST", "/v1/auth/refresh", {"refresh_token": answer["refresh_token"]})
        self.assertEqual((response.status, response.code()), (401, "invalid_refresh_token"))


if __name__ == "__main__":
    unittest.main()
