"""A shipped kit for tests: connectors in memory, a movable clock, and a world that runs them."""

from syncbridge.testing.channel import MemoryChannel
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.memory import MemoryCrm
from syncbridge.testing.script import Crash, Script, Step
from syncbridge.testing.world import World

__all__ = ["Crash", "MemoryChannel", "MemoryCrm", "MovableClock", "Script", "Step", "World"]
