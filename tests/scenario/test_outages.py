"""Outages of the database while the market is open: somebody else's locks, a full disk, a server that stands
still. What is not concerned goes on, what is concerned is told to come back, and nothing is lost or done twice."""
import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import uuid

from market import Market, wait_until
import test_races

ITEMS = 24
BUYERS = 6
PURCHASES = 12  # of each buyer
DISK_MIB = 700  # for a market with nothing in it


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def psql(domain, role=None):
    """Words and environment of a session of that role, by default the domain's own."""
    role = role or domain
    password = (market.data_dir / "keys" / "database" / role).read_text().strip()
    return (["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             f"host={market.run_dir()}/pg user=souk_{role} dbname=souk_{domain}"],
            {**os.environ, "PGPASSWORD": password})


def sql_as_superuser(domain, statement):
    words, environment = psql(domain, "superuser")
    subprocess.run(words, input=statement, check=True, capture_output=True, text=True, env=environment, timeout=60)


@contextlib.contextmanager
def lock(domain, statement):
    """Somebody's transaction that stays open for as long as the block runs."""
    words, environment = psql(domain)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as session:
        session.stdin.write(f"BEGIN; {statement};\n\\echo locked\n")
        session.stdin.flush()
        while session.stdout.readline().strip() != "locked":
            if session.poll() is not None:
                raise RuntimeError("the lock was not granted")
        try:
            yield
        finally:
            session.communicate("ROLLBACK;\n", timeout=20)


def children_of(parent):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError):
            if entry.name.isdigit() and int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(entry.name))
    return found


class Buyer(threading.Thread):
    """Buys one item after the other; what the answers were is for the test."""

    def __init__(self, shopper, variants):
        super().__init__(daemon=True)
        self.shopper, self.variants = shopper, variants
        self.statuses, self.problem = [], None

    def run(self):
        try:
            for variant in self.variants:
                cart = self.shopper.add(self.shopper.cart(), variant)
                self.statuses.append(self.shopper.checkout(cart, expect=None).status)
        except Exception as problem:  # shown by the test
            self.problem = repr(problem)


def sell(shoppers, variants):
    """All buyers at once, each what is in turn; returns their statuses and purchases per second."""
    buyers = [Buyer(shopper, [variants[(number + i * BUYERS) % len(variants)] for i in range(PURCHASES)])
              for number, shopper in enumerate(shoppers)]
    began = time.monotonic()
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join(timeout=300)
    took_s = time.monotonic() - began
    problems = [buyer.problem for buyer in buyers if buyer.problem]
    if problems:
        raise AssertionError(problems)
    return [status for buyer in buyers for status in buyer.statuses], BUYERS * PURCHASES / took_s


def until_bought(shopper, cart, key, statuses):
    """Repeats a checkout under its key until it is placed, as a client does that is told to come back."""
    def is_placed():
        statuses.append(shopper.checkout(cart, key=key, expect=None).status)
        return statuses[-1] == 201
    wait_until(is_placed, 90, "the checkout is placed")


class Outages(unittest.TestCase):
    def test_row_that_somebody_locks_delays_nobody_but_its_own_buyers(self):
        locked, *others = test_races.import_stock_of(market, "rowlock", ITEMS + 1, 1000)
        shoppers = [market.shopper(money=10_000_000) for _ in range(BUYERS + 1)]
        waiting = shoppers.pop()
        statuses, quiet = sell(shoppers, others)
        self.assertEqual(set(statuses), {201})
        row = test_races.typed_id
        stock = [line[0] for line in market.sql("catalog", "SELECT variant_id FROM catalog.stock")
                 if row("var", line[0]) == locked]
        cart, key, told = waiting.add(waiting.cart(), locked), uuid.uuid4().hex, []
        buyer = threading.Thread(target=until_bought, args=(waiting, cart, key, told), daemon=True)
        with lock("catalog", f"SELECT 1 FROM catalog.stock WHERE variant_id = '{stock[0]}' FOR UPDATE"):
            buyer.start()
            time.sleep(0.5)
            statuses, beside = sell(shoppers, others)
            print(f"\nsales of other items: {quiet:.1f}/s, with one stock row locked {beside:.1f}/s", flush=True)
            self.assertEqual(set(statuses), {201}, "202 or 503 would be a purchase that waited for the lock")
            self.assertNotIn(201, told)
        buyer.join(timeout=120)
        self.assertEqual(told[-1], 201)
        self.assertLessEqual(set(told[:-1]), {202, 409, 503}, told)
        bought = waiting.call("GET", "/v1/orders?limit=100").json()["data"]
        self.assertEqual(len(bought), 1)

    def test_locked_table_parks_no_event(self):
        variants = test_races.import_stock_of(market, "tablelock", 2, 1000)
        shopper = market.shopper(money=1_000_000)
        with lock("notification", "LOCK TABLE notification.message IN ACCESS EXCLUSIVE MODE"):
            shopper.checkout(shopper.add(shopper.cart(), variants[0]))
            time.sleep(8)
        parked = market.sql("notification", "SELECT kind, reason FROM host.parked_event")
        self.assertEqual(parked, [])
        wait_until(lambda: market.sql("notification", "SELECT count(*) FROM notification.message WHERE kind = "
                                                      "'order_placed'") != [["0"]], 30, "the shopper is told")

    def test_frozen_database_makes_the_market_unready_until_it_goes_on(self):
        main = market.children()["postgres"][0]
        frozen = [main, *children_of(main)]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: market.get("/readyz").status == 503, 30, "the market says that it is not ready")
            told = [item["detail"] for item in market.get("/readyz").json()["errors"]]
            self.assertIn("order: its database does not answer.", told)
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        wait_until(lambda: market.get("/readyz").status == 200, 30, "the market is ready again")

    def test_full_disk_makes_the_market_unready_until_there_is_room(self):
        """A real one, of memory: what is there can be written and read on, but nothing grows."""
        with contextlib.ExitStack() as cleanup:
            place = pathlib.Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="souk-full-")))
            if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0711", "souk",
                                                    place], capture_output=True).returncode != 0:
                self.skipTest("nobody else may mount a disk")
            cleanup.callback(subprocess.run, ["umount", place], check=True)
            small = cleanup.enter_context(Market(data_dir=place))
            ballast = place / "ballast"
            with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
                while file.write(b"x" * 4096):
                    pass
            wait_until(lambda: small.get("/readyz").status == 503, 30, "the market says that it is not ready")
            told = {item["detail"] for item in small.get("/readyz").json()["errors"]}
            self.assertLessEqual({f"{domain}: its database takes no writes." for domain in ("order", "wallet")}, told)
            self.assertEqual(small.get("/v1/products?limit=1").status, 200, "what is there is read")
            ballast.unlink()
            wait_until(lambda: small.get("/readyz").status == 200, 30, "the market is ready again")

    def test_metrics_of_nodes_are_those_of_the_gateway_too(self):
        lines = market.get("/metrics").body.decode().splitlines()
        units = {line.split('"')[1]: int(line.rsplit(" ", 1)[1]) for line in lines
                 if line.startswith("souk_units_total{")}
        self.assertGreater(max(units.values()), 0, units)
        self.assertEqual(len([line for line in lines if line == "# TYPE souk_units_total counter"]), 1)

    def test_full_disk_is_an_outage_after_which_the_same_key_succeeds(self):
        variant, = test_races.import_stock_of(market, "fulldisk", 1, 1000)
        shopper = market.shopper(money=1_000_000)
        cart, key = shopper.add(shopper.cart(), variant), uuid.uuid4().hex
        sql_as_superuser("order", 'CREATE FUNCTION "order".fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '
                                  "'could not extend file' USING ERRCODE = '53100'; END $$;"
                                  'CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON "order".cart FOR EACH ROW EXECUTE '
                                  'FUNCTION "order".fill()')
        try:
            body = {"variant_id": variant, "quantity": 1}
            refused = [shopper.call("POST", f"/v1/carts/{cart['id']}/lines", body, key="a" * 32),
                       shopper.checkout(cart, key=key, expect=None)]
            for answer in refused:
                self.assertEqual((answer.status, answer.code()), (503, "unavailable"), answer.body)
                self.assertIn("retry-after", answer.headers)
        finally:
            sql_as_superuser("order", 'DROP TRIGGER fill ON "order".cart; DROP FUNCTION "order".fill()')
        cart = shopper.call("POST", f"/v1/carts/{cart['id']}/lines", body, key="a" * 32, expect=201).json()
        shopper.checkout(cart, key=key)
        self.assertEqual(len(shopper.call("GET", "/v1/orders?limit=100").json()["data"]), 1)


if __name__ == "__main__":
    unittest.main()
