"""How tables and editions are made: landing, bronze, silver, quality, fused, indicators, edition."""
