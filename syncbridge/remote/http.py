"""The only door to other people's HTTP: deadlines, quick retries, and their errors as ours."""

from __future__ import annotations

import json as jsonlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)
from urllib3.exceptions import HTTPError

from syncbridge.clock import Clock, monotonic_s
from syncbridge.errors import (
    ConfigError,
    Invalid,
    OutcomeUnknown,
    Problem,
    RemoteError,
    Transient,
    Unavailable,
)
from syncbridge.remote.answer import Answer, ErrorTable, http_date
from syncbridge.remote.fault import has_left, in_words
from syncbridge.remote.skew import ClockSkew

Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]

#: A wait longer than this is for the schedule of retries, not for a thread that holds a lease.
_QUICK_WAIT_S = 2.0
_CONNECT_S = 10.0
_CHUNK_BYTES = 65_536
#: Connections one thread keeps open: it makes one call at a time, to one or two hosts.
_POOL = 2


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take and how often it is quickly repeated."""

    #: All of a call: connecting, sending, reading, quick repetitions. Shorter than a lease.
    deadline_s: float = 25.0
    quick_tries: int = 3
    #: Full jitter up to this, doubled with every try.
    quick_base_s: float = 0.2
    #: A longer body is refused.
    max_bytes: int = 16 * 2**20
    sleep: Callable[[float], None] = time.sleep


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_PLAIN_HTTP = ErrorTable()
_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    is_write: bool
    ends_s: float
    max_bytes: int
    is_raw: bool = False
    accept: Collection[int] = ()
    params: Mapping[str, Any] | None = None
    json: Any = None
    data: Mapping[str, str] | bytes | None = None

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, never quite none."""
        return max(0.05, self.ends_s - monotonic_s())


class HttpClient:
    """Speaks HTTP for one connection. Safe for several threads, each with its own session.

    Proxies and netrc of the environment are ignored, redirects are not followed: a token goes to
    the configured host and to no other.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connection: str,
        now: Clock,
        headers: Headers = _NO_HEADERS,
        table: ErrorTable = _PLAIN_HTTP,
        patience: Patience = _PATIENCE,
        other_hosts: Collection[str] = (),
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            base_url: where the vendor lives; paths are appended to it.
            connection: the connection's name, for messages.
            now: the clock against which the vendor's is measured.
            headers: sent with every call; asked for anew each time if callable.
            table: what the vendor's refusals mean.
            patience: deadline and quick retries.
            other_hosts: hosts, and parents of hosts, that `load` may go to besides.
        """
        self.base_url = base_url.rstrip("/")
        self.connection = connection
        self.table = table
        self.patience = patience
        self._now = now
        self._headers = headers if callable(headers) else lambda: headers
        self._hosts = frozenset(host.lower() for host in other_hosts)
        self._skew = ClockSkew()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    @property
    def skew_ms(self) -> int:
        """Milliseconds the vendor's clock is ahead of ours; 0 while it may be right."""
        return self._skew.ms

    def send(
        self,
        method: str,
        path: str,
        *,
        is_write: bool,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, str] | bytes | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """Make one call, quickly repeated where that is harmless, and answer its 2xx.

        Args:
            method: in capitals.
            path: below `base_url`, with its leading slash.
            is_write: whether the call may change something there, so that a lost answer leaves
                the outcome unknown.
            params: the query; never a secret, because messages may show it.
            json: the body, sent as JSON.
            data: the body, sent as a form or as it is.
            accept: statuses that are answered like 2xx, for the caller to `judge`.

        Raises:
            RemoteError: the one that the vendor's table or the fault of the line says.
        """
        call = _Call(
            method,
            self.base_url + path,
            is_write,
            self._ends_s(),
            self.patience.max_bytes,
            accept=accept,
            params=params,
            json=json,
            data=data,
        )
        return self._persist(call)

    def load(self, address: str, *, max_bytes: int) -> Answer:
        """Get bytes, from a path below `base_url` or from a URL on one of `other_hosts`.

        Raises:
            Invalid: the URL's host is not one we speak to, or the body is longer than `max_bytes`.
            RemoteError: as for `send`.
        """
        url = self.base_url + address if address.startswith("/") else self._allowed(address)
        return self._persist(_Call("GET", url, False, self._ends_s(), max_bytes, is_raw=True))

    def judge(self, answer: Answer, *, is_write: bool) -> RemoteError:
        """Answer the error that an accepted refusal, or a part of a batch's answer, is."""
        return self.table.error_for(
            answer, is_write=is_write, now=self._now(), connection=self.connection
        )

    def close(self) -> None:
        """Close the connections of all threads; the client may be used again."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            self._local = threading.local()
        for session in sessions:
            session.close()

    def _ends_s(self) -> float:
        return monotonic_s() + self.patience.deadline_s

    def _allowed(self, url: str) -> str:
        asked, own = urlsplit(url), urlsplit(self.base_url)
        host = (asked.hostname or "").lower()
        is_other = asked.scheme == "https" and any(
            host == known or host.endswith("." + known) for known in self._hosts
        )
        if is_other or (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
            return url
        why = f"{host or 'no host'} is not a host of this vendor"
        raise Invalid(why, connection=self.connection)

    def _persist(self, call: _Call) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception(_is_quickly_mended),
            stop=stop_after_attempt(self.patience.quick_tries) | stop_before_delay(call.left_s),
            wait=self._wait_s,
            sleep=self.patience.sleep,
            reraise=True,
        )
        return retrying(self._try, call)

    def _wait_s(self, state: RetryCallState) -> float:
        jitter_s = wait_random_exponential(self.patience.quick_base_s, max=_QUICK_WAIT_S)(state)
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.retry_after_s if isinstance(error, Transient) else None
        return jitter_s + (asked_s or 0.0)

    def _try(self, call: _Call) -> Answer:
        sent_at = self._now()
        try:
            answer = self._exchange(call)
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
            # Not "from": the library's message quotes the header, and so the token.
            raise self._bad_header() from None
        except (requests.RequestException, HTTPError, OSError) as exc:
            raise self._fault(exc, call) from exc
        if answer.date is not None:
            self._skew.note(answer.date, sent_at, self._now())
        if not 200 <= answer.status < 300 and answer.status not in call.accept:
            raise self.judge(answer, is_write=call.is_write)
        if answer.content and answer.json is None and not call.is_raw:
            raise self._unreadable(call, "the answer is not JSON")
        return answer

    def _exchange(self, call: _Call) -> Answer:
        response = self._session().request(
            call.method,
            call.url,
            params=call.params,
            json=call.json,
            data=call.data,
            headers=dict(self._headers()),
            timeout=(min(_CONNECT_S, call.left_s), call.left_s),
            allow_redirects=False,
            stream=True,
        )
        with closing(response):
            content = self._body(response, call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(
            response.status_code,
            headers,
            None if call.is_raw and response.ok else _as_json(content),
            content,
            http_date(headers.get("date", "")),
        )

    def _body(self, response: requests.Response, call: _Call) -> bytes:
        """Read the whole body within the deadline, which a socket knows per packet only."""
        line = getattr(getattr(response.raw, "connection", None), "sock", None)
        content = bytearray()
        while True:
            if monotonic_s() > call.ends_s:
                raise self._unreadable(call, "the answer took too long")
            if line is not None:
                line.settimeout(call.left_s)
            chunk = response.raw.read1(_CHUNK_BYTES, decode_content=True)
            if not chunk:
                break
            content += chunk
            if len(content) > call.max_bytes:
                raise self._unreadable(call, f"the answer is longer than {call.max_bytes} bytes")
        if line is not None:
            # The connection is kept: the next call's body must not be sent in what was left.
            with suppress(OSError):
                line.settimeout(self.patience.deadline_s)
        return bytes(content)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            adapter = HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            with self._lock:
                self._sessions.append(session)
        return session

    def _fault(self, exc: Exception, call: _Call) -> RemoteError:
        if call.is_write and has_left(exc):
            return OutcomeUnknown(
                f"the answer to a write was lost: {in_words(exc)}", connection=self.connection
            )
        return Unavailable(in_words(exc), connection=self.connection)

    def _unreadable(self, call: _Call, why: str) -> RemoteError:
        kind = OutcomeUnknown if call.is_write else Invalid if "longer" in why else Unavailable
        return kind(why, connection=self.connection)

    def _bad_header(self) -> ConfigError:
        return ConfigError(
            [
                Problem(
                    self.connection,
                    "a credential has characters that no HTTP header may carry",
                    "look for a line break or a space around the token",
                )
            ]
        )


def _is_quickly_mended(error: BaseException) -> bool:
    """Say whether repeating at once is harmless and likely to help."""
    if not isinstance(error, Transient):
        return False
    if error.retry_after_s is None:
        return isinstance(error, Unavailable)
    return error.retry_after_s <= _QUICK_WAIT_S


def _as_json(content: bytes) -> Any:
    try:
        return jsonlib.loads(content) if content else None
    except (ValueError, RecursionError):
        return None
