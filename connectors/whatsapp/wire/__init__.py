"""What WhatsApp's webhooks say, as events: pure, without I/O or clock."""

from connectors.whatsapp.wire.parse import parse

__all__ = ["parse"]
