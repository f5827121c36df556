"""Other people's systems: what a connector is, and the one door to HTTP."""
