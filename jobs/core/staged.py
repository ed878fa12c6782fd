"""A query in stages: each adds columns made of those before it, so that no expression is written out twice.

A formula as one expression grows with every operand it repeats, and a database plans all of it; in stages it stays as
long as it is deep.
"""

from dataclasses import dataclass, field


@dataclass
class Staged:
    """Columns by stage. Those of stage 0 are made of the relations the query starts from."""

    stages: list[dict[str, str]] = field(default_factory=list)
    stage_of: dict[str, int] = field(default_factory=dict)

    def put(self, sql: str, *after: str, name: str | None = None) -> str:
        """A column of `sql`, in the first stage that follows the columns `after`; the same SQL is one column."""
        stage = max((self.stage_of[one] + 1 for one in after if one in self.stage_of), default=0)
        while len(self.stages) <= stage:
            self.stages.append({})
        columns = self.stages[stage]
        known = next((have for have, text in columns.items() if text == sql), None) if name is None else None
        if known is not None:
            return known
        chosen = name or f"s{len(self.stage_of)}"
        columns[chosen] = sql
        self.stage_of[chosen] = stage
        return chosen

    def query(self, shown: str, source: str) -> str:
        """The query: `shown` and the columns of stage 0 from `source`, then each stage around the one before."""
        first, *later = self.stages or [{}]
        sql = f"SELECT {', '.join([shown, *_listed(first)])} FROM {source}"
        for columns in later:
            sql = f"SELECT {', '.join(['*', *_listed(columns)])} FROM ({sql})"
        return sql


def _listed(columns: dict[str, str]) -> list[str]:
    return [f"{sql} AS {name}" for name, sql in columns.items()]
