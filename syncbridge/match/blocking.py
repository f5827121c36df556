"""Candidate pairs: records that share a key, in blocks that cannot explode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.coded import Hashes, Rows
from syncbridge.match.keys import keys_of
from syncbridge.match.people import People

#: Records of one block at most, in a small base and in a large one.
_BLOCK_ROWS: Final = 200
_BLOCK_ROWS_LARGE: Final = 60
_LARGE: Final = 200_000
#: Pairs a key may give: so many a record, and at least so many.
_PAIRS_PER_RECORD: Final = 2
_PAIRS_PER_RECORD_LARGE: Final = 1
_MIN_PAIRS: Final = 50_000
#: In a base of so many records every pair is compared.
_COMPARED_WHOLE: Final = 1_000
#: Pairs that are worked on at once; memory is bounded by it.
_PART_PAIRS: Final = 400_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What one key did not give because its blocks were too large."""

    key: str
    blocks: int
    pairs: int


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The blocks of one key: records of a block stand together, in ascending order."""

    rows: NDArray[np.int32]
    #: Per place: how many records of its block follow.
    following: NDArray[np.int16]
    #: The places at which a block's records are followed by others, by ascending record.
    places: NDArray[np.int32]
    #: The records at these places.
    lower: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """All candidate pairs of a base, worked out part by part."""

    count: int
    keys: tuple[_Blocks, ...]
    cuts: tuple[Cut, ...]
    #: Upper bound of the pairs, those found by several keys counted several times.
    bound: int

    @property
    def parts(self) -> int:
        """In how many parts they are worked out."""
        return max(1, -(-self.bound // _PART_PAIRS))

    def part(self, number: int) -> tuple[Rows, Rows]:
        """Answer the distinct pairs of one part, the lower record first."""
        low, high = (self.count * edge // self.parts for edge in (number, number + 1))
        found = [_pairs_between(key, low, high) for key in self.keys]
        together = np.concatenate(found) if found else np.empty(0, np.uint64)
        together.sort()
        together = together[np.append(True, together[1:] != together[:-1])[: len(together)]]
        left = (together >> np.uint64(32)).astype(np.int64)
        right = (together & np.uint64(0xFFFFFFFF)).astype(np.int64)
        apart = left != right
        return left[apart], right[apart]


def find_candidates(people: People) -> Candidates:
    """Find the blocks of all keys, the largest ones cut."""
    kept: list[_Blocks] = []
    cuts: list[Cut] = []
    bound = 0
    if people.count <= _COMPARED_WHOLE:
        everybody = np.ones(people.count, np.uint64)
        blocks, _, bound = _blocks_of("everybody", everybody, people.count, cap=people.count)
        return Candidates(people.count, (blocks,), (), bound)
    for name, hashes in keys_of(people):
        blocks, cut, pairs = _blocks_of(name, hashes, people.count)
        bound += pairs
        if pairs:
            kept.append(blocks)
        if cut.blocks:
            cuts.append(cut)
    return Candidates(people.count, tuple(kept), tuple(cuts), bound)


def _blocks_of(
    name: str, hashes: Hashes, count: int, cap: int | None = None
) -> tuple[_Blocks, Cut, int]:
    places = _not_alone(hashes)
    keys, rows = hashes[places], places % count
    # Records of one block in ascending order: those with two keys are there twice.
    order = np.argsort(keys, kind="stable") if len(hashes) == count else np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys))).astype(np.int64)
    largest, cut = (cap, Cut(name, 0, 0)) if cap else _largest_block(name, sizes, count)
    kept = (sizes > 1) & (sizes <= largest)
    of_block = np.repeat(kept, sizes)
    sizes = sizes[kept]
    members = rows[of_block].astype(np.int32)
    ends = np.repeat(np.cumsum(sizes), sizes)
    following = (ends - np.arange(len(members)) - 1).astype(np.int16)
    leading = np.flatnonzero(following > 0).astype(np.int32)
    leading = leading[np.argsort(members[leading], kind="stable")]
    blocks = _Blocks(members, following, leading, members[leading])
    return blocks, cut, int(following.sum(dtype=np.int64))


def _not_alone(hashes: Hashes) -> Rows:
    """Answer the records whose key may be another's too; most of the others are left out."""
    rows = np.flatnonzero(hashes)
    mask = np.uint64((1 << max(10, len(hashes).bit_length() + 2)) - 1)
    buckets = (hashes[rows] & mask).astype(np.int64)
    return rows[np.bincount(buckets)[buckets] > 1] if len(rows) else rows


def _largest_block(name: str, sizes: Rows, count: int) -> tuple[int, Cut]:
    """Answer how many records a block of this key may have, and what that costs."""
    cap, pairs = _BLOCK_ROWS, _PAIRS_PER_RECORD
    if count >= _LARGE:
        cap, pairs = _BLOCK_ROWS_LARGE, _PAIRS_PER_RECORD_LARGE
    blocks = np.bincount(np.minimum(sizes, cap + 1))
    lengths = np.arange(len(blocks))
    summed = np.cumsum(blocks * lengths * (lengths - 1) // 2)
    budget = max(_MIN_PAIRS, pairs * count)
    largest = min(cap, int(np.searchsorted(summed, budget, side="right")) - 1)
    lost = sizes[sizes > max(largest, 1)].astype(np.int64)
    return largest, Cut(name, len(lost), int((lost * (lost - 1) // 2).sum()))


def _pairs_between(blocks: _Blocks, low: int, high: int) -> NDArray[np.uint64]:
    """Answer the pairs whose lower record is in [low, high), as (lower << 32) + higher."""
    first, last = np.searchsorted(blocks.lower, (low, high))
    places = blocks.places[first:last].astype(np.int64)
    following = blocks.following[places].astype(np.int64)
    ones = np.repeat(places, following)
    begins = np.cumsum(following) - following
    others = ones + np.arange(len(ones)) - np.repeat(begins, following) + 1
    left = blocks.rows[ones].astype(np.uint64)
    pairs: NDArray[np.uint64] = (left << np.uint64(32)) | blocks.rows[others].astype(np.uint64)
    return pairs
