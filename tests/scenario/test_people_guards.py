"""What guards people: secrets are asked for without being shown and sent only where nobody listens, too many wrong
codes say how long to wait, and whoever leaves orders nothing more."""
import logging
import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import termios
import threading
import time
import unittest
import uuid
import warnings

from market import Market, PASSWORD, wait_until
from people import approved_vendor
from servers import MailServer
from test_people_shopper import uuid_of
from test_people_vendor import one_time_code

MAIL_LOGIN = ("souk", "a secret of the mail server")


def make_certificate(folder, name, alternative):
    """A certificate that vouches for itself, with its key, in one file; and the certificate alone."""
    key, certificate, both = (folder / f"{name}.{kind}" for kind in ("key", "crt", "pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    both.write_text(certificate.read_text() + key.read_text())
    return both, certificate


def setUpModule():
    global market, staff, mails, good, stranger, misnamed
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # of hostile servers, too
    warnings.filterwarnings("ignore", module="aiosmtpd")
    holder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(holder.cleanup)
    folder = pathlib.Path(holder.name)
    folder.chmod(0o755)
    good, good_alone = make_certificate(folder, "good", "IP:127.0.0.1")
    stranger, _ = make_certificate(folder, "stranger", "IP:127.0.0.1")
    misnamed, misnamed_alone = make_certificate(folder, "misnamed", "DNS:elsewhere.example")
    trusted = folder / "trusted.pem"
    trusted.write_text(good_alone.read_text() + misnamed_alone.read_text())
    password_file = folder / "password"
    password_file.write_text(MAIL_LOGIN[1] + "\n")
    mails = MailServer()
    unittest.addModuleCleanup(mails.stop)
    market = Market(settings=(
        f"--notification.smtp_url={mails.url}", f"--notification.smtp_user={MAIL_LOGIN[0]}",
        f"--notification.smtp_password_file={password_file}", f"--notification.smtp_ca_file={trusted}",
        "--notification.smtp_tls=opportunistic", "--notification.retry=1", "--notification.lease=3",
        "--notification.mail_from=market@souk.example")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()


class MailOverTls(unittest.TestCase):
    def setUp(self):
        mails.stop()
        mails.logins.clear()

    def tearDown(self):
        mails.stop()

    @staticmethod
    def last_error(shopper):
        rows = market.sql("notification", "SELECT coalesce(last_error, '') FROM notification.message WHERE kind ="
                          f" 'verify_email' AND recipient_id = '{uuid_of(shopper.user['id'])}'")
        return rows[0][0] if rows else ""

    def assert_nothing_is_said(self):
        """A message was tried, and neither it nor the password has left."""
        shopper = market.shopper()
        wait_until(lambda: self.last_error(shopper) != "", 20, "the mail was tried")
        time.sleep(1.5)  # and once more
        self.assertEqual(mails.of(shopper.email), [])
        self.assertEqual(mails.logins, [])
        return shopper

    def assert_comes_at_last(self, shopper):
        mails.stop()
        mails.start(certificate=good, login=MAIL_LOGIN)
        wait_until(lambda: mails.of(shopper.email), 60, "the mail comes when the server is the right one")
        self.assertTrue(all(was_encrypted for _, was_encrypted in mails.logins))

    def test_a_mail_goes_over_tls_with_the_password(self):
        mails.start(certificate=good, login=MAIL_LOGIN)
        shopper = market.shopper()
        wait_until(lambda: mails.of(shopper.email), 20, "the mail comes")
        self.assertIn((MAIL_LOGIN, True), mails.logins)
        self.assertTrue(all(was_encrypted for _, was_encrypted in mails.logins))

    def test_a_certificate_that_nobody_trusts_is_told_nothing(self):
        mails.start(certificate=stranger, login=MAIL_LOGIN)
        self.assert_comes_at_last(self.assert_nothing_is_said())

    def test_a_certificate_of_another_name_is_told_nothing(self):
        mails.start(certificate=misnamed, login=MAIL_LOGIN)
        self.assert_comes_at_last(self.assert_nothing_is_said())

    def test_a_server_without_encryption_is_told_no_password(self):
        mails.start(login=MAIL_LOGIN)
        self.assert_comes_at_last(self.assert_nothing_is_said())


class Terminal:
    """`souk admin create` with a terminal of its own."""

    def __init__(self, email):
        self.main, side = pty.openpty()
        self.side = os.dup(side)
        self.shown = ""
        self.process = subprocess.Popen(
            market.command("admin", "create", "--email", email, "--data-dir", str(market.data_dir)),
            stdin=side, stdout=side, stderr=side, start_new_session=True, close_fds=True)
        os.close(side)

    def wait_for(self, words):
        def is_shown():
            while select.select([self.main], [], [], 0)[0]:
                self.shown += os.read(self.main, 1000).decode()
            return words in self.shown
        wait_until(is_shown, 20, f"{words!r} is shown; {self.shown!r}")

    def is_echoing(self):
        return bool(termios.tcgetattr(self.side)[3] & termios.ECHO)

    def type(self, line):
        os.write(self.main, (line + "\n").encode())

    def end(self):
        code = self.process.wait(timeout=60)
        self.wait_for("")
        echoing = self.is_echoing()
        os.close(self.side)
        os.close(self.main)
        return code, echoing


class PasswordAtATerminal(unittest.TestCase):
    def ask(self, email, first, second):
        terminal = Terminal(email)
        terminal.wait_for("Password: ")
        wait_until(lambda: not terminal.is_echoing(), 10, "nothing is shown")
        terminal.type(first)
        terminal.wait_for("Once more: ")
        self.assertFalse(terminal.is_echoing())
        terminal.type(second)
        code, echoing = terminal.end()
        self.assertTrue(echoing, "the terminal is as it was")
        self.assertNotIn(first, terminal.shown)
        self.assertNotIn(second, terminal.shown)
        return code, terminal.shown

    def sign_in(self, email, password):
        connection = market.shopper()  # any connection will do
        return connection.call("POST", "/v1/admin/login", {"email": email, "password": password}).status

    def test_it_is_asked_for_twice_and_not_shown(self):
        email = f"owner-{uuid.uuid4().hex[:8]}@example.com"
        code, shown = self.ask(email, "typed at a terminal", "typed at a terminal")
        self.assertEqual(code, 0, shown)
        self.assertEqual(self.sign_in(email, "typed at a terminal"), 200)

    def test_two_different_ones_make_nobody(self):
        email = f"owner-{uuid.uuid4().hex[:8]}@example.com"
        code, shown = self.ask(email, "typed at a terminal", "typed at another")
        self.assertNotEqual(code, 0)
        self.assertIn("twice the same", shown)
        self.assertEqual(self.sign_in(email, "typed at a terminal"), 401)


class SecondFactor(unittest.TestCase):
    def assert_waiting_is_told(self, person, login_path, otp_path, password=PASSWORD):
        enrolment = person.call("POST", otp_path, {"current_password": password}, expect=200).json()
        person.call("POST", f"{otp_path}/confirm", {"code": one_time_code(enrolment["secret"])}, expect=200)
        body = {"email": person.email, "password": password, "otp": "000000"}
        answers = []
        while len(answers) < 30 and (not answers or answers[-1].status != 429):
            answers.append(person.call("POST", login_path, body))
        self.assertEqual({answer.code() for answer in answers[:-1]}, {"wrong_otp"})
        last = answers[-1]
        self.assertEqual((last.status, last.code()), (429, "too_many_requests"))
        self.assertGreater(len(answers), 3)
        self.assertRegex(last.headers.get("retry-after", ""), r"^[1-9][0-9]*$")
        wait_s = int(re.search(r"in (\d+) seconds", last.json()["errors"][0]["detail"])[1])
        self.assertLessEqual(abs(int(last.headers["retry-after"]) - wait_s), 1)
        right = person.call("POST", login_path, {**body, "otp": one_time_code(enrolment["secret"], 1)})
        self.assertEqual(right.status, 429, "not even a right code is looked at")
        self.assertTrue(right.headers.get("retry-after"))

    def test_a_shopper_is_told_how_long_to_wait(self):
        self.assert_waiting_is_told(market.shopper(), "/v1/auth/login", "/v1/me/otp")

    def test_a_member_is_told_how_long_to_wait(self):
        vendor = approved_vendor(market, staff)
        self.assert_waiting_is_told(vendor, "/v1/vendor/login", "/v1/vendor/me/otp")

    def test_staff_is_told_how_long_to_wait_and_it_is_audited(self):
        other = market.staff()
        self.assert_waiting_is_told(other, "/v1/admin/login", "/v1/admin/me/otp")

        def of(action):
            query = f"/v1/admin/audit?principal={other.person['id']}&action={action}"
            return staff.call("GET", query, expect=200).json()["data"]
        self.assertEqual(len(of("admin.record_lockout")), 1)
        self.assertEqual(of("admin.record_lockout")[0]["reason"], "too many wrong tries: one-time code")
        self.assertEqual(len(of("admin.login")), 1)
        self.assertEqual(of("admin.login")[0]["client"], "127.0.0.1")
        self.assertEqual(len(of("admin.confirm_otp")), 1)


class Leaving(unittest.TestCase):
    @staticmethod
    def give_away(stock):
        """A vendor, and its product that costs nothing: who has money can leave as little as who has orders."""
        staff.reconnect()
        vendor = approved_vendor(market, staff)
        category = market.get("/v1/categories").json()["data"]
        if not category:
            category = [staff.call("POST", "/v1/admin/categories", {"name": "Gifts"}, expect=201).json()]
        product = vendor.call("POST", "/v1/vendor/products", {
            "name": "A gift", "description": "", "category_id": category[0]["id"], "images": [],
            "price": {"amount": 0, "currency": "EUR"}, "stock": stock}, expect=201).json()
        return vendor, product["variants"][0]["id"]

    @staticmethod
    def fill_cart(shopper, variant):
        def is_added():
            return shopper.call("POST", f"/v1/carts/{shopper.cart()['id']}/lines",
                                {"variant_id": variant, "quantity": 1}).status == 201
        wait_until(is_added, 15, "the vendor sells")

    def test_a_vendor_that_leaves_sells_nothing_and_stays_for_its_open_order(self):
        vendor, variant = self.give_away(5)
        buyer, late = market.shopper(), market.shopper()
        self.fill_cart(buyer, variant)
        self.fill_cart(late, variant)
        buyer.checkout(buyer.cart())
        where = f"/v1/admin/vendors/{vendor.vendor['id']}"
        staff.step_up()
        left = staff.call("POST", f"{where}/terminate", {"reason": "fraud"}, expect=200).json()
        self.assertEqual((left["status"], left["is_open"]), ("terminating", False))

        def answer():
            return late.checkout(late.cart(), expect=None).code()
        wait_until(lambda: late.cart()["lines"][0]["problems"], 15, "the catalogue has heard of it")
        self.assertEqual(answer(), "vendor_unavailable")
        detail = staff.call("GET", where, expect=200).json()
        self.assertEqual((detail["open_orders"], detail["open_checkouts"]), (1, 0))
        self.assertIn("view_orders", vendor.login()["member"]["permissions"])
        self.assertNotIn("manage_products", vendor.login()["member"]["permissions"])
        wait_until(lambda: market.sql("vendor", "SELECT is_known FROM vendor.leaving") == [["t"]], 15,
                   "it is asked for its orders from now on")
        market.sql("vendor", "UPDATE vendor.leaving SET due_at = 0")
        wait_until(lambda: market.sql("vendor", "SELECT due_at > 0 FROM vendor.leaving") == [["t"]], 15, "it was asked")
        self.assertEqual(staff.call("GET", where, expect=200).json()["vendor"]["status"], "terminating")

    def test_an_erasure_and_a_checkout_at_once_never_both_happen(self):
        vendor, variant = self.give_away(1000)
        outcomes = []
        for i in range(12):
            shopper = market.shopper()
            self.fill_cart(shopper, variant)
            request = shopper.checkout_request(shopper.cart(), uuid.uuid4().hex)
            other = market.connect()
            bought, erased = [], []

            def buy():
                time.sleep(max(i - 4, 0) * 0.0015)
                bought.append(other.request(*request))

            def leave():
                erased.append(shopper.call("DELETE", "/v1/me"))  # a fresh sign-in is proof enough
            threads = [threading.Thread(target=buy), threading.Thread(target=leave)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            other.close()
            outcomes.append((bought[0].status, bought[0].code(), erased[0].status, erased[0].code()))
        for bought_status, bought_code, erased_status, erased_code in outcomes:
            if erased_status == 204:
                self.assertIn((bought_status, bought_code), [(409, "account_closing"), (401, "unauthenticated"),
                                                             (404, "not_found")], outcomes)
            else:
                self.assertEqual((erased_status, erased_code), (409, "erasure_blocked"), outcomes)
        gone = market.sql("order", "SELECT user_id FROM \"order\".vendor_order")
        erased_ids = market.sql("user", "SELECT id FROM \"user\".account WHERE status = 'erased'")
        self.assertEqual([row for row in gone if row in erased_ids], [])

        def movements():
            return vendor.call("GET", f"/v1/vendor/variants/{variant}/stock-movements?limit=100",
                               expect=200).json()["data"]
        sold = sum(1 for outcome in outcomes if outcome[0] == 201)
        wait_until(lambda: len(movements()) == 1 + sold, 15, "each sale is a movement")
        self.assertEqual(sum(movement["delta"] for movement in movements()), 1000 - sold)
        self.assertEqual(market.sql("catalog", "SELECT * FROM catalog.check_stock()"), [])


if __name__ == "__main__":
    unittest.main()
