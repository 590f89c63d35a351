"""Nobody holds a connection by not sending the head of a request."""

import time

import pytest
from support.api import XML, answer_of
from support.processes import wait_until

from report_api.headdeadline import HeadDeadline

SECONDS = 0.3
UPLOAD = "/api/v2/profile/1/import"


@pytest.fixture(autouse=True)
def _short_deadline(monkeypatch):
    monkeypatch.setattr(HeadDeadline, "head_seconds", SECONDS)


def ends(connection):
    """Whether the server closes the connection without a word."""
    return connection.recv(1000) == b""


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: y", b"\r\n"])
def test_a_connection_without_a_whole_head_is_closed(api, sent):
    with api.connect() as connection:
        connection.sendall(sent)
        assert ends(connection)


def test_a_head_that_trickles_is_cut_off(api):
    with api.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")

        def trickled_until_closed():
            try:
                connection.sendall(b"y")
            except (BrokenPipeError, ConnectionResetError):
                return True
            return False

        wait_until(trickled_until_closed, what="the server closes", seconds=10)


@pytest.mark.parametrize("sent", [b"\r\n", b"GET /healthz HTTP/1.1\r\nX: "])
def test_a_later_request_has_the_same_deadline(api, sent):
    with api.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer_of(connection) == (200, {"status": "ok"})
        connection.sendall(sent)
        assert ends(connection)


def test_a_body_and_an_idle_connection_may_take_longer(api):
    with api.connect() as connection:
        connection.sendall(api.head(UPLOAD, Content_Length=str(len(XML))) + XML[:5])
        _let_the_deadline_pass()
        connection.sendall(XML[5:])
        assert answer_of(connection)[0] == 201
        _let_the_deadline_pass()
        connection.sendall(api.head(UPLOAD, Content_Length=str(len(XML))) + XML)
        assert answer_of(connection)[0] == 201


def _let_the_deadline_pass():
    started = time.monotonic()
    wait_until(lambda: time.monotonic() - started > 2 * SECONDS, what="the deadline is over")
