"""What goes wrong in a connector in memory: one step for each call, and crashes counted out."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from syncbridge.errors import RemoteError
from syncbridge.remote.base import Write


class Crash(BaseException):
    """The process ends here; nothing that follows is carried out."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one call."""

    #: Answered instead of the outcome; None: the call goes well.
    error: RemoteError | None = None
    #: True: the call took effect before the error, or was answered before `meanwhile`.
    is_after: bool = False
    #: Which writes of the call are concerned; None: all of them.
    only: Callable[[Write], bool] | None = None
    #: Done while the call is on its way: somebody edits a record meanwhile.
    meanwhile: Callable[[], object] | None = None


class Script:
    """Steps waiting for the calls of a connector, and a count of the calls made.

    Verbs are the connector's methods: read, pull, push, find, account, prepare, fetch_media.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.standing: dict[str, Step] = {}
        self._steps: dict[str, deque[Step]] = defaultdict(deque)
        #: Told before and after every call: ("push", "before"). For crashes at the n-th.
        self.watch: Callable[[str, str], None] | None = None

    def plan(self, verb: str, *steps: Step | RemoteError | None) -> None:
        """Let the next calls of a verb go so, one step each; None goes well."""
        for step in steps:
            if isinstance(step, RemoteError):
                step = Step(step)
            self._steps[verb].append(step or Step())

    def always(self, verb: str, step: Step | RemoteError | None) -> None:
        """Let every call of a verb go so once its planned steps are used up; None ends it."""
        if step is None:
            self.standing.pop(verb, None)
        else:
            self.standing[verb] = Step(step) if isinstance(step, RemoteError) else step

    def take(self, verb: str) -> Step:
        """Count a call and answer its step."""
        self.calls[verb] += 1
        waiting = self._steps[verb]
        step = waiting.popleft() if waiting else self.standing.get(verb, Step())
        self._tell(verb, "before")
        return step

    def begin(self, verb: str) -> Step:
        """Count a call that only reads, and let it fail as planned."""
        step = self.take(verb)
        if step.meanwhile is not None and not step.is_after:
            step.meanwhile()
        if step.error is not None:
            raise step.error
        return step

    def end(self, verb: str, step: Step) -> None:
        """Say that a call took effect; its answer is still on its way."""
        self._tell(verb, "after")
        if step.meanwhile is not None and step.is_after:
            step.meanwhile()

    def _tell(self, verb: str, moment: str) -> None:
        if self.watch is not None:
            self.watch(verb, moment)
