"""The story without an audience: played, counted, reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from syncbridge.cli.demo.census import Census, take_census
from syncbridge.cli.demo.doors import Crm, Phones, Refused
from syncbridge.cli.demo.least import least_calls
from syncbridge.cli.demo.processes import POLL_S, House
from syncbridge.cli.demo.report import Report, misses, percentile
from syncbridge.cli.demo.stage import Course, Stage
from syncbridge.cli.demo.story.steps import CRMS, WA, Script
from syncbridge.cli.demo.story.whole import FILES

Say = Callable[[str], None]
#: Writes a script from the ids of the files that people send and the present, Unix seconds.
Writer = Callable[[Mapping[str, str], int], Script]

_T = TypeVar("_T")

_SETTLE_S = 60.0
_LONGEST_S = 180.0
#: More conflicts than any story has.
_MANY = "500"


@dataclass(slots=True)
class Verdict:
    """What came of a performance."""

    report: Report
    #: Bounds that were missed, in words; empty when all is well.
    misses: list[str]
    #: What exactly was found wrong.
    details: list[str] = field(default_factory=list)
    elapsed_s: float = 0.0


def perform(directory: Path, writer: Writer, *, say: Say) -> Verdict:
    """Play a story in processes of its own and compare what came of it with the script.

    Raises:
        TimeoutError: an account did not start.
    """
    began_s = time.monotonic()
    with House(directory) as house:
        script = writer(store_files(Phones(house.urls[WA])), int(time.time()))
        stage = Stage(house, script, say=say)
        course = stage.play()
        verdict = _judge(stage, course, began_s)
    verdict.elapsed_s = time.monotonic() - began_s
    if verdict.elapsed_s > _LONGEST_S:
        verdict.misses.append(f"it took {verdict.elapsed_s:.0f} s, {_LONGEST_S:.0f} are allowed")
    return verdict


def store_files(phones: Phones) -> dict[str, str]:
    """Give the account the files that people send; answer media type -> id."""
    return {kind: phones.keep(*file) for kind, file in FILES.items()}


def _judge(stage: Stage, course: Course, began_s: float) -> Verdict:
    script, say = stage.script, stage.say
    problems = course.problems
    _attempt(problems, "faults", stage.look_at_faults)
    writes = _attempt(problems, "resync", lambda: _second_resync_writes(stage, say))
    conflicts = _attempt(problems, "conflicts", lambda: _count_conflicts(stage))
    polls = int((time.monotonic() - began_s) / POLL_S)
    report = Report(
        messages_in=len(script.told),
        conflicts={"expected": script.conflicts, "found": conflicts},
        dead_letters={
            "expected": script.dead_letters,
            "found": course.dead_letters,
            "replayed": course.replayed,
        },
        second_resync_writes=writes,
        api_calls=_api_calls(stage, course, polls),
    )
    censuses = _attempt(problems, "census", lambda: _take_all(stage, course))
    if censuses is not None:
        report = _with_censuses(report, script, course, censuses)
    found = [*problems, *misses(report, people=len(script.people))]
    return Verdict(report, found, _details(censuses or {}))


def _attempt(problems: list[str], what: str, work: Callable[[], _T]) -> _T | None:
    try:
        return work()
    except (Refused, TimeoutError, LookupError) as exc:
        problems.append(f"{what}: {type(exc).__name__}: {exc}")
        return None


def _second_resync_writes(stage: Stage, say: Say) -> int:
    """Read everything again, twice; answer how often the second time wrote anything."""
    say("Everything is read again, twice: the second time there must be nothing to write.")
    before = 0
    for _ in range(2):
        before = sum(writes_in(crm.calls()) for crm in stage.crms.values())
        for name in CRMS:
            stage.operator.run("resync", name, "--full")
        stage.calm(_SETTLE_S)
    return sum(writes_in(crm.calls()) for crm in stage.crms.values()) - before


def writes_in(calls: Mapping[str, Any]) -> int:
    """Answer how many of these calls change something: reads may be POSTs, too."""
    return sum(
        count
        for route, count in calls["by_route"].items()
        if not route.startswith("GET ") and not route.endswith(("/search", "/read"))
    )


def _count_conflicts(stage: Stage) -> int:
    found = stage.operator.run("conflicts", "list", "--limit", _MANY)
    rows = found["conflicts"] if isinstance(found, Mapping) else found
    return sum(not row["is_initial"] for row in rows)


def _take_all(stage: Stage, course: Course) -> dict[str, Census]:
    return {name: _take(stage, course, name, crm) for name, crm in stage.crms.items()}


def _take(stage: Stage, course: Course, name: str, crm: Crm) -> Census:
    return take_census(
        name,
        stage.script,
        contacts=crm.records("contacts"),
        communications=crm.records("communications"),
        known={made: key for (account, key), made in course.contacts.items() if account == name},
        last_words=course.last_words,
    )


def _with_censuses(
    report: Report, script: Script, course: Course, censuses: Mapping[str, Census]
) -> Report:
    every = list(censuses.values())
    waits = latencies(script, course, every)
    return replace(
        report,
        entries_in_crm=len(set.intersection(*(set(one.entries) for one in every))),
        persons=len(set.intersection(*(one.people for one in every))),
        duplicates=sum(len(one.duplicates) for one in every),
        lost=sum(len(one.lost) for one in every),
        out_of_order=sum(len(one.disordered) for one in every),
        latency_s={"p50": percentile(waits, 0.5), "p95": percentile(waits, 0.95)},
    )


def latencies(script: Script, course: Course, censuses: list[Census]) -> list[float]:
    """Answer seconds from acknowledgement to entry, of every message told in fair weather.

    A message is in the CRM when its entry stands in the last of the accounts.
    """
    waits = []
    for number, delivery in course.deliveries.items():
        acknowledged_at = course.acknowledged_at.get(number)
        if acknowledged_at is None:
            continue
        for key in delivery.messages:
            entries = [census.entries.get(key) for census in censuses]
            if not script.told[key].is_foul and all(entries):
                stood_at = max(found[0].created_at for found in entries if found)
                waits.append(max(0.0, stood_at - acknowledged_at))
    return waits


def _api_calls(stage: Stage, course: Course, polls: int) -> dict[str, int | None]:
    used = _attempt(
        course.problems,
        "api_calls",
        lambda: sum(int(crm.calls()["total"]) for crm in stage.crms.values()),
    )
    least = least_calls(
        stage.script,
        deliveries=course.deliveries,
        sent_at=course.sent_at,
        edits=course.edits,
        polls=polls,
    )
    return {"used": used, "least": least}


def _details(censuses: Mapping[str, Census]) -> list[str]:
    return [
        text for one in censuses.values() for text in (*one.duplicates, *one.lost, *one.disordered)
    ]
