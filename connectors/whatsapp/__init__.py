"""WhatsApp Business Platform (Cloud API): a channel from which messages are read."""
