"""Why two records are held to be one person or two, as steps that add up to the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syncbridge.match.fields import COMPARISONS, MISSING, SAME, Relation
from syncbridge.match.scoring import Scorer


@dataclass(frozen=True, slots=True)
class Step:
    """What one field says."""

    field: str
    #: How alike the two values are, in words.
    level: str
    #: Log odds that it adds: above 0 for one person, below for two.
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The waterfall of one pair: where it starts, what each field adds, where it ends."""

    #: What the pair is told from: "strangers", or people of one "home" or "work".
    rival: str
    #: Log odds before anything is compared.
    start: float
    steps: tuple[Step, ...]
    #: Log odds in the end, all rivals considered.
    score: float

    @property
    def probability(self) -> float:
        """The probability that both are one person."""
        return 1 / (1 + math.exp(-self.score))

    def lines(self) -> list[str]:
        """Answer the explanation for a person to read, the strongest step first."""
        told = [
            f"{'+' if step.weight >= 0 else '-'}{abs(step.weight):.1f} {step.field}: {step.level}"
            for step in sorted(self.steps, key=lambda step: -abs(step.weight))
        ]
        return [f"one person against {self.rival}: {self.start:+.1f} to begin with", *told]


def explain(scorer: Scorer, one: int, other: int) -> Explanation:
    """Explain the verdict on two records of the scorer's base, against the nearest rival."""
    left, right = np.array([one]), np.array([other])
    levels = scorer.comparer.levels(left, right)
    rivals = (None, *Relation)
    odds = [float(scorer.against(rival, levels, left)[0]) for rival in rivals]
    rival = rivals[int(np.argmin(odds))]
    table = scorer.model.weights(rival)
    steps = []
    for place, comparison in enumerate(COMPARISONS):
        level = int(levels[0, place])
        if level == MISSING:
            continue
        weight = float(table[place][level])
        if level == SAME and scorer.counts_rarity(place, rival):
            weight += float(scorer.rarity(place, left)[0])
        steps.append(Step(comparison.name, comparison.levels[level], weight))
    namesakes = min(odds) - scorer.model.prior(rival) - sum(step.weight for step in steps)
    if abs(namesakes) > 1e-6:
        steps.append(Step("whole name", "names that often go together", namesakes))
    score = float(scorer.score(levels, left)[0])
    return Explanation(
        rival=rival.value if rival else "strangers",
        start=scorer.model.prior(rival),
        steps=tuple(steps),
        score=score,
    )
