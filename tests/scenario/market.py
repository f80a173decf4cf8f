"""Starts a whole market in a data directory of its own and talks to it as its users do."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import h2.exceptions

import prepared
from http2 import Connection
from ports import free_ports

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("SOUK_BIN", ROOT / "build" / "bin"))
PASSWORD = "correct horse battery"
READY_S = 300 if "SOUK_VALGRIND" in os.environ else 60
IDLE_S = 5  # the gateway closes what is idle for longer than 10


def wait_until(claim, timeout_s, what):
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if claim():
            return
        time.sleep(0.02)
    raise TimeoutError(f"not within {timeout_s} s: {what}")


def start_and_stop(data_dir):
    market = Market(data_dir=data_dir)
    try:
        market.start()
    finally:
        market.stop()


class Market:
    """`with Market() as market:` makes, starts, and at the end stops it; the log is printed when the body failed.
    Without a data directory it has a prepared one, unless `is_new`, which waits for the databases to be made."""

    def __init__(self, settings=(), data_dir=None, test_mode=True, is_new=False):
        self.test_mode = test_mode
        self.is_own_dir = data_dir is None
        self.data_dir = pathlib.Path(data_dir or tempfile.mkdtemp(prefix="souk-"))
        if data_dir is None and not is_new and "SOUK_VALGRIND" not in os.environ:
            prepared.copy_to(self.data_dir, BIN, start_and_stop)
        self.data_dir.chmod(0o711)
        self.port = free_ports()
        self.settings = list(settings)
        self.process = None
        self.shoppers = []
        self.log_path = self.data_dir / "souk.log"

    def command(self, *words):
        return [str(BIN / "souk"), *words]

    def open_log(self):
        """Where the supervisor and its children write."""
        return open(self.log_path, "ab")

    def start(self, wait=True):
        with self.open_log() as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM",  # a story that is killed leaves no market behind
                 *self.command("up", "--data-dir", str(self.data_dir), "--port", str(self.port),
                               *(["--test-mode"] if self.test_mode else []), "--gateway.rate_limits=false",
                               "--gateway.answers_kept=0",  # what is told shows at once; test_answers.py keeps them
                               "--admin.second_factor=optional", *self.settings)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout_s=READY_S):
        wait_until(self.is_ready, timeout_s, "the market is ready")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"souk up ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            connection = self.connect(timeout_s=2)
            try:
                return connection.request("GET", "/readyz").status == 200
            finally:
                connection.close()
        except (OSError, TimeoutError, h2.exceptions.ProtocolError):  # the last: a gateway that says goodbye
            return False

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.exit_code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            print(self.log_tail())
            self.stop()
            raise

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.log_tail())
        for shopper in self.shoppers:
            shopper.connection.close()
        try:
            self.stop()
        finally:
            if self.is_own_dir and kind is None:
                shutil.rmtree(self.data_dir, ignore_errors=True)

    def log_tail(self, lines=60):
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    # --- processes ---

    def children(self):
        """Process ids of the supervisor's children by program name."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                name = pathlib.Path((entry / "cmdline").read_bytes().split(b"\0")[0].decode()).name
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.process.pid:
                found.setdefault(name, []).append(int(entry.name))
        return found

    def kill(self, program):
        """kill -9 of one child of our own supervisor; returns its process id."""
        pid = self.children()[program][0]
        os.kill(pid, signal.SIGKILL)
        return pid

    # --- what operators do ---

    def admin(self, *words, check=True):
        return subprocess.run(self.command("admin", *words, "--data-dir", str(self.data_dir)), check=check,
                              capture_output=True, text=True, timeout=60)

    def grant(self, email, amount, currency="EUR"):
        return self.admin("grant", "--email", email, "--amount", str(amount), "--currency", currency)

    def create_staff(self, email, password=None, check=True):
        """An owner of the market, as the operator makes one."""
        return subprocess.run(self.command("admin", "create", "--email", email, "--data-dir", str(self.data_dir)),
                              input=(password or PASSWORD) + "\n", check=check, capture_output=True, text=True,
                              timeout=60)

    def import_products(self, path, *words, check=True, timeout_s=300):
        return subprocess.run(self.command("import", str(path), *words, "--data-dir", str(self.data_dir)),
                              check=check, capture_output=True, text=True, timeout=timeout_s)

    def sql(self, domain, statement):
        """Rows of a read-only look into a domain's database, each a list of texts."""
        password = (self.data_dir / "keys" / "database" / domain).read_text().strip()
        run_dir = self.run_dir()
        answer = subprocess.run(
            ["psql", "-X", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", statement,
             f"host={run_dir}/pg user=souk_{domain} dbname=souk_{domain}"],
            capture_output=True, text=True, env={**os.environ, "PGPASSWORD": password}, timeout=60)
        if answer.returncode != 0:
            raise RuntimeError(f"{statement}: {answer.stderr}")
        return [line.split("\x1f") for line in answer.stdout.splitlines() if line]

    def run_dir(self):
        return (self.data_dir / "run_dir").read_text().strip()

    # --- what shoppers do ---

    def connect(self, tls=False, timeout_s=20):
        return Connection("127.0.0.1", self.port if tls else self.port + 1, tls=tls, timeout_s=timeout_s)

    def get(self, path, headers=None):
        """One anonymous read on a connection of its own."""
        connection = self.connect()
        try:
            return connection.request("GET", path, headers)
        finally:
            connection.close()

    def staff(self, name=None):
        """A new owner of the market, signed in."""
        staff = Staff(self, name or "o" + uuid.uuid4().hex[:12])
        self.create_staff(staff.email)
        staff.login()
        return staff

    def shopper(self, name=None, money=0):
        shopper = Shopper(self, name or "s" + uuid.uuid4().hex[:12])
        shopper.register()
        if money:
            self.grant(shopper.email, money)
        return shopper


class Shopper:
    """One signed-in person with a connection of its own."""

    def __init__(self, market, name):
        self.market = market
        self.name = name
        self.email = f"{name}@example.com"
        self.token = None
        self.connection = market.connect()
        self.used_at = time.monotonic()
        market.shoppers.append(self)

    def headers(self, key=None, **more):
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["idempotency-key"] = key
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        return headers

    def call(self, method, path, body=None, key=None, expect=None, **more):
        headers = self.headers(key, **more)
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("content-type", "application/json")
        response = self.send(method, path, headers, data)
        if expect is not None and response.status != expect:
            raise AssertionError(f"{method} {path}: {response.status} instead of {expect}: {response.body[:600]}")
        return response

    def send(self, method, path, headers, data):
        """On a new connection when the gateway has closed the old one, as it does when one is idle."""
        if time.monotonic() - self.used_at > IDLE_S:
            self.reconnect()
        self.used_at = time.monotonic()
        return self.connection.request(method, path, headers, data)

    def reconnect(self):
        self.connection.close()
        self.connection = self.market.connect()

    def register(self):
        answer = self.call("POST", "/v1/auth/register",
                           {"email": self.email, "username": self.name, "password": PASSWORD}, expect=201).json()
        self.token, self.refresh_token, self.user = answer["access_token"], answer["refresh_token"], answer["user"]

    def login(self):
        answer = self.call("POST", "/v1/auth/login", {"email": self.email, "password": PASSWORD}, expect=200).json()
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]

    def cart(self):
        response = self.call("POST", "/v1/carts", {})
        assert response.status in (200, 201), response.body
        return response.json()

    def add(self, cart, variant, quantity=1, expect=201):
        return self.call("POST", f"/v1/carts/{cart['id']}/lines", {"variant_id": variant, "quantity": quantity},
                         expect=expect).json()

    def checkout_request(self, cart, key):
        """The parts of the request, for Connection.race()."""
        total = cart["totals"]["total"]
        body = json.dumps({"expected_total": total, "payment": {"wallet": total}}).encode()
        return ("POST", f"/v1/carts/{cart['id']}/checkout",
                {**self.headers(key), "content-type": "application/json"}, body)

    def checkout(self, cart, key=None, expect=201):
        method, path, headers, body = self.checkout_request(cart, key or uuid.uuid4().hex)
        response = self.connection.request(method, path, headers, body)
        if expect is not None and response.status != expect:
            raise AssertionError(f"checkout: {response.status} instead of {expect}: {response.body[:600]}")
        return response

    def available(self):
        balances = self.call("GET", "/v1/wallet", expect=200).json()["balances"]
        return balances[0]["available"]["amount"] if balances else 0


class Staff(Shopper):
    """One signed-in member of staff with a connection of its own."""

    def login(self, **more):
        answer = self.call("POST", "/v1/admin/login", {"email": self.email, "password": PASSWORD, **more},
                           expect=200).json()
        self.take(answer)
        return answer

    def take(self, answer):
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.person = answer["staff"]

    def refresh(self):
        answer = self.call("POST", "/v1/admin/refresh", {"refresh_token": self.refresh_token}, expect=200).json()
        self.take(answer)
        return answer

    def step_up(self, **proof):
        answer = self.call("POST", "/v1/admin/step-up", proof or {"password": PASSWORD}, expect=200).json()
        self.token = answer["access_token"]
