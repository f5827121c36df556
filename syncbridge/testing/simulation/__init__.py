"""A simulated world: seeded people, vendors and faults around the real engine, and an oracle.

`plan` says what a world consists of and what happens in it; `world` lets it happen; `oracle` looks
at what is left and knows only what people did. Nothing of the engine's own judgement is asked.
"""
