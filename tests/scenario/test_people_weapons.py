"""What somebody could turn against others: their addresses, their accounts, what is said in their names."""
import time
import unittest
import uuid

import people
from market import Market, PASSWORD, Shopper, wait_until


def setUpModule():
    global market, staff
    market = Market(["--admin.second_factor=optional"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = people.first_staff(market)


def draw(letter):
    return letter + uuid.uuid4().hex[:12]


def guess(path, email, count=10):
    stranger = Shopper(market, draw("s"))
    for _ in range(count):
        stranger.call("POST", path, {"email": email, "password": "wrong horse"}, expect=401)
    return stranger


class Messages(unittest.TestCase):
    def invite(self, vendor):
        stranger = draw("i") + "@example.com"
        vendor.call("POST", "/v1/vendor/members", {"email": stranger, "name": "see evil.example", "role": "editor"},
                    expect=202)
        people.mailed_token(market, stranger, "member_invited")
        return people.outbox(market, stranger)[0]["text"]

    def test_an_invitation_names_nobody_whom_staff_has_not_looked_at(self):
        applicant = people.apply_as_vendor(market)
        text = self.invite(applicant)
        self.assertNotIn(applicant.name, text)
        self.assertNotIn("evil.example", text)
        approved = people.approved_vendor(market, staff)
        token = people.mailed_token(market, approved.email, "verify_email")
        approved.call("POST", "/v1/vendor/verify-email", {"token": token}, expect=204)
        text = self.invite(approved)
        self.assertIn(approved.name, text)
        self.assertNotIn("evil.example", text)

    def test_a_stranger_gets_few_mails_however_many_are_caused(self):
        thief = market.shopper()
        for _ in range(24):
            made = thief.call("POST", "/v1/me/api-keys", {"name": "k", "scopes": ["account"]}, expect=201).json()
            thief.call("DELETE", f"/v1/me/api-keys/{made['id']}", expect=204)
        wait_until(lambda: len([mail for mail in people.outbox(market, thief.email)
                                if mail["kind"] == "api_key_made"]) == 20, 30, "as many as there may be")
        time.sleep(1)
        self.assertEqual(len([mail for mail in people.outbox(market, thief.email)
                              if mail["kind"] == "api_key_made"]), 20)


class Locks(unittest.TestCase):
    def test_strangers_do_not_lock_a_device_that_was_let_in(self):
        ada = market.shopper()
        login = {"email": ada.email, "password": PASSWORD}
        device = ada.call("POST", "/v1/auth/login", login, expect=200).json()["device"]
        stranger = guess("/v1/auth/login", ada.email)
        self.assertEqual(stranger.call("POST", "/v1/auth/login", login).code(), "too_many_requests")
        answer = ada.call("POST", "/v1/auth/login", {**login, "device": device}, expect=200).json()
        self.assertEqual(answer["device"], device)

    def test_nor_a_member_of_staff(self):
        login = {"email": staff.email, "password": PASSWORD}
        device = staff.call("POST", "/v1/admin/login", login, expect=200).json()["device"]
        stranger = guess("/v1/admin/login", staff.email)
        self.assertEqual(stranger.call("POST", "/v1/admin/login", login).code(), "too_many_requests")
        staff.call("POST", "/v1/admin/login", {**login, "device": device}, expect=200)


class Tokens(unittest.TestCase):
    def test_a_suspended_team_and_a_blocked_shopper_are_out_within_seconds(self):
        vendor, shopper = people.approved_vendor(market, staff), market.shopper()
        server = vendor.with_key(["manage_products"])
        server.call("GET", "/v1/vendor/products", expect=200)
        staff.call("POST", f"/v1/admin/vendors/{vendor.vendor['id']}/suspend", {"reason": "late"}, expect=200)
        staff.call("POST", f"/v1/admin/users/{shopper.user['id']}/block", {"reason": "fraud"}, expect=200)
        wait_until(lambda: shopper.call("GET", "/v1/me").status == 401, 12, "the shopper is out")
        wait_until(lambda: vendor.call("GET", "/v1/vendor").status == 401, 12, "the team is out")
        wait_until(lambda: server.call("GET", "/v1/vendor/products").status == 403, 12, "its server does less")

    def test_a_token_of_an_erased_account_is_refused_at_once(self):
        shopper = market.shopper()
        shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD}, expect=204)
        self.assertEqual(shopper.call("POST", "/v1/carts", {}).status, 401)

    def test_a_key_of_a_server_invites_nobody(self):
        vendor = people.approved_vendor(market, staff)
        server = vendor.with_key(["manage_team"])
        refused = server.call("POST", "/v1/vendor/members", {"email": draw("i") + "@example.com", "role": "owner"})
        self.assertEqual((refused.status, refused.code()), (403, "step_up_required"))


class Passwords(unittest.TestCase):
    def test_the_same_words_on_another_keyboard(self):
        name = draw("s")
        body = {"email": f"{name}@example.com", "username": name, "password": "caf\u00e9 au lait"}
        Shopper(market, name).call("POST", "/v1/auth/register", body, expect=201)
        for typed in ("caf\u00e9 au lait", "cafe\u0301 au lait", "caf\u00e9\u00a0au\u3000lait"):
            login = {"email": body["email"], "password": typed}
            Shopper(market, name).call("POST", "/v1/auth/login", login, expect=200)


if __name__ == "__main__":
    unittest.main()
