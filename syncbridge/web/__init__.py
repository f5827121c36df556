"""The web: webhooks, the API and the pages."""
