"""What a value really is: pure functions from a spelling to its one canonical form."""
