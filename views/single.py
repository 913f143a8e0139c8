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
        self._sockets: list[QLocalSocket] = []
        self._name = socket_name(path)

    def listen(self) -> bool:
        """Begin to listen. What a killed process left behind is swept away: ask ``already_open`` first."""
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Stop listening and let go of who is still connected."""
        self._server.close()
        for socket in list(self._sockets):
            self._drop(socket)

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setParent(self)
            self._sockets.append(socket)
            socket.readyRead.connect(self._on_messages)
            socket.disconnected.connect(self._on_messages)
        self._on_messages()

    def _on_messages(self) -> None:
        """Read what has come; forget those that have gone."""
        for socket in list(self._sockets):
            asked = bytes(socket.readAll().data()) == FRONT
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._drop(socket)
            if asked:
                self.asked_to_front.emit()

    def _drop(self, socket: QLocalSocket) -> None:
        """Let a socket go; without its signals, which would otherwise speak while it is destroyed."""
        self._sockets.remove(socket)
        socket.blockSignals(True)
        socket.abort()
        socket.deleteLater()
