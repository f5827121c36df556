"""`syncbridge simulate`: seeded worlds around the real engine, and an oracle that judges them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click
from typing_extensions import override

from syncbridge.cli.console import Exit, answer, json_option
from syncbridge.clock import monotonic_s
from syncbridge.testing.simulation.runner import STEPS, Run, catch_many, run_many
from syncbridge.testing.simulation.wrong import WRONG

#: A wrong engine has to be noticed within so many worlds.
_SEEDS_TO_CATCH = 200
_SHOWN_LINES = 200


class SeedRange(click.ParamType[range]):
    """`A..B`, both ends included, or one seed."""

    name = "A..B"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        if isinstance(value, range):
            return value
        found = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", str(value))
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            self.fail(f"{value!r} is no range of seeds: write 1..100", param, ctx)
        return range(first, last + 1)


@click.command()
@click.option("--seeds", type=SeedRange(), default=None, help="Worlds to run, 1..100 unless told.")
@click.option("--steps", default=STEPS, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--jobs", default=0, type=click.IntRange(0), help="Processes; 0: one a processor.")
@click.option("--wrong", help="Plant a fault in the engine (or all of them) that must be noticed.")
@json_option
def simulate(seeds: range | None, steps: int, jobs: int, wrong: str | None, as_json: bool) -> int:
    """Run simulated worlds and judge what is left of them.

    People write, vendors fail, processes end; the same seed always tells the same story. Exit
    code 1 when an invariant was broken: its story is shortened and told.
    """
    if wrong is not None:
        return _catch(wrong, seeds or range(1, _SEEDS_TO_CATCH + 1), steps, as_json=as_json)
    began_s = monotonic_s()
    chosen = seeds or range(1, 101)
    broken: list[Run] = []
    for done, run in enumerate(run_many(chosen, steps, processes=jobs), start=1):
        if run.violations:
            broken.append(run)
            click.echo(f"seed {run.seed}: {run.violations[0]}", err=True)
        if done % 10 == 0 or done == len(chosen):
            click.echo(f"{done} of {len(chosen)} worlds", err=True)
    broken.sort(key=lambda run: run.seed)
    report = {
        "worlds": len(chosen),
        "steps": len(chosen) * steps,
        "violations": [
            {"seed": run.seed, "invariant": str(one), "story": run.story}
            for run in broken
            for one in run.violations
        ],
        "seconds": round(monotonic_s() - began_s, 1),
    }
    answer(report, as_json=as_json, show=lambda: _show(report, broken))
    return Exit.FAILED if broken else Exit.OK


def _show(report: dict[str, Any], broken: Sequence[Run]) -> None:
    for run in broken:
        click.echo(f"\nseed {run.seed}")
        for line in run.story[-_SHOWN_LINES:]:
            click.echo(f"  {line}")
        for violation in run.violations:
            click.echo(f"  BROKEN {violation}")
    click.echo(
        f"{report['worlds']} worlds of {report['steps'] // report['worlds']} steps in "
        f"{report['seconds']} s: {len(broken)} broke an invariant"
    )


def _catch(wrong: str, seeds: range, steps: int, *, as_json: bool) -> int:
    names = list(WRONG) if wrong == "all" else [wrong]
    if wrong != "all" and wrong not in WRONG:
        known = ", ".join(WRONG)
        raise click.UsageError(f"there is no wrong engine {wrong!r}; there are: all, {known}")
    caught: dict[str, int | None] = {}
    for one in catch_many(names, seeds, steps):
        caught[one.name] = one.seed
        click.echo(f"{one.name}: {one.violation or 'not noticed'} (seed {one.seed})", err=True)
    ordered = {name: caught[name] for name in names}

    def show() -> None:
        for name, seed in ordered.items():
            click.echo(f"{name}: {'not noticed' if seed is None else f'seed {seed}'}")

    answer({"wrong": ordered}, as_json=as_json, show=show)
    return Exit.FAILED if None in ordered.values() else Exit.OK
