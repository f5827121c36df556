"""The harness of imitated vendors, seen through a toy vendor on a real port."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from syncbridge.sandbox import FaultBoard, FaultKind, SandboxServer, parse_fault
from tests.sandbox.toy import Receiver, ToySandbox

ROOT = Path(__file__).parents[2]


@pytest.fixture
def toy() -> Iterator[ToySandbox]:
    sandbox = ToySandbox()
    with SandboxServer(sandbox) as server:
        sandbox.url = server.url  # type: ignore[attr-defined]
        yield sandbox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with SandboxServer(receiver) as server:
        receiver.url = f"{server.url}/hook?x=1"  # type: ignore[attr-defined]
        yield receiver


def url(sandbox: ToySandbox, path: str) -> str:
    return f"{sandbox.url}{path}"  # type: ignore[attr-defined]


def add(sandbox: ToySandbox, text: str = "a", **options: object) -> requests.Response:
    return requests.post(url(sandbox, "/x/notes"), data=text, timeout=5, **options)  # type: ignore[arg-type]


def control(sandbox: ToySandbox, method: str, path: str, body: object = None) -> dict:
    answer = requests.request(method, url(sandbox, f"/_control/{path}"), json=body, timeout=5)
    return {"status": answer.status_code, **answer.json()}


def wait_until(done: Callable[[], bool], timeout_s: float = 5) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.002)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("429:every=7", {"kind": FaultKind.STATUS, "status": 429, "every": 7}),
        ("503:times=3:method=post", {"status": 503, "times": 3, "method": "POST"}),
        (
            "timeout-before:match=/batch/upsert:times=1:s=0.5",
            {"kind": FaultKind.TIMEOUT_BEFORE, "match": "/batch/upsert", "hold_s": 0.5},
        ),
        ("timeout-after", {"kind": FaultKind.TIMEOUT_AFTER, "hold_s": 30.0, "times": None}),
        ("slow:ms=800:rate=0.2", {"kind": FaultKind.SLOW, "delay_ms": 800, "rate": 0.2}),
        ("expired-token:after=2", {"kind": FaultKind.EXPIRED_TOKEN, "after": 2}),
        ("daily-limit:retry-after=9", {"kind": FaultKind.DAILY_LIMIT, "retry_after_s": 9}),
        ("drop-webhook:rate=0.1", {"kind": FaultKind.DROP_WEBHOOK}),
    ],
)
def test_a_fault_is_read_from_its_spec(spec: str, expected: dict[str, object]) -> None:
    fault = parse_fault(spec)
    assert {name: getattr(fault, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("spec", "part", "remedy"),
    [
        ("", "''", "timeout-before"),
        ("299", "'299'", "400 to 599"),
        ("status", "'status'", "expired-token"),
        ("503:tmies=3", "'tmies=3'", "times"),
        ("503:times", "'times'", "name=value"),
        ("503:times=0", "times='0'", "at least 1"),
        ("slow:rate=2", "rate='2'", "from 0 to 1"),
        ("slow:ms=soon", "ms='soon'", "whole number"),
        ("503:method=FETCH", "method='FETCH'", "PATCH"),
        ("timeout-after:s=-1", "s='-1'", "seconds"),
        ("503:match=", "match=''", "some text"),
    ],
)
def test_a_bad_spec_names_the_part_and_the_remedy(spec: str, part: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="fault ") as caught:
        parse_fault(spec)
    assert part in str(caught.value)
    assert remedy in str(caught.value)


def hits(spec: str, calls: int = 12) -> list[int]:
    board = FaultBoard()
    board.arm(spec)
    return [number for number in range(1, calls + 1) if board.hitting_call("GET", "/a")]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("503", list(range(1, 13))),
        ("503:times=2", [1, 2]),
        ("503:after=3:times=2", [4, 5]),
        ("503:every=5", [5, 10]),
        ("503:every=4:after=2", [6, 10]),
        ("503:method=POST", []),
        ("503:match=/b", []),
        ("503:rate=0", []),
        ("drop-webhook", []),
    ],
)
def test_a_fault_hits_the_calls_it_names(spec: str, expected: list[int]) -> None:
    assert hits(spec) == expected


def test_a_rate_hits_about_so_many_calls_and_the_same_ones_again() -> None:
    first = hits("503:rate=0.25", calls=2000)
    assert 400 < len(first) < 600
    assert first == hits("503:rate=0.25", calls=2000)


def test_only_one_fault_decides_and_the_others_keep_their_turn() -> None:
    board = FaultBoard()
    board.arm("slow", "503:times=1", "429:times=1")
    seen = [[fault.spec for fault in board.hitting_call("GET", "/")] for _ in range(3)]
    assert seen == [["slow", "503:times=1"], ["slow", "429:times=1"], ["slow"]]


def test_a_status_fault_answers_as_the_vendor_does_and_changes_nothing(toy: ToySandbox) -> None:
    toy.faults.arm("503:times=1")
    assert add(toy).status_code == 503
    assert toy.notes == []
    assert add(toy).status_code == 201


def test_a_timeout_before_the_write_drops_the_call_undone(toy: ToySandbox) -> None:
    toy.faults.arm("timeout-before:times=1:s=0.05")
    with pytest.raises(requests.ConnectionError):
        add(toy)
    assert toy.notes == []


def test_a_timeout_after_the_write_drops_only_the_answer(toy: ToySandbox) -> None:
    toy.faults.arm("timeout-after:times=1:s=0.05")
    with pytest.raises(requests.ConnectionError):
        add(toy)
    assert toy.notes == ["a"]
    assert toy.calls.report()["by_status"] == {"dropped": 1}


def test_a_held_call_ends_when_the_sandbox_closes() -> None:
    sandbox = ToySandbox(faults=["timeout-before:s=600"])
    server = SandboxServer(sandbox).start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"GET /x/notes HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: sandbox.faults.report()[0]["fired"] == 1)
        server.stop()
        assert client.recv(100) == b""


def test_a_slow_call_is_done_and_answered(toy: ToySandbox) -> None:
    toy.faults.arm("slow:ms=60")
    answer = add(toy)
    assert (answer.status_code, toy.notes) == (201, ["a"])
    assert answer.elapsed.total_seconds() >= 0.06


def test_answers_are_dated_by_the_vendors_clock(toy: ToySandbox) -> None:
    toy.clock.advance(86_400 * 400)
    dated = parsedate_to_datetime(add(toy).headers["Date"])
    assert abs((dated - toy.clock.now()).total_seconds()) < 5


def test_calls_are_counted_by_route_and_status(toy: ToySandbox) -> None:
    toy.faults.arm("503:after=1:method=POST")
    add(toy)
    add(toy)
    requests.get(url(toy, "/x/notes/1"), timeout=5)
    requests.get(url(toy, "/y/notes/2"), timeout=5)
    requests.get(url(toy, "/nowhere"), timeout=5)
    assert control(toy, "GET", "calls") == {
        "status": 200,
        "total": 5,
        "by_route": {
            "GET (no such route)": 1,
            "GET /x/notes/<note>": 1,
            "GET /y/notes/<note>": 1,
            "POST /x/notes": 2,
        },
        "by_status": {"200": 2, "201": 1, "404": 1, "503": 1},
    }
    control(toy, "DELETE", "calls")
    assert control(toy, "GET", "calls")["total"] == 0


def test_faults_are_armed_listed_and_cleared_over_http(toy: ToySandbox) -> None:
    assert control(toy, "POST", "faults", {"spec": "503:times=1"})["status"] == 201
    assert add(toy).status_code == 503
    assert control(toy, "GET", "faults")["faults"] == [
        {"spec": "503:times=1", "seen": 1, "fired": 1}
    ]
    refused = control(toy, "POST", "faults", {"spec": "506x"})
    assert refused["status"] == 400
    assert "506x" in refused["error"]
    control(toy, "DELETE", "faults")
    assert control(toy, "GET", "faults")["faults"] == []


def test_a_reset_forgets_records_faults_and_counters(toy: ToySandbox) -> None:
    toy.faults.arm("503:after=9")
    add(toy)
    control(toy, "POST", "reset")
    assert (toy.notes, toy.faults.report(), toy.calls.report()["total"]) == ([], [], 0)


def test_the_clock_only_moves_forward(toy: ToySandbox) -> None:
    before = toy.clock.now()
    assert control(toy, "POST", "clock", {"advance_s": 3600})["status"] == 200
    assert (toy.clock.now() - before).total_seconds() >= 3600
    assert control(toy, "POST", "clock", {"advance_s": -1})["status"] == 400
    assert control(toy, "POST", "clock", {})["status"] == 400
    assert control(toy, "GET", "health")["sandbox"] == "toy"


@pytest.fixture
def hooked(receiver: Receiver) -> Iterator[ToySandbox]:
    sandbox = ToySandbox(webhook_url=receiver.url)  # type: ignore[attr-defined]
    with SandboxServer(sandbox) as server:
        sandbox.url = server.url  # type: ignore[attr-defined]
        yield sandbox


def test_events_leave_together_and_signed(hooked: ToySandbox, receiver: Receiver) -> None:
    assert hooked.webhooks is not None
    for number in range(4):
        hooked.webhooks.emit({"n": number})
    assert hooked.webhooks.wait_idle(5)
    bodies = sorted(receiver.bodies)
    assert [json.loads(body) for body in bodies] == [
        [{"n": 0}, {"n": 1}, {"n": 2}, 0],
        [{"n": 3}, 0],
    ]
    assert receiver.headers[0]["X_TOY"].startswith(receiver.url)  # type: ignore[attr-defined]
    report = control(hooked, "GET", "webhooks")
    assert (report["events"], report["sent"], report["pending"]) == (4, 2, 0)
    assert [attempt["status"] for attempt in report["attempts"]] == [200, 200]


def test_a_refused_delivery_is_tried_again_and_then_given_up(
    hooked: ToySandbox, receiver: Receiver
) -> None:
    assert hooked.webhooks is not None
    receiver.statuses = [500, 404, 302]
    hooked.webhooks.send_now([{"n": 1}])
    for attempt in (1, 2, 3):
        receiver.wait_for(attempt)
        hooked.clock.advance(200)
    assert hooked.webhooks.wait_idle(5)
    assert [json.loads(body)[-1] for body in receiver.bodies] == [0, 1, 2]
    report = hooked.webhooks.report()
    assert [report[name] for name in ("sent", "failed", "retried", "given_up")] == [0, 3, 2, 1]


def test_a_receiver_that_is_down_is_retried(hooked: ToySandbox, receiver: Receiver) -> None:
    assert hooked.webhooks is not None
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        control(hooked, "POST", "webhooks", {"url": down})
        hooked.webhooks.send_now([{"n": 1}])
        wait_until(lambda: hooked.webhooks.report()["failed"] == 1)
    control(hooked, "POST", "webhooks", {"url": receiver.url})  # type: ignore[attr-defined]
    hooked.clock.advance(200)
    receiver.wait_for(1)
    assert hooked.webhooks.report()["attempts"][0]["error"] == "ConnectionError"


def test_webhooks_are_dropped_and_doubled_by_switch(hooked: ToySandbox, receiver: Receiver) -> None:
    assert hooked.webhooks is not None
    hooked.faults.arm("drop-webhook:times=1", "double-webhook:after=1:times=1")
    for number in (1, 2, 3, 4):
        hooked.webhooks.send_now([{"n": number}])
        assert hooked.webhooks.wait_idle(5)
    assert [json.loads(body)[0]["n"] for body in receiver.bodies] == [2, 3, 3, 4]
    report = hooked.webhooks.report()
    assert (report["sent"], report["dropped"], report["doubled"]) == (3, 1, 1)


def test_a_sandbox_without_webhooks_says_so(toy: ToySandbox) -> None:
    assert control(toy, "GET", "webhooks")["url"] is None
    assert control(toy, "POST", "webhooks", {"url": "http://a"})["status"] == 400


SERVE = """
import sys
from syncbridge.sandbox import serve_forever
from tests.sandbox.toy import ToySandbox
serve_forever(ToySandbox(), on_ready=lambda url: print(url, flush=True))
print("stopped")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_foreground_sandbox_stops_cleanly_on_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert requests.get(f"{address}/_control/health", timeout=5).json()["status"] == "ok"
        process.send_signal(number)
        assert process.stdout.read().strip() == "stopped"
        assert process.wait(10) == 0
