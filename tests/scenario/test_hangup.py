"""SIGHUP to `souk up`: logs are opened anew, the certificate is read again, and nobody ends."""
import os
import signal
import socket
import ssl
import subprocess
import unittest

from market import Market, wait_until

SOON_S = 20


def setUpModule():
    global market, access_log
    market = Market()
    access_log = market.data_dir / "access.log"
    market.settings.append(f"--gateway.access_log={access_log}")
    market.__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def certificate():
    """What the gateway presents to a new connection."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", market.port), timeout=SOON_S) as raw:
        with context.wrap_socket(raw) as wrapped:
            return wrapped.getpeercert(binary_form=True)


def hang_up():
    os.kill(market.process.pid, signal.SIGHUP)


class Hangup(unittest.TestCase):
    def setUp(self):
        self.children = market.children()

    def tearDown(self):
        self.assertIsNone(market.process.poll())
        self.assertEqual(market.children(), self.children, "nobody ended")
        self.assertTrue(market.is_ready())

    def renew(self):
        keys = market.data_dir / "keys"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-subj", "/CN=renewed.example", "-days", "2", "-keyout", str(keys / "gateway.key"),
                        "-out", str(keys / "gateway.crt")], check=True, capture_output=True, timeout=60)

    def test_logs_that_were_moved_are_made_anew(self):
        moved = [path.rename(path.with_suffix(".1")) for path in (market.log_path, access_log)]
        hang_up()
        wait_until(market.log_path.exists, SOON_S, "there is a new log")
        wait_until(access_log.exists, SOON_S, "there is a new log of requests")
        before = [path.stat().st_size for path in moved]
        market.get("/v1/products?limit=1")
        wait_until(lambda: "/v1/products" in access_log.read_text(), SOON_S, "requests are logged there")
        wait_until(lambda: '"certificate_read"' in market.log_path.read_text(), SOON_S, "the gateway writes there")
        self.assertEqual([path.stat().st_size for path in moved], before, "nobody writes to the old ones")

    def test_a_renewed_certificate_is_used_and_open_connections_live_on(self):
        before = certificate()
        connection = market.connect(tls=True)
        self.assertEqual(connection.request("GET", "/healthz").status, 200)
        self.renew()
        hang_up()
        wait_until(lambda: certificate() != before, SOON_S, "the new one is presented")
        self.assertEqual(connection.request("GET", "/healthz").status, 200)
        connection.close()

    def test_a_certificate_that_is_none_leaves_the_one_before(self):
        before = certificate()
        path = market.data_dir / "keys" / "gateway.crt"
        good = path.read_bytes()
        path.write_text("nonsense")
        hang_up()
        wait_until(lambda: '"certificate_refused"' in market.log_path.read_text(), SOON_S, "it is an alarm")
        self.assertEqual(certificate(), before)
        path.write_bytes(good)


if __name__ == "__main__":
    unittest.main()
