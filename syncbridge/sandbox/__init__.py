"""The harness of imitated vendors: server, clock, faults, counters, webhooks, control API."""

from syncbridge.sandbox.base import Sandbox
from syncbridge.sandbox.clock import SandboxClock
from syncbridge.sandbox.faults import Fault, FaultBoard, FaultKind, parse_fault
from syncbridge.sandbox.server import SandboxServer, serve_forever
from syncbridge.sandbox.webhooks import WebhookRules, WebhookSender

__all__ = [
    "Fault",
    "FaultBoard",
    "FaultKind",
    "Sandbox",
    "SandboxClock",
    "SandboxServer",
    "WebhookRules",
    "WebhookSender",
    "parse_fault",
    "serve_forever",
]
