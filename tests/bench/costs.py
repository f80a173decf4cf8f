"""What the most expensive of cheap requests cost us: CPU time of gateway, nodes and PostgreSQL together per request, by
class of sender. What stands out here is what a client can do to others for little. A line whose answers are not those
that it names has no figure and fails the run at its end: refusing is cheap."""
import json
import socket
import ssl
import subprocess
import time
import uuid

from crowd import CART_LINES, MANY, Crowd, call
from market import Cpu, TICKS

FIRST = 25  # requests; then as many again as there were, until one of these is reached
REQUESTS_MAX = 2000
CPU_SECONDS_MAX = 1.0
SECONDS_MAX = 20.0
IDLE_SECONDS = 10.0
WORDS = "library development files data common package tools support".split()


def deep(levels):
    return "[" * levels + "]" * levels


def rows_of(answer):
    return len(answer.get("data") or answer.get("lines") or [])


class Costs:
    def __init__(self, bench, note):
        self.bench, self.market, self.note = bench, bench.market, note
        is_quick = bench.args.quick
        self.requests_max = 50 if is_quick else REQUESTS_MAX
        self.idle_seconds = 1.0 if is_quick else IDLE_SECONDS
        self.idle_rate = 0.0
        self.who, self.token = "anonymous", ""
        self.lines, self.failed = [], []

    def fail(self, name, why):
        self.failed.append(f"{self.who}: {name}: {why}")
        self.note(self.failed[-1])

    def measure_idle(self):
        """CPU seconds per second of what runs by itself."""
        before, began = Cpu(self.market.processes()), time.monotonic()
        time.sleep(self.idle_seconds)
        spent = Cpu(self.market.processes()) - before
        self.idle_rate = sum(spent.values()) / (time.monotonic() - began)

    def measure(self, name, wanted, send, rows=0):
        """`send` sends so many requests and says how many answers had which status: all must be the wanted one."""
        processes = self.market.processes()
        before, began = Cpu(processes), time.monotonic()
        count, spent_s, took_s, batch = 0, 0.0, 0.0, FIRST
        # As many again take as long again.
        while count < self.requests_max and spent_s < CPU_SECONDS_MAX and 2 * took_s < SECONDS_MAX:
            statuses = send(batch)
            if statuses != {wanted: batch}:
                self.fail(name, f"{statuses} instead of {batch} of {wanted}")
                return
            count += batch
            batch = min(count, self.requests_max - count)
            spent_s = sum((Cpu(processes) - before).values())
            took_s = time.monotonic() - began
        time.sleep(0.3)
        spent = Cpu(processes) - before
        idle_s = self.idle_rate * (time.monotonic() - began)
        total_ms = 1000 * max(0.0, sum(spent.values()) - idle_s) / count
        parts = {part: 1000 * seconds / count for part, seconds in spent.items()}
        self.lines.append({"who": self.who, "name": name, "ms": total_ms, "parts_ms": parts, "answer": wanted,
                           "requests": count, "rows": rows})
        self.note(f"{self.who}: {name}: {total_ms:.3f} ms, {count} of {wanted}, {rows} rows")

    def ask(self, name, make, wanted, code=None, rows=None, shape=(4, 4)):
        """`make` gives a request: method, path, key, body. The first one is looked at: its code, when it is to be
        refused, and how many rows it has."""
        method, path, key, body = make()
        status, answer = call(self.market.clear_port, method, path, self.token, body or None, key)
        found = rows_of(answer)
        is_whole = all(check["is_finished"] for check in answer.get("checks", []))
        if (status, answer.get("code")) != (wanted, code) or rows not in (None, found) or not is_whole:
            self.fail(name, f"{status}, {found} rows: {json.dumps(answer)[:600]}")
            return
        self.measure(name, str(wanted), lambda count: self.send([make() for _ in range(count)], shape), found)

    def send(self, requests, shape):
        path = self.bench.work / "costs"
        path.write_text("".join(f"{method}\t{where}\t{self.token}\t{key}\t{body}\n"
                                for method, where, key, body in requests))
        done = subprocess.run([self.bench.programs / "replay", str(self.market.clear_port), *map(str, shape), path],
                              capture_output=True, text=True, timeout=300)
        return json.loads(done.stdout)["statuses"] if done.stdout else {"cut": 1}

    def get(self, name, path, wanted=200, **more):
        self.ask(name, lambda: ("GET", path, "", ""), wanted, **more)

    def post(self, name, path, body, wanted, has_key=False, **more):
        """`body` gives one."""
        self.ask(name, lambda: ("POST", path, uuid.uuid4().hex if has_key else "", body()), wanted, **more)

    def handshake(self, name, groups):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ecdh_curve(groups)

        def send(count):
            for _ in range(count):
                with socket.create_connection(("127.0.0.1", self.market.port), timeout=10) as raw:
                    context.wrap_socket(raw).close()
            return {"made": count}
        self.measure(name, "made", send)

    def anonymous(self):
        self.get("a product page (to compare)", self.bench.browse.details[0])
        self.get("a route that is not there", "/v1/nothing", 404, code="not_found")
        self.get("100 products of all", "/v1/products?limit=100", rows=MANY)
        self.get("100 products by a common word", "/v1/products?q=library&limit=100", rows=MANY)
        self.get("100 by relevance", "/v1/products?q=library&limit=100&sort=relevance", rows=MANY)
        self.get("by relevance, eight words", f"/v1/products?q={'+'.join(WORDS)}&limit=100&sort=relevance")
        self.get("200 characters of one-letter words", f"/v1/products?q={'a+' * 99}a&limit=100&sort=relevance")
        self.get("100 vendors", "/v1/vendors?limit=100", rows=MANY)
        self.get("/openapi.json", "/openapi.json")
        self.get("/metrics", "/metrics")
        self.post("a wrong password", "/v1/auth/login",  # an address of its own each, else they are locked
                  lambda: json.dumps({"email": f"{uuid.uuid4().hex}@example.com", "password": "x" * 12}), 401,
                  code="invalid_credentials")
        self.bodies()
        self.handshake("a handshake, P-256", "prime256v1")
        for name, token in (("a made-up token", "v4.public." + "A" * 400),
                            ("a made-up API key", "sk_store_" + "a" * 60)):
            self.token = token
            self.get(name, "/v1/me", 401, code="unauthenticated")

    def bodies(self):
        """On many connections, since each is read at 1 MiB a second."""
        many_fields = json.dumps({f"f{i}": i for i in range(16000)})
        long_text = json.dumps({"email": "e" * 200000, "password": "x"})
        for name, body, status, code in (("60 KB of nested JSON", deep(30000), 400, "invalid_json"),
                                         ("200 KB of fields that nobody knows", many_fields, 400, "invalid_json"),
                                         ("a text of 200 KB", long_text, 422, "out_of_range")):
            self.post(name, "/v1/auth/login", lambda body=body: body, status, code=code, shape=(32, 1))

    def signed_in(self, crowd):
        self.who, self.token = "signed in", crowd.shopper.log_in().token
        cart = f"/v1/carts/{crowd.cart['id']}"
        line = f"{cart}/lines/{crowd.cart['lines'][0]['id']}"
        wish = json.dumps({"expected_total": {"amount": 1, "currency": "EUR"},
                           "payment": {"wallet": {"amount": 1, "currency": "EUR"}}})
        quantities = iter(range(1, 1000000))

        def change():
            return "PATCH", line, "", json.dumps({"quantity": 1 + next(quantities) % 2})
        self.get("who am I (to compare)", "/v1/me")
        self.get("a cart of 50 lines", "/v1/cart", rows=CART_LINES)
        self.ask("changes a line of 50", change, 200, rows=CART_LINES)
        self.post("opens the cart of 50 lines again", "/v1/carts", lambda: "{}", 200, has_key=True, rows=CART_LINES)
        self.post("checkout of 50 lines, refused for its total", f"{cart}/checkout", lambda: wish, 409, has_key=True,
                  code="totals_changed")
        self.get("100 orders", "/v1/orders?limit=100", rows=MANY)
        self.get("100 movements of money", "/v1/wallet/transactions?limit=100", rows=MANY)
        self.get("export of everything", "/v1/me/export")

    def vendor(self, crowd):
        self.who, self.token = "vendor", crowd.vendor.log_in().token
        self.get("who am I (to compare)", "/v1/vendor/me")
        self.get("100 orders", "/v1/vendor/orders?limit=100", rows=MANY)
        self.get("100 promotions", "/v1/vendor/promotions?limit=100", rows=MANY)

    def staff(self, crowd):
        self.who, self.token = "staff", crowd.staff.log_in().token
        self.get("who am I (to compare)", "/v1/admin/me")
        for name, path in (("users", "users?"), ("users by a letter", "users?q=b&"),
                           ("products", "products?"), ("products by a common word", "products?q=library&"),
                           ("notifications", "notifications?"),
                           ("orders", "orders?"), ("promotions", "promotions?"), ("rates of tax", "tax-rates?")):
            self.get(f"100 {name}", f"/v1/admin/{path}limit=100", rows=MANY)
        self.get("vendors by a letter", "/v1/admin/vendors?q=a&limit=100")
        self.get("50 entries of the audit trail", "/v1/admin/audit?limit=50", rows=50)
        self.get("whether everything adds up", "/v1/admin/invariants")

    def all(self):
        crowd = Crowd(self.bench)
        self.measure_idle()
        self.anonymous()
        self.signed_in(crowd)
        self.vendor(crowd)
        self.staff(crowd)
        return self.lines


def print_costs(lines):
    tick_ms = 1000 / TICKS
    finest, coarsest = (tick_ms / pick(line["requests"] for line in lines) for pick in (max, min))
    print(f"\nCPU time of all of ours per request, ms. It is counted in ticks of {tick_ms:.0f} ms of each process: one"
          f" tick is {finest:.3f} ms of a request where there were most of them, {coarsest:.2f} ms where there were"
          " fewest.\n\n"
          "| sender | request | ms | gateway | node | postgres | requests, each answered | rows |\n"
          "|---|---|---:|---:|---:|---:|---:|---:|")
    for line in sorted(lines, key=lambda line: (line["who"], -line["ms"])):
        parts = " | ".join(f"{line['parts_ms'].get(part, 0):.3f}" for part in ("gateway", "node", "postgres"))
        rows = line["rows"] or ""
        print(f"| {line['who']} | {line['name']} | {line['ms']:.3f} | {parts} |"
              f" {line['requests']} × {line['answer']} | {rows} |")
