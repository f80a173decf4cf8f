"""What the most expensive of cheap requests cost us: CPU time of gateway, nodes and PostgreSQL together per request, by
class of sender. What stands out here is what a client can do to others for little."""
import json
import socket
import ssl
import subprocess
import time
import uuid

from load import replay
from market import Cpu

REPEATS = 200
WORDS = "library development files data common package tools support".split()


def deep(levels):
    return "[" * levels + "]" * levels


class Costs:
    def __init__(self, bench, note):
        self.bench, self.market, self.note = bench, bench.market, note
        self.lines = []

    def measure(self, who, name, count, action):
        """`action` sends `count` requests; what runs by itself in the meantime is measured first, and taken off."""
        processes = self.market.processes()
        before, began = Cpu(processes), time.monotonic()
        time.sleep(1)
        idle_rate = sum((Cpu(processes) - before).values()) / (time.monotonic() - began)
        before, began = Cpu(processes), time.monotonic()
        statuses = action()
        time.sleep(0.3)
        spent = Cpu(processes) - before
        took_s = time.monotonic() - began
        total_ms = 1000 * max(0.0, sum(spent.values()) - idle_rate * took_s) / count
        parts = {part: 1000 * seconds / count for part, seconds in spent.items()}
        self.lines.append({"who": who, "name": name, "ms": total_ms, "parts_ms": parts, "statuses": statuses})
        self.note(f"{who}: {name}: {total_ms:.2f} ms {statuses}")

    def ask(self, who, name, requests):
        path = self.bench.work / "costs"
        path.write_text("".join("\t".join(request) + "\n" for request in requests))

        def action():
            done = subprocess.run([self.bench.programs / "replay", str(self.market.clear_port), "4", "4", path],
                                  capture_output=True, text=True, timeout=300)
            return json.loads(done.stdout)["statuses"] if done.stdout else {"cut": 1}
        self.measure(who, name, len(requests), action)

    def get(self, who, name, path, token=""):
        self.ask(who, name, [("GET", path, token, "", "")] * REPEATS)

    def post(self, who, name, path, body, token=""):
        self.ask(who, name, [("POST", path, token, uuid.uuid4().hex, body) for _ in range(REPEATS)])

    def handshake(self, name, groups):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ecdh_curve(groups)

        def action():
            for _ in range(REPEATS):
                with socket.create_connection(("127.0.0.1", self.market.port), timeout=10) as raw:
                    context.wrap_socket(raw).close()
            return {"made": REPEATS}
        self.measure("anonymous", name, REPEATS, action)

    def anonymous(self):
        who = "anonymous"
        self.get(who, "a product page (to compare)", self.bench.details[0])
        self.get(who, "a route that is not there", "/v1/nothing")
        self.get(who, "a made-up token", "/v1/me", "v4.public." + "A" * 400)
        self.get(who, "a made-up API key", "/v1/me", "sk_store_" + "a" * 60)
        self.get(who, "100 products of all", "/v1/products?limit=100")
        self.get(who, "100 products by a common word", "/v1/products?q=library&limit=100")
        self.get(who, "by relevance", "/v1/products?q=library&limit=100&sort=relevance")
        self.get(who, "by relevance, eight words", f"/v1/products?q={'+'.join(WORDS)}&limit=100&sort=relevance")
        self.get(who, "200 characters of one-letter words", f"/v1/products?q={'a+' * 99}a&limit=100&sort=relevance")
        self.get(who, "all vendors", "/v1/vendors?limit=100")
        self.get(who, "/openapi.json", "/openapi.json")
        self.get(who, "/metrics", "/metrics")
        self.post(who, "60 KB of nested JSON", "/v1/auth/login", deep(30000))
        self.post(who, "200 KB of fields that nobody knows", "/v1/auth/login",
                  json.dumps({f"f{i}": i for i in range(16000)}))
        self.post(who, "a text of 200 KB", "/v1/auth/login", json.dumps({"email": "e" * 200000, "password": "x"}))
        self.post(who, "a wrong password", "/v1/auth/login",
                  json.dumps({"email": "a@example.com", "password": "x" * 12}))
        self.handshake("a handshake, P-256", "prime256v1")

    def signed_in(self, email, token):
        who = "signed in"
        self.get(who, "who am I (to compare)", "/v1/me", token)
        self.get(who, "the cart", "/v1/cart", token)
        self.get(who, "100 orders", "/v1/orders?limit=100", token)
        self.get(who, "100 movements of money", "/v1/wallet/transactions?limit=100", token)
        self.get(who, "export of everything", "/v1/me/export", token)
        self.post(who, "opens the cart", "/v1/carts", "{}", token)

    def staff(self):
        email, who = f"costs-{uuid.uuid4().hex[:8]}@example.com", "staff"
        subprocess.run([self.market.programs / "souk", "admin", "create", "--email", email, "--data-dir",
                        str(self.market.data_dir)], input=self.bench.password + "\n", text=True, check=True,
                       capture_output=True, timeout=60)
        answer = replay(self.bench.programs / "replay", self.market.clear_port, (1, 1),
                        [("POST", "/v1/admin/login", "", "", {"email": email, "password": self.bench.password})],
                        self.bench.work)["answers"][0]
        token = answer["access_token"]
        for path in ("/v1/admin/me", "/v1/admin/users?limit=100", "/v1/admin/users?q=example&limit=100",
                     "/v1/admin/products?limit=100", "/v1/admin/products?q=library&limit=100",
                     "/v1/admin/vendors?q=a&limit=100", "/v1/admin/audit?limit=100",
                     "/v1/admin/notifications?limit=100"):
            self.get(who, path, path, token)

    def all(self):
        self.anonymous()
        self.signed_in(*self.bench.shoppers[0])
        self.staff()
        return self.lines


def print_costs(lines):
    print("\nCPU time of all of ours per request, ms\n\n"
          "| sender | request | ms | gateway | node | postgres | answers |\n"
          "|---|---|---:|---:|---:|---:|---|")
    for line in sorted(lines, key=lambda line: (line["who"], -line["ms"])):
        parts = " | ".join(f"{line['parts_ms'].get(part, 0):.2f}" for part in ("gateway", "node", "postgres"))
        answers = ", ".join(f"{status}: {count}" for status, count in line["statuses"].items())
        print(f"| {line['who']} | {line['name']} | {line['ms']:.2f} | {parts} | {answers} |")
