"""One window a workspace: a second start finds the first through a local socket and can bring it to the front."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 500
FRONT = b"front\n"


def socket_name(path: Path) -> str:
    """Name of the socket of a workspace: tells nothing of its place."""
    return "caseworth-" + hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]


def already_open(path: Path) -> bool:
    """Whether a window listens for this workspace."""
    return _send(path, b"")


def bring_to_front(path: Path) -> bool:
    """Ask the window of this workspace to come forward; False when none listens."""
    return _send(path, FRONT)


def _send(path: Path, message: bytes) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(socket_name(path))
    if not socket.waitForConnected(WAIT_MS):
        return False
    if message:
        socket.write(message)
        socket.flush()
        socket.waitForBytesWritten(WAIT_MS)
    socket.disconnectFromServer()
    return True


class FrontDoor(QObject):
    """Listens for a second start of the same workspace: ``asked_to_front()``."""

    asked_to_front = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._name = socket_name(path)

    def listen(self) -> bool:
        """Begin to listen. What a killed process left behind is swept away: ask ``already_open`` first."""
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        self._server.close()

    def _on_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._on_message(socket))
        socket.disconnected.connect(socket.deleteLater)
        if socket.bytesAvailable():
            self._on_message(socket)

    def _on_message(self, socket: QLocalSocket) -> None:
        if bytes(socket.readAll().data()) == FRONT:
            self.asked_to_front.emit()
