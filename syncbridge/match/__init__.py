"""Who is who: pure verdicts over values."""
