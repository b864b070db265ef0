"""JSON results: one that is not as it was written is named before anything is made of it."""

import json
import random

import pytest
from stage.refusals import ANY, refused

from kondoflow.files.atomic import DIGEST, digest_of, read_json, write_json
from kondoflow.files.engine_files import read_engines
from kondoflow.files.errors import InputError
from kondoflow.files.results import SCORES, read_result

CONTENT = {
    "active_latents": [0],
    "kl": [0.5, None],
    "reconstruction": {"test": {"mean": 1e-3}},
    "descriptors": {"log_U": {"0": {"pearson": 0.1}}},
    "best_latent": {"log_U": 0},
    "best_descriptor": {"0": "log_U"},
}


def test_a_result_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "scores.json"
    write_json(path, CONTENT)
    assert read_result(path, SCORES) == CONTENT == read_json(path)
    assert json.loads(path.read_text())[DIGEST] == digest_of(CONTENT)
    write_json(path, {1: (2, 3)})
    assert read_result(path, {}) == {"1": [2, 3]}


def places(value):
    """All (container, key) of a content."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


@pytest.mark.parametrize("change", ["removed", None, True, -1, 1e308, "x", [], {}, [[1]], {"x": 1}])
def test_every_edit_is_named(tmp_path, change):
    path = tmp_path / "scores.json"
    write_json(path, CONTENT)
    whole = path.read_text()
    for index in range(len(list(places(json.loads(whole))))):
        content = json.loads(whole)
        container, key = list(places(content))[index]
        if change == "removed":
            del container[key]
        elif container[key] == change and type(container[key]) is type(change):
            continue
        else:
            container[key] = change
        path.write_text(json.dumps(content))
        with refused(path, "content", "not as it was written", "as its digest says"):
            read_result(path, SCORES)


def test_bytes_that_are_no_json_are_named(tmp_path):
    path, rng = tmp_path / "scores.json", random.Random(0)
    write_json(path, CONTENT)
    whole = path.read_bytes()
    broken = [whole[: rng.randrange(len(whole) - 2)] for _ in range(20)]
    broken += [b"", b"[" * 100_000, b"\xff\xfe{}", b"[1]", b"null", b"NaN", b'{"a": 1}']
    for content in broken:
        path.write_bytes(content)
        with refused(path, "content", ANY, ""):
            read_result(path, SCORES)


def test_a_result_that_lacks_a_key_is_named(tmp_path):
    path = tmp_path / "operon.json"
    write_json(path, {"engine": "operon", "available": 1, "targets": [], "reason": None})
    with refused(path, "available", 1, "of type bool"):
        read_engines([path])


def test_a_missing_result_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent.json: content = .*No such file"):
        read_result(tmp_path / "absent.json", {})
