"""The demo's story, played in processes of its own; and that its judge is neither blind nor bribed.

The story is the project's main proof: every number of its report is asserted one by one.
"""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from syncbridge.cli.demo.census import take_census
from syncbridge.cli.demo.least import least_calls
from syncbridge.cli.demo.report import Report, misses, percentile
from syncbridge.cli.demo.story.steps import Create, Deliver, Edit, Fact, Script, Told
from syncbridge.cli.demo.story.whole import FILES, whole_story
from tests.service.programs import eventually

_DEMO = Path(__file__).parents[2] / "syncbridge" / "cli" / "demo"
_LASTS_S = 180
_STARTS_S = 60
_ENDS_S = 30


# The story.


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The whole story as anybody would play it: report, exit code, what was said."""
    place = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "syncbridge", "demo", "--headless", "--dir", str(place)]
    done = subprocess.run(
        [*command, "--report", str(place / "report.json")],
        capture_output=True,
        text=True,
        timeout=_LASTS_S * 3,
        check=False,
    )
    report = json.loads((place / "report.json").read_text())
    return {"report": report, "code": done.returncode, "said": done.stderr}


def test_every_message_stands_once_in_order_with_its_person(played):
    report = played["report"]
    found = {key: report[key] for key in ("duplicates", "lost", "out_of_order")}
    assert found == {"duplicates": 0, "lost": 0, "out_of_order": 0}, played["said"]
    assert report["entries_in_crm"] == report["messages_in"] >= 300
    assert report["persons"] == 40


def test_conflicts_are_those_that_were_made_and_no_others(played):
    conflicts = played["report"]["conflicts"]
    assert conflicts["found"] == conflicts["expected"] >= 10, played["said"]


def test_what_was_refused_for_good_was_buried_then_replayed(played):
    dead = {"expected": 2, "found": 2, "replayed": 2}
    assert played["report"]["dead_letters"] == dead, played["said"]


def test_a_second_resync_of_all_that_writes_nothing(played):
    assert played["report"]["second_resync_writes"] == 0, played["said"]


def test_calls_are_counted_against_the_fewest_possible(played):
    calls = played["report"]["api_calls"]
    assert 0 < calls["least"] <= calls["used"]


def test_the_exit_code_says_whether_everything_was_as_it_should_be(played):
    # A machine that is busy with other things may be slow; nothing else may be wrong.
    missed = [line for line in played["said"].splitlines() if line.startswith("missed: ")]
    slow = ("missed: latency_s", "missed: it took")
    assert all(line.startswith(slow) for line in missed), played["said"]
    assert played["code"] == (1 if missed else 0)
    assert played["report"]["latency_s"]["p50"] <= played["report"]["latency_s"]["p95"]


# What the story is made of.


@pytest.fixture(scope="module")
def script() -> Script:
    return whole_story({kind: f"70{number}" for number, kind in enumerate(FILES)}, 1_800_000_000)


def test_the_story_is_as_large_as_it_claims(script):
    sizes = [len(step.updates) for step in script.steps if isinstance(step, Deliver)]
    assert max(sizes) == 1000
    assert sum(sizes) - 1000 >= 300
    assert len(script.people) == 40


def test_the_story_has_messages_of_every_type(script):
    updates = [
        update for step in script.steps if isinstance(step, Deliver) for update in step.updates
    ]
    types = {update["item"]["type"] for update in updates if "type" in update.get("item", {})}
    assert types >= {
        *("text", "image", "video", "audio", "document", "sticker", "location", "contacts"),
        *("interactive", "button", "order", "unsupported", "reaction", "edit", "revoke", "system"),
    }
    fields = {update["field"] for update in updates}
    assert fields >= {"messages", "smb_message_echoes", "user_preferences", "smb_app_state_sync"}


def test_whoever_says_what_to_expect_knows_nothing_of_the_service():
    forbidden = (
        "syncbridge.engine",
        "syncbridge.merge",
        "syncbridge.store",
        "syncbridge.bootstrap",
    )
    judges = [
        *_DEMO.glob("story/*.py"),
        *(
            _DEMO / f"{name}.py"
            for name in ("census", "least", "report", "headless", "stage", "doors", "processes")
        ),
    ]
    assert len(judges) > 10
    imported = {name for path in judges for name in _imports(path)}
    assert not [name for name in imported if name.startswith(forbidden)]
    allowed = ("connectors.whatsapp.sandbox", "syncbridge.cli.demo")
    ours = {name for name in imported if name.startswith(("syncbridge", "connectors"))}
    assert all(name.startswith(allowed) for name in ours), ours


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


# The judge: each thing that can be wrong is seen.


def small_script(*told: Told, facts: tuple[Fact, ...] = ()) -> Script:
    return Script((), {one.key: one for one in told}, facts, ("p1",), {"p1": ("Anna",)}, {}, 0, 0)


def contact(contact_id: str = "1", **properties: str) -> dict[str, object]:
    return {"id": contact_id, "properties": {"whatsapp_name": "Anna", **properties}}


def entry(words: str, at: int = 100, entry_id: str = "7", *contacts: str) -> dict[str, object]:
    return {
        "id": entry_id,
        "createdAt": "2026-05-04T09:00:00.000Z",
        "properties": {"hs_communication_body": words, "hs_timestamp": str(at * 1000)},
        "associations": {"contacts": list(contacts or ("1",))},
    }


def judged(script, contacts, entries):
    census = take_census(
        "hs", script, contacts=contacts, communications=entries, known={}, last_words={}
    )
    return len(census.duplicates), len(census.lost), len(census.disordered)


HELLO = Told("w0001", "p1", 100, shown=["#w0001"])
LATER = Told("w0002", "p1", 200, shown=["#w0002"])
SILENT = Told("w0003", "p1", 300, has_words=False)


@pytest.mark.parametrize(
    ("contacts", "entries", "wrong"),
    [
        ([contact()], [entry("Hello #w0001")], (0, 0, 0)),
        ([contact(), contact("2")], [entry("Hello #w0001")], (1, 0, 0)),
        ([contact()], [entry("Hello #w0001"), entry("Hello #w0001", 100, "8")], (1, 0, 0)),
        ([contact()], [entry("Hello #w0001"), entry("What?", 5, "8")], (1, 0, 0)),
        ([contact()], [], (0, 1, 0)),
        ([], [entry("Hello #w0001")], (0, 2, 0)),
        ([contact(), contact("2", whatsapp_name="?")], [entry("#w0001", 1, "7", "2")], (1, 1, 0)),
        ([contact()], [entry("&gt; Hello #w0001<br>Oh")], (1, 1, 0)),
    ],
    ids=[
        "all well",
        "two contacts",
        "two entries",
        "an entry of nothing",
        "no entry",
        "no contact",
        "the wrong contact",
        "only quoted",
    ],
)
def test_the_census_sees_what_is_wrong(contacts, entries, wrong):
    assert judged(small_script(HELLO), contacts, entries) == wrong


def test_the_census_sees_disorder():
    entries = [entry("#w0001", 250), entry("#w0002", 200, "8")]
    assert judged(small_script(HELLO, LATER), [contact()], entries) == (0, 0, 1)


def test_the_census_finds_messages_without_words_by_person_and_second():
    script = small_script(SILENT)
    assert judged(script, [contact()], [entry("[sticker]", 300)]) == (0, 0, 0)
    assert judged(script, [contact()], [entry("[sticker]", 301)]) == (1, 1, 0)


def test_the_census_sees_what_an_entry_does_not_show_or_still_shows():
    edited = Told("w0001", "p1", 100, shown=["#w0001", "four"], hidden=["for of"])
    script = small_script(edited)
    assert judged(script, [contact()], [entry("four #w0001")]) == (0, 0, 0)
    assert judged(script, [contact()], [entry("five #w0001")]) == (0, 1, 0)
    assert judged(script, [contact()], [entry("four, for of #w0001")]) == (0, 1, 0)


def test_the_census_sees_an_edit_that_did_not_arrive():
    script = small_script(HELLO, facts=(Fact("p1", "city", "Graz"),))
    entries = [entry("#w0001")]
    assert judged(script, [contact(city="Graz")], entries) == (0, 0, 0)
    assert judged(script, [contact(city="Linz")], entries) == (0, 1, 0)
    assert judged(script, [contact()], entries) == (0, 1, 0)


# The report.

GOOD = Report(
    messages_in=5, entries_in_crm=5, persons=1, duplicates=0, lost=0, out_of_order=0,
    conflicts={"expected": 2, "found": 2},
    dead_letters={"expected": 1, "found": 1, "replayed": 1},
    latency_s={"p50": 0.2, "p95": 2.9},
    second_resync_writes=0,
    api_calls={"used": 9, "least": 4},
)  # fmt: skip


def test_a_good_report_misses_nothing():
    assert misses(GOOD, people=1) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("entries_in_crm", 4),
        ("persons", 2),
        ("duplicates", 1),
        ("lost", 1),
        ("out_of_order", 1),
        ("conflicts", {"expected": 2, "found": 3}),
        ("dead_letters", {"expected": 1, "found": 1, "replayed": 0}),
        ("latency_s", {"p50": 0.2, "p95": 3.0}),
        ("second_resync_writes", 1),
        ("lost", None),
        ("api_calls", {"used": None, "least": 4}),
    ],
)
def test_every_bound_and_every_missing_value_is_told(key, value):
    (missed,) = misses(replace(GOOD, **{key: value}), people=1)
    assert key in missed


def test_a_percentile_is_a_value_that_occurred():
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([1.0] * 19 + [9.0], 0.95) == 1.0
    assert percentile([], 0.5) is None


def test_what_arrives_within_a_second_shares_a_call():
    made = Create("hs", "p1", {})
    script = Script((made,), {}, (), ("p1",), {}, {}, 0, 0)
    one = Deliver((), ("w1",), newcomers=("p2",))
    other = Deliver((), ("w2",))

    def least(second: float, *edits: tuple[float, Edit]) -> int:
        return least_calls(
            script,
            deliveries={1: one, 2: other},
            sent_at={1: 10.1, 2: second},
            edits=edits,
            polls=0,
        )

    together = least(10.9)
    # The second message alone: a call to each account.
    assert least(11.1) == together + 2
    # Read where it was made; read under guard and written on the other side.
    assert least(10.9, (10.5, Edit("hs", "p1", "city", "Graz"))) == together + 3


# The processes.


def test_everything_ends_with_the_process_that_started_it(tmp_path):
    command = [sys.executable, "-m", "syncbridge", "demo", "--dir", str(tmp_path)]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually((tmp_path / "service.log").exists, within_s=_STARTS_S)
        children = _children_of(demo.pid)
        assert len(children) == 4
    finally:
        demo.send_signal(signal.SIGKILL)
        demo.wait()
    eventually(lambda: not any(map(_is_alive, children)), within_s=_ENDS_S)


def _children_of(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(child) for child in text.split()]


def _is_alive(pid: int) -> bool:
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return False
