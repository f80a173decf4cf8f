"""Shoppers who sign in through OpenID Connect providers: new accounts, links, liars, outages."""
import base64
import json
import pathlib
import subprocess
import tempfile
import time
import unittest
import uuid

from market import BIN, Market, PASSWORD, Shopper, wait_until
from oidc_provider import Provider
from people import mailed_token, outbox
from test_people_shopper import code_of, uuid_of
import test_races

BACK = "https://shop.example/back"
SECRET = "a secret: with % + & and so on"


def setUpModule():
    global market, acme, beta
    folder = tempfile.TemporaryDirectory(prefix="souk-oidc-secret-")
    unittest.addModuleCleanup(folder.cleanup)
    secret_file = pathlib.Path(folder.name) / "secret"
    secret_file.write_text(SECRET + "\n")
    secret_file.parent.chmod(0o711)  # a market of root is a user of its own, who must get there
    acme = Provider("souk:shop", SECRET, BACK)
    beta = Provider("souk-beta", SECRET, BACK, algorithm="ES256", is_basic=False, has_tls=True)
    posing = Provider("souk", SECRET, BACK, has_tls=True)  # its certificate is nobody's whom we trust
    for provider in (acme, beta, posing):
        unittest.addModuleCleanup(provider.stop)
    settings = ["--oidc.refetch_pause=1", "--market.offline_payment=allowed", f"--oidc.ca_file={beta.certificate}"]
    for slot, name, provider in ((1, "acme", acme), (3, "beta", beta), (4, "posing", posing)):
        settings += provider.settings(name, slot, secret_file)
    market = Market(settings).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def person(**more):
    """Somebody whom a provider knows."""
    name = "p" + uuid.uuid4().hex[:12]
    return {"sub": uuid.uuid4().hex, "email": f"{name}@example.com", "email_verified": True, "name": name, **more}


def guest():
    return Shopper(market, "g" + uuid.uuid4().hex[:12])


def begin(shopper, name="acme", path="/v1/auth/oidc/{}/begin", **body):
    return shopper.call("POST", path.format(name), {"redirect_uri": BACK, **body})


def go(provider, somebody, name="acme", shopper=None):
    """As far as the provider and back: what `complete` wants."""
    answer = begin(shopper or guest(), name)
    assert answer.status == 200, answer.body
    arrival = provider.sign_in(answer.json()["authorization_url"], somebody)
    assert arrival["state"] == answer.json()["state"]
    return {**arrival, "redirect_uri": BACK}


def complete(shopper, arrival, name="acme", **more):
    return shopper.call("POST", f"/v1/auth/oidc/{name}/complete", {**arrival, **more})


def sign_in(provider, somebody, name="acme"):
    """A shopper who has signed in."""
    shopper = guest()
    answer = complete(shopper, go(provider, somebody, name), name)
    assert answer.status == 200, answer.body
    shopper.token, shopper.user = answer.json()["access_token"], answer.json()["user"]
    shopper.email = shopper.user["email"]
    return shopper


def link(shopper, provider, somebody, name="acme", **proof):
    answer = begin(shopper, name, "/v1/me/identities/{}/begin", **proof)
    assert answer.status == 200, answer.body
    arrival = {**provider.sign_in(answer.json()["authorization_url"], somebody), "redirect_uri": BACK}
    return shopper.call("POST", f"/v1/me/identities/{name}/complete", arrival)


def verified_shopper():
    shopper = market.shopper()
    shopper.call("POST", "/v1/auth/verify-email", {"token": mailed_token(market, shopper.email, "verify_email")},
                 expect=204)
    return shopper


def identities(shopper):
    return shopper.call("GET", "/v1/me/identities", expect=200).json()["data"]


def accounts(email):
    return int(market.sql("user", f"SELECT count(*) FROM \"user\".account WHERE email = '{email}'")[0][0])


class SigningIn(unittest.TestCase):
    def test_providers_are_listed_without_their_secrets(self):
        answer = market.get("/v1/auth/providers")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json(), {"data": [{"name": "acme", "title": "Acme & Sons"},
                                                  {"name": "beta", "title": "Beta & Sons"},
                                                  {"name": "posing", "title": "Posing & Sons"}], "has_more": False})

    def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(self):
        for name, provider in (("acme", acme), ("beta", beta)):
            with self.subTest(name):
                ada = person(locale="de-AT", preferred_username=f"Ada {uuid.uuid4().hex[:8]}")
                first = sign_in(provider, ada, name)
                self.assertTrue(first.user["is_email_verified"])
                self.assertEqual(first.user["locale"], "de")
                self.assertEqual(first.user["username"], ada["preferred_username"].lower().replace(" ", "."))
                self.assertEqual(first.call("GET", "/v1/me", expect=200).json()["id"], first.user["id"])
                changed = {**ada, "email": "elsewhere@example.com", "email_verified": False}
                self.assertEqual(sign_in(provider, changed, name).user["id"], first.user["id"])
                self.assertEqual(accounts(ada["email"]), 1)
                self.assertEqual([i["provider"] for i in identities(first)], [name])

    def test_what_was_bought_and_wanted_as_a_guest_comes_along(self):
        test_races.market = market
        variant = test_races.import_stock("oidc" + uuid.uuid4().hex[:6], 1, 50)[0]
        ada, nobody = person(), guest()
        bought, wanted = (nobody.call("POST", "/v1/carts", {}, expect=201).json() for _ in range(2))
        for cart in (bought, wanted):
            told = nobody.call("POST", f"/v1/carts/{cart['id']}/lines", {"variant_id": variant, "quantity": 1},
                               x_cart_token=cart["token"], expect=201).json()
        total = told["totals"]["total"]
        group = nobody.call("POST", f"/v1/carts/{bought['id']}/checkout", {
            "expected_total": total, "payment": {"on_delivery": total}, "email": ada["email"]}, uuid.uuid4().hex,
            x_cart_token=bought["token"], expect=201).json()
        ticket = {"id": wanted["id"], "token": wanted["token"]}
        answer = complete(nobody, go(acme, ada), guest_cart=ticket).json()
        self.assertEqual(answer["cart"]["adjustments"], [])
        nobody.token = answer["access_token"]
        cart = nobody.call("GET", "/v1/cart", expect=200).json()
        self.assertEqual((cart["id"], [line["quantity"] for line in cart["lines"]]), (answer["cart"]["id"], [1]))
        wait_until(lambda: nobody.call("GET", f"/v1/order-groups/{group['id']}").status == 200, 20,
                   "the provider's word has claimed the order")

    def test_user_names_that_are_taken_get_a_number(self):
        name = "n" + uuid.uuid4().hex[:10]
        users = [sign_in(acme, person(preferred_username=name)).user["username"] for _ in range(2)]
        self.assertEqual(users[0], name)
        self.assertRegex(users[1], rf"^{name}-[0-9]+$")
        self.assertRegex(sign_in(acme, person(name="\u96ea")).user["username"], r"^shopper(-[0-9]+)?$")

    def test_a_new_account_gets_its_password_by_forgot(self):
        ada = sign_in(acme, person())
        wrong = ada.call("POST", "/v1/auth/login", {"email": ada.email, "password": PASSWORD})
        self.assertEqual(wrong.code(), "invalid_credentials")
        ada.call("POST", "/v1/auth/password/forgot", {"email": ada.email}, expect=202)
        token = mailed_token(market, ada.email, "reset_password")
        ada.call("POST", "/v1/auth/password/reset", {"token": token, "password": PASSWORD}, expect=204)
        ada.login()

    def test_a_verified_account_is_linked_and_its_owner_told(self):
        ada = verified_shopper()
        back = sign_in(acme, person(email=ada.email.upper()))
        self.assertEqual(back.user["id"], ada.user["id"])
        wait_until(lambda: any(m["kind"] == "identity_linked" and "Acme & Sons" in m["text"]
                               for m in outbox(market, ada.email)), 15, "the owner is told")

    def test_nothing_is_linked_or_made_without_proof_on_both_sides(self):
        hijacker = market.shopper()  # somebody has opened an account with another's address
        answers = []
        for somebody in (person(email=hijacker.email),
                         person(email=hijacker.email, email_verified=False),
                         person(email_verified=False),
                         {k: v for k, v in person().items() if k != "email_verified"},
                         person(email="no address"),
                         {k: v for k, v in person().items() if k != "email"}):
            arrival = go(acme, somebody)
            answer = complete(guest(), arrival)
            told = answer.json()
            for name in ("request_id", "instance"):
                told.pop(name, None)
            answers.append((answer.status, told))
            if somebody.get("email") != hijacker.email:
                self.assertEqual(accounts(somebody.get("email")), 0)
            self.assertEqual(complete(guest(), arrival).code(), "state_unknown")
        self.assertEqual(answers[0][0], 409)
        self.assertEqual(answers[0][1]["code"], "identity_unlinked")
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])
        self.assertEqual(identities(hijacker), [])

    def test_a_link_that_waits_for_the_owner_of_an_address_goes_with_the_reset(self):
        victims, thief = market.shopper(), person()  # the thief has opened it with the victim's address
        self.assertEqual(link(victims, acme, thief, current_password=PASSWORD).status, 200)
        victims.call("POST", "/v1/auth/password/forgot", {"email": victims.email}, expect=202)
        token = mailed_token(market, victims.email, "reset_password")
        victims.call("POST", "/v1/auth/password/reset", {"token": token, "password": "a new long one"}, expect=204)
        back = sign_in(acme, thief)
        self.assertNotEqual(back.user["id"], victims.user["id"])

    def test_a_second_factor_is_asked_for_and_the_same_code_goes_on(self):
        ada = verified_shopper()
        enrolment = ada.call("POST", "/v1/me/otp", {"current_password": PASSWORD}, expect=200).json()
        ada.call("POST", "/v1/me/otp/confirm", {"code": code_of(enrolment["secret"], -1)}, expect=200)
        arrival = go(acme, person(email=ada.email))
        for otp, wanted in (({}, (401, "otp_required")), ({"otp": "000000"}, (422, "wrong_otp"))):
            answer = complete(guest(), arrival, **otp)
            self.assertEqual((answer.status, answer.code()), wanted)
            self.assertEqual(answer.json()["errors"][0]["pointer"], "/otp")
        self.assertEqual(identities(ada), [])
        self.assertEqual(complete(guest(), {**arrival, "code": "another"}).code(), "state_unknown")
        answer = complete(guest(), arrival, otp=code_of(enrolment["secret"]))
        self.assertEqual((answer.status, answer.json()["user"]["id"]), (200, ada.user["id"]))
        self.assertEqual(len(identities(ada)), 1)
        self.assertEqual(complete(guest(), arrival).code(), "state_unknown")
        kept = market.sql("user", "SELECT count(*) FROM \"user\".sign_in_state WHERE subject IS NOT NULL")
        self.assertEqual(kept, [["0"]])

    def test_wrong_codes_lock_with_a_time_to_wait(self):
        ada = verified_shopper()
        enrolment = ada.call("POST", "/v1/me/otp", {"current_password": PASSWORD}, expect=200).json()
        ada.call("POST", "/v1/me/otp/confirm", {"code": code_of(enrolment["secret"], -1)}, expect=200)
        ada_there, seen = person(email=ada.email), []
        for _ in range(2):
            arrival = go(acme, ada_there)
            seen += [complete(guest(), arrival, otp="000000") for _ in range(10)]
        codes = [answer.code() for answer in seen]
        self.assertIn("too_many_requests", codes)
        locked = next(answer for answer in seen if answer.code() == "too_many_requests")
        self.assertEqual(locked.status, 429)
        self.assertGreater(int(locked.headers["retry-after"]), 1)
        self.assertEqual(complete(guest(), arrival).code(), "state_unknown")  # ten attempts are over

    def test_a_blocked_account_stays_out(self):
        ada_there = person()
        ada = sign_in(acme, ada_there)
        staff = market.staff()
        staff.call("POST", f"/v1/admin/users/{ada.user['id']}/block", {"reason": "for a while"}, expect=200)
        answer = complete(guest(), go(acme, ada_there))
        self.assertEqual((answer.status, answer.code()), (403, "account_blocked"))
        staff.call("POST", f"/v1/admin/users/{ada.user['id']}/unblock", {"reason": "enough"}, expect=200)
        self.assertEqual(sign_in(acme, ada_there).user["id"], ada.user["id"])


class States(unittest.TestCase):
    def test_a_state_is_good_once_for_what_it_was_made_for(self):
        arrival = go(acme, person())
        mixed_up = complete(guest(), arrival, iss=beta.issuer)
        self.assertEqual((mixed_up.status, mixed_up.code()), (401, "provider_refused"))
        self.assertEqual(begin(guest(), redirect_uri=BACK + "/").code(), "invalid_value")
        self.assertEqual(begin(guest(), "nobody").status, 404)
        self.assertEqual(complete(guest(), arrival, "nobody").status, 404)
        other = "http://localhost:3000/back"
        forged = arrival["state"][:-1] + ("A" if arrival["state"][-1] != "A" else "Q")
        for changed, name in (({"state": forged}, "acme"), ({"state": "sta_nonsense"}, "acme"),
                              ({"state": "x"}, "acme"), ({"redirect_uri": other}, "acme"), ({}, "beta")):
            answer = complete(guest(), {**arrival, **changed}, name)
            self.assertEqual((answer.status, answer.code()), (422, "state_unknown"), changed)
            self.assertEqual(answer.json()["errors"][0]["pointer"], "/state")
        self.assertEqual(complete(guest(), arrival, iss=acme.issuer).status, 200)
        self.assertEqual(complete(guest(), arrival).code(), "state_unknown")

    def test_completed_many_times_at_once_it_opens_one_session(self):
        somebody = person()
        arrival = go(acme, somebody)
        body = json.dumps(arrival).encode()
        shopper = guest()
        answers = shopper.connection.race([("POST", "/v1/auth/oidc/acme/complete",
                                            {"content-type": "application/json"}, body)] * 8)
        self.assertEqual(sorted(a.status for a in answers), [200] + [422] * 7)
        self.assertEqual(accounts(somebody["email"]), 1)

    def test_somebody_new_who_signs_in_twice_at_once_gets_one_account(self):
        somebody = person()
        bodies = [json.dumps(go(acme, somebody)).encode() for _ in range(6)]
        answers = guest().connection.race([("POST", "/v1/auth/oidc/acme/complete",
                                            {"content-type": "application/json"}, body) for body in bodies])
        self.assertEqual([a.status for a in answers], [200] * 6)
        self.assertEqual(len({a.json()["user"]["id"] for a in answers}), 1)
        self.assertEqual(accounts(somebody["email"]), 1)

    def test_a_code_of_another_sign_in_is_refused(self):
        mine, theirs = go(acme, person()), go(acme, person())
        refusals = len(acme.refusals)
        answer = complete(guest(), {**mine, "code": theirs["code"]})
        self.assertEqual((answer.status, answer.code()), (401, "provider_refused"))
        self.assertEqual(acme.refusals[refusals:], ["code_verifier"])
        self.assertEqual(complete(guest(), mine).code(), "state_unknown")

    def test_rows_hold_no_secret_and_go_when_their_time_is_over(self):
        arrival = go(acme, person())
        rows = "\n".join("|".join(row) for row in market.sql("user", "SELECT s.* FROM \"user\".sign_in_state s"))
        self.assertIn(uuid_of(arrival["state"].split(".")[0]), rows)
        for secret in (arrival["code"], arrival["state"].split(".")[1]):
            self.assertNotIn(secret, rows)


class Liars(unittest.TestCase):
    def setUp(self):
        def restore():
            acme.change_claims = lambda claims: claims
            acme.change_token = lambda token: token
        self.addCleanup(restore)

    def assert_refused(self):
        somebody = person()
        answer = complete(guest(), go(acme, somebody))
        self.assertEqual((answer.status, answer.code()), (401, "provider_refused"))
        self.assertEqual(answer.json().get("errors", []), [])
        self.assertEqual(accounts(somebody["email"]), 0)

    def test_claims_that_do_not_fit_are_refused(self):
        now = int(time.time())
        for change in ({"iss": "https://evil.example"}, {"aud": "other"}, {"aud": ["souk:shop", "other"]},
                       {"nonce": "n" * 43}, {"nonce": None}, {"exp": now - 120}, {"iat": now + 120},
                       {"nbf": now + 120}, {"sub": ""}, {"sub": "x" * 256}, {"sub": 7}):
            with self.subTest(change):
                acme.change_claims = lambda claims, change=change: {**claims, **change}
                self.assert_refused()

    def test_tokens_that_are_not_signed_as_they_must_are_refused(self):
        def part(text, number):
            text = text.split(".")[number]
            return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

        def unsigned(token):
            header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            return header + "." + token.split(".")[1] + "."

        stranger = Provider("x", "y", BACK)
        self.addCleanup(stranger.stop)
        for change in (unsigned, lambda t: t[:-1], lambda t: t[:-8] + "AAAAAAAA", lambda t: t + ".x", lambda t: "",
                       lambda t: "x" * 20000,
                       lambda t: stranger.keys[0].sign(part(t, 1), kid=acme.keys[0].kid),
                       lambda t: beta.keys[0].sign(part(t, 1), kid=acme.keys[0].kid),
                       lambda t: acme.keys[0].sign(part(t, 1), crit=["exp"]),
                       lambda t: acme.keys[0].sign(part(t, 1), alg="HS256")):
            acme.change_token = change
            self.assert_refused()


class Outages(unittest.TestCase):
    def test_new_keys_are_fetched_once(self):
        sign_in(beta, person(), "beta")
        beta.rotate()
        time.sleep(1.1)
        asked = len(beta.asked)
        ada = sign_in(beta, person(), "beta")
        self.assertEqual(beta.asked[asked:], ["/token", "/.well-known/openid-configuration", "/keys"])
        self.assertEqual(ada.call("GET", "/v1/me").status, 200)

    def test_a_provider_that_is_down_changes_nothing(self):
        somebody = person()
        arrival = go(acme, somebody)
        acme.is_down = True
        try:
            answer = complete(guest(), arrival)
            self.assertEqual((answer.status, answer.code()), (503, "unavailable"))
            self.assertIn("retry-after", answer.headers)
            self.assertEqual(accounts(somebody["email"]), 0)
        finally:
            acme.is_down = False
        self.assertEqual(complete(guest(), arrival).status, 200)
        self.assertEqual(accounts(somebody["email"]), 1)

    def test_a_provider_that_never_was_up_is_an_outage_too(self):
        with Market(["--oidc_1.name=gone", "--oidc_1.title=Gone", "--oidc_1.issuer=http://127.0.0.1:9",
                     "--oidc_1.client_id=x", f"--oidc_1.redirect_uris={BACK}"]) as other:
            shopper = Shopper(other, "g")
            for _ in range(2):
                answer = begin(shopper, "gone")
                self.assertEqual((answer.status, answer.code()), (503, "unavailable"))
                self.assertIn("retry-after", answer.headers)

    def test_a_provider_with_the_wrong_certificate_hears_nothing(self):
        answer = begin(guest(), "posing")
        self.assertEqual((answer.status, answer.code()), (503, "unavailable"))

    def test_a_bad_configuration_is_refused_at_the_start_with_a_sentence(self):
        for setting, words in (("issuer=http://id.example", "oidc_1.name: the provider has settings, but no name"),
                               ("name=Acme", "oidc_1.name: a provider's name has only a-z, 0-9 and -"),
                               ("name=acme", "oidc_1.title: people need a title to read")):
            ended = subprocess.run([str(BIN / "souk"), "up", "--data-dir", "/nonexistent", "--oidc_1." + setting],
                                   capture_output=True, text=True, timeout=30)
            self.assertNotEqual(ended.returncode, 0)
            self.assertIn(words, ended.stderr + ended.stdout)


class Linking(unittest.TestCase):
    def test_a_shopper_links_signs_in_with_it_and_unlinks(self):
        ada, there = market.shopper(), person(email_verified=False)
        linked = link(ada, acme, there, current_password=PASSWORD)
        self.assertEqual(linked.status, 200, linked.body)
        self.assertEqual((linked.json()["provider"], linked.json()["subject"]), ("acme", there["sub"]))
        again = link(ada, acme, there, current_password=PASSWORD)
        self.assertEqual((again.status, again.json()["id"]), (200, linked.json()["id"]))
        unproved = begin(ada, "acme", "/v1/me/identities/{}/begin")
        self.assertEqual((unproved.status, unproved.code()), (422, "missing_field"))
        self.assertEqual(sign_in(acme, there).user["id"], ada.user["id"])
        wait_until(lambda: any(m["kind"] == "identity_linked" for m in outbox(market, ada.email)), 15, "told")
        path = f"/v1/me/identities/{linked.json()['id']}"
        self.assertEqual(ada.call("DELETE", path, {"current_password": "wrong horse"}).code(), "wrong_password")
        ada.call("DELETE", path, {"current_password": PASSWORD}, expect=204)
        self.assertEqual(ada.call("DELETE", path, {"current_password": PASSWORD}).status, 404)
        self.assertEqual(identities(ada), [])
        self.assertEqual(complete(guest(), go(acme, there)).code(), "identity_unlinked")
        wait_until(lambda: any(m["kind"] == "identity_unlinked" for m in outbox(market, ada.email)), 15, "told")

    def test_an_identity_belongs_to_one_account(self):
        there = person()
        ada, eve = sign_in(acme, there), market.shopper()
        answer = link(eve, acme, there, current_password=PASSWORD)
        self.assertEqual((answer.status, answer.code()), (409, "identity_taken"))
        path = f"/v1/me/identities/{identities(ada)[0]['id']}"
        self.assertEqual(eve.call("DELETE", path, {"current_password": PASSWORD}).status, 404)

    def test_the_only_way_to_sign_in_stays(self):
        ada = sign_in(acme, person())
        path = f"/v1/me/identities/{identities(ada)[0]['id']}"
        answer = ada.call("DELETE", path, {})
        self.assertEqual((answer.status, answer.code()), (409, "last_sign_in"))
        self.assertEqual(link(ada, beta, person(), "beta").status, 200)
        ada.call("DELETE", path, {}, expect=204)
        last = identities(ada)
        self.assertEqual([i["provider"] for i in last], ["beta"])
        self.assertEqual(ada.call("DELETE", f"/v1/me/identities/{last[0]['id']}", {}).code(), "last_sign_in")

    def test_a_link_belongs_to_who_began_it(self):
        ada, eve, there = market.shopper(), market.shopper(), person()
        begun = begin(ada, "acme", "/v1/me/identities/{}/begin", current_password=PASSWORD)
        url = begun.json()["authorization_url"]
        arrival = {**acme.sign_in(url, there), "redirect_uri": BACK}
        path = "/v1/me/identities/acme/complete"
        self.assertEqual(eve.call("POST", path, arrival).code(), "state_unknown")
        self.assertEqual(complete(guest(), arrival).code(), "state_unknown")
        self.assertEqual(eve.call("POST", path, go(acme, there)).code(), "state_unknown")  # a sign-in is no link
        self.assertEqual(ada.call("POST", path, arrival).status, 200)

    def test_servers_and_staff_in_her_name_link_nothing(self):
        ada = market.shopper()
        secret = ada.call("POST", "/v1/me/api-keys", {"name": "a", "scopes": ["account"]}, expect=201).json()["secret"]
        staff = market.staff()
        staff.step_up()
        named = staff.call("POST", f"/v1/admin/users/{ada.user['id']}/impersonate", {"reason": "help"}, expect=201)
        for token in (secret, named.json()["access_token"]):
            somebody = guest()
            somebody.token = token
            for answer in (begin(somebody, "acme", "/v1/me/identities/{}/begin"),
                           somebody.call("GET", "/v1/me/identities"),
                           somebody.call("DELETE", "/v1/me/identities/idn_" + "0" * 26, {})):
                self.assertEqual(answer.status, 403)

    def test_what_is_kept_is_exported_and_erased(self):
        there = person()
        ada = sign_in(acme, there)
        told = ada.call("GET", "/v1/me/export", expect=200).json()["identities"]
        self.assertEqual([(i["provider"], i["subject"], i["email"]) for i in told],
                         [("acme", there["sub"], there["email"])])
        begin(ada, "acme", "/v1/me/identities/{}/begin")
        ada.call("DELETE", "/v1/me", {}, expect=204)
        where = f"WHERE user_id = '{uuid_of(ada.user['id'])}'"
        self.assertEqual(market.sql("user", f"SELECT (SELECT count(*) FROM \"user\".identity {where}),"
                                            f" (SELECT count(*) FROM \"user\".sign_in_state {where})"), [["0", "0"]])
        self.assertNotEqual(sign_in(acme, there).user["id"], ada.user["id"])  # a new account, as for anybody


class Secrets(unittest.TestCase):
    def test_no_log_has_a_secret_or_a_person(self):
        somebody = person()
        arrival = go(acme, somebody)
        complete(guest(), {**arrival, "state": arrival["state"] + "x"})
        ada = sign_in(acme, somebody)
        logs = market.log_path.read_text(errors="replace")
        for word in (SECRET, "secret: with", arrival["state"].split(".")[1], arrival["code"], somebody["sub"],
                     somebody["email"], ada.token):
            self.assertNotIn(word, logs)


if __name__ == "__main__":
    unittest.main()
