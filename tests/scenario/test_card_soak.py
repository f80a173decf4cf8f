"""Everything that is done with cards, by many at once, while gateway, node, bank and PostgreSQL are killed and stopped
at random: afterwards each charge of the bank belongs to one placed group, one top-up, is given back or waits for
staff, and all that was heard is there. SOUK_LONG: 50,000 acts (SOUK_ACTS: so many). SOUK_SEED: another run; the seed
is printed.

A seed repeats what is wanted of each client and of the trouble, not how they meet: that is the machine's."""
import collections
import json
import os
import random
import signal
import sys
import threading
import time
import unittest
import uuid

from books import Comparison, untyped
from card_acts import Client, Desk
from cards import CardMarket
from market import wait_until
from people import approved_vendor, first_staff

LONG = "SOUK_LONG" in os.environ
SEED = int(os.environ.get("SOUK_SEED", "1"))
CLIENTS = 16
ACTS = int(os.environ.get("SOUK_ACTS", "50000")) if LONG else None
SECONDS = 60  # of the short run
STOCK = 10_000_000
RESERVATION_S = 30
SETTLE_S = 240
PRICES = {"cup": 1001, "plate": 2503, "spoon": 333}
KILLS_PER_LIFE, LIFE_S = 4, 31  # a supervisor waits after more within half a minute
OPERATIONS = ("payment_intents.create", "payment_intents.capture", "payment_intents.cancel", "payment_intents.retrieve",
              "payment_intents.list", "refunds.create", "*")
FAULTS = ("error", "too_many", "garbage", "half", "redirect", "nothing", "close")
DOMAINS = ("user", "vendor", "catalog", "order", "wallet", "payment", "notification", "admin")
PAUSES_S = (0.5, 2.5)


def setUpModule():
    global stage
    settings = (f"--ttl.reservation={RESERVATION_S}", f"--ttl.hold={RESERVATION_S}", "--saga.deadline=20",
                "--payment.call_timeout=1", "--payment.query_pause=5", "--admin.second_factor=optional",
                "--market.offline_payment=allowed", "--gateway.rate_codes=1000000", "--payment.declines_max=0",
                "--wallet.topup_max=0",
                "--wallet.topups_per_day=0", "--wallet.corrections_max=0")
    market = CardMarket(settings=settings).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    stage = Stage(market, SEED)


class Stage:
    """What clients share: the market with two vendors and their goods, and how long it goes on."""

    def __init__(self, market, seed):
        self.market, self.seed = market, seed
        self.lock, self.turns, self.until, self.timers = threading.Lock(), ACTS, None, []
        staff = first_staff(market)
        staff.call("POST", "/v1/admin/categories", {"name": "Table"}, expect=201)
        category = market.get("/v1/categories").json()["data"][0]["id"]
        vendors = [approved_vendor(market, staff) for _ in range(2)]
        self.code = "SOAK" + uuid.uuid4().hex[:6].upper()
        staff.call("POST", "/v1/admin/promotions", {"name": "Soak", "code": self.code,
                                                    "terms": {"kind": "percent", "off_ppm": 70000}}, expect=201)
        self.staff = Desk(staff)
        self.vendors = {vendor.vendor["id"]: Desk(vendor) for vendor in vendors}
        self.variants = [self.made(vendors[name == "plate"], name, price, category) for name, price in PRICES.items()]

    @staticmethod
    def made(vendor, name, price, category):
        body = {"name": name, "description": "", "category_id": category, "stock": STOCK,
                "price": {"amount": price, "currency": "EUR"}}
        return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()["variants"][0]["id"]

    @staticmethod
    def json(body):
        return json.dumps(body).encode()

    def take_turn(self):
        with self.lock:
            if self.turns is not None:
                self.turns -= 1
                return self.turns >= 0
            return time.monotonic() < self.until

    def is_over(self):
        return self.turns <= 0 if self.turns is not None else time.monotonic() >= self.until

    def later(self, action, *words):
        """When the goods are not set aside any more."""
        timer = threading.Timer(RESERVATION_S + 10, action, words)
        timer.daemon = True
        self.timers.append(timer)
        timer.start()


class Trouble(threading.Thread):
    """One thing after the other goes wrong, until it is told to heal."""
    WHAT = {"kill souk-gateway": 3, "kill souk-node": 4, "kill postgres": 2, "kill bank": 3, "pause souk-gateway": 1,
            "pause souk-node": 2, "pause bank": 2, "fault": 6, "hold": 3}

    def __init__(self, market, seed):
        super().__init__(daemon=True)
        self.market, self.rng = market, random.Random(f"{seed} trouble")
        self.counts, self.problems = collections.Counter(), []
        self.killed = collections.defaultdict(collections.deque)
        self.is_over = threading.Event()
        self.first = [what for what in self.WHAT if what.startswith("kill")]  # so that each dies in a short run, too
        self.rng.shuffle(self.first)

    def next(self):
        what = self.first.pop() if self.first else self.rng.choices(list(self.WHAT), list(self.WHAT.values()))[0]
        return what.partition(" ")

    def run(self):
        while not self.is_over.wait(self.rng.uniform(*PAUSES_S)):
            what, _, program = self.next()
            try:
                if getattr(self, what)(program):
                    self.counts[f"{what} {program}".strip()] += 1
            except (OSError, AssertionError):
                pass  # who is to be killed or asked is down
            except Exception as problem:  # shown by the test
                self.problems.append(f"{what} {program}: {problem!r}")
                return

    def kill(self, program):
        times = self.killed[program]
        while times and time.monotonic() - times[0] > LIFE_S:
            times.popleft()
        if len(times) >= KILLS_PER_LIFE:
            return False
        if program == "bank":
            self.market.bank.kill()
            self.is_over.wait(self.rng.uniform(0, 2))
            self.market.bank.start()
        elif program in self.market.children():
            self.market.kill(program)
        else:
            return False
        times.append(time.monotonic())
        return True

    def pause(self, program):
        pids = [self.market.bank.process.pid] if program == "bank" else self.market.children().get(program, [])
        for pid in pids[:1]:
            os.kill(pid, signal.SIGSTOP)
            try:
                self.is_over.wait(self.rng.uniform(0.5, 4))
            finally:
                os.kill(pid, signal.SIGCONT)
        return bool(pids)

    def fault(self, _):
        form = {"operation": self.rng.choice(OPERATIONS), "kind": self.rng.choice(FAULTS),
                "count": str(self.rng.randint(1, 6)), "does_work": self.rng.choice(["true", "false"])}
        return self.market.ask_bank("POST", "/test/faults", form) is not None

    def hold(self, _):
        self.market.ask_bank("POST", "/test/deliveries/hold", {})
        self.is_over.wait(self.rng.uniform(0.5, 3))
        self.market.ask_bank("POST", "/test/deliveries/release",
                             {"order": self.rng.choice(["made", "reversed", "shuffled"])})
        return True

    def heal(self):
        self.is_over.set()
        self.join()
        self.market.ask_bank("DELETE", "/test/faults")
        self.market.ask_bank("POST", "/test/deliveries/release", {"order": "shuffled"})


class Soak(unittest.TestCase):
    def test_whatever_dies_each_charge_is_somebodys_and_what_was_heard_is_true(self):
        print(f"seed {SEED}", file=sys.stderr, flush=True)
        market, clients = stage.market, [Client(number, stage) for number in range(CLIENTS)]
        trouble = Trouble(market, SEED)
        stage.until = time.monotonic() + SECONDS
        for thread in [*clients, trouble]:
            thread.start()
        while any(client.is_alive() for client in clients) and not stage.is_over():
            self.show(clients, trouble)
            time.sleep(1 if not LONG else 30)
        trouble.heal()
        market.wait_ready()
        for client in clients:
            client.join()
        for timer in stage.timers:
            timer.join()
        counts = self.show(clients, trouble)
        problems = [problem for one in [*clients, trouble] for problem in one.problems]
        print(f"acts {dict(sorted(counts.items()))}\ntrouble {dict(trouble.counts)}", file=sys.stderr, flush=True)
        self.assertEqual(problems, [], "\n".join(problems))
        self.assert_it_proves_something(counts, trouble)
        self.settle(market)
        self.assert_books_agree(market)
        self.assert_heard_is_there(market, [client.heard for client in clients])
        self.assert_stock(market)
        self.assert_nobody_has_crashed(market)
        code, told = market.verify()
        self.assertEqual(code, 0, told)

    def show(self, clients, trouble):
        counts = collections.Counter()
        for client in clients:
            counts.update(client.counts)
        if LONG:
            print(f"{stage.turns} to go, {sum(counts.values())} ends, trouble {sum(trouble.counts.values())}",
                  file=sys.stderr, flush=True)
        return counts

    def assert_it_proves_something(self, counts, trouble):
        least = 50 if LONG else 1
        for end in ("placed by wallet", "placed by card", "placed by both", "placed by door and card", "kept cards",
                    "credits", "top-up: authorised", "refunds of staff"):
            self.assertGreaterEqual(counts[end], least, (end, counts))
        for victim in ("souk-gateway", "souk-node", "postgres", "bank"):
            self.assertGreaterEqual(trouble.counts[f"kill {victim}"], 1, (victim, trouble.counts))

    def settle(self, market):
        market.settle_cards(SETTLE_S)
        for domain in DOMAINS:
            open_ones = "SELECT count(*) FROM host.saga WHERE NOT is_done"
            wait_until(lambda one=domain, sql=open_ones: market.sql(one, sql) == [["0"]], SETTLE_S,
                       f"no process of {domain} is open")

    def assert_books_agree(self, market):
        """The ledger and orders follow by events."""
        clerk, found = market.clerk(), []

        def agrees():
            found[:] = Comparison(market, clerk).wrong
            return not found
        try:
            wait_until(agrees, SETTLE_S, "both books say the same")
        except TimeoutError:
            self.fail(f"seed {SEED}: {len(found)} differences:\n" + "\n".join(found[:40]))

    def assert_heard_is_there(self, market, heard):
        """Each act that had an end has happened just once, and what was refused or left has not happened."""
        def all_of(name):
            return {untyped(one) for client in heard for one in getattr(client, name)}
        placed = {row[0] for row in market.sql("order", "SELECT id FROM \"order\".order_group WHERE status = 'placed'")}
        self.assertEqual(placed, all_of("placed"), "placed and heard")
        self.assertEqual(placed & all_of("abandoned"), set(), "left at the bank, and placed")
        topups = dict(market.sql("wallet", "SELECT payment_id, state FROM wallet.topup"))
        self.assertEqual(set(topups), all_of("topups"))
        self.assertEqual({one for one in all_of("credited") if topups[one] != "credited"}, set())
        cancelled = {row[0]: int(row[1]) for row in market.sql(
            "order", "SELECT id, cancelled FROM \"order\".order_line WHERE cancelled > 0")}
        self.assertEqual(cancelled, {untyped(line): units for client in heard for line, units in client.units.items()
                                     if units})
        refunds = {row[0]: int(row[1]) for row in market.sql(
            "order", "SELECT order_id, count(*) FROM \"order\".order_history WHERE trigger = 'refund_order' "
                     "GROUP BY order_id")}
        told = {untyped(order): count for client in heard for order, count in client.refunds.items()}
        self.assertEqual(refunds, told)

    def assert_stock(self, market):
        sold = market.sql("order", "SELECT coalesce(sum(quantity - cancelled), 0) FROM \"order\".order_line")
        on_hand, held, reserved = market.sql(
            "catalog", "SELECT sum(on_hand), sum(held), (SELECT count(*) FROM catalog.reservation WHERE state = 1) "
                       "FROM catalog.stock")[0]
        self.assertEqual((int(on_hand), held, reserved), (len(PRICES) * STOCK - int(sold[0][0]), "0", "0"))

    def assert_nobody_has_crashed(self, market):
        """But for those that were killed."""
        ended = collections.Counter()
        with open(market.log_path, encoding="utf-8", errors="replace") as log:
            for line in log:
                self.assertNotIn("Assertion", line)
                self.assertNotIn("Sanitizer", line)
                if '"event":"child_ended"' in line:
                    told = json.loads(line)
                    ended[told["child"].split("-")[0], told["signal"]] += 1
        self.assertEqual({one: count for one, count in ended.items() if one[1] not in (0, signal.SIGKILL)}, {})


if __name__ == "__main__":
    unittest.main()
