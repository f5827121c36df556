"""How good groups are where the truth is known, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise figures over all true pairs of a base."""

    precision: float
    recall: float
    f1: float


def measure(groups: NDArray[np.int64], truth: NDArray[np.int64]) -> Quality:
    """Compare groups with the true ones; a negative truth is a record nobody knows it of."""
    known = truth >= 0
    groups, truth = groups[known], truth[known]
    _, ours = np.unique(groups, return_inverse=True)
    _, theirs = np.unique(truth, return_inverse=True)
    both = ours.astype(np.int64) * (theirs.max(initial=0) + 1) + theirs
    found, true = _pairs(ours), _pairs(theirs)
    right = _pairs(np.unique(both, return_inverse=True)[1])
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    total = precision + recall
    return Quality(precision, recall, 2 * precision * recall / total if total else 0.0)


def _pairs(names: NDArray[np.int64]) -> float:
    sizes = np.bincount(names).astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())
