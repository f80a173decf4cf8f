"""An honest OpenID Connect provider on loopback, that a test may also make lie. Keys and signatures are openssl's."""
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, check=True, capture_output=True, timeout=60).stdout


class Key:
    """One that signs: RS256 or ES256."""

    def __init__(self, folder, kid, algorithm):
        self.kid, self.algorithm = kid, algorithm
        self.path = pathlib.Path(folder) / f"{kid}.pem"
        kind = (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if algorithm == "RS256" else
                ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        openssl("genpkey", *kind, "-out", str(self.path))

    def public(self):
        told = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", str(self.path), "-noout", "-modulus").decode().strip().split("=")[1]
            return {"kty": "RSA", "n": encode(bytes.fromhex(modulus)), "e": "AQAB", **told}
        point = openssl("pkey", "-in", str(self.path), "-pubout", "-outform", "DER")[-64:]
        return {"kty": "EC", "crv": "P-256", "x": encode(point[:32]), "y": encode(point[32:]), **told}

    def sign(self, claims, **header):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        signed = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        signature = openssl("dgst", "-sha256", "-sign", str(self.path), data=signed.encode())
        if self.algorithm == "ES256":
            signature = raw_signature(signature)
        return f"{signed}.{encode(signature)}"


def raw_signature(der):
    """The two numbers of a DER signature, side by side in 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(32, "big"))
        at += 2 + length
    return b"".join(numbers)


class Provider:
    """`is_basic` is how clients show their secret: client_secret_basic or _post. With TLS its certificate is its own
    authority: `certificate`."""

    def __init__(self, client_id, secret, redirect_uri, algorithm="RS256", is_basic=True, has_tls=False):
        self.client_id, self.secret, self.redirect_uri = client_id, secret, redirect_uri
        self.algorithm, self.is_basic = algorithm, is_basic
        self.folder = tempfile.TemporaryDirectory(prefix="souk-oidc-")
        self.keys = [Key(self.folder.name, "k1", algorithm)]
        self.codes, self.asked, self.refusals = {}, [], []
        self.is_down = False
        self.change_claims = lambda claims: claims  # what a liar says instead
        self.change_token = lambda token: token
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.answer(self, {"/.well-known/openid-configuration": outer.document,
                                    "/keys": outer.key_set}.get(self.path))

            def do_POST(self):
                outer.asked.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                outer.answer(self, (lambda: outer.token(self.headers, body)) if self.path == "/token" else None)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.certificate = pathlib.Path(self.folder.name) / "certificate.pem"
        self.certificate.parent.chmod(0o711)  # a market of root is a user of its own, who must get there
        if has_tls:
            self.encrypt()
        self.issuer = f"{'https' if has_tls else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def encrypt(self):
        key = pathlib.Path(self.folder.name) / "tls.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=provider", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(self.certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def settings(self, name, slot=1, secret_file=None):
        """What a market needs to work with it; a public client without a file."""
        told = {"name": name, "title": f"{name.title()} & Sons", "issuer": self.issuer, "client_id": self.client_id,
                "redirect_uris": f"{self.redirect_uri},http://localhost:3000/back"}
        if secret_file is not None:
            told["client_secret_file"] = secret_file
        return [f"--oidc_{slot}.{key}={value}" for key, value in told.items()]

    def answer(self, handler, make):
        if self.is_down:
            status, body = 503, {"error": "temporarily_unavailable"}
        else:
            status, body = (200, make()) if make is not None else (404, {})
            if isinstance(body, tuple):
                status, body = body
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def document(self):
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize?tenant=a",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported":
                    ["client_secret_basic" if self.is_basic else "client_secret_post"]}

    def key_set(self):
        return {"keys": [key.public() for key in self.keys]}

    def rotate(self):
        """A new key signs; the old one is gone."""
        self.keys = [Key(self.folder.name, f"k{secrets.token_hex(4)}", self.algorithm)]

    # --- what a browser sees ---

    def sign_in(self, url, person):
        """Somebody follows the market's link and signs in: the code and the state that he comes back with."""
        parts = urllib.parse.urlsplit(url)
        asked = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True))
        assert url.startswith(self.issuer + "/authorize?tenant=a&"), url
        assert asked["response_type"] == "code" and asked["client_id"] == self.client_id, asked
        assert asked["redirect_uri"] == self.redirect_uri and "openid" in asked["scope"].split(), asked
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43, asked
        assert len(asked["nonce"]) >= 43 and asked["nonce"] != asked["state"], asked
        code = secrets.token_urlsafe(24)
        self.codes[code] = (asked, person)
        return {"code": code, "state": asked["state"]}

    # --- what the market asks ---

    def refuse(self, why, status=400, error="invalid_grant"):
        self.refusals.append(why)
        return status, {"error": error}

    def knows_client(self, headers, form):
        if not self.is_basic:
            return (form.get("client_id"), form.get("client_secret", "")) == (self.client_id, self.secret)
        kind, _, value = (headers["authorization"] or "").partition(" ")
        if kind != "Basic":
            return False
        pair = base64.b64decode(value).decode().partition(":")
        return (urllib.parse.unquote_plus(pair[0]), urllib.parse.unquote_plus(pair[2])) == (self.client_id, self.secret)

    def token(self, headers, body):
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        if not self.knows_client(headers, form):
            return self.refuse("client", 401, "invalid_client")
        asked, person = self.codes.pop(form.get("code"), (None, None))
        if asked is None or form.get("grant_type") != "authorization_code":
            return self.refuse("code")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return self.refuse("redirect_uri")
        challenge = encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked["code_challenge"]:
            return self.refuse("code_verifier")
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "nonce": asked["nonce"], "iat": now, "exp": now + 300,
                  **person}
        token = self.keys[0].sign(self.change_claims(claims))
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": self.change_token(token)}
