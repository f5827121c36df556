"""The composition root: from settings to a service that works."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from syncbridge.clock import Clock, system_clock
from syncbridge.engine.context import Doorbell, Engine, RetryPolicy, SilentBell, Spoke
from syncbridge.errors import ConfigError, Problem
from syncbridge.mapping.declaration import CanonicalContact
from syncbridge.mapping.loader import load_contact, load_mapping
from syncbridge.model.golden import FieldRule
from syncbridge.model.record import Kind
from syncbridge.model.states import Mode
from syncbridge.remote.http import Patience
from syncbridge.remote.registry import connector_class
from syncbridge.settings import (
    ConnectionSettings,
    ConversationEntries,
    Secret,
    Settings,
    load_settings,
    revealed,
    validate_options,
)
from syncbridge.store.cipher import Cipher, key_from_file, read_key, token_from_file
from syncbridge.store.migrate import head_revision, migrate, require_current, standing
from syncbridge.store.session import Store, open_store

_log = logging.getLogger(__name__)

#: A call ends this much sooner than the lease that guards it.
_LEASE_MARGIN_S = 10.0


@dataclass(frozen=True)
class Service:
    """The engine, and what the entry points need beside it."""

    engine: Engine
    settings: Settings
    canonical: CanonicalContact

    @property
    def store(self) -> Store:
        """The database."""
        return self.engine.store

    def close(self) -> None:
        """Finish what was begun in the database."""
        self.store.close()


def read_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from file and environment.

    Raises:
        ConfigError: with every problem at once.
    """
    return load_settings(path, environ)


def build(
    settings: Settings,
    *,
    bell: Doorbell | None = None,
    now: Clock = system_clock,
    is_migrating: bool = False,
) -> Service:
    """Put a service together; no vendor is called.

    Args:
        settings: as read.
        bell: how work is announced; None: only the sweep finds it.
        now: the clock.
        is_migrating: bring the database up to date first (an old SQLite file is copied aside);
            otherwise it has to be.

    Raises:
        ConfigError: a connection's options, a mapping, the key or the database cannot be used.
    """
    spokes, canonical = _spokes(settings, now)
    cipher = Cipher(_key(settings))
    url = settings.service.database_url
    store = open_store(url)
    try:
        if is_migrating:
            copy = migrate(store.engine, url=url)
            if copy:
                _log.info("the database as it was before the migration is in %s", copy)
        else:
            require_current(store.engine, url=url)
    except BaseException:
        store.close()
        raise
    engine = Engine(
        store=store,
        cipher=cipher,
        spokes={spoke.name: spoke for spoke in spokes},
        rules=_rules(canonical, spokes),
        now=now,
        bell=bell or SilentBell(),
        retry=_retry(settings),
        public_url=settings.service.public_url or "",
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )
    return Service(engine, settings, canonical)


def connect(settings: Settings, *, now: Clock = system_clock) -> list[Spoke]:
    """Answer the connections alone, without a database; no vendor is called.

    Raises:
        ConfigError: the options of one, or a mapping, cannot be used.
    """
    return _spokes(settings, now)[0]


@dataclass(frozen=True, slots=True)
class Migration:
    """What bringing a database up to date came to."""

    #: The step it stands at now.
    revision: str | None
    #: Where an old SQLite file was copied to; None when nothing had to be copied.
    copy: str | None


def migrate_database(settings: Settings) -> Migration:
    """Bring the database up to date, an empty one too.

    Raises:
        ConfigError: it does not answer, is not ours, or was made by a newer program.
    """
    store = open_store(settings.service.database_url)
    try:
        copy = migrate(store.engine, url=settings.service.database_url)
    finally:
        store.close()
    return Migration(head_revision(), copy)


def database_state(settings: Settings) -> str:
    """Answer in words how the database stands; it is not changed.

    Raises:
        ConfigError: it does not answer, is not ours, or was made by a newer program.
    """
    store = open_store(settings.service.database_url)
    try:
        revision = standing(store.engine, url=settings.service.database_url)
    finally:
        store.close()
    if revision == head_revision():
        return "up to date"
    how = "empty" if revision is None else f"of an older SyncBridge (schema {revision})"
    return f"{how}; `syncbridge up` or `syncbridge migrate` brings it up to date"


def require_key(settings: Settings) -> str:
    """Answer where the encryption key is, or will be made; it is not made here.

    Raises:
        ConfigError: there is one, but it cannot be used.
    """
    service = settings.service
    path = service.encryption_key_file
    if service.encryption_key is None and not path.exists():
        return f"{path}, made on the first start"
    _key(settings)
    return "the settings" if service.encryption_key is not None else str(path)


def doorbell(settings: Settings) -> Doorbell:
    """Answer the bell of a process that does not do the work itself."""
    if settings.service.broker_url is None:
        return SilentBell()
    # Celery takes its time to import, and most installations never need it.
    from syncbridge.queue.celery import CeleryBell, new_app

    return CeleryBell(new_app(celery_values(settings)), settings.service.queue_prefix)


def celery_values(settings: Settings) -> dict[str, Any]:
    """Answer Celery's configuration, as these settings want it.

    Raises:
        ConfigError: there is no broker, or a database that several processes cannot share.
    """
    from syncbridge.queue.celery import configuration

    service = settings.service
    problems = []
    if service.broker_url is None:
        problems.append(
            Problem("service.broker_url", "is not set", "name a broker, or run `syncbridge up`")
        )
    if service.database_url.startswith("sqlite"):
        remedy = "use PostgreSQL, or leave broker_url out and run `syncbridge up`"
        problems.append(Problem("service.database_url", "is a file of one process", remedy))
    if problems:
        raise ConfigError(problems)
    polled = [
        name
        for name, connection in sorted(settings.connections.items())
        if connector_class(connection.connector).capabilities.feeds
    ]
    return configuration(
        str(service.broker_url),
        prefix=service.queue_prefix,
        polled=polled,
        poll_interval_s=service.poll_interval_s,
    )


def _key(settings: Settings) -> bytes:
    service = settings.service
    if service.encryption_key is not None:
        return read_key(service.encryption_key.reveal(), "service.encryption_key")
    return key_from_file(service.encryption_key_file)


def _retry(settings: Settings) -> RetryPolicy:
    retry = settings.retry
    return RetryPolicy(
        compensation_tries=retry.compensation_tries,
        compensation_interval_s=retry.compensation_interval_s,
        lease_s=retry.lease_s,
        readback_wait_s=retry.readback_wait_s,
        probe_s=retry.probe_s,
    )


def _spokes(settings: Settings, now: Clock) -> tuple[list[Spoke], CanonicalContact]:
    """Build every connection, gathering the problems of all of them."""
    directory = settings.service.mappings_dir
    dirs = [directory] if directory else []
    canonical = load_contact(dirs)
    spokes: list[Spoke] = []
    problems: list[Problem] = []
    for connection in settings.connections.values():
        try:
            spokes.append(_spoke(settings, connection, canonical, dirs, now))
        except ConfigError as exc:
            problems += exc.problems
    if problems:
        raise ConfigError(problems)
    return spokes, canonical


def _spoke(
    settings: Settings,
    connection: ConnectionSettings,
    canonical: CanonicalContact,
    dirs: list[Path],
    now: Clock,
) -> Spoke:
    cls = connector_class(connection.connector)
    values, problems = validate_options(connection.name, connection.options, cls.options)
    options = revealed(values)
    problems += cls.problems(options)
    if problems:
        raise ConfigError(problems)
    mapping = load_mapping(connection.connector, dirs, canonical)
    retry = settings.retry
    deadline_s = min(25.0, max(1.0, retry.lease_s - _LEASE_MARGIN_S))
    connector = cls.connect(
        connection.name,
        options,
        now=now,
        base_url=connection.base_url or "",
        fields={Kind.CONTACT: mapping.remote_fields},
        patience=Patience(
            deadline_s=deadline_s, quick_tries=retry.quick_tries, quick_base_s=retry.quick_base_s
        ),
    )
    return Spoke(
        name=connection.name,
        connector=connector,
        mapping=mapping,
        rank=connection.rank,
        region=connection.default_region,
        mode=Mode(connection.mode.value),
        logs_sessions=connection.conversation_entries is ConversationEntries.SESSION,
        session_gap_ms=int(connection.session_gap_h * 3_600_000),
        scope=str(options.get("portfolio_id") or ""),
        account_id=str(options.get("phone_number_id") or options.get("portal_id") or ""),
    )


def _rules(canonical: CanonicalContact, spokes: Iterable[Spoke]) -> dict[str, FieldRule]:
    """Fix each field's window by the coarsest clock among the connections that map it."""
    windows: dict[str, int] = {}
    for spoke in spokes:
        for declared in spoke.mapping.fields:
            # A profile name only fills: its clock must not blur that of the CRMs.
            if declared.fills_only:
                continue
            window_ms = spoke.connector.capabilities.window_ms
            windows[declared.canonical] = max(window_ms, windows.get(declared.canonical, 1))
    return {
        name: replace(declared.rule, window_ms=windows.get(name, 1))
        for name, declared in canonical.fields.items()
    }


#: Made beside the key file where the settings have no token.
_TOKEN_FILE = "syncbridge.token"  # noqa: S105 - a file name


def api_token(service: Service) -> Secret | None:
    """Answer the bearer token of the API, if the settings have one."""
    return service.settings.service.api_token


def access_token(service: Service) -> str:
    """Answer the token that opens the API and the pages, making one where nobody set it.

    It is kept in a file (mode 0600) beside the key file, so that it holds across starts.

    Raises:
        ConfigError: the file cannot be made or read.
    """
    token = api_token(service)
    if token is not None:
        return token.reveal()
    return token_from_file(service.settings.service.encryption_key_file.with_name(_TOKEN_FILE))


def session_key(service: Service) -> bytes:
    """Answer the key that signs the cookies of the pages; it follows from the encryption key."""
    return hashlib.blake2b(
        _key(service.settings), digest_size=32, person=b"console-session"
    ).digest()
