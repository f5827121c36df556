"""How the service stands, and what is done to its connections."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from syncbridge.engine import resync, review, views
from syncbridge.web import decisions
from syncbridge.web.api import schemas
from syncbridge.web.api.section import BY, Section
from syncbridge.web.current import engine

section = Section("Service", "How the service and its connections stand.")


@section.get("/status", gives=schemas.STATUS)
def status() -> dict[str, Any]:
    """Tell how the service stands."""
    return views.status(engine())


@section.get("/connections", gives=schemas.CONNECTIONS)
def connections() -> dict[str, Any]:
    """List the connections."""
    return views.status(engine())


@section.post("/connections/<name>/pause", gives=schemas.DONE, refuses=(404,))
def pause(name: str) -> dict[str, str]:
    """Stop all writing to a connection; reading goes on."""
    review.set_paused(engine(), name, is_paused=True, by=BY)
    return {"connection": name, "state": "paused"}


@section.post("/connections/<name>/resume", gives=schemas.DONE, refuses=(404,))
def resume(name: str) -> dict[str, str]:
    """Let a paused connection write again."""
    review.set_paused(engine(), name, is_paused=False, by=BY)
    return {"connection": name, "state": "resumed"}


@section.get("/connections/<name>/go-live", gives=schemas.PLAN, refuses=(404,))
def plan(name: str) -> dict[str, Any]:
    """Show what a connection would write if it were live."""
    return asdict(review.plan_writes(engine(), name))


@section.post("/connections/<name>/go-live", gives=schemas.DONE, refuses=(404,))
def go_live(name: str) -> dict[str, str]:
    """Let a connection write from now on; look at the plan before."""
    review.go_live(engine(), name, by=BY)
    return {"connection": name, "state": "live"}


@section.post(
    "/connections/<name>/resync",
    gives=schemas.RESYNCED,
    asks=schemas.RESYNC_ASKED,
    refuses=(404, 409),
)
def read_again(asked: dict[str, Any], name: str) -> dict[str, Any]:
    """Read a connection again, everything or what changed."""
    if asked["dry_run"]:
        found = resync.rehearse(engine(), name, is_full=asked["full"])
        return {
            "connection": name,
            "state": "dry_run",
            "run_id": None,
            "report": asdict(found.report),
            "samples": decisions.rehearsal(found),
        }
    run = decisions.read_again(engine(), name, is_full=asked["full"], wait_s=asked["wait_s"])
    if run is None:
        return {"connection": name, "state": "running", "run_id": None, "samples": []}
    return {
        "connection": name,
        "state": run.state,
        "run_id": run.run_id,
        "report": asdict(run.report),
        "samples": [],
    }


@section.get("/runs", gives=schemas.RUNS)
def runs() -> dict[str, Any]:
    """List the newest batch runs."""
    return {"runs": views.last_runs(engine())}
