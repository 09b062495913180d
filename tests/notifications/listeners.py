"""What stands at the other end in tests: a robot's or gateway's web server, and a mail server, on loopback."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Web:
    """Answers with what a test lays out; the last answer is given again."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=lambda: [(200, '{"errcode": 0, "code": 0}')])
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    """Read the request, and let its sender wait for this."""

    def next_answer(self) -> tuple[int, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def web_listener() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            parts = urlsplit(self.path)
            web.requests.append(
                Request(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
            )
            if web.hold is not None:
                web.hold.wait(10)
                return
            status, text = web.next_answer()
            self.send_response(status)
            for name, value in web.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = handle_any

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    with _serving(server):
        yield web


@dataclass
class Mail:
    """A mail server: what it says to a recipient and to a whole message is laid out by a test."""

    port: int = 0
    messages: list[str] = field(default_factory=list)
    to_recipient: Callable[[str], str] = lambda address: "250 ok"
    to_message: Callable[[str], str | None] = lambda text: "250 ok"
    """None: take the message, and say nothing."""


@contextmanager
def mail_listener() -> Iterator[Mail]:
    mail = Mail()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "EHLO":
                    self.say("250 test")
                elif verb == "RCPT":
                    self.say(mail.to_recipient(line))
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode()) not in (".\r\n", ""):
                        lines.append(text)
                    mail.messages.append("".join(lines))
                    answer = mail.to_message(mail.messages[-1])
                    if answer is None:
                        return
                    self.say(answer)
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    mail.port = server.server_address[1]
    with _serving(server):
        yield mail


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
