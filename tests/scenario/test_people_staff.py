"""Staff: the first owner, second factors, roles, invitations, keys for servers, and the audit trail."""
import base64
import hashlib
import hmac
import re
import struct
import time
import unittest
import uuid

from market import Market, PASSWORD, Staff, wait_until


def setUpModule():
    global market
    market = Market(["--admin.second_factor=required"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def one_time_code(secret, ahead=0):
    """RFC 6238 as an app computes it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1000000:06d}"


class Owner(Staff):
    """An owner with a second factor."""

    def __init__(self, name=None):
        super().__init__(market, name or "o" + uuid.uuid4().hex[:12])
        market.create_staff(self.email)
        self.login()
        self.codes = self.enrol()
        self.refresh()

    def enrol(self):
        self.secret = self.call("POST", "/v1/admin/me/otp", {"current_password": PASSWORD}, expect=200).json()["secret"]
        confirmed = self.call("POST", "/v1/admin/me/otp/confirm", {"code": one_time_code(self.secret)}, expect=200)
        return confirmed.json()["codes"]

    def recover(self):
        """A recovery code that was not used."""
        return self.codes.pop()


def refused(response):
    return response.status, response.code()


class FirstOwner(unittest.TestCase):
    def test_the_operator_makes_an_owner_once(self):
        email = f"first{uuid.uuid4().hex[:8]}@example.com"
        made = market.create_staff(email)
        self.assertIn(email, made.stdout)
        again = market.create_staff(email, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("email_taken", again.stderr)
        common = market.create_staff("second@example.com", password="password", check=False)
        self.assertEqual(common.returncode, 1)
        self.assertIn("password_too_common", common.stderr)
        for password in ("\n", "x" * 201):
            self.assertEqual(market.create_staff("third@example.com", password=password, check=False).returncode, 2)

    def test_item_27_nothing_is_open_until_a_second_factor_is_enrolled(self):
        staff = Staff(market, "n" + uuid.uuid4().hex[:12])
        market.create_staff(staff.email)
        self.assertTrue(staff.login()["needs_second_factor"])
        for method, path, body in (("GET", "/v1/admin/staff", None), ("GET", "/v1/admin/audit", None),
                                   ("GET", "/v1/admin/api-keys", None)):
            self.assertEqual(refused(staff.call(method, path, body)), (403, "forbidden"), path)
        self.assertEqual(staff.call("GET", "/v1/admin/me", expect=200).json()["email"], staff.email)
        secret = staff.call("POST", "/v1/admin/me/otp", {"current_password": PASSWORD}, expect=200).json()["secret"]
        for code in ("", "abc", "00000", "0" * 41, "१२३४५६"):
            self.assertIn(staff.call("POST", "/v1/admin/me/otp/confirm", {"code": code}).status, (401, 422), code)
        staff.call("POST", "/v1/admin/me/otp/confirm", {"code": one_time_code(secret)}, expect=200)
        self.assertEqual(staff.call("GET", "/v1/admin/staff").status, 403)  # the old token
        self.assertFalse(staff.refresh()["needs_second_factor"])
        staff.call("GET", "/v1/admin/staff", expect=200)
        self.assertEqual(refused(staff.call("POST", "/v1/admin/me/otp/disable",
                                            {"current_password": PASSWORD, "code": "000000"})),
                         (409, "second_factor_required"))


class SignIn(unittest.TestCase):
    def test_a_code_is_asked_for_and_works_once(self):
        owner = Owner()
        body = {"email": owner.email, "password": PASSWORD}
        sign_in = lambda **more: owner.call("POST", "/v1/admin/login", {**body, **more})
        self.assertEqual(refused(sign_in()), (401, "otp_required"))
        self.assertEqual(refused(sign_in(otp="000000")), (422, "wrong_otp"))
        self.assertEqual(refused(sign_in(password="wrong horse", otp="000000")), (401, "invalid_credentials"))
        code = one_time_code(owner.secret, ahead=1)  # the present one confirmed the enrolment
        self.assertEqual(sign_in(otp=code).status, 200)
        self.assertEqual(refused(sign_in(otp=code)), (422, "wrong_otp"))
        recovery = owner.recover()
        self.assertEqual(sign_in(otp=recovery.upper()).status, 200)
        self.assertEqual(refused(sign_in(otp=recovery)), (422, "wrong_otp"))

    def test_known_and_unknown_addresses_are_answered_alike(self):
        owner = Owner()
        seen = []
        for email in (owner.email, f"nobody{uuid.uuid4().hex}@example.com"):
            answers = []
            for path, body in (("/v1/admin/login", {"email": email, "password": "wrong horse"}),
                               ("/v1/admin/password/forgot", {"email": email})):
                response = owner.call("POST", path, body)
                problem = response.json() if response.body else {}
                problem.pop("request_id", None)
                answers.append((response.status, problem))
            seen.append(answers)
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0][1][0], 202)

    def test_tokens_of_staff_and_shoppers_open_only_their_own_doors(self):
        owner, shopper = Owner(), market.shopper()
        shopper_token, shopper.token = shopper.token, owner.token
        self.assertEqual(shopper.call("GET", "/v1/me").status, 401)
        owner.token = shopper_token
        self.assertEqual(owner.call("GET", "/v1/admin/me").status, 401)


class Revocation(unittest.TestCase):
    def test_item_26_a_logout_ends_the_access_token_at_once(self):
        owner = Owner()
        owner.call("POST", "/v1/admin/logout", expect=204)
        self.assertEqual(refused(owner.call("GET", "/v1/admin/me")), (401, "unauthenticated"))
        shopper = market.shopper()
        shopper.call("POST", "/v1/auth/logout", expect=204)
        self.assertEqual(shopper.call("GET", "/v1/me").status, 401)

    def test_item_26_a_session_that_is_ended_elsewhere_is_out_within_a_minute(self):
        owner = Owner()
        other = Staff(market, owner.name)
        other.login(otp=owner.recover())
        other.call("GET", "/v1/admin/me", expect=200)
        owner.call("DELETE", "/v1/admin/me/sessions", expect=204)
        began = time.monotonic()
        wait_until(lambda: other.call("GET", "/v1/admin/me").status == 401, 60, "the token is refused")
        self.assertLess(time.monotonic() - began, 30)
        owner.call("GET", "/v1/admin/me", expect=200)
        shopper = market.shopper()
        old = shopper.token
        shopper.login()
        shopper.call("POST", "/v1/me/password", {"current_password": PASSWORD, "new_password": "battery staple"},
                     expect=204)
        shopper.token = old
        wait_until(lambda: shopper.call("GET", "/v1/me").status == 401, 60, "the shopper's old token is refused")


class Team(unittest.TestCase):
    def test_item_27_what_matters_needs_a_fresh_second_factor(self):
        owner = Owner()
        invite = {"email": f"i{uuid.uuid4().hex[:8]}@example.com", "name": "Grace", "role": "support"}
        # Confirming the factor was a proof of the last five minutes; a sign-in's token has one, too.
        owner.call("POST", "/v1/admin/staff", invite, expect=202)
        self.assertEqual(refused(owner.call("POST", "/v1/admin/step-up", {"password": PASSWORD})),
                         (422, "missing_field"))
        owner.step_up(otp=owner.recover())
        owner.call("POST", "/v1/admin/staff", invite, expect=202)

    def test_the_last_owner_stays_and_who_is_kept_out_is_out(self):
        owner, other = Owner(), Owner()
        path = f"/v1/admin/staff/{other.person['id']}"
        changed = owner.call("PATCH", path, {"role": "finance", "reason": "moves on"}, expect=200)
        self.assertEqual((changed.json()["role"], changed.headers["etag"]), ("finance", '"2"'))
        stale = owner.call("PATCH", path, {"is_active": False, "reason": "x"}, if_match='"1"')
        self.assertEqual(refused(stale), (412, "precondition_failed"))
        wait_until(lambda: other.call("GET", "/v1/admin/me").status == 401, 60, "the old role's token is refused")
        other.login(otp=other.recover())
        self.assertEqual(refused(other.call("GET", "/v1/admin/staff")), (403, "forbidden"))
        owner.call("PATCH", path, {"is_active": False, "reason": "gone"}, expect=200)
        kept_out = other.call("POST", "/v1/admin/login",
                              {"email": other.email, "password": PASSWORD, "otp": other.recover()})
        self.assertEqual(refused(kept_out), (403, "account_blocked"))

    def test_bodies_are_taken_as_they_are_specified(self):
        owner = Owner()
        invite = {"email": "g@example.com", "name": "Grace", "role": "support"}
        for change, code in (({"role": "god"}, "invalid_value"), ({"email": "no address"}, "invalid_value"),
                             ({"name": "a\u202eb"}, "invalid_value"), ({"is_active": True}, "unknown_field"),
                             ({"id": "adm_0"}, "unknown_field")):
            self.assertEqual(owner.call("POST", "/v1/admin/staff", {**invite, **change}).code(), code, change)
        self.assertEqual(owner.call("PATCH", f"/v1/admin/staff/{owner.person['id']}", {"role": "owner"}).status, 422)
        self.assertEqual(refused(owner.call("GET", "/v1/admin/staff?colour=red")), (400, "unknown_parameter"))


def token_sent_to(email):
    """The one-time token of the newest message to an address."""
    path = f"/v1/test/outbox?recipient={email}&channel=email"
    found = []

    def has_come():
        found[:] = re.findall(r"tic_[0-9a-z]{26}\.[0-9A-Za-z_-]{43}", market.get(path).body.decode())
        return found

    wait_until(has_come, 30, f"a message to {email}")
    return found[0]


class Messages(unittest.TestCase):
    def test_who_is_invited_joins_with_the_role_and_the_token_works_once(self):
        owner, guest = Owner(), Staff(market, "g" + uuid.uuid4().hex[:12])
        invited = owner.call("POST", "/v1/admin/staff", {"email": guest.email, "name": "Grace H.", "role": "support"},
                             expect=202).json()
        body = {"token": token_sent_to(guest.email), "password": PASSWORD}
        for change, code in (({"token": body["token"][:-1]}, "invalid_ticket"), ({"token": "tic_x"}, "invalid_ticket"),
                             ({"password": "password"}, "password_too_common"),
                             ({"password": "short"}, "out_of_range")):
            response = guest.call("POST", "/v1/admin/invitations/accept", {**body, **change})
            self.assertEqual(refused(response), (422, code))
        joined = guest.call("POST", "/v1/admin/invitations/accept", body, expect=201).json()
        self.assertEqual((joined["id"], joined["role"], joined["name"]), (invited["staff_id"], "support", "Grace H."))
        self.assertEqual(refused(guest.call("POST", "/v1/admin/invitations/accept", body)), (422, "invalid_ticket"))
        self.assertTrue(guest.login()["needs_second_factor"])

    def test_a_forgotten_password_is_replaced_and_the_second_factor_stays(self):
        owner = Owner()
        token, new = owner.token, "battery staple"
        owner.call("POST", "/v1/admin/password/forgot", {"email": owner.email.upper()}, expect=202)
        body = {"token": token_sent_to(owner.email), "password": new}
        owner.call("POST", "/v1/admin/password/reset", body, expect=204)
        self.assertEqual(refused(owner.call("POST", "/v1/admin/password/reset", body)), (422, "invalid_ticket"))
        sign_in = {"email": owner.email, "password": new}
        self.assertEqual(refused(owner.call("POST", "/v1/admin/login", sign_in)), (401, "otp_required"))
        owner.call("POST", "/v1/admin/login", {**sign_in, "otp": owner.recover()}, expect=200)
        wait_until(lambda: owner.call("GET", "/v1/admin/me").status == 401, 60, "the old token is refused")
        self.assertEqual(owner.token, token)


class InAShoppersName(unittest.TestCase):
    def test_staff_is_named_in_every_answer_and_in_the_trail_and_kept_from_what_matters(self):
        owner, shopper = Owner(), market.shopper()
        request_id = "impersonate-" + uuid.uuid4().hex
        opened = owner.call("POST", f"/v1/admin/users/{shopper.user['id']}/impersonate", {"reason": "asked for help"},
                            x_request_id=request_id, expect=201).json()
        owner_token, shopper.token = owner.token, opened["access_token"]
        seen = shopper.call("GET", "/v1/me", expect=200)
        self.assertEqual(seen.headers["souk-impersonated-by"], owner.person["id"])
        self.assertEqual(seen.headers["cache-control"], "no-store")
        change = shopper.call("POST", "/v1/me/password",
                              {"current_password": PASSWORD, "new_password": "battery staple"})
        self.assertEqual(refused(change), (403, "impersonation_refused"))
        self.assertEqual(change.headers["souk-impersonated-by"], owner.person["id"])
        done = "in-name-" + uuid.uuid4().hex
        shopper.call("PATCH", "/v1/me", {"username": shopper.name + "-x"}, x_request_id=done, expect=200)
        owner.token = owner_token

        def entry_of(request):
            data = owner.call("GET", f"/v1/admin/audit?request_id={request}", expect=200).json()["data"]
            return data and (data[0]["action"], data[0]["principal"], data[0]["actor"])

        wait_until(lambda: entry_of(done) and entry_of(request_id), 30, "both are in the trail")
        self.assertEqual(entry_of(done), ("user.change_me", shopper.user["id"], owner.person["id"]))
        self.assertEqual(entry_of(request_id), ("user.impersonate", owner.person["id"], owner.person["id"]))
        shopper.login()
        self.assertNotIn("souk-impersonated-by", shopper.call("GET", "/v1/me", expect=200).headers)

    def test_item_26_whoever_is_out_acts_in_nobodys_name(self):
        boss, shopper = Owner(), market.shopper()
        path = f"/v1/admin/users/{shopper.user['id']}/impersonate"
        for leave in (lambda staff: staff.call("POST", "/v1/admin/logout", expect=204),
                      lambda staff: boss.call("PATCH", f"/v1/admin/staff/{staff.person['id']}",
                                              {"is_active": False, "reason": "gone"}, expect=200)):
            staff = Owner()
            shopper.token = staff.call("POST", path, {"reason": "asked for help"}, expect=201).json()["access_token"]
            shopper.call("GET", "/v1/me", expect=200)
            leave(staff)
            wait_until(lambda: shopper.call("GET", "/v1/me").status == 401, 60, "the shopper's name is refused")


class ApiKeys(unittest.TestCase):
    def test_a_shoppers_server_speaks_for_him_and_nobody_impersonates(self):
        shopper, server = market.shopper(), market.shopper()
        made = shopper.call("POST", "/v1/me/api-keys", {"name": "robot", "scopes": ["account"]}, expect=201).json()
        server.token = made["secret"]
        seen = server.call("GET", "/v1/me", expect=200)
        self.assertEqual(seen.json()["id"], shopper.user["id"])
        self.assertNotIn("souk-impersonated-by", seen.headers)
        self.assertEqual(refused(server.call("GET", "/v1/wallet")), (403, "forbidden"))
        self.assertEqual(server.call("POST", "/v1/auth/logout").status, 403)
        server.token = made["secret"][:-2] + ("AA" if made["secret"][-2:] != "AA" else "BA")
        self.assertEqual(server.call("GET", "/v1/me").status, 401)

    def test_a_server_may_do_what_its_key_says_until_it_is_revoked(self):
        owner, server = Owner(), Staff(market, "server")
        made = owner.call("POST", "/v1/admin/api-keys", {"name": "robot", "scopes": ["view_audit"]}, expect=201).json()
        server.token = made["secret"]
        self.assertTrue(made["secret"].startswith("sk_admin_key_"))
        server.call("GET", "/v1/admin/audit", expect=200)
        for method, path in (("GET", "/v1/admin/staff"), ("GET", "/v1/admin/me"), ("POST", "/v1/admin/logout")):
            self.assertEqual(server.call(method, path).status, 403, path)
        self.assertEqual(server.call("GET", "/v1/me").status, 401)
        listed = owner.call("GET", "/v1/admin/api-keys", expect=200).json()["data"]
        self.assertEqual([key["scopes"] for key in listed if key["id"] == made["id"]], [["view_audit"]])
        self.assertNotIn("secret", listed[0])
        owner.call("DELETE", f"/v1/admin/api-keys/{made['id']}", expect=204)
        wait_until(lambda: server.call("GET", "/v1/admin/audit").status == 401, 60, "the key is refused")
        self.assertEqual(owner.call("POST", "/v1/admin/api-keys", {"name": "robot", "scopes": ["fly"]}).code(),
                         "invalid_value")


class Audit(unittest.TestCase):
    def entries(self, staff, query):
        return staff.call("GET", f"/v1/admin/audit?{query}", expect=200).json()["data"]

    def test_what_staff_does_is_found_by_who_what_whom_and_when(self):
        owner, other = Owner(), Owner()
        request_id = "audit-" + uuid.uuid4().hex
        owner.call("PATCH", f"/v1/admin/staff/{other.person['id']}", {"role": "auditor", "reason": "looks only"},
                   x_request_id=request_id, expect=200)
        entry = self.entries(owner, f"request_id={request_id}")[0]
        self.assertEqual((entry["action"], entry["principal"], entry["actor"], entry["subject"], entry["reason"]),
                         ("admin.change_staff", owner.person["id"], owner.person["id"], other.person["id"],
                          "looks only"))
        self.assertEqual(entry["before"], {"role": "owner", "is_active": True})
        self.assertEqual(entry["request"]["role"], "auditor")
        self.assertEqual(entry["client"], "127.0.0.1")
        for query in (f"subject={other.person['id']}&action=admin.change_staff", f"actor={owner.person['id']}",
                      f"principal={owner.person['id']}&action=admin.change_staff", f"from={entry['created_at']}"):
            self.assertIn(entry["id"], [e["id"] for e in self.entries(owner, query)], query)
        self.assertNotIn(entry["id"], [e["id"] for e in self.entries(owner, f"to={entry['created_at']}")])
        made = self.entries(owner, f"subject={owner.person['id']}&action=admin.create_staff")
        self.assertEqual(made[0]["principal"], "operator")

    def test_nothing_secret_is_in_the_trail(self):
        owner = Owner()
        owner.call("POST", "/v1/admin/me/password",
                   {"current_password": PASSWORD, "new_password": "c4n4ry battery"}, expect=204)
        rows = market.sql("admin", "SELECT count(*) FROM admin.audit_entry WHERE request ~ 'c4n4ry|correct horse'"
                                   " OR before ~ 'c4n4ry' OR request ~ 'password'")
        self.assertEqual(rows, [["0"]])

    def test_refusals_leave_no_entry_and_pages_go_on(self):
        owner = Owner()
        request_id = "refused-" + uuid.uuid4().hex
        owner.call("PATCH", f"/v1/admin/staff/{owner.person['id']}", {"role": "god", "reason": "x"},
                   x_request_id=request_id)
        self.assertEqual(self.entries(owner, f"request_id={request_id}"), [])
        seen, after = [], ""
        while True:
            page = owner.call("GET", f"/v1/admin/audit?limit=3{after}", expect=200).json()
            seen += [entry["id"] for entry in page["data"]]
            if not page["has_more"]:
                break
            after = "&after=" + page["next"]
        self.assertEqual(len(seen), len(set(seen)))
        for path in ("audit", "staff", "invitations", "users", "vendors", "products", "notifications"):
            answer = owner.call("GET", f"/v1/admin/{path}?after=*")
            self.assertEqual(refused(answer), (400, "invalid_parameter"), path)
            self.assertEqual([e["pointer"] for e in answer.json()["errors"]], ["/after"], path)


if __name__ == "__main__":
    unittest.main()
