"""HTTP to outside: to hosts that the city allows and to the address that was looked at, without redirects, within a time.

Whoever may type an address could otherwise make this server call others for them (SSRF): the host must stand on the city's list, its
addresses are looked up once and judged, and the connection goes to the one that was judged. Proxies of the environment are not asked."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from escalation.sending.errors import NotSent, WrongAddress

LONGEST_ANSWER = 64_000
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Gate:
    """Where to one may post. `hosts`: names, with a port where it is not the scheme's own; `private`: may they be addresses of a house's
    own network (never those of a machine's own metadata)."""

    hosts: Collection[str]
    private: bool

    def check(self, url: str) -> SplitResult:
        """The parts of an address that may be posted to. WrongAddress for any other."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise WrongAddress(why_zh="无法识别", why_en="it cannot be read") from None
        if parts.scheme not in _PORTS or not host or any(c.isspace() or ord(c) < 33 for c in url):
            raise WrongAddress(why_zh="须以 https:// 或 http:// 开头", why_en="it begins with https:// or http://")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise WrongAddress(why_zh="不能含用户名、密码或 #", why_en="it holds no user name, password or #")
        named = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
        if named not in self.hosts:
            raise WrongAddress(why_zh=f"{named} 不在允许的范围内", why_en=f"{named} is not on the city's list")
        return parts

    def resolve(self, parts: SplitResult) -> tuple[str, int]:
        """The address to connect to: all that the name means must be allowed. NotSent when it means none, or one that is not."""
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            raise NotSent(f"{host}: {error}") from error
        for address in found:
            if not _allowed(address, private=self.private):
                raise NotSent(f"{host} is {address}, which is not allowed")
        return found[0], port


def post(gate: Gate, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
    """Post, and read the answer. `timeout`: seconds that the other side may be silent; three times of it and all is cut off. NotSent when
    it was not reached; what its answer means is the caller's to say. WrongAddress where the gate is closed."""
    parts = gate.check(url)
    address, port = gate.resolve(parts)
    connection = _connect(parts, address, port, timeout)
    cut = threading.Timer(timeout * 3, _cut, [connection])
    cut.daemon = True
    cut.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", parts.netloc)
        for name, value in {"User-Agent": "Liandong", "Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{parts.hostname}: {type(error).__name__}: {error}") from error
    finally:
        cut.cancel()
        connection.close()


def accepted(answer: Answer, host: str) -> Answer:
    """The answer, when it says yes. NotSent otherwise: a redirect is none."""
    if not 200 <= answer.status < 300:
        raise NotSent(f"{host}: HTTP {answer.status}")
    return answer


def _connect(parts: SplitResult, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=timeout)
    try:
        stream: socket.socket = socket.create_connection((address, port), timeout)
        if parts.scheme == "https":
            stream = ssl.create_default_context().wrap_socket(stream, server_hostname=parts.hostname)
    except (OSError, ValueError) as error:
        raise NotSent(f"{parts.hostname}: {type(error).__name__}: {error}") from error
    connection.sock = stream
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _allowed(address: str, *, private: bool) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_multicast or found.is_unspecified or found.is_link_local or found.is_reserved:
        return False
    return private or found.is_global
