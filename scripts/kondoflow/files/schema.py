"""JSON schemas: settings of a user held against them, with what they allow in words.

Only what Snakemake itself needs is imported, because Snakemake may run in an environment that holds
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jsonschema

from kondoflow.files.errors import InputError


def _is_integer(checker: Any, instance: Any) -> bool:
    del checker
    return isinstance(instance, int) and not isinstance(instance, bool)


# JSON Schema counts 60.0 as an integer; the code behind the keys does not.
_TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_TYPES)


def check_schema(
    value: Any, schema: Mapping[str, Any], key: str = "", source: str = "config"
) -> None:
    """Hold a part of a configuration against a schema.

    Args:
        value: The part.
        schema: The schema.
        key: Where the part stands, empty for all of the configuration.
        source: What an error names as the origin of the configuration.

    Raises:
        InputError: Names the key that is at fault most clearly, its value and what is allowed.
    """
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(value))
    if error is None:
        return
    place = ".".join([*([key] if key else []), *(str(part) for part in error.absolute_path)])
    place = place or "top level"
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))
        raise InputError(source, f"keys of {place}", unknown, f"among {', '.join(known)}")
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        allowed = f"completed by {', '.join(missing)}"
        raise InputError(source, f"keys of {place}", sorted(error.instance), allowed)
    raise InputError(source, place, error.instance, _allowed(error))


def _allowed(error: jsonschema.ValidationError) -> str:
    """What the schema allows, in words; a schema's own `description` goes first."""
    value = error.validator_value
    words = {
        "type": f"of type {value}",
        "enum": f"one of {value}",
        "const": f"{value}",
        "minimum": f"at least {value}",
        "maximum": f"at most {value}",
        "exclusiveMinimum": f"above {value}",
        "minItems": f"a list of at least {value}",
        "maxItems": f"a list of at most {value}",
        "minProperties": "at least one entry",
        "minLength": f"text of at least {value} characters",
        "maxLength": f"text of at most {value} characters",
        "uniqueItems": "a list without repetitions",
    }
    allowed = error.schema.get("description") or words.get(error.validator)
    if _reads_as_number(error.instance) and error.validator in ("type", "oneOf"):
        allowed = f"{allowed} (YAML reads this as text: write 1.0e-6 or 1.0e+6)"
    return allowed or f"valid ({error.message})"


def _reads_as_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False
