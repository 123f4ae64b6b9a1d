"""The file that names the gateways (`GATEWAYS_FILE`, see `docs/gateways.md`), as text."""

import json
from collections.abc import Mapping, Sequence

Gateway = Mapping[str, object]


def gateways_file(gateways: Mapping[str, Gateway]) -> str:
    """The gateways by name, in this order, as TOML; settings are texts, lists of texts and tables of them."""
    return "\n".join("".join(_tables(f"gateways.{name}", settings)) for name, settings in gateways.items())


def _tables(name: str, settings: Gateway) -> list[str]:
    plain = {key: value for key, value in settings.items() if not isinstance(value, Mapping)}
    inner = {key: value for key, value in settings.items() if isinstance(value, Mapping)}
    lines = [f"[{name}]\n", *(f"{key} = {_value(value)}\n" for key, value in plain.items())]
    for key, value in inner.items():
        lines += ["\n", *_tables(f"{name}.{key}", value)]
    return lines


def _value(value: object) -> str:
    """JSON's texts and lists are TOML's, except for DEL and for pairs of surrogates."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = list(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
