"""What a session says of a JVM that is not there any more."""

from jobs.core.session import _unless_lost


def test_the_end_of_the_jvm_is_not_told_twice_and_anything_else_is() -> None:
    told: list[object] = []
    tell = _unless_lost(lambda request, address: told.append(request))
    for error in (EOFError(), ConnectionResetError(), ValueError()):
        try:
            raise error
        except Exception:
            tell(error, "here")
    assert [type(one) for one in told] == [ValueError]
