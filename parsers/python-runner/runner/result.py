"""What a script returned, as JSON text. Nothing is looked at twice unless something is wrong."""

import json
from typing import Any

from . import fault
from .failures import Failed

# As the standard library's json.dumps, in UTF-8 and without what isn't JSON.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(name: str, returned: Any) -> str:
    """Raises `Failed`, which says where in the list what is wrong."""
    if not isinstance(returned, list):
        raise Failed(fault.not_a_list(name, returned))
    plain = True
    for item in returned:
        # A look at types alone; why something isn't right is found afterwards.
        try:
            if not isinstance(item["container"], dict):
                raise TypeError
            artifacts = item["artifacts"]
            if not isinstance(artifacts, list):
                raise TypeError
            for artifact in artifacts:
                if not isinstance(artifact, dict):
                    raise TypeError
            plain = plain and len(item) == 2
        except Exception:
            raise Failed(fault.in_outline(name, returned)) from None
    if not plain:
        # The original took no notice of fields beside the two.
        returned = [
            {"container": item["container"], "artifacts": item["artifacts"]} for item in returned
        ]
    try:
        text = _ENCODER.encode(returned)
        if not text.isascii():
            text.encode()  # Half a surrogate pair has no UTF-8.
    except Exception as error:
        raise Failed(fault.in_values(name, returned, error)) from None
    return text
