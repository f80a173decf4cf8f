"""Bad input gets the exact problem and changes nothing; the server stays up."""
import base64
import json
import os
import pathlib
import socket
import unittest
import uuid

from market import Market
from http2 import Connection

UNKNOWN_CART = "cart_" + "0" * 26


def setUpModule():
    global market, shopper, cart
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    shopper = market.shopper(money=1000)
    cart = shopper.cart()


def counts():
    """Everything that could have changed."""
    return [market.sql("user", 'SELECT count(*) FROM "user".account'),
            market.sql("order", 'SELECT count(*), sum(version) FROM "order".cart'),
            market.sql("wallet", "SELECT count(*), sum(balance) FROM wallet.balance"),
            market.sql("catalog", "SELECT count(*) FROM catalog.product")]


class BadInput(unittest.TestCase):
    def setUp(self):
        self.before = counts()

    def tearDown(self):
        self.assertEqual(counts(), self.before, "something was changed")
        self.assertEqual(market.get("/healthz").status, 200)

    def refused(self, status, code, method, path, body=None, **more):
        response = shopper.call(method, path, body, **more)
        self.assertEqual((response.status, response.code()), (status, code), response.body)
        problem = response.json()
        for name in ("type", "title", "status", "instance", "code", "request_id"):
            self.assertIn(name, problem)
        self.assertEqual(response.headers["content-type"], "application/problem+json")
        return problem

    def test_bodies_that_are_not_json(self):
        for body in (b"{", b"[1,", b"nonsense", b'{"email": }', b'{"a":1}garbage', b'{"email":"\\ud800"}'):
            self.refused(400, "invalid_json", "POST", "/v1/auth/login", body)

    def test_bodies_that_are_not_utf_8(self):
        self.refused(400, "invalid_json", "POST", "/v1/auth/login", b'{"email":"\xff\xfe","password":"x"}')

    def test_unknown_and_duplicate_fields(self):
        problem = self.refused(400, "unknown_field", "POST", "/v1/auth/login",
                               {"email": "a@b.c", "password": "x", "role": "admin"})
        self.assertEqual(problem["errors"][0]["pointer"], "/role")
        self.refused(400, "duplicate_field", "POST", "/v1/auth/login",
            b'{"email":"a@b.c","email":"b@b.c","password":"x"}')

    def test_wrong_types_and_missing_fields(self):
        lines = f"/v1/carts/{cart['id']}/lines"
        problem = self.refused(400, "wrong_type", "POST", lines, {"variant_id": 7, "quantity": 1})
        self.assertEqual(problem["errors"][0]["pointer"], "/variant_id")
        self.refused(422, "missing_field", "POST", lines, {})

    def test_amounts_that_are_negative_or_too_large(self):
        lines = f"/v1/carts/{cart['id']}/lines"
        variant = "var_" + "0" * 26
        for quantity in (0, -1, 10_001, 2**63 - 1):
            self.refused(422, "out_of_range", "POST", lines, {"variant_id": variant, "quantity": quantity})
        for text in (b"9223372036854775808", b"1e400", b"-9223372036854775809"):
            body = b'{"variant_id":"' + variant.encode() + b'","quantity":' + text + b"}"
            response = shopper.call("POST", lines, body)
            self.assertIn(response.status, (400, 422), response.body)
        wrong = {"amount": -1, "currency": "EUR"}
        self.refused(422, "out_of_range", "POST", f"/v1/carts/{cart['id']}/checkout",
                     {"expected_total": wrong, "payment": {}}, key=uuid.uuid4().hex)

    def test_deep_nesting(self):
        response = shopper.call("POST", "/v1/auth/login", b"[" * 10_000 + b"]" * 10_000)
        self.assertEqual((response.status, response.code()), (400, "invalid_json"))

    def test_a_body_that_is_too_large(self):
        response = shopper.call("POST", "/v1/auth/login", b'{"email":"' + b"a" * 400_000 + b'"}')
        self.assertEqual((response.status, response.code()), (413, "body_too_large"))

    def test_headers_that_are_too_large(self):
        try:
            response = market.get("/v1/products", {"x-large": "a" * 100_000})
            self.assertIn(response.status, (400, 431))
        except OSError:
            pass  # the connection was cut, which is as good

    def test_ids_that_are_foreign_or_malformed(self):
        self.refused(404, "not_found", "GET", f"/v1/carts/{UNKNOWN_CART}")
        for path in ("/v1/carts/nonsense", "/v1/carts/prd_" + "0" * 26, "/v1/products/prd_zzz", "/v1/products/%00",
                     "/v1/order-groups/og_" + "z" * 26):
            self.refused(404, "not_found", "GET", path)

    def test_query_parameters(self):
        self.refused(400, "unknown_parameter", "GET", "/v1/products?colour=red")
        for query in ("sort=price_desc", "sort=relevance"):
            self.refused(400, "invalid_parameter", "GET", f"/v1/products?{query}")
        for query in ("limit=0", "limit=101", "after=%21%21", "in_stock=maybe", "min_price=-1"):
            self.refused(400, "invalid_parameter", "GET", f"/v1/products?{query}")

    def test_methods_types_and_paths(self):
        response = shopper.call("DELETE", "/v1/products")
        self.assertEqual((response.status, response.code()), (405, "method_not_allowed"))
        self.assertIn("GET", response.headers["allow"])
        response = shopper.call("POST", "/v1/auth/login", b"email=a", content_type="application/x-www-form-urlencoded")
        self.assertEqual((response.status, response.code()), (415, "unsupported_media_type"))
        self.refused(404, "not_found", "GET", "/v1/nothing/here")

    def test_tokens_that_are_forged_or_of_no_kind(self):
        good = shopper.token
        head, body = good[:10], good[10:]
        forged = [good[:-1] + ("A" if good[-1] != "A" else "B"), head + "A" + body[1:], "v4.public.", "nonsense",
                  "v4.local." + base64.urlsafe_b64encode(os.urandom(80)).decode().rstrip("="), good + "=",
                      good.replace("v4", "v2")]
        for token in forged:
            response = market.get("/v1/me", {"authorization": f"Bearer {token}"})
            self.assertEqual((response.status, response.code()), (401, "unauthenticated"), token)
            self.assertTrue(response.headers["www-authenticate"].startswith("Bearer"))
        self.assertEqual(market.get("/v1/me").status, 401)

    def test_garbage_on_the_zeromq_endpoints_is_dropped(self):
        run_dir = pathlib.Path(market.run_dir())
        sockets = [path for path in run_dir.rglob("*") if path.is_socket() and "pg" not in path.parts]
        self.assertGreaterEqual(len(sockets), 3, "agent, node and gateway listen")
        for path in sockets:
            for garbage in (b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096),
                b"\xff\0\0\0\0\0\0\0\1\x7f" + os.urandom(600)):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                    client.settimeout(2)
                    client.connect(str(path))
                    try:
                        client.sendall(garbage)
                    except OSError:
                        pass
        shopper.call("GET", "/v1/me", expect=200)


if __name__ == "__main__":
    unittest.main()
