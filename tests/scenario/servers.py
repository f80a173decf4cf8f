"""The other side of outgoing messages: a mail server (Debian's aiosmtpd) and an API for text messages, on loopback."""
import asyncio
import base64
import email
import email.policy
import http.server
import json
import socket
import ssl
import threading
import urllib.parse

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class MailServer:
    """Keeps what it is sent; `reply` is what it says to each message, `delay_s` how long it thinks about it."""

    def __init__(self):
        self.port = free_port()
        self.reply, self.delay_s = "250 taken", 0
        self.mails = []  # (recipient, parsed message, raw bytes), refused ones too
        self.logins = []  # ((user, password), was encrypted)
        self.controller = None

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos[0], message, envelope.content))
        reply = self.reply
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if reply == "drop":
            server.transport.close()
            return "421 gone"
        return reply.replace("RECIPIENT", envelope.rcpt_tos[0])

    def start(self, certificate=None, login=None):
        """`certificate`: offers STARTTLS with this chain and key (PEM in one file). `login`: wants this user and
        password before it takes a mail, over whatever it is asked."""
        more = {}
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            more.update(tls_context=context, require_starttls=True)
        if login is not None:
            more.update(authenticator=self.judge, auth_required=True, auth_require_tls=certificate is not None)
        self.login = login
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self.controller.start()
        return self

    def judge(self, server, session, envelope, mechanism, data):
        """Notes what it was told, and whether that was encrypted."""
        told = (data.login.decode(), data.password.decode())
        self.logins.append((told, session.ssl is not None))
        return AuthResult(success=told == self.login)

    def stop(self):
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def of(self, recipient):
        return [message for to, message, _ in list(self.mails) if to == recipient]


class TextServer:
    """Speaks as much of Twilio's API as is needed: POST of a form with Basic authentication."""

    def __init__(self, account, token):
        self.account = account
        self.wanted = "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
        self.status = 201
        self.texts = []  # (form, Idempotency-Key)
        self.refused = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                status = outer.status
                if self.headers["authorization"] != outer.wanted:
                    status, outer.refused = 401, outer.refused + 1
                elif self.path != f"/2010-04-01/Accounts/{outer.account}/Messages.json":
                    status = 404
                else:
                    outer.texts.append((dict(urllib.parse.parse_qsl(body, strict_parsing=True)),
                                        self.headers["idempotency-key"]))
                answer = json.dumps({"sid": "SM0123456789abcdef", "status": "queued"}).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
