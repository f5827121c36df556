"""The use cases; each function says what one transaction of it holds."""
