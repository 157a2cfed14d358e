"""A TCP proxy on loopback that delays what the client sends and counts round trips."""

from __future__ import annotations

import socket
import threading
import time


class Proxy:
    """Listens on a free port of 127.0.0.1 and passes on to `port`. `trips` counts how often the client sent after it had been
    answered: its round trips."""

    def __init__(self, port: int, delay: float = 0.0) -> None:
        self.target = port
        self.delay = delay
        self.trips = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answered = threading.Event()
            answered.set()
            threading.Thread(target=self._up, args=(client, server, answered), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client, answered), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, answered: threading.Event) -> None:
        while data := _receive(client):
            if answered.is_set():
                answered.clear()
                self.trips += 1
                if self.delay:
                    time.sleep(self.delay)
            server.sendall(data)
        server.close()

    def _down(self, server: socket.socket, client: socket.socket, answered: threading.Event) -> None:
        while data := _receive(server):
            answered.set()
            client.sendall(data)
        client.close()


def _receive(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""
