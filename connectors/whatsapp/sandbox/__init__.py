"""An imitated WhatsApp Cloud API: number, messages, files, and webhooks as Meta sends them."""

from connectors.whatsapp.sandbox.app import WhatsAppSandbox, create

__all__ = ["WhatsAppSandbox", "create"]
