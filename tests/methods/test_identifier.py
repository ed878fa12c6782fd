"""Check digits of Chinese identifiers; the numbers are samples of the standards and made-up ones."""

from tests.methods.made import made


def is_citizen(text: str | None) -> object:
    return made("identifier", "citizen_id", text=text)


def is_code(text: str | None) -> object:
    return made("identifier", "uscc", text=text)


def test_the_standards_sample_and_a_changed_digit() -> None:
    assert is_citizen("11010519491231002X") is True
    assert is_citizen("11010519491231002x") is True
    assert is_citizen(" 11010519491231002X ") is True
    assert is_citizen("110105194912310021") is False
    assert is_citizen("11010519491231012X") is False


def test_a_birth_date_that_does_not_exist_is_no_citizen() -> None:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    for body, exists in (("11010520000229001", True), ("11010519000229001", False), ("11010520001301001", False)):
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        assert is_citizen(body + check) is exists


def test_what_has_another_shape_is_none_and_no_text_is_unknown() -> None:
    assert [is_citizen(text) for text in ("", "110105491231002", "X1010519491231002X", "１1010519491231002X")] == [
        False
    ] * 4
    assert [is_code(text) for text in ("", "12345", "91110000600037341", "9111000060003734IL")] == [False] * 4
    assert (is_citizen(None), is_code(None)) == (None, None)


def test_codes_of_organisations() -> None:
    assert [is_code(text) for text in ("91110000600037341L", "91350100M000100Y43", "91350100m000100y43")] == [True] * 3
    assert [is_code(text) for text in ("A1110000600037341L", "91110000600037341A", "9A110000600037341L")] == [False] * 3
