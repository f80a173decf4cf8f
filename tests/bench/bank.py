#!/usr/bin/python3
"""How many payments a test bank takes in a second: tests/bench/bank.py [CONNECTIONS [SECONDS]]

Each connection of limit_bank.c makes the two calls of a checkout, with the market's own fields and a key each, one
after the other: a payment is created and confirmed, then captured. It is the limit line of checkouts by card, since no
market is quicker than the bank it pays at. Both programs are built first: ninja -C build/gcc souk-testbank limit_bank
(or SOUK_BUILD)."""
import http.client
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SOUK_BUILD", ROOT / "build" / "gcc"))
PORT, KEY, START_S = 12119, "sk_test_bench", 20
CALLS = 2  # of a payment


def cpu_s(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_bank(process):
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
            connection.request("GET", "/test/clock")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("the bank does not answer")


def measure(process, connections, seconds):
    wait_for_bank(process)
    before_s = cpu_s(process)
    command = [BUILD / "bench" / "limit_bank", str(PORT), KEY, str(connections), str(seconds)]
    told = subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=seconds + START_S).stdout.split()
    payments, lasted_s, p50_ms, p99_ms = int(told[0]), *(float(word) for word in told[1:])
    rate, cost_s = payments / lasted_s, 1000 * (cpu_s(process) - before_s) / payments
    print(f"{connections} connections: {rate:,.0f} payments/s ({CALLS * rate:,.0f} requests/s), p50 {p50_ms:.1f} ms,"
          f" p99 {p99_ms:.1f} ms, {cost_s:.3f} CPU-s of the bank per 1000")


def main():
    connections = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    folder = tempfile.mkdtemp(prefix="souk-bank-", dir=os.environ.get("SOUK_BENCH_DIR"))
    command = [BUILD / "bin" / "souk-testbank", "--test-mode", "--port", str(PORT), "--data", f"{folder}/bank",
               "--account", KEY]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        measure(process, connections, seconds)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


main()
