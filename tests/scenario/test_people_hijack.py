"""Accounts that somebody opens with another's address, to be there when the owner comes: one claim per class of attack
of "Pre-hijacked accounts" (Sudhodanan, Paverd; 2022). The thief has a password, the victim the mailbox."""
import time
import unittest
import uuid

import test_people_oidc as oidc
from market import PASSWORD, Shopper, wait_until
from people import mailed_token
from test_people_shopper import enrol

NEW_PASSWORD = "the victim's own one"


def setUpModule():
    global market
    oidc.setUpModule()
    market = oidc.market


def api_key(shopper):
    made = shopper.call("POST", "/v1/me/api-keys", {"name": "a server", "scopes": ["account"]}, expect=201).json()
    server = Shopper(market, shopper.name + "-server")
    server.token = made["secret"]
    return server


def anonymous(path, body):
    return oidc.guest().call("POST", path, body)


def click(email, kind="verify_email"):
    """Somebody who reads the mail follows its link; he is not signed in."""
    answer = anonymous("/v1/auth/verify-email", {"token": mailed_token(market, email, kind)})
    assert answer.status == 204, answer.body


def reset(email):
    """The victim takes the account."""
    oidc.guest().call("POST", "/v1/auth/password/forgot", {"email": email}, expect=202)
    token = mailed_token(market, email, "reset_password")
    oidc.guest().call("POST", "/v1/auth/password/reset", {"token": token, "password": NEW_PASSWORD}, expect=204)


def login(email, password=NEW_PASSWORD):
    return anonymous("/v1/auth/login", {"email": email, "password": password})


def federated(email):
    """Signs in through a provider that has verified the address."""
    return oidc.complete(oidc.guest(), oidc.go(oidc.acme, oidc.person(email=email)))


class Hijack(unittest.TestCase):
    def test_classic_federated_merge(self):
        thief = market.shopper()
        self.assertEqual(federated(thief.email).code(), "identity_unlinked")
        click(thief.email)
        self.assertTrue(thief.call("GET", "/v1/me", expect=200).json()["is_email_verified"])
        self.assertEqual(federated(thief.email).code(), "identity_unlinked")
        self.assertEqual(oidc.identities(thief), [])
        reset(thief.email)
        self.assertEqual(federated(thief.email).status, 200)
        self.assertEqual(login(thief.email, PASSWORD).code(), "invalid_credentials")

    def test_unexpired_session(self):
        for is_clicked in (False, True):
            with self.subTest(is_clicked=is_clicked):
                thief = market.shopper()
                if is_clicked:
                    click(thief.email)
                reset(thief.email)
                refreshed = anonymous("/v1/auth/refresh", {"refresh_token": thief.refresh_token})
                self.assertEqual(refreshed.code(), "invalid_refresh_token")
                made = thief.call("POST", "/v1/me/api-keys", {"name": "a server", "scopes": ["account"]})
                self.assertEqual(made.status, 401)
                self.assertIn(thief.call("DELETE", "/v1/me", {}).status, (401, 403))
                wait_until(lambda: thief.call("GET", "/v1/me").status == 401, 20, "the access token ends")

    def test_trojan_identifier(self):
        for is_clicked in (False, True):
            with self.subTest(is_clicked=is_clicked):
                thief, his_own = market.shopper(), oidc.person()
                linked = oidc.link(thief, oidc.acme, his_own, current_password=PASSWORD)
                self.assertEqual(linked.status, 200)
                thief.call("PATCH", "/v1/me", {"phone": "+4915112345678"}, expect=200)
                server = api_key(thief)
                server.call("GET", "/v1/me", expect=200)
                _, codes = enrol(thief)
                if is_clicked:
                    click(thief.email)
                reset(thief.email)
                wait_until(lambda: server.call("GET", "/v1/me").status == 401, 20, "the key ends")
                self.assertNotEqual(oidc.sign_in(oidc.acme, his_own).user["id"], thief.user["id"])
                mine = login(thief.email)
                self.assertEqual(mine.status, 200, mine.body)  # no code is asked for
                self.assertNotIn("phone", mine.json()["user"])
                self.assertEqual(market.sql("user", "SELECT count(*) FROM identity.recovery_code WHERE person_id ="
                                            f" '{oidc.uuid_of(thief.user['id'])}'")[0][0], "0")
                self.assertEqual(len(codes), 10)

    def test_a_link_that_is_under_way_when_the_victim_comes(self):
        thief, his_own = market.shopper(), oidc.person()
        begun = oidc.begin(thief, "acme", "/v1/me/identities/{}/begin", current_password=PASSWORD).json()
        arrival = {**oidc.acme.sign_in(begun["authorization_url"], his_own), "redirect_uri": oidc.BACK}
        reset(thief.email)
        self.assertIn(thief.call("POST", "/v1/me/identities/acme/complete", arrival).status, (401, 422))
        self.assertNotEqual(oidc.sign_in(oidc.acme, his_own).user["id"], thief.user["id"])

    def test_unexpired_email_change(self):
        thief, elsewhere = market.shopper(), f"thief.{uuid.uuid4().hex[:10]}@example.org"
        thief.call("POST", "/v1/me/email", {"email": elsewhere, "current_password": PASSWORD}, expect=202)
        sent = mailed_token(market, elsewhere, "change_email")
        reset(thief.email)
        for who in (oidc.guest(), thief):
            self.assertIn(who.call("POST", "/v1/auth/verify-email", {"token": sent}).status, (401, 422))
        self.assertEqual(login(thief.email).status, 200)

    def test_email_change_that_the_victim_confirms(self):
        thief, victims = oidc.verified_shopper(), f"victim.{uuid.uuid4().hex[:10]}@example.org"
        server = api_key(thief)
        thief.call("POST", "/v1/me/email", {"email": victims, "current_password": PASSWORD}, expect=202)
        click(victims, "change_email")
        self.assertEqual(federated(victims).code(), "identity_unlinked")
        reset(victims)
        wait_until(lambda: server.call("GET", "/v1/me").status == 401, 20, "the key ends")
        self.assertEqual(login(victims, PASSWORD).code(), "invalid_credentials")
        self.assertEqual(federated(victims).status, 200)

    def test_non_verifying_identity_provider(self):
        victims = f"victim.{uuid.uuid4().hex[:10]}@example.org"
        thief = oidc.person(email=victims, email_verified=False)
        self.assertEqual(oidc.complete(oidc.guest(), oidc.go(oidc.acme, thief)).code(), "identity_unlinked")
        self.assertEqual(oidc.accounts(victims), 0)
        self.assertEqual(federated(victims).status, 200)
        self.assertEqual(oidc.complete(oidc.guest(), oidc.go(oidc.acme, thief)).code(), "identity_unlinked")

    def test_who_has_proved_his_address_keeps_what_he_has(self):
        owner, known = oidc.verified_shopper(), oidc.person()
        self.assertEqual(oidc.link(owner, oidc.acme, known, current_password=PASSWORD).status, 200)
        server = api_key(owner)
        enrol(owner)
        reset(owner.email)
        self.assertEqual(login(owner.email).code(), "otp_required")
        time.sleep(3)  # gateways have heard of what has ended
        self.assertEqual(server.call("GET", "/v1/me").status, 401)  # a thief may have made the key
        self.assertEqual(oidc.complete(oidc.guest(), oidc.go(oidc.acme, known)).code(), "otp_required")

    def test_who_was_not_signed_in_may_verify_once_more(self):
        ada = market.shopper()
        click(ada.email)
        ada.call("POST", "/v1/me/verification", expect=202)
        wait_until(lambda: [mail["kind"] for mail in oidc.outbox(market, ada.email)].count("verify_email") == 2, 20,
                   "the second message")
        ada.call("POST", "/v1/auth/verify-email",
                 {"token": mailed_token(market, ada.email, "verify_email")}, expect=204)
        self.assertEqual(ada.call("POST", "/v1/me/verification").code(), "illegal_transition")
        self.assertEqual(federated(ada.email).json()["user"]["id"], ada.user["id"])


if __name__ == "__main__":
    unittest.main()
