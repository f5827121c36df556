"""The acts in bad weather: a thousand updates at once, faults, kills, dead letters."""

from __future__ import annotations

from collections.abc import Sequence

from syncbridge.cli.demo.story.cast import Somebody
from syncbridge.cli.demo.story.pen import Pen
from syncbridge.cli.demo.story.steps import (
    CRMS,
    HS,
    HS2,
    WA,
    Announce,
    Archive,
    Arm,
    Calm,
    Edit,
    ExpireToken,
    Fact,
    Foul,
    Kill,
    RenewToken,
    Replay,
    Start,
    Step,
    Wait,
)

#: What Meta puts into one delivery at most.
CROWD = 1000


def crowd(pen: Pen, size: int = CROWD) -> None:
    """One delivery with as many updates as Meta ever puts into one, some of them twice."""
    pen.then(Announce(f"One delivery with {size} updates."))
    people = list(pen.cast.values())
    turn = 0
    while pen.count < size - 6:
        who = people[turn * 11 % len(people)]
        _exchange(pen, who, turn)
        turn += 1
    while pen.count < size:
        pen.says(people[pen.count % len(people)], "And one more thing")
    pen.post(order=_shuffled(size))
    pen.then(Calm(60.0))


def _exchange(pen: Pen, who: Somebody, turn: int) -> None:
    """A question, an answer with its statuses, now and then a reaction or a change of mind."""
    question = pen.says(who, "Where is my order?")
    answer = pen.answers(who, "On its way to you.")
    pen.status(answer, "delivered")
    pen.status(answer, "read", shows="read")
    if turn % 4 == 0:
        pen.reacts(question, "🙏")
    if turn % 6 == 0:
        pen.edits(question, "Where is my parcel?")


def _shuffled(size: int) -> Sequence[int]:
    """Answer an order in which every seventh update comes a little early."""
    places = list(range(size))
    for place in range(7, size, 7):
        places[place - 2], places[place] = places[place], places[place - 2]
    return places


#: What goes wrong: (what it is called, the faults).
_FAULTS: Sequence[tuple[str, Sequence[Step]]] = (
    (
        "The CRM is asked too often (429), and falls over (500, 503).",
        (
            Arm(HS, "429:match=/communications/batch:times=2:retry-after=1"),
            Arm(HS2, "429:match=/contacts/batch:times=2:retry-after=1"),
            Arm(HS, "503:match=/batch/:times=3"),
            Arm(HS2, "500:match=/communications/batch/create:times=3"),
        ),
    ),
    (
        "Answers are lost, before the write and after it.",
        (
            Arm(HS, "timeout-after:match=/communications/batch/create:times=1:s=1", costs=2),
            Arm(HS2, "timeout-before:match=/communications/batch/create:times=1:s=1", costs=5),
            Arm(HS2, "timeout-after:match=/contacts/batch/update:times=1:s=1"),
            Arm(HS, "timeout-before:match=/contacts/batch/update:times=1:s=1"),
        ),
    ),
    (
        "Everything is slow; webhooks are lost and doubled.",
        (
            Arm(HS, "slow:ms=700:times=6", costs=0),
            Arm(HS2, "slow:ms=700:times=6", costs=0),
            Arm(HS, "drop-webhook:times=1", costs=0),
            Arm(HS2, "double-webhook:times=2", costs=0),
            Arm(WA, "double-webhook:times=3", costs=0),
        ),
    ),
)


def faults(pen: Pen) -> None:
    """Calls fail in every way while people go on writing and sales people go on editing."""
    pen.then(Foul(is_foul=True))
    people = list(pen.cast.values())
    for number, (words, armed) in enumerate(_FAULTS):
        pen.then(Announce(words), *armed)
        for place, who in enumerate(people[number * 6 : number * 6 + 6]):
            pen.says(who, "Does this reach you?")
            pen.then(Wait(0.2))
            _edit(pen, CRMS[place % 2], who.key, "state", f"State {number}")
        pen.then(Wait(1.0))
    pen.then(Calm())
    _expired(pen, people[30:36])


def _edit(pen: Pen, account: str, key: str, name: str, value: str) -> None:
    pen.then(Edit(account, key, name, value))
    pen.facts.append(Fact(key, name, value))


def _expired(pen: Pen, people: Sequence[Somebody]) -> None:
    pen.then(Announce("A token expires, and is renewed."), ExpireToken(HS))
    for who in people:
        pen.says(who, "And this?")
        _edit(pen, HS2, who.key, "state", "State of waiting")
    pen.then(Wait(3.0), RenewToken(HS), Calm())


def kills(pen: Pen) -> None:
    """The service is killed twice in the middle of work, and started again."""
    people = list(pen.cast.values())
    in_the_middle = (
        Kill(HS, "/communications/batch/create"),
        Kill(HS2, "/contacts/batch/update"),
    )
    for number, kill in enumerate(in_the_middle):
        pen.then(Announce("The service is killed (-9) in the middle of it, and started again."))
        for place, who in enumerate(people):
            pen.says(who, "Are you there?")
            pen.answers(who, "We are.")
            if place % 8 == 7:
                pen.post()
            if place % 5 == number:
                _edit(pen, CRMS[place % 2], who.key, "country", ("Germany", "Mexico")[number])
        # Deliveries go on coming while nobody answers.
        pen.then(kill)
        for who in people[: 10 * (number + 1)]:
            pen.says(who, "Hello?")
            pen.post()
        pen.then(Wait(0.5), Start(), Calm(60.0))


def dead_letters(pen: Pen) -> None:
    """Two writes are refused for good; somebody mends the reason and replays them."""
    people = list(pen.cast.values())
    pen.then(
        Announce("Two writes are refused for good: they wait as dead letters."),
        Arm(HS2, "400:match=/communications/batch/create:times=1"),
    )
    pen.says(people[27], "The CRM's new rule refuses these words")
    pen.then(Calm())
    # The address is a second one of the household in hs2, where it cannot be written twice.
    _edit(pen, HS, people[27].key, "email", "family.weber@example.com")
    pen.dead_letters += 2
    pen.then(Calm(), Announce("The household is deleted there; the dead letters are replayed."))
    pen.then(Archive(HS2, "weber"), Calm(), Replay(), Calm())
    pen.then(Foul(is_foul=False))
