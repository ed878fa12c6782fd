"""How every table of a city's lake is laid out and described, made yet or not."""

from jobs import bronze, silver, wide
from jobs.core import ledger
from jobs.core.lake import Layout, described
from jobs.fused import TERMS
from jobs.vintages import CURRENT, HISTORY
from schemas import City


def of(city: City) -> dict[str, Layout]:
    """Every table by key. What the files of a source hold beside bronze's own columns is known when they come."""
    found = {f"bronze.{name}": bronze.records_layout(source, ()) for name, source in city.sources.items()}
    for key, table in city.tables.items():
        found[f"claims.{table.name}"] = bronze.claims_layout(table)
        found[f"quarantine.{table.name}"] = bronze.quarantine_layout(table)
        found[key] = silver.layout_of(city, key)
    found |= {"fused.terms": TERMS, "indicators.values": HISTORY, "indicators.current": CURRENT}
    found |= {key: wide.layout(key, wide.columns_of(city, key)) for key in wide.KEYS}
    found |= {f"ops.{name}": Layout(columns) for name, columns in ledger.TABLES.items()}
    return {key: described(key, layout) for key, layout in found.items()}
