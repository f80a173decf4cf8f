"""What people are told (tests/README.md, S-46): once, in their language, by the ways that they want, through servers
that fail and nodes that die."""
import pathlib
import re
import tempfile
import time
import unittest
import urllib.parse
import uuid

from market import Market, wait_until
from people import approved_vendor
from servers import MailServer, TextServer
import test_races

ACCOUNT, TOKEN = "AC0123456789", "sesame"
FROM = "market@souk.example"


def setUpModule():
    global market, mails, texts
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    token_file = pathlib.Path(folder.name) / "token"
    token_file.write_text(TOKEN + "\n")
    token_file.parent.chmod(0o711)  # a market of root is a user of its own, who must get there
    mails = MailServer().start()
    unittest.addModuleCleanup(mails.stop)
    texts = TextServer(ACCOUNT, TOKEN)
    unittest.addModuleCleanup(texts.stop)
    market = Market(settings=(
        f"--notification.smtp_url={mails.url}", "--notification.smtp_tls=none", f"--notification.mail_from={FROM}",
        "--notification.retry=1", "--notification.lease=3", "--market.url=https://market.example",
        "--market.name=Süd-Markt", "--admin.second_factor=optional",
        f"--notification.sms_url={texts.url}", f"--notification.sms_account={ACCOUNT}",
        f"--notification.sms_token_file={token_file}", "--notification.sms_from=+4930123456")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    test_races.market = market


def outbox(recipient, **more):
    query = urllib.parse.urlencode({"recipient": recipient, **more})
    response = market.get(f"/v1/test/outbox?{query}")
    assert response.status == 200, response.body
    return response.json()["data"]


def rows(shopper, kind, channel="email"):
    """State, reason, attempts, last error of the messages of one kind to a shopper."""
    return market.sql("notification", "SELECT state, coalesce(suppressed_why, ''), attempts, coalesce(last_error, ''),"
                      f" id FROM notification.message WHERE recipient_id = '{untyped(shopper.user['id'])}'"
                      f" AND kind = '{kind}' AND channel = '{channel}'")


def untyped(text):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for character in text.split("_", 1)[1]:
        number = number << 5 | alphabet.index(character)
    return str(uuid.UUID(int=number))


def wait_for_state(shopper, kind, state, channel="email", timeout_s=15):
    wait_until(lambda: [row[0] for row in rows(shopper, kind, channel)] == [state], timeout_s,
               f"{kind} by {channel} is {state}: {rows(shopper, kind, channel)}")


def ask_for_reset(shopper):
    return shopper.call("POST", "/v1/auth/password/forgot", {"email": shopper.email}, expect=202)


def buy(shopper):
    variants = test_races.import_stock("gift" + uuid.uuid4().hex[:8], 1, 100)
    return shopper.checkout(shopper.add(shopper.cart(), variants[0])).json()


def choose(shopper, *choices):
    body = {"preferences": [dict(zip(("topic", "channel", "is_enabled"), choice)) for choice in choices]}
    return shopper.call("PATCH", "/v1/me/notification-preferences", body, expect=200)


def prove_phone(shopper):
    """By the code of the only text message."""
    shopper.call("POST", "/v1/me/phone/code", {}, expect=202)
    wait_until(lambda: texts.texts, 10, "the code")
    form, _ = texts.texts.pop()
    code = re.search(r"\b\d{8}\b", form["Body"])[0]
    shopper.call("POST", "/v1/me/phone/verify", {"code": code}, expect=204)


class Mail(unittest.TestCase):
    def setUp(self):
        mails.reply, mails.delay_s = "250 taken", 0

    def test_a_new_shopper_gets_one_mail_that_is_whole_and_whose_link_works(self):
        shopper = market.shopper()
        wait_for_state(shopper, "verify_email", "sent")
        time.sleep(1.2)
        self.assertEqual(len(mails.of(shopper.email)), 1)
        mail = mails.of(shopper.email)[0]
        self.assertEqual(mail["From"].addresses[0].addr_spec, FROM)
        self.assertEqual(mail["From"].addresses[0].display_name, "Süd-Markt")
        self.assertEqual(mail["To"].addresses[0].addr_spec, shopper.email)
        self.assertRegex(mail["Message-ID"], r"^<ntf_[0-9a-z]{26}@souk\.example>$")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertEqual(mail["Subject"], "Confirm your e-mail address")
        text = mail.get_body(("plain",)).get_content()
        page = mail.get_body(("html",)).get_content()
        self.assertIn("Süd-Markt", text)
        link = re.search(r"https://market\.example/account/verify-email\?token=(\S+)", text)
        self.assertIn(f'<a href="{link[0]}">', page)
        self.assertEqual([message["message_id"] for message in outbox(shopper.email)], [mail["Message-ID"]])
        shopper.call("POST", "/v1/auth/verify-email", {"token": link[1]}, expect=204)

    def test_a_german_gets_german_with_a_subject_in_utf_8(self):
        shopper = market.shopper()
        shopper.call("PATCH", "/v1/me", {"locale": "de"}, expect=200)
        ask_for_reset(shopper)
        wait_for_state(shopper, "reset_password", "sent")
        mail = next(mail for mail in mails.of(shopper.email) if mail["Subject"].startswith("W"))
        self.assertEqual(mail["Subject"], "Wählen Sie ein neues Passwort")
        raw = next(raw for to, message, raw in mails.mails if message["Message-ID"] == mail["Message-ID"])
        raw.split(b"\r\n\r\n")[0].decode("ascii")
        self.assertIn("müssen Sie nichts tun", mail.get_body(("plain",)).get_content())

    def test_rows_hold_neither_addresses_nor_tokens(self):
        shopper = market.shopper()
        wait_for_state(shopper, "verify_email", "sent")
        row = market.sql("notification", "SELECT m::text FROM notification.message m WHERE recipient_id ="
                         f" '{untyped(shopper.user['id'])}'")[0][0]
        self.assertNotIn("@", row)
        self.assertNotIn(outbox(shopper.email)[0]["text"].split("token=")[1].split()[0], row)
        self.assertNotIn(shopper.email, market.log_path.read_text())

    def test_a_server_that_is_down_is_tried_again_until_it_is_up(self):
        mails.stop()
        try:
            shopper = market.shopper()
            wait_until(lambda: rows(shopper, "verify_email") and rows(shopper, "verify_email")[0][0] == "retrying", 10,
                       "the first attempt has failed")
        finally:
            mails.start()
        wait_for_state(shopper, "verify_email", "sent", timeout_s=30)
        self.assertEqual(len(mails.of(shopper.email)), 1)

    def test_a_busy_server_is_tried_again_with_the_same_message(self):
        mails.reply = "451 4.3.0 later please"
        shopper = market.shopper()
        wait_until(lambda: mails.of(shopper.email), 10, "a first attempt")
        mails.reply = "250 taken"
        wait_for_state(shopper, "verify_email", "sent", timeout_s=30)
        self.assertEqual(len({mail["Message-ID"] for mail in mails.of(shopper.email)}), 1)

    def test_what_is_refused_for_good_is_dead_until_staff_replays_it(self):
        mails.reply = "550 5.1.1 <RECIPIENT> is nobody"
        shopper = market.shopper()
        wait_for_state(shopper, "verify_email", "dead")
        (_, _, attempts, error, row_id), = rows(shopper, "verify_email")
        self.assertEqual(attempts, "1")
        self.assertIn("550", error)
        self.assertNotIn(shopper.email, error)
        staff = market.staff()
        page = staff.call("GET", "/v1/admin/notifications?status=dead&channel=email"
                          f"&recipient={shopper.user['id']}", expect=200).json()
        self.assertEqual([(item["status"], item["person_id"]) for item in page["data"]], [("dead", shopper.user["id"])])
        self.assertNotIn(shopper.email, str(page))
        path = f"/v1/admin/notifications/{page['data'][0]['id']}/replay"
        self.assertEqual(staff.call("POST", path, {"reason": " "}).status, 422)
        mails.reply = "250 taken"
        staff.call("POST", path, {"reason": "the mailbox was made"}, expect=204)
        wait_for_state(shopper, "verify_email", "sent")
        self.assertEqual(len({mail["Message-ID"] for mail in mails.of(shopper.email)}), 1)
        again = staff.call("POST", path, {"reason": "once more"})
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
        wait_until(lambda: market.sql("admin", "SELECT count(*) FROM admin.audit_entry WHERE action ="
                                      " 'notification.replay_message'") == [["1"]], 10, "the replay is audited")
        self.assertEqual(shopper.call("GET", "/v1/admin/notifications").status, 401)

    def test_a_node_that_dies_while_it_sends_repeats_at_most_once_under_the_same_name(self):
        mails.delay_s = 2.5
        shopper = market.shopper()
        wait_until(lambda: mails.of(shopper.email), 10, "the mail is being sent")
        self.assertEqual(rows(shopper, "verify_email")[0][0], "sending")
        market.kill("souk-node")
        mails.delay_s = 0
        market.wait_ready()
        wait_for_state(shopper, "verify_email", "sent", timeout_s=30)
        time.sleep(1.5)
        sent = mails.of(shopper.email)
        self.assertEqual(len(sent), 2)
        self.assertEqual(len({mail["Message-ID"] for mail in sent}), 1)
        self.assertEqual(rows(shopper, "verify_email")[0][2], "2")


class Preferences(unittest.TestCase):
    def setUp(self):
        mails.reply, mails.delay_s = "250 taken", 0

    def test_who_wants_no_mail_about_orders_gets_none_and_a_row_says_so(self):
        shopper = market.shopper(money=10_000)
        before = shopper.call("GET", "/v1/me/notification-preferences", expect=200)
        self.assertEqual(before.headers["etag"], '"1"')
        answer = choose(shopper, ("orders", "email", False), ("account", "email", False))
        self.assertEqual(answer.headers["etag"], '"2"')
        self.assertEqual(choose(shopper, ("orders", "email", False)).json()["version"], 2)
        stale = shopper.call("PATCH", "/v1/me/notification-preferences", {"preferences": []}, if_match='"1"')
        self.assertEqual(stale.status, 412)
        twice = {"preferences": [{"topic": "orders", "channel": "email", "is_enabled": True}] * 2}
        self.assertEqual(shopper.call("PATCH", "/v1/me/notification-preferences", twice).status, 400)
        buy(shopper)
        wait_for_state(shopper, "order_placed", "suppressed")
        self.assertEqual(rows(shopper, "order_placed")[0][1], "preference")
        wait_for_state(shopper, "order_placed", "sent", "in_app")
        ask_for_reset(shopper)
        wait_for_state(shopper, "reset_password", "sent")

    def test_defaults_are_mail_and_inbox_but_no_text_messages_and_no_marketing(self):
        shopper = market.shopper()
        data = shopper.call("GET", "/v1/me/notification-preferences", expect=200).json()["preferences"]
        on = {(item["topic"], item["channel"]) for item in data if item["is_enabled"]}
        self.assertEqual(on, {(topic, channel) for topic in ("account", "orders", "vendor")
                              for channel in ("email", "in_app")})


class TextMessages(unittest.TestCase):
    def setUp(self):
        mails.reply, mails.delay_s, texts.status = "250 taken", 0, 201

    def test_an_order_is_told_by_text_message_to_who_wants_it(self):
        shopper = market.shopper(money=10_000)
        shopper.call("PATCH", "/v1/me", {"phone": "+4917012345678"}, expect=200)
        prove_phone(shopper)
        choose(shopper, ("orders", "sms", True))
        texts.status = 503
        group = buy(shopper)
        wait_until(lambda: texts.texts, 10, "the first attempt")
        texts.status = 201
        wait_for_state(shopper, "order_placed", "sent", "sms", timeout_s=30)
        number = group["orders"][0]["number"].split("-")[0]
        form, name = texts.texts[-1]
        self.assertEqual((form["To"], form["From"]), ("+4917012345678", "+4930123456"))
        self.assertIn(number, form["Body"])
        self.assertEqual({key for _, key in texts.texts}, {name})
        named = market.sql("notification", "SELECT provider_id FROM notification.message"
                           f" WHERE id = '{rows(shopper, 'order_placed', 'sms')[0][4]}'")
        self.assertEqual(named, [["SM0123456789abcdef"]])
        self.assertEqual(texts.refused, 0)

    def test_who_has_no_telephone_has_no_address(self):
        shopper = market.shopper(money=10_000)
        choose(shopper, ("orders", "sms", True))
        buy(shopper)
        wait_for_state(shopper, "order_placed", "suppressed", "sms")
        self.assertEqual(rows(shopper, "order_placed", "sms")[0][1], "no_address")


class Inbox(unittest.TestCase):
    def test_an_order_is_in_the_inbox_until_it_is_read(self):
        shopper, other = market.shopper(money=10_000), market.shopper()
        group = buy(shopper)
        wait_for_state(shopper, "order_placed", "sent", "in_app")
        page = shopper.call("GET", "/v1/notifications?unread=true", expect=200).json()
        self.assertEqual(page["unread_count"], 1)
        item = page["data"][0]
        self.assertEqual((item["kind"], item["subject_id"]), ("order_placed", group["id"]))
        self.assertIn("EUR", item["text"])
        self.assertEqual(other.call("POST", f"/v1/notifications/{item['id']}/read").status, 404)
        shopper.call("POST", f"/v1/notifications/{item['id']}/read", expect=204)
        shopper.call("POST", f"/v1/notifications/{item['id']}/read", expect=204)
        self.assertEqual(shopper.call("GET", "/v1/notifications?unread=true", expect=200).json()["data"], [])
        self.assertIn("read_at", shopper.call("GET", "/v1/notifications", expect=200).json()["data"][0])
        shopper.call("POST", "/v1/notifications/read-all", expect=204)
        self.assertEqual(shopper.call("GET", "/v1/notifications?after=nonsense").status, 400)

    def test_an_order_is_told_once_to_the_shopper_and_once_to_each_member_whom_it_concerns(self):
        """tests/README.md, S-25: one mail to the shopper, one to the team of each vendor that has one."""
        staff, shopper = market.staff(), market.shopper(money=10_000)
        category = market.get("/v1/categories").json()["data"][0]["id"]
        vendors, cart = [approved_vendor(market, staff) for _ in range(2)], shopper.cart()
        for vendor in vendors:
            product = vendor.call("POST", "/v1/vendor/products", {
                "name": "A thing", "description": "", "category_id": category, "stock": 5,
                "price": {"amount": 500, "currency": "EUR"}}, expect=201).json()
            wait_until(lambda path=f"/v1/products/{product['id']}": market.get(path).status == 200, 10,
                       "the catalogue has heard that the vendor sells")
            cart = shopper.add(cart, product["variants"][0]["id"])
        group = shopper.checkout(cart).json()
        self.assertEqual(len(group["orders"]), 2)
        wait_for_state(shopper, "order_placed", "sent")
        for person in (*vendors, shopper):
            wait_until(lambda: any("order" in mail["Subject"].lower() for mail in mails.of(person.email)), 15,
                       f"{person.email} was told")
        time.sleep(1)
        for person in (*vendors, shopper):
            orders = [mail["Subject"] for mail in mails.of(person.email) if "order" in mail["Subject"].lower()]
            self.assertEqual(len(orders), 1, orders)

    def test_a_vendor_without_a_team_has_nobody_to_be_told(self):
        shopper = market.shopper(money=10_000)
        order = buy(shopper)["orders"][0]
        wait_for_state(shopper, "order_placed", "sent")
        self.assertEqual(market.sql("notification", "SELECT count(*) FROM notification.message WHERE"
                                    f" recipient_id = '{untyped(order['vendor']['id'])}'"), [["0"]])


class Erasure(unittest.TestCase):
    def test_an_erased_shopper_leaves_neither_facts_nor_inbox(self):
        shopper = market.shopper(money=10_000)
        buy(shopper)
        wait_for_state(shopper, "order_placed", "sent")
        user = untyped(shopper.user["id"])
        exported = market.sql("notification", f"SELECT count(*) FROM notification.message WHERE recipient_id = '{user}'"
                              " AND facts <> ''")
        self.assertNotEqual(exported, [["0"]])
        # Money keeps an account from being erased, so the event is raised by a shopper without.
        poor = market.shopper()
        wait_for_state(poor, "verify_email", "sent")
        poor.call("DELETE", "/v1/me", {"current_password": "correct horse battery"}, expect=204)
        gone = untyped(poor.user["id"])
        farewell = ("SELECT state FROM notification.message WHERE kind = 'account_erased'"
                    f" AND recipient_id = '{gone}'")
        wait_until(lambda: market.sql("notification", farewell) == [["sent"]], 15, "the farewell was sent")
        wait_until(lambda: outbox(poor.email) == [] or outbox(poor.email)[0]["kind"] == "account_erased", 10,
                   "what was kept of the messages is gone")
        left = market.sql("notification", "SELECT count(*) FROM notification.message WHERE facts <> ''"
                          f" AND recipient_id = '{gone}'")
        self.assertEqual(left, [["0"]])


if __name__ == "__main__":
    unittest.main()
