"""The bank that tests pay at: Stripe's own client, unmodified, finds what it expects of Stripe, also when the bank is
killed; what else is sent to it is refused."""
import http.server
import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import unittest

from bank import KEY, START_S, Bank, story_process
from market import BIN, wait_until

STORY_S, ORDERS, KILLS = 60, 80, 4


class Testbank(unittest.TestCase):
    def tell(self, *names):
        with Bank() as bank:
            story = story_process(bank, *names)
            _, errors = story.communicate(timeout=STORY_S)
            self.assertEqual(story.returncode, 0, errors)
            self.assertEqual(bank.stop(), 0, (bank.folder / "log").read_text())

    def test_money_is_held_captured_refunded_and_declined(self):
        self.tell("moneyIsHeldCapturedAndRefunded", "cardsAreDeclinedAsStripeDeclines")

    def test_the_cardholder_is_asked_and_his_card_kept(self):
        self.tell("theCardholderApprovesOrRefuses", "aCardIsKeptForLater")

    def test_a_key_is_answered_once_and_silence_says_nothing(self):
        self.tell("aKeyIsAnsweredOnce", "silenceMayHaveTakenTheMoneyOrNot")

    def test_answers_that_are_lost_are_asked_for_again(self):
        self.tell("answersThatAreLostAreAskedForAgain")

    def test_lists_are_walked_and_movements_add_up(self):
        self.tell("listsAreWalkedBothWays", "movementsAddUpToTheBooks")

    def test_events_are_signed_repeated_and_in_no_order(self):
        self.tell("eventsAreSignedAndComeAgainUntilTaken", "twoSecretsCountWhileOneIsChanged",
                  "eventsComeInAnyOrderAndMoreThanOnce", "whatIsProcessedLaterIsToldLater")

    def test_disputes_take_the_money_and_may_give_it_back(self):
        self.tell("disputesTakeTheMoneyAndMayGiveItBack")

    def test_kills_in_the_middle_of_charges_lose_nothing_and_do_nothing_twice(self):
        with Bank() as bank:
            story = story_process(bank, "killsLoseNothingAndDoNothingTwice", SOUK_ORDERS=str(ORDERS))
            paid = 0
            for line in story.stdout:
                if not line.strip().isdigit():
                    continue
                paid += 1
                if paid % (ORDERS // (KILLS + 1)) == 0 and paid < ORDERS:
                    bank.kill()
                    bank.start()
            _, errors = story.communicate(timeout=STORY_S)
            self.assertEqual(story.returncode, 0, errors)
            self.assertEqual(paid, ORDERS)

    def test_an_event_that_nobody_took_is_told_after_a_kill(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        told = []

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["type"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        with Bank() as bank:
            hook = f"url=http://127.0.0.1:{bank.port + 1}/&enabled_events[]=customer.created"  # nobody listens there
            self.assertEqual(bank.ask("POST", "/v1/webhook_endpoints", hook.encode(), form)[0], 200)
            self.assertEqual(bank.ask("POST", "/v1/customers", b"name=Ann", form)[0], 200)
            event = json.loads(bank.ask("GET", "/v1/events?type=customer.created")[1])["data"][0]["id"]
            wait_until(lambda: '"attempts":0' not in bank.ask("GET", f"/test/events/{event}/deliveries")[1], STORY_S,
                       "it was tried")
            bank.kill()
            with http.server.ThreadingHTTPServer(("127.0.0.1", bank.port + 1), Hook) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                bank.start()
                wait_until(lambda: told, STORY_S, "it is told")
                wait_until(lambda: '"pending_webhooks":0' in bank.ask("GET", f"/v1/events/{event}")[1], STORY_S,
                           "nothing waits")
                server.shutdown()
            self.assertEqual(told, ["customer.created"])

    def test_it_ends_cleanly_with_work_under_way(self):
        with Bank() as bank, socket.create_server(("127.0.0.1", bank.port + 1)) as deaf:
            def send(path, form):
                client = socket.create_connection(("127.0.0.1", bank.port))
                client.sendall(f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
                               "content-type: application/x-www-form-urlencoded\r\n"
                               f"content-length: {len(form)}\r\n\r\n{form}".encode())
                return client
            pay = "amount=5&currency=eur&confirm=true&payment_method="
            clients = [send("/v1/webhook_endpoints", f"url=http://127.0.0.1:{bank.port + 1}/&enabled_events[]=*")]
            self.assertIn(b"200 OK", clients[0].recv(100))
            clients += [send("/v1/payment_intents", pay + card) for card in ("pm_slow", "pm_timeout_captured")]
            deaf.accept()[0].close()  # one delivery is cut, others wait for an answer
            self.assertEqual(bank.stop(), 0, (bank.folder / "log").read_text())
            for client in clients:
                client.close()

    def test_numbers_of_cards_and_strangers_are_refused(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        with Bank() as bank:
            for body in (b"amount=1&currency=eur&card[number]=1",
                         b"amount=1&currency=eur&description=4242+4242+4242+4242",
                         b"amount=1&currency=eur&metadata[4000000000000002]=x"):
                code, answer = bank.ask("POST", "/v1/payment_intents", body, form)
                self.assertEqual(code, 400)
                self.assertIn("never taken", answer)
            good = b"amount=1&currency=eur"
            wrong = [("/v1/payment_intents", good, {**form, "Authorization": "Bearer sk_test_nobody"}, 401),
                     ("/v1/payment_intents", good, {**form, "Stripe-Version": "2019-01-01"}, 400),
                     ("/v1/payment_intents", b"{}", {"Content-Type": "application/json"}, 400),
                     ("/v1/payment_intents?amount=1", good, form, 400),
                     ("/v1/payment_intents", b"amount=1&amount=2&currency=eur", form, 400),
                     ("/v1/nothing", good, form, 404), ("/v1/payment_intents", good * 4000, form, 413)]
            for path, body, headers, wanted in wrong:
                self.assertEqual(bank.ask("POST", path, body, headers)[0], wanted, (path, body[:40]))
            self.assertEqual(json.loads(bank.ask("GET", "/v1/payment_intents")[1])["data"], [])

    def test_clients_that_hang_up_hurt_nobody(self):
        head = f"POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: "
        parts = [b"GET", b"nonsense\r\n\r\n", (head + "4\r\n\r\nname").encode(), (head + "9\r\n\r\nname=A").encode(),
                 (head + "99999999999999999999\r\n\r\n").encode(), (head + "-1\r\n\r\n").encode(),
                 b"GET /test/clock HTTP/1.1\r\nhost: x\r\n\r\n" * 20]
        with Bank() as bank:
            for _ in range(100):
                for part in parts:
                    with socket.create_connection(("127.0.0.1", bank.port)) as client:
                        client.sendall(part)
            # More connections than it holds are closed at once, so it may have to see that these have gone.
            wait_until(bank.is_ready, START_S, "the bank answers again")
            self.assertEqual(json.loads(bank.ask("GET", "/v1/customers")[1])["data"], [])
            self.assertEqual(bank.stop(), 0, (bank.folder / "log").read_text())

    def test_a_torn_end_of_the_journal_is_cut_off(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        with Bank() as bank:
            self.assertEqual(bank.ask("POST", "/v1/customers", b"name=Ann", form)[0], 200)
            bank.kill()
            with open(bank.folder / "bank" / "journal", "ab") as journal:
                journal.write(b"\0\0\1\0half a record")
            bank.start()
            self.assertEqual(len(json.loads(bank.ask("GET", "/v1/customers")[1])["data"]), 1)
            self.assertIn('"torn_bytes":17', (bank.folder / "log").read_text())

    def test_it_starts_for_tests_only_and_never_twice_on_a_journal(self):
        def refused(command):
            return subprocess.run(command, capture_output=True, text=True, timeout=STORY_S).returncode
        with Bank() as bank:
            command = bank.command()
            self.assertEqual(refused([word for word in command if word != "--test-mode"]), 64)
            self.assertEqual(refused(["sk_live_1" if word == "sk_test_stories" else word for word in command]), 64)
            self.assertEqual(refused(command), 70)
            self.assertEqual(refused([command[0], "--help"]), 0)

    def test_no_market_in_production_starts_with_it(self):
        with Bank() as bank, tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder) / "key"
            key.write_text(KEY + "\n")

            def start(*settings):
                return subprocess.run([BIN / "souk", "up", "--data-dir", f"{folder}/data", "--payment.provider=stripe",
                                       f"--payment.stripe_key_file={key}", *settings], capture_output=True, text=True,
                                      timeout=STORY_S)
            here = start(f"--payment.stripe_url=http://127.0.0.1:{bank.port}")
            elsewhere = start("--payment.stripe_url=http://192.0.2.1", "--payment.play_money=true")
            played = start()
            for refused, word in ((here, "is not https"), (elsewhere, "is not https"),
                                  (played, "payment.stripe_key_file has a test key")):
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(word, refused.stderr)
                self.assertNotIn(KEY, refused.stderr + refused.stdout)
            self.assertFalse((pathlib.Path(folder) / "data").exists())


if __name__ == "__main__":
    unittest.main()
