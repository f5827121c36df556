"""`syncbridge demo`: everything at work, with imitated accounts."""

from syncbridge.cli.demo.command import demo

__all__ = ["demo"]
