"""Invented people's numbers, and such numbers where they should not be; `answers/planted.json` lists those."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from jobs.sample.draw import Random
from jobs.sample.names import DISTRICTS
from jobs.shared.identifiers import CITIZEN_CHECKS, CITIZEN_WEIGHTS
from jobs.shared.personal import is_card

FIRST_BORN = date(1935, 1, 1)
DAYS_OF_BIRTH = 29_000
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@dataclass(frozen=True)
class Planted:
    """A value that names somebody, as it is written in a delivered file; nothing made from the file may hold it."""

    night: int
    file: str
    record: int
    kind: str
    value: str


def citizen_id(person: int) -> str:
    """The number of an invented person: 18 characters with a right check digit."""
    area = DISTRICTS[person % len(DISTRICTS)].code
    born = FIRST_BORN + timedelta(days=person * 7919 % DAYS_OF_BIRTH)
    body = f"{area}{born:%Y%m%d}{person % 1000:03d}"
    return body + CITIZEN_CHECKS[sum(int(d) * w for d, w in zip(body, CITIZEN_WEIGHTS, strict=True)) % 11]


def slipped(number: str) -> str:
    """A number with a wrong last character."""
    return number[:-1] + ("1" if number[-1] == "0" else "0")


def sentences(rng: Random, count: int) -> list[tuple[str, dict[str, str]]]:
    """What callers say in which they name somebody, and the identifiers in it by kind, as they are written."""
    out = []
    for n, person in enumerate(rng.integers(100_000, 900_000, count).tolist()):
        number, phone = citizen_id(person), f"1990{person:07d}"
        plate, card = f"浙L{person % 100_000:05d}", _card(person)
        forms: Sequence[tuple[str, dict[str, str]]] = (
            (f"本人身份证{number}，请回电{phone}", {"citizen_id": number, "phone": phone}),
            (f"证号：{number.translate(WIDE)}，尽快处理", {"citizen_id": number.translate(WIDE)}),
            (f"退款打到卡{card}", {"bank_card": card}),
            (f"车牌{plate}停在路口，电话 {phone[:3]}-{phone[3:7]}-{phone[7:]}", {
                "plate": plate, "phone": f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"}),
            (f"新能源车{plate[:2]}D{person % 100_000:05d}占道", {"plate": f"{plate[:2]}D{person % 100_000:05d}"}),
            (f"老证{number[:6]}{number[8:17]}，邮箱p{person}@example.org", {
                "citizen_id": number[:6] + number[8:17], "email": f"p{person}@example.org"}),
        )  # fmt: skip
        out.append(forms[n % len(forms)])
    return out


def _card(person: int) -> str:
    body = f"6200{person:014d}"
    return next(body + digit for digit in "0123456789" if is_card(body + digit))


def citizen_ids(people: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[str]:
    """The number of each person."""
    return [citizen_id(person) for person in people.tolist()]
