"""The catalogue of the invented city: two tables, one with personal data, one held and late; and its indicators."""

from jobs import metadata
from jobs.publish import Item, Judged, Opening, Origin, Plan, Related, Resource, Sharing, Text
from tests.publish.invented_city import HOSTILE, KINDS

OFFICE = Text(zh="城市运行中心", en="City operations centre")
TRIPS, CALLS = "silver.taxi_trips", "silver.power_outages"


def _item(
    name: str,
    zh: str,
    kind: str = "string",
    unit: str | None = None,
    personal: str | None = None,
    level: str = "public",
) -> Item:
    return Item(id=name, name=Text(zh=zh, en=f"{name} <i>"), type=kind, unit=unit, personal=personal, level=level)


COLUMNS = {
    TRIPS: [_item("pickup", "上车时刻", "event_time"), _item("fare", "车费<b>", "decimal(12,2)", "CNY")],
    CALLS: [_item("customer", "用户", personal="direct", level="restricted"), _item("note", "备注", personal="quasi")],
}


def resources() -> list[Resource]:
    """Every entry; each call gives the same."""
    return [_table(TRIPS, "出租车行程", "Taxi trips"), _table(CALLS, HOSTILE, "Power outages"), *map(_indicator, KINDS)]


def _table(key: str, zh: str, en: str) -> Resource:
    is_open = key == TRIPS
    shared = Sharing(type="unconditional", condition=None, way=metadata.WAYS["table"], declared=True)
    kept = Sharing(type="none", condition=metadata.CONDITIONS["none"], way=None, declared=False)
    users = [name for name in KINDS if name.startswith("transport" if is_open else "power")]
    origin = Origin(
        source=key.split(".")[1], publisher=OFFICE, licence="CC0", every="day",
        state="on_time" if is_open else "late", detail="" if is_open else "nothing after 2031-03-07: 2 days",
    )  # fmt: skip
    return _resource(key, "table", zh, en) | {
        "classed": {"type": "subject", "code": "207034", "declared": True}
        if is_open
        else {"type": "department", "code": None, "declared": False},
        "code": "207034/0001" if is_open else None,
        "provider_code": "11330000000000001K" if is_open else None,
        "items": COLUMNS[key],
        "sharing": shared if is_open else kept,
        "opening": Opening(open=is_open, condition=None, declared=is_open),
        "plan": _plan("late", "2031-03-05") if is_open else None,
        "related": [_related(name, "used_by") for name in users],
        "level": "public" if is_open else "restricted",
        "personal": None if is_open else "direct",
        "sources": [origin],
        "rows": 1_442_000 if is_open else 0,
        "newest": "2031-03-09" if is_open else None,
        "state": origin["state"],
        "quality": Judged(rules=3, passed=2, held=[])
        if is_open
        else Judged(rules=1, passed=0, held=["silver.power_outages 2031-03-09"]),
    }


def _indicator(key: str) -> Resource:
    kind = KINDS[key]
    table = {"transport": TRIPS, "power": CALLS}.get(key.split(".", maxsplit=1)[0])
    return _resource(key, "indicator", kind.zh, kind.en) | {
        "items": [metadata.value_item(name, kind.unit, "internal") for name in metadata.VALUE_ITEMS],
        "related": [_related(table, "made_of")] if table else [],
        "unit": kind.unit,
        "plan": _plan("overdue", None) if key == min(KINDS) else None,
    }


def _plan(state: str, opened: str | None) -> Plan:
    task, way = Text(zh="核对<b>", en="check it <i>"), Text(zh="下载", en="to download")
    return Plan(by="2031-03-04", task=task, way=way if opened else None, opened=opened, state=state)


def _related(key: str, role: str) -> Related:
    name = Text(zh=KINDS[key].zh, en=KINDS[key].en) if key in KINDS else Text(zh=key, en=key)
    return Related(id=key, name=name, code="207034/0001" if key == TRIPS else None, role=role)


def _resource(key: str, kind: metadata.Kind, zh: str, en: str) -> Resource:
    return Resource(
        id=key,
        kind=kind,
        element={TRIPS: "transport", CALLS: "power"}.get(key, key.split(".", maxsplit=1)[0]),
        classed={"type": "department", "code": None, "declared": False},
        name=Text(zh=zh, en=en),
        code=None,
        provider=OFFICE,
        provider_code=None,
        summary=Text(zh=f"{zh}；说明", en=f"{en}; what it is"),
        format=metadata.FORMATS[kind],
        items=[],
        sharing=Sharing(
            type="conditional",
            condition=metadata.CONDITIONS["conditional"],
            way=metadata.WAYS[kind],
            declared=False,
        ),
        opening=Opening(open=False, condition=None, declared=False),
        plan=None,
        cycle="day",
        released="2031-03-01",
        related=[],
        steward="operations_centre",
        unit=None,
        level="internal",
        personal=None,
        sources=[],
        rows=155,
        newest="2031-03-09",
        renewed="2031-03-09",
        state="never_due",
        quality=Judged(rules=0, passed=0, held=[]),
    )
