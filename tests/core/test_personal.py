"""Personal identifiers: one spelling each, right or wrong, and free text without them. All numbers are made up."""

import pyarrow as pa
import pytest

from jobs.core import vault
from jobs.shared import personal

CITIZEN = "330102199003071230"
OLD_CITIZEN = "330102900307123"


@pytest.mark.parametrize(
    "said",
    [CITIZEN, OLD_CITIZEN, " 3301021990 03071230 ", "３３０１０２１９９００３０７１２３０", "330102-19900307-1230"],
)
def test_a_citizen_number_has_one_spelling(said: str) -> None:
    assert personal.normalised(said, "citizen_id") == CITIZEN


def test_a_check_character_may_be_small() -> None:
    assert personal.normalised("11010519491231002ｘ", "citizen_id") == "11010519491231002X"
    assert personal.is_valid("11010519491231002X", "citizen_id")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("citizen_id", "330102199003071231"),
        ("citizen_id", "330102199002301235"),
        ("citizen_id", "330102900230123"),
        ("citizen_id", "13800138000"),
        ("credit_code", "91350100M000100Y44"),
        ("credit_code", CITIZEN),
    ],
)
def test_what_cannot_be_right_is_not_guessed(kind: str, text: str) -> None:
    assert not personal.is_valid(personal.normalised(text, kind), kind)


def test_a_credit_code_may_be_written_small() -> None:
    assert personal.is_valid(personal.normalised("91350100m000100y43", "credit_code"), "credit_code")


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        (f"身份证{CITIZEN}，电话13800138000。", "身份证[citizen_id]，电话[phone]。"),
        (f"身份证号{OLD_CITIZEN}", "身份证号[citizen_id]"),
        ("３３０１０２１９９００３０７１２３０", "[citizen_id]"),
        ("330102 19900307 1230", "[citizen_id]"),
        ("330102199003071231", "[citizen_id]"),
        ("13800138000 13900139000", "[phone] [phone]"),
        ("13800138000/13900139000", "[phone]/[phone]"),
        ("+86 138-0013-8000", "[phone]"),
        ("138.0013.8000", "[phone]"),
        ("１３８００１３８０００", "[phone]"),
        ("0571-87654321转12", "[phone]"),
        ("（010）62345678", "[phone]"),
        ("请回电：8765 4321", "请回电：[phone]"),
        ("京A12345，浙A·D12345、粤b12345d 京A1234警", "[plate]，[plate]、[plate] [plate]"),
        ("卡号6222 0212 3456 7890 128", "卡号[bank_card]"),
        ("6222021234567890128", "[bank_card]"),
        ("5555555555554444", "[bank_card]"),
        ("zhang.san@example.com.cn已收", "[email]已收"),
        ("信用代码91350100M000100Y43", "信用代码[credit_code]"),
    ],
)
def test_identifiers_in_free_text_are_masked(said: str, masked: str) -> None:
    assert personal.masked(said) == masked
    assert personal.masked(masked) == masked


@pytest.mark.parametrize(
    "said",
    [
        "2025年3月3日20250303，08:15起停水",
        "工单RX2025030300001",
        "编号 12020250303000015",
        "99号楼3单元1201室，欠费1380.01元",
        "坐标121.473701,31.230416",
        "1.3800138000",
        "6222021234567890129",
        "京津冀ABCDEF",
        "拨打12345或110",
        "",
    ],
)
def test_other_text_stays_as_it_is(said: str) -> None:
    assert personal.masked(said) == said


def test_a_pseudonym_follows_the_normalised_identifier(keys: object) -> None:
    vault.ensure_key("toy")
    said = pa.array([CITIZEN, OLD_CITIZEN, "３３０１０２１９９００３０７１２３０", " ", "", None])
    first, *others, blank, empty, nothing = vault.pseudonyms("toy", said, "citizen_id").to_pylist()
    assert others == [first, first]
    assert (blank, empty, nothing) == (None, "", None)
    assert len(first) == 32


def test_the_pseudonym_of_a_wrong_identifier_is_nobodys(keys: object) -> None:
    vault.ensure_key("toy")
    wrong, phone = vault.pseudonyms("toy", pa.array(["330102199003071231", "13800138000"]), "citizen_id").to_pylist()
    right = vault.pseudonyms("toy", pa.array(["13800138000"]), "phone").to_pylist()[0]
    assert wrong.startswith("invalid:")
    assert phone.startswith("invalid:")
    assert right not in phone
