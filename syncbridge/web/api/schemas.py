"""What the API takes and gives, as marshmallow schemas built once."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

_AT = {"description": "ISO 8601 in UTC", "example": "2026-05-04T09:00:00.000+00:00"}
_ID = {"description": "32 hex digits", "example": "01a2008011457086adfec4bd5a041318"}


def _said(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, **more}


def _text(text: str = "", **options: Any) -> fields.String:
    return fields.String(metadata=_said(text) if text else {}, **options)


def _at() -> fields.String:
    return fields.String(metadata=_AT, allow_none=True)


class Strict(Schema):
    """What is asked for: unknown keys are refused."""

    class Meta:
        """Refuse what we do not know."""

        unknown = RAISE


class Listed(Strict):
    """Which part of a list is wanted."""

    after = fields.Integer(
        load_default=0, validate=validate.Range(min=0), metadata=_said("the last id seen before")
    )
    limit = fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=500),
        metadata=_said("so many at most, up to 500"),
    )


class ConflictsAsked(Listed):
    """Which conflicts are wanted."""

    initial = fields.Boolean(
        load_default=False, metadata=_said("differences found when two records first met")
    )
    open = fields.Boolean(load_default=True, metadata=_said("only those that nobody decided yet"))


class DeadLettersAsked(Listed):
    """Which dead letters are wanted."""

    connection = _text("of this connection only", load_default=None)


class ResolveAsked(Strict):
    """A person's decision."""

    choice = fields.String(
        required=True,
        validate=validate.OneOf(["ours", "theirs", "value"]),
        metadata=_said("one of the two sides, or a value of your own"),
    )
    value = _text("with `value`; null clears the field", load_default=None, allow_none=True)


class ReplayAsked(Strict):
    """Which dead letters are tried again: some, or all."""

    ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=1000))
    all = fields.Boolean(load_default=False, metadata=_said("every one, instead of `ids`"))
    connection = _text("with `all`: of this connection only", load_default=None)

    @validates_schema
    def _one_or_the_other(self, data: dict[str, Any], **_: Any) -> None:
        if data["all"] == bool(data["ids"]):
            raise ValidationError("give ids, or all: true", "ids")


class DiscardAsked(Strict):
    """Which dead letters are given up, and why."""

    ids = fields.List(fields.Integer(), required=True, validate=validate.Length(min=1, max=1000))
    reason = fields.String(
        required=True,
        validate=[
            validate.Length(min=1, max=500),
            validate.Regexp(r"\s*\S", error="is blank"),
        ],
        metadata=_said("for those who ask later"),
    )


class ResyncAsked(Strict):
    """How a connection is read again."""

    full = fields.Boolean(load_default=False, metadata=_said("everything, not only what changed"))
    dry_run = fields.Boolean(
        load_default=False, metadata=_said("say what would be read, and change nothing")
    )
    wait_s = fields.Float(
        load_default=10.0,
        validate=validate.Range(min=0, max=60),
        metadata=_said("a run that takes longer goes on alone: see /runs"),
    )


class PersonAsked(Strict):
    """Who is meant: exactly one of these."""

    phone = _text("in any spelling", load_default=None)
    email = _text(load_default=None)
    id = fields.String(load_default=None, metadata=_ID)

    @validates_schema
    def _exactly_one(self, data: dict[str, Any], **_: Any) -> None:
        if sum(bool(value) for value in data.values()) != 1:
            raise ValidationError("give exactly one of phone, email and id", "phone")


class Problem(Schema):
    """What went wrong, and what to do about it."""

    code = _text("a word for programs")
    message = _text("a sentence for people")
    remedy = _text("what mends it")


class Error(Schema):
    """The one shape of every error."""

    error = fields.Nested(Problem)


class Connection(Schema):
    """How one connection stands."""

    name = _text("as in the settings")
    connector = _text("which kind of system it is")
    account = _text(allow_none=True)
    account_name = _text(allow_none=True)
    is_channel = fields.Boolean(metadata=_said("messages come from here"))
    mode = _text("live or observe")
    holds = _text("why nothing is written now; empty when it is")
    is_paused = fields.Boolean()
    suspended = _text("what it waits for", allow_none=True)
    prepared_at = _at()
    caught_up_at = _at()
    pulled_at = _at()
    outbox = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata=_said("owed writes by state")
    )
    counters = fields.Dict(keys=fields.String(), values=fields.Integer())


class Status(Schema):
    """How the service stands."""

    connections = fields.List(fields.Nested(Connection))
    inbox = fields.Dict(keys=fields.String(), values=fields.Integer())
    persons = fields.Integer()
    conflicts = fields.Integer(metadata=_said("open ones"))
    initial_differences = fields.Integer(metadata=_said("open ones"))
    dead_letters = fields.Integer()
    questions = fields.Integer(metadata=_said("of which only a person knows the answer"))
    workers = fields.List(fields.String(), metadata=_said("those alive"))
    at = _at()


class Connections(Schema):
    """All connections."""

    connections = fields.List(fields.Nested(Connection))


class Conflict(Schema):
    """Both sides changed one field since they last agreed."""

    id = fields.Integer()
    person = fields.String(metadata=_ID)
    name = _text("the person's")
    connection = _text("where the difference was found")
    field = _text()
    base = _text("what both last agreed on", allow_none=True)
    ours = _text(allow_none=True)
    ours_from = _text("whose value ours is")
    ours_at = _at()
    theirs = _text(allow_none=True)
    theirs_from = _text()
    theirs_at = _at()
    winner = _text("which side stands meanwhile")
    reason = _text("why")
    is_initial = fields.Boolean()
    now = _text("the value that stands now", allow_none=True)
    state = _text("open or resolved")
    resolution = _text("the value that was chosen", allow_none=True)
    resolved_by = _text(allow_none=True)
    resolved_at = _at()
    found_at = _at()


class Conflicts(Schema):
    """One part of the list of conflicts."""

    conflicts = fields.List(fields.Nested(Conflict))
    next = fields.Integer(
        allow_none=True, metadata=_said("the `after` of the next part; null at the end")
    )


class Attempt(Schema):
    """One call for an entry, and what came of it."""

    attempt = fields.Integer()
    started_at = _at()
    ended_at = _at()
    outcome = _text(allow_none=True)
    message = _text(allow_none=True)
    request_id = _text("as the other system names the call", allow_none=True)


class DeadLetter(Schema):
    """An owed write that no further try will cure."""

    id = fields.Integer()
    connection = _text()
    kind = _text()
    verb = _text()
    state = _text()
    person = fields.String(metadata=_ID, allow_none=True)
    name = _text("the person's")
    cause = _text(allow_none=True)
    message = _text(allow_none=True)
    advice = _text("what to do about it", allow_none=True)
    tries = fields.Integer()
    attempt = fields.Integer()
    due_at = _at()
    created_at = _at()
    blocked_by = _text("the link whose record it waits for", allow_none=True)
    correlation_id = _text()
    attempts = fields.List(fields.Nested(Attempt))


class DeadLetters(Schema):
    """One part of the list of dead letters."""

    dead_letters = fields.List(fields.Nested(DeadLetter))
    next = fields.Integer(allow_none=True)


class Replayed(Schema):
    """How many are tried again."""

    replayed = fields.Integer()


class Discarded(Schema):
    """How many were given up."""

    discarded = fields.Integer()


class Plan(Schema):
    """What a connection would write if it were live."""

    connection = _text()
    creates = fields.Integer(metadata=_said("records that would be made"))
    updates = fields.Integer(metadata=_said("records that would be changed"))
    messages = fields.Integer(metadata=_said("entries for messages"))
    is_cut = fields.Boolean(metadata=_said("there is more: the numbers say at least"))
    samples = fields.List(fields.Dict())


class Done(Schema):
    """What was done to which connection."""

    connection = _text()
    state = _text("paused, resumed or live")


class Resynced(Schema):
    """How a resync ended, or that it goes on."""

    connection = _text()
    state = _text("done, failed, running or dry_run")
    run_id = fields.Integer(allow_none=True)
    report = fields.Dict(metadata=_said("pages, listed, changed, is_complete, error"))
    samples = fields.List(fields.Dict(), metadata=_said("dry_run: some of what would be read"))


class Run(Schema):
    """One batch run."""

    id = fields.Integer()
    connection = _text()
    kind = _text()
    state = _text()
    started_at = _at()
    ended_at = _at()
    report = fields.Dict(allow_none=True)


class Runs(Schema):
    """The newest runs first."""

    runs = fields.List(fields.Nested(Run))


class Record(Schema):
    """A person's record in one connection."""

    connection = _text()
    remote_id = _text(allow_none=True)
    role = _text("primary gets everything; secondary is a duplicate there")
    state = _text()
    is_behind = fields.Boolean(metadata=_said("something is owed to it"))
    held = fields.List(fields.String(), metadata=_said("fields that wait for a person"))
    entry = _text("state of the owed write", allow_none=True)
    cause = _text(allow_none=True)


class Person(Schema):
    """What is known of a person, what happened, and why."""

    id = fields.String(metadata=_ID)
    name = _text()
    fields_ = fields.Dict(
        attribute="fields",
        data_key="fields",
        metadata=_said("field -> {value, from, at}"),
    )
    identities = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    records = fields.List(fields.Nested(Record))
    conflicts = fields.List(fields.Nested(Conflict))
    timeline = fields.List(fields.Dict(), metadata=_said("messages and decisions, oldest first"))


LISTED = Listed()
CONFLICTS_ASKED = ConflictsAsked()
DEAD_LETTERS_ASKED = DeadLettersAsked()
RESOLVE_ASKED = ResolveAsked()
REPLAY_ASKED = ReplayAsked()
DISCARD_ASKED = DiscardAsked()
RESYNC_ASKED = ResyncAsked()
PERSON_ASKED = PersonAsked()
ERROR = Error()
STATUS = Status()
CONNECTIONS = Connections()
CONFLICT = Conflict()
CONFLICTS = Conflicts()
DEAD_LETTER = DeadLetter()
DEAD_LETTERS = DeadLetters()
REPLAYED = Replayed()
DISCARDED = Discarded()
PLAN = Plan()
DONE = Done()
RESYNCED = Resynced()
RUNS = Runs()
PERSON = Person()
