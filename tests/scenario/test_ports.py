"""Who listens on a market's ports: nobody but its own gateways."""
import os
import socket
import subprocess
import tempfile
import unittest

from market import Market, wait_until

START_S = 60


def listen_and_share(port):
    """As another server of the same user may do it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


class Ports(unittest.TestCase):
    def test_a_second_market_is_refused_with_a_sentence(self):
        with Market() as market, tempfile.TemporaryDirectory(prefix="souk-") as directory:
            for port in (market.port, market.port + 1):  # one or both of its ports
                second = subprocess.run(market.command("up", "--data-dir", directory, "--port", str(port)),
                                        capture_output=True, text=True, timeout=START_S)
                self.assertEqual(second.returncode, 3, second.stderr)
                self.assertIn(f"127.0.0.1, port {market.port + 1 if port != market.port else port}", second.stderr)
                self.assertIn("another market listens there", second.stderr)
            self.assertTrue(market.is_ready())

    def test_a_gateway_waits_for_its_port_and_comes_back_to_it(self):
        market = Market()
        listener = listen_and_share(market.port + 1)
        market.start(wait=False)
        try:
            wait_until(lambda: "gateway_port_taken" in market.log_path.read_text(), START_S, "it says so")
            self.assertNotIn("souk-gateway", market.children())
            listener.close()
            market.wait_ready(START_S)
            gateway = market.kill("souk-gateway")
            wait_until(lambda: market.children().get("souk-gateway", [gateway]) != [gateway], START_S, "it comes back")
            market.wait_ready(START_S)
        finally:
            listener.close()
            market.__exit__(None, None, None)

    def test_gateways_of_one_market_share_its_ports(self):
        settings = tempfile.NamedTemporaryFile("w", suffix=".ini")
        with settings:
            for name, kind in (("node-1", "node"), ("gateway-1", "gateway"), ("gateway-2", "gateway")):
                settings.write(f"[member.{name}]\nkind = {kind}\n")
            settings.flush()
            os.chmod(settings.name, 0o644)  # a market of root is a user of its own, who must get there
            with Market(settings=(f"--config={settings.name}",)) as market:
                wait_until(lambda: len(market.children().get("souk-gateway", [])) == 2, START_S, "both run")
                gateway = market.kill("souk-gateway")
                wait_until(lambda: len(set(market.children().get("souk-gateway", [])) - {gateway}) == 2, START_S,
                           "the one that died runs again beside the other")
                market.wait_ready()  # the new one has to hear of its nodes first


if __name__ == "__main__":
    unittest.main()
