"""How the tables came to be, step by step: expand, backfill, contract a release later."""
