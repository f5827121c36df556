"""Celery's settings, which are SyncBridge's: `syncbridge.toml` and SYNCBRIDGE_… variables."""

from syncbridge.bootstrap import celery_values, read_settings

values = celery_values(read_settings())
