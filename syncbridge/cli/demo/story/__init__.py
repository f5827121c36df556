"""The story of the demo: who says what and what goes wrong; it knows nothing of the service."""
