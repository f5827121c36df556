"""Doorbells: in this process, or through Celery."""
