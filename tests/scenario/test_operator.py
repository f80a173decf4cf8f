"""What the operator's programs say when the market does not answer, and how many may run."""
import os
import re
import subprocess
import unittest

from market import BIN, Market, wait_until

AT_ONCE = 20
AGAIN_S = 30


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def grant(email, *words):
    return market.admin("grant", "--email", email, "--amount", "500", "--currency", "EUR", *words, check=False)


class Operator(unittest.TestCase):
    def test_a_grant_without_an_answer_is_unknown_and_its_repeat_is_the_same(self):
        shopper = market.shopper()
        self.assertEqual(grant(shopper.email, "--key", "first").returncode, 0)
        self.assertEqual(grant(shopper.email, "--key", "first").returncode, 0)
        self.assertEqual(shopper.available(), 500, "the same key is the same grant")
        other = market.admin("grant", "--email", shopper.email, "--amount", "600", "--currency", "EUR",
                             "--key", "first", check=False)
        self.assertEqual(other.returncode, 1, other.stderr)
        self.assertEqual(shopper.available(), 500, "another amount under that key is no grant at all")
        key = self.grant_into_silence(shopper)
        wait_until(lambda: grant(shopper.email, "--key", key).returncode == 0, AGAIN_S, "the repeat has an answer")
        self.assertEqual(shopper.available(), 1000, "whether or not the first came through")
        self.assertEqual(grant(shopper.email).returncode, 0)
        self.assertEqual(shopper.available(), 1500, "without a key it is another one")

    def grant_into_silence(self, shopper):
        """The wallet's table is locked, so that the command arrives and cannot be done; returns the key it tells."""
        password = (market.data_dir / "keys" / "database" / "wallet").read_text().strip()
        lock = subprocess.Popen(["psql", "-X", "-q", f"host={market.run_dir()}/pg user=souk_wallet dbname=souk_wallet"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "PGPASSWORD": password})
        try:
            lock.stdin.write("BEGIN; LOCK TABLE wallet.balance; SELECT 1;\n")
            lock.stdin.flush()
            lock.stdout.readline()
            silent = grant(shopper.email)
        finally:
            lock.kill()
            lock.wait()
            lock.stdin.close()
            lock.stdout.close()
        self.assertEqual(silent.returncode, 4, silent.stderr)
        self.assertIn("the outcome is not known", silent.stderr)
        self.assertNotIn("no market", silent.stderr)
        return re.search(r"--key (\S+),", silent.stderr).group(1)

    def test_every_command_tells_its_help(self):
        for program in sorted(BIN.glob("souk-*")):
            with self.subTest(program.name):
                told = subprocess.run([BIN / "souk", program.name.removeprefix("souk-"), "--help"], capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual((told.returncode, told.stderr), (0, ""))
                self.assertIn(program.name.replace("-", " ") if "usage" in told.stdout else program.name, told.stdout)

    def test_many_programs_at_once_are_all_served(self):
        running = [subprocess.Popen(market.command("events", "parked", "--data-dir", str(market.data_dir)),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                   for _ in range(AT_ONCE)]
        for program in running:
            _, errors = program.communicate(timeout=60)
            self.assertEqual(program.returncode, 0, errors)


if __name__ == "__main__":
    unittest.main()
