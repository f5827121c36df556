"""The database: the only door to SQLAlchemy."""
