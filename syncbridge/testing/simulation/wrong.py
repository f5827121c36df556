"""Wrong engines: faults planted from outside, each of which the oracle has to notice.

Every fault takes one rule of the engine out, by putting another function in the place of one of
its own for as long as the context lasts. The product has no switch for any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from syncbridge.engine import (
    batch,
    deliver,
    desk,
    dossier,
    intake,
    log_entries,
    messages,
    resolve,
    resync,
    scene,
    settle,
)
from syncbridge.errors import Rejected
from syncbridge.mapping import translate
from syncbridge.merge import plan, survivorship
from syncbridge.merge.threeway import FieldReading, Relation, relate
from syncbridge.model.golden import Base, BaseValue, GoldenField
from syncbridge.model.stamp import Stamp
from syncbridge.remote.base import ContactWrite, Outcome
from syncbridge.store import inbox, outbox, parking, records, runs
from syncbridge.store.ids import new_id


@contextmanager
def planted(place: Any, name: str, other: object) -> Iterator[None]:
    """Put another function in the place of one of the engine's, for a while."""
    kept = getattr(place, name)
    setattr(place, name, other)
    try:
        yield
    finally:
        setattr(place, name, kept)


def _echo_taken_for_edit() -> Any:
    """What a record shows is always a change, also when it is our own write."""

    def related(
        base: BaseValue | None, reading: FieldReading, ours: GoldenField | None
    ) -> Relation:
        found = relate(base, reading, ours)
        return Relation.THEIRS if found is Relation.UNCHANGED else found

    return planted(plan, "relate", related)


def _rings_before_commit() -> Any:
    """The bell is rung while the transaction is still open."""
    store = batch.Batch.store

    def ringing(self: batch.Batch) -> None:
        store(self)
        self.ring()

    return planted(batch.Batch, "store", ringing)


def _moves_base_before_outcome() -> Any:
    """The base says that both agree as soon as a write leaves."""
    start = deliver._start_contacts

    def starting(engine: Any, spoke: Any, tx: Any, entries: Any) -> Any:
        sent = start(engine, spoke, tx, entries)
        links = records.load_links(tx, [item.write.link_id for item in sent])
        moved = []
        for item in sent:
            link = links[item.write.link_id]
            outcome = Outcome(link.id)
            if isinstance(item.write, ContactWrite):
                base = settle.moved_base(spoke, item, item.write, outcome, link.base)
                moved.append(replace(link, base=base))
        records.update_links(tx, moved)
        return sent

    return planted(deliver, "_start_contacts", starting)


def _arrival_for_vendor_time() -> Any:
    """Messages carry the time at which they came."""
    new_message = messages.new_message

    def arriving(event: Any, *args: Any) -> Any:
        return replace(new_message(event, *args), sent_at_ms=event.received_at_ms)

    return planted(scene, "new_message", arriving)


def _absent_taken_for_empty() -> Any:
    """What a payload does not carry counts as cleared."""
    peer_values = resolve.peer_values

    def emptied(peer: Any) -> dict[str, str | None]:
        return {"number": None, "name": None, **peer_values(peer)}

    return planted(resolve, "peer_values", emptied)


def _repeats_without_looking() -> Any:
    """An entry whose outcome is not known is made again at once."""
    return planted(log_entries, "_must_look", lambda item: False)


def _leases_never_end() -> Any:
    """What a killed process held stays held."""
    return planted(outbox, "expire", lambda *args, **kwargs: 0)


def _tie_by_arrival() -> Any:
    """Of two edits of one instant the one that was heard last wins, whatever its rank."""
    order = Stamp.order

    def arriving(self: Stamp, window_ms: int, digest: str) -> Any:
        at, _, name, *rest = order(self, window_ms, digest)
        return (at, 0, name[::-1], *rest)

    return planted(Stamp, "order", arriving)


def _saves_cursor_before_page() -> Any:
    """The cursor is saved in a transaction of its own, before what it covers."""
    store_page = resync._store_page

    def storing(engine: Any, spoke: Any, feed: str, page: Any, cursor: str | None) -> Any:
        engine.store.transact(
            lambda tx: runs.save_cursor(
                tx, spoke.name, feed, page.cursor, saved_at_ms=engine.now_ms()
            )
        )
        return store_page(engine, spoke, feed, page, page.cursor)

    return planted(resync, "_store_page", storing)


@contextmanager
def _ignores_epochs() -> Iterator[None]:
    """A read is believed although a write started or settled since it left, or a later read."""
    take = desk.Desk.take

    def taking(
        self: desk.Desk, remote_id: str, answer: Any, epoch: int | None, correlation_id: str
    ) -> bool:
        self._sending = set()
        return take(self, remote_id, answer, None, correlation_id)

    with planted(desk.Desk, "take", taking), planted(desk, "_is_overtaken", lambda *args: False):
        yield


def _writes_unguarded() -> Any:
    """Nobody looks at a record before it is overwritten."""
    return planted(deliver, "guard", lambda *args: None)


def _profile_outranks() -> Any:
    """A value that may only fill counts like any other."""
    survivor = survivorship.survivor

    def deciding(candidates: Any, rule: Any) -> Any:
        equal = [replace(one, said=replace(one.said, fills_only=False)) for one in candidates]
        return survivor(equal, rule)

    return planted(survivorship, "survivor", deciding)


def _forgets_event_keys() -> Any:
    """The same saying counts again each time it is delivered."""
    add_events = inbox.add_events

    def adding(tx: Any, arrivals: Sequence[tuple[Any, Any]], **given: Any) -> int:
        anew = [(replace(event, key=new_id()), origin) for event, origin in arrivals]
        return add_events(tx, anew, **given)

    return planted(inbox, "add_events", adding)


def _never_wakes() -> Any:
    """What waits for a message is not told when it came."""
    return planted(parking, "wake", lambda *args, **kwargs: 0)


class _Descending(Mapping[Any, int]):
    """Ranks that let any status take the place of any other."""

    def __init__(self) -> None:
        self._last = 0

    def __getitem__(self, key: Any) -> int:
        self._last -= 1
        return self._last

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _status_goes_back() -> Any:
    """A message that was read can become delivered again."""
    return planted(scene, "STATUS_RANK", _Descending())


def _halving_loses_the_rest() -> Any:
    """After a refused batch only its first half is sent again; the rest counts as done."""

    def pushing(spoke: Any, sent: Sequence[Any]) -> list[Outcome]:
        outcomes: list[Outcome] = spoke.connector.push([item.write for item in sent])
        if len(sent) == 1 or not all(isinstance(one.error, Rejected) for one in outcomes):
            return outcomes
        middle = len(sent) // 2
        rest = [Outcome(item.write.link_id, item.write.remote_id) for item in sent[middle:]]
        return [*pushing(spoke, sent[:middle]), *rest]

    return planted(deliver, "push", pushing)


def _settles_more_than_it_sent() -> Any:
    """A write that is answered counts for everything that is owed by then."""
    succeed = settle._Settling._succeed

    def succeeding(self: Any, item: Any, outcome: Any, link: Any) -> None:
        succeed(self, replace(item, rev=link.wanted_rev), outcome, link)

    return planted(settle._Settling, "_succeed", succeeding)


@contextmanager
def _default_taken_for_a_name() -> Iterator[None]:
    """The mapping's default, read back, is believed to be somebody's name."""
    moved_base = settle.moved_base

    def moving(spoke: Any, item: Any, write: Any, outcome: Any, base: Base) -> Base:
        moved = dict(moved_base(spoke, item, write, outcome, base))
        for canonical, value in list(moved.items()):
            if value.remote and value.canonical is None:
                del moved[canonical]
        return moved

    def reading(mapping: Any, values: Any, context: Any) -> Any:
        return translate.to_canonical(replace(mapping, default={}), values, context)

    with planted(settle, "moved_base", moving), planted(resolve, "to_canonical", reading):
        yield


def _conflicts_unrecorded() -> Any:
    """The loser of a conflict is thrown away."""
    return planted(batch.Batch, "clash", lambda self, found: None)


def _judgement_forgotten() -> Any:
    """What an operator decides has the time of what it replaces, and no more."""

    def deciding(self: plan.Decision, console: Any, golden: Any, rule: Any) -> Any:
        return contribute(replace(self, at_ms=0), console, {}, rule)

    contribute = plan.Decision.contribute
    return planted(plan.Decision, "contribute", deciding)


def _acknowledges_before_storing() -> Any:
    """A delivery is acknowledged although the database refused it."""
    receive = intake.receive

    def receiving(engine: Any, connection: str, request: Any) -> bool:
        try:
            return receive(engine, connection, request)
        except Exception:  # noqa: BLE001 - that is the fault
            return True

    return planted(intake, "receive", receiving)


def _blocked_for_ever() -> Any:
    """Entries that wait for their contact are not told when it is there."""
    return planted(outbox, "unblock", lambda *args, **kwargs: 0)


def _held_fields_written() -> Any:
    """A field that waits for a person is written all the same."""
    owed = plan.owed

    def owing(golden: Any, base: Any, *, fields: Any, held: Any = frozenset()) -> Any:
        return owed(golden, base, fields=fields)

    return planted(dossier, "owed", owing)


def _older_edit_wins() -> Any:
    """Of two edits the first one wins."""
    order = Stamp.order

    def turned(self: Stamp, window_ms: int, digest: str) -> Any:
        at, *rest = order(self, window_ms, digest)
        return (-at, *rest)

    return planted(Stamp, "order", turned)


#: Name -> what is planted.
WRONG: dict[str, Callable[[], Any]] = {
    plant.__name__.removeprefix("_"): plant
    for plant in (
        _echo_taken_for_edit,
        _rings_before_commit,
        _moves_base_before_outcome,
        _arrival_for_vendor_time,
        _absent_taken_for_empty,
        _repeats_without_looking,
        _leases_never_end,
        _tie_by_arrival,
        _saves_cursor_before_page,
        _ignores_epochs,
        _writes_unguarded,
        _profile_outranks,
        _forgets_event_keys,
        _never_wakes,
        _status_goes_back,
        _halving_loses_the_rest,
        _settles_more_than_it_sent,
        _default_taken_for_a_name,
        _conflicts_unrecorded,
        _judgement_forgotten,
        _acknowledges_before_storing,
        _blocked_for_ever,
        _held_fields_written,
        _older_edit_wins,
    )
}
