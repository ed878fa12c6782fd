"""Which of n values the nearest rank is."""

from tests.methods.made import made


def test_the_rank_and_the_shares_on_both_sides_of_it() -> None:
    said = {
        output: made("nearest_rank", output, set_={"p": 0.9}, n=25)
        for output in ("rank", "share_to_rank", "share_before")
    }
    assert said == {"rank": 23, "share_to_rank": 0.92, "share_before": 0.88}


def test_no_values_have_no_rank() -> None:
    assert made("nearest_rank", "rank", set_={"p": 0.9}, n=0) is None
    assert made("nearest_rank", "share_to_rank", set_={"p": 0.9}, n=None) is None
