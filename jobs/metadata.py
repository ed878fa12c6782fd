"""What an entry of the catalogue says that follows from declarations alone, or is taken where nobody declares it."""

from collections.abc import Sequence
from typing import Literal

from jobs.publish import Classed, Item, Opening, Sharing, Text
from schemas import Column, Table
from schemas.declared import Words
from schemas.resource import DERIVED, Listing
from schemas.table import Classification

Kind = Literal["table", "indicator"]
CYCLES = ("day", "week", "month", "quarter", "year", "irregular", "once")
"""更新周期, the shortest first. A night is what renews a resource: nothing here is renewed within a day."""
FORMATS = {
    "table": Text(zh="数据库：Delta 表（Parquet）", en="database: a Delta table (Parquet)"),
    "indicator": Text(zh="电子文件：CSV、JSON、Parquet", en="files: CSV, JSON, Parquet"),
}
WAYS = {
    "table": Text(zh="数据湖只读查询（citypulse sql）", en="read-only queries of the lake (citypulse sql)"),
    "indicator": Text(zh="每日定稿文件（values.*）", en="files of each edition (values.*)"),
}
CONDITIONS = {
    "conditional": Text(
        zh="向提供方申请，按批准的用途使用（城市未另行声明）",
        en="asked of the provider and used as granted (the city declares nothing else)",
    ),
    "none": Text(
        zh="含个人信息或限制级信息；不予共享的依据尚未声明",
        en="personal or restricted; the legal basis is not declared yet",
    ),
}
VALUE_ITEMS = {
    "indicator": ("指标代码", "Indicator", "string"), "place": ("地点代码", "Place", "string"),
    "place_name": ("地点名称", "Name of the place", "string"), "level": ("地点层级", "Level of the place", "string"),
    "period_kind": ("时段类型", "Kind of period", "string"), "period": ("时段", "Period", "string"),
    "segment": ("时段的一部分", "Part of the period", "string"), "value": ("数值", "Value", "double"),
    "unit": ("计量单位", "Unit", "string"), "coverage": ("覆盖率", "Coverage", "double"),
    "low": ("下限", "Least", "double"), "high": ("上限", "Most", "double"), "grade": ("等级", "Grade", "string"),
    "status": ("状态", "Status", "string"), "reasons": ("原因", "Reasons", "string"),
    "n_records": ("记录数", "Records", "bigint"), "definition_version": ("定义版本", "Definition", "string"),
    "edition": ("最先发布的一期", "Edition", "string"),
}  # fmt: skip
"""What the columns of published values are called."""


def classed(said: Listing) -> Classed:
    """分类: what no city classes otherwise is its department's."""
    one = said.class_
    if one is None:
        return {"type": "department", "code": None, "declared": False}
    return {"type": one.type, "code": one.code, "declared": True}


def sharing(said: Listing, level: Classification, kind: Kind) -> Sharing:
    """共享属性."""
    one = said.sharing
    if one is None:
        derived = DERIVED[level]
        way = None if derived == "none" else WAYS[kind]
        return {"type": derived, "condition": CONDITIONS.get(derived), "way": way, "declared": False}
    condition = words(one.condition) if one.condition else None
    way = words(one.way) if one.way else None if one.type == "none" else WAYS[kind]
    return {"type": one.type, "condition": condition, "way": way, "declared": True}


def opening(said: Listing) -> Opening:
    """开放属性."""
    one = said.opening
    condition = words(one.condition) if one and one.condition else None
    return {"open": bool(one and one.open), "condition": condition, "declared": one is not None}


def cycle(every: str) -> str:
    """更新周期 of what arrives, or is worked out, every so often."""
    return "day" if every == "hour" else every


def personal(tables: Sequence[Table]) -> str | None:
    """Whether records of some tables name persons, or could tell of them."""
    kinds = {column.personal for table in tables for column in table.columns.values()}
    return next((kind for kind in ("direct", "quasi") if kind in kinds), None)


def item(name: str, column: Column) -> Item:
    """信息项 of a table."""
    return {
        "id": name,
        "name": words(column.description),
        "type": column.type,
        "unit": column.unit,
        "personal": column.personal,
        "level": column.classification,
    }


def value_item(name: str, unit: str, level: str) -> Item:
    """信息项 of an indicator's values."""
    zh, en, kind = VALUE_ITEMS[name]
    in_unit = unit if name in ("value", "low", "high") else "1" if name == "coverage" else None
    return {"id": name, "name": {"zh": zh, "en": en}, "type": kind, "unit": in_unit, "personal": None, "level": level}


def title(table: Table) -> Text:
    """名称 of a table: what stands before the first semicolon. A description goes on after its subject."""
    return {"zh": table.description.zh.split("；")[0], "en": table.description.en.split("; ")[0]}


def words(said: Words) -> Text:
    """Words as pages take them."""
    return {"zh": said.zh, "en": said.en}
