"""The log of a market goes to a pipe whose reader stalls, and then dies: the market serves on."""
import os
import signal
import subprocess
import unittest

from market import Market, wait_until

FILL_BYTES = 1 << 20


class PipedMarket(Market):
    """Its log goes through a pipe to `cat`, as to a collector of logs."""

    def open_log(self):
        with super().open_log() as log:
            self.reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        return os.fdopen(os.dup(self.reader.stdin.fileno()), "wb")

    def stop(self):
        super().stop()
        self.reader.kill()
        self.reader.wait()
        self.reader.stdin.close()


class LogReader(unittest.TestCase):
    def test_a_reader_that_stalls_and_dies_stops_nobody(self):
        with PipedMarket() as market:
            os.kill(market.reader.pid, signal.SIGSTOP)
            self.fill(market.reader.stdin.fileno())
            node = market.kill("souk-node")
            wait_until(lambda: market.children().get("souk-node", [node]) != [node], 30, "the node is started again")
            wait_until(market.is_ready, 30, "the market is ready")
            market.reader.kill()
            market.reader.wait()
            market.reader.stdin.close()
            node = market.kill("souk-node")
            wait_until(lambda: market.children().get("souk-node", [node]) != [node], 30, "and again without a reader")
            wait_until(market.is_ready, 30, "the market is ready again")
            self.assertIsNone(market.process.poll())

    def fill(self, descriptor):
        """Until nothing more goes in: by a description of our own, so that the market's stays as it is."""
        own = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK)
        try:
            for _ in range(FILL_BYTES):
                os.write(own, b"\n")
        except BlockingIOError:
            pass
        finally:
            os.close(own)


if __name__ == "__main__":
    unittest.main()
