"""Errors carry typed fields, in this process and in another."""

import pickle

import pytest

from scoring.errors import CodedError, typed_fields


class Loose(CodedError):
    code = "loose"


@typed_fields
class Typed(CodedError):
    code = "typed"
    wait_s: int
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "error", [Loose(path="x", line=None), Typed(wait_s=3, names=("a",)), Typed(wait_s=1)]
)
def test_an_error_comes_out_of_a_pickle_as_it_was(error: CodedError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is type(error)
    assert other.fields == error.fields
    assert str(other) == str(error)


def test_typed_fields_are_attributes_and_checked() -> None:
    assert Typed(wait_s=3).fields == {"wait_s": 3, "names": ()}
    assert Typed(wait_s=3).wait_s == 3
    with pytest.raises(TypeError):
        Typed(wait=3)  # type: ignore[call-arg]


def test_an_error_that_is_kept_is_raised_again_as_another_one() -> None:
    kept = Typed(wait_s=3, names=("a",))
    kept.__cause__ = OSError("no route")
    for _ in range(2):
        with pytest.raises(Typed) as raised:
            raise kept.again()
        assert raised.value.fields == kept.fields
        assert raised.value.__cause__ is kept.__cause__
    assert kept.__traceback__ is None


def test_a_note_on_an_error_is_no_field() -> None:
    error = Typed(wait_s=3)
    error.add_note("seen at night")
    assert "wait_s" in error.fields
    assert len(error.fields) == 2


def test_a_log_line_names_code_and_fields() -> None:
    assert str(Typed(wait_s=3)) == "typed: wait_s=3, names=()"
    assert repr(Loose(path="x")) == "Loose(path='x')"
