"""What a refusal of bad input must say, shared by the tests of all kinds of input."""

import math
from contextlib import contextmanager

import pytest

from kondoflow.files.errors import InputError

ANY = object()  # a value that is not compared


def is_nan(value):
    """Whether a value is the float NaN."""
    return isinstance(value, float) and math.isnan(value)


@contextmanager
def refused(source, key, value, allowed):
    """Assert that the block raises an `InputError` about this source, key and value.

    Args:
        source: File or section that is named.
        key: Key that is named.
        value: Value that is named.
        allowed: Words that what is allowed begins with.
    """
    with pytest.raises(InputError) as caught:
        yield
    error = caught.value
    assert str(error.source) == str(source)
    assert error.key == key
    if value is not ANY:
        assert error.value == value or (is_nan(error.value) and is_nan(value))
    assert error.allowed.startswith(allowed)
    assert "\n" not in str(error)
