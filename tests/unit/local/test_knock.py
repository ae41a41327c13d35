"""Knocking tells an answer from nobody, and never stands in the way of who is about to listen."""

import socket
import threading

from local.knock import caller, knock

OK = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def address_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}/_control/health"


def test_a_knock_that_hears_only_itself_is_not_an_answer() -> None:
    heard: list[bytes] = []

    def echo_once_then_answer() -> None:
        for answer in (None, OK):
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(answer or heard[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=echo_once_then_answer, daemon=True)
        thread.start()
        first, second = knock(address_of(listener)), knock(address_of(listener))
        thread.join()

    assert (first, second) == (None, 204)
    assert all(request.startswith(b"GET /_control/health HTTP/1.1\r\n") for request in heard)


def test_nobody_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = address_of(listener)

    assert knock(address) is None


def test_a_call_that_met_itself_leaves_the_port_to_who_wants_to_listen() -> None:
    with caller() as own:
        own.bind(("127.0.0.1", 0))
        port = own.getsockname()[1]
        own.connect(("127.0.0.1", port))
        own.sendall(b"echo")
        assert own.recv(4) == b"echo"

    socket.create_server(("127.0.0.1", port)).close()
