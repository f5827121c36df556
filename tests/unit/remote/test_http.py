"""The door to other people's HTTP, against a server that misbehaves in every way."""

from __future__ import annotations

import gzip
import threading
import traceback

import pytest

from syncbridge.errors import (
    ConfigError,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RemoteError,
    Unavailable,
)
from syncbridge.remote.answer import ErrorTable
from syncbridge.remote.http import Patience
from tests.unit.remote.scripted import NOW, RESET, answer


def quick(deadline_s: float = 5.0, tries: int = 3) -> Patience:
    return Patience(deadline_s=deadline_s, quick_tries=tries, sleep=lambda _: None)


def test_an_answer_carries_status_headers_json_and_date(wire, client_of):
    wire.script = [answer(body=b'{"a": 1}', Date="Sat, 21 Nov 2026 09:00:00 GMT", X_Id="7")]
    got = client_of().send("GET", "/x", is_write=False, params={"q": "1"})
    assert (got.status, got.json, got.date) == (200, {"a": 1}, NOW)
    assert got.headers["x-id"] == "7"
    assert wire.requests[0].startswith(b"GET /x?q=1 HTTP/1.1")


def test_json_is_posted_with_headers_that_are_asked_for_each_time(wire, client_of):
    tokens = iter(["one", "two"])
    client = client_of(headers=lambda: {"Authorization": f"Bearer {next(tokens)}"})
    for _ in range(2):
        client.send("POST", "/x", is_write=True, json={"a": 1})
    assert [b"Bearer one" in wire.requests[0], b"Bearer two" in wire.requests[1]] == [True, True]
    assert wire.requests[0].endswith(b'{"a": 1}')


def test_an_empty_answer_has_no_json(wire, client_of):
    wire.script = [answer("204 No Content", b"")]
    assert client_of().send("DELETE", "/x", is_write=True).json is None


@pytest.mark.parametrize("is_write", [True, False])
def test_a_lost_answer_leaves_only_a_write_unknown(wire, client_of, is_write):
    wire.script = [RESET]
    kind = OutcomeUnknown if is_write else Unavailable
    with pytest.raises(kind) as caught:
        client_of().send("POST", "/x", is_write=is_write)
    assert caught.value.connection == "c"
    assert len(wire.requests) == (1 if is_write else 3)


@pytest.mark.parametrize("is_write", [True, False])
def test_silence_ends_at_the_deadline(wire, client_of, stopwatch, is_write):
    wire.script = [None]
    with pytest.raises(OutcomeUnknown if is_write else Unavailable, match="in time"):
        client_of(patience=quick(0.2)).send("POST", "/x", is_write=is_write)
    assert stopwatch() < 2


def test_a_body_that_trickles_in_ends_at_the_deadline(wire, client_of, stopwatch):
    wire.script = [[answer(body=b"x" * 100_000)[:200], *([b"x"] * 200)]]
    with pytest.raises(OutcomeUnknown):
        client_of(patience=quick(0.3)).send("POST", "/x", is_write=True)
    assert stopwatch() < 2


def test_a_refused_connection_never_left(client_of):
    client = client_of(base_url="http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="no connection could be made"):
        client.send("POST", "/x", is_write=True)


def test_an_unknown_host_never_left(client_of):
    client = client_of(base_url="http://nowhere.invalid")
    with pytest.raises(Unavailable):
        client.send("POST", "/x", is_write=True)


def test_an_answer_cut_short_is_lost(wire, client_of):
    wire.script = [[answer(body=b'{"a": 1}')[:-3]], RESET]
    with pytest.raises(OutcomeUnknown):
        client_of(patience=quick(0.3)).send("POST", "/x", is_write=True)


def test_reads_are_repeated_until_they_succeed(wire, client_of):
    wire.script = [RESET, answer("503 Busy", b""), answer(body=b'{"ok": true}')]
    assert client_of().send("GET", "/x", is_write=False).json == {"ok": True}


def test_a_short_wait_that_was_asked_for_is_waited(wire, client_of):
    slept = []
    wire.script = [answer("429 Slow down", b"{}", Retry_After="1"), answer()]
    client_of(patience=Patience(sleep=slept.append)).send("POST", "/x", is_write=True)
    assert len(slept) == 1
    assert 1 <= slept[0] <= 1.5


def test_a_long_wait_is_left_to_the_schedule(wire, client_of):
    wire.script = [answer("429 Slow down", b"{}", Retry_After="60")]
    with pytest.raises(RateLimited) as caught:
        client_of().send("POST", "/x", is_write=True)
    assert caught.value.retry_after_s == 60
    assert len(wire.requests) == 1


def test_no_wait_goes_beyond_the_deadline(wire, client_of):
    slept = []
    wire.script = [answer("429 Slow down", b"{}", Retry_After="2")]
    with pytest.raises(RateLimited):
        client_of(patience=Patience(deadline_s=1, sleep=slept.append)).send(
            "GET", "/x", is_write=False
        )
    assert slept == []


def test_an_unknown_outcome_is_never_repeated(wire, client_of):
    wire.script = [answer("504 Gateway", b"<html>"), answer()]
    with pytest.raises(OutcomeUnknown):
        client_of().send("POST", "/x", is_write=True)
    assert len(wire.requests) == 1


def test_a_redirect_is_not_followed(wire, client_of):
    wire.script = [answer("302 Found", b"", Location=f"{wire.url}/elsewhere")]
    with pytest.raises(Unavailable, match="redirect"):
        client_of(patience=quick(tries=1)).send("GET", "/x", is_write=False)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("is_write", [True, False])
def test_a_page_of_html_with_status_200_is_no_success(wire, client_of, is_write):
    wire.script = [answer(body=b"<html>maintenance</html>")]
    with pytest.raises(OutcomeUnknown if is_write else Unavailable, match="not JSON"):
        client_of().send("POST", "/x", is_write=is_write)


def test_an_endless_body_is_cut_off(wire, client_of):
    wire.script = [answer(body=b" " * 5000)]
    with pytest.raises(Invalid, match="longer than 1000 bytes"):
        client_of(patience=Patience(max_bytes=1000)).send("GET", "/x", is_write=False)


def test_a_bomb_is_measured_unpacked(wire, client_of):
    wire.script = [answer(body=gzip.compress(b" " * 2_000_000), Content_Encoding="gzip")]
    with pytest.raises(Invalid, match="longer"):
        client_of(patience=Patience(max_bytes=100_000)).send("GET", "/x", is_write=False)


def test_chunks_and_compression_are_undone(wire, client_of):
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, packed[i : i + 1]) for i in range(len(packed)))
    wire.script = [head + chunks + b"0\r\n\r\n"]
    client = client_of()
    for _ in range(2):
        assert client.send("GET", "/x", is_write=False).json == {"a": 1}


def test_an_accepted_refusal_is_answered_and_can_be_judged(wire, client_of):
    wire.script = [answer("404 Not Found", b'{"message": "gone"}')]
    client = client_of()
    got = client.send("GET", "/x", is_write=False, accept=(404,))
    error = client.judge(got, is_write=False)
    assert isinstance(error, NotFound)
    assert str(error) == "gone"


def test_the_vendors_name_for_the_call_is_kept(wire, client_of):
    wire.script = [answer("404 Not Found", b"{}", X_Request_Id="abc")]
    client = client_of(table=ErrorTable(request_id_headers=("x-request-id",)))
    with pytest.raises(NotFound) as caught:
        client.send("GET", "/x", is_write=False)
    assert caught.value.request_id == "abc"


def test_a_token_never_shows_in_an_error(client_of):
    client = client_of(headers={"Authorization": "Bearer s3cret\n"})
    with pytest.raises(ConfigError) as caught:
        client.send("GET", "/x", is_write=False)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_the_environments_proxy_is_not_asked(wire, client_of, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert client_of().send("GET", "/x", is_write=False).status == 200


def test_files_are_loaded_as_they_are(wire, client_of):
    wire.script = [answer(body=b"\x89PNG")]
    client = client_of()
    assert client.load("/file", max_bytes=10).content == b"\x89PNG"
    assert client.load(f"{wire.url}/file", max_bytes=10).content == b"\x89PNG"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://files.vendor.example.evil.example/x",
        "http://files.vendor.example/x",
        "https://notvendor.example/x",
        "file:///etc/passwd",
        "https://vendor.example@evil.example/x",
    ],
)
def test_files_come_from_known_hosts_only(client_of, url):
    client = client_of(other_hosts=("vendor.example",))
    with pytest.raises(Invalid, match="not a host of this vendor"):
        client.load(url, max_bytes=10)


def test_a_host_below_a_known_one_is_asked(client_of):
    client = client_of(other_hosts=("vendor.invalid",), patience=quick(tries=1))
    with pytest.raises(Unavailable):
        client.load("https://files.vendor.invalid/x", max_bytes=10)


def test_each_thread_has_its_own_connection_and_keeps_it(wire, client_of):
    client = client_of()
    errors = []

    def work() -> None:
        try:
            for _ in range(5):
                client.send("GET", "/x", is_write=False)
        except RemoteError as exc:
            errors.append(exc)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(wire.requests) == 20


def test_the_skew_comes_from_the_dates_of_answers(wire, client_of):
    wire.script = [answer(Date="Sat, 21 Nov 2026 09:01:00 GMT")]
    client = client_of()
    assert client.skew_ms == 0
    client.send("GET", "/x", is_write=False)
    assert 60_000 <= client.skew_ms <= 60_999
