"""placeholder"""

import json


def read(cell: str) -> str:
    return cell[1:] if cell.lstrip("'")[:1] in ("=", "+", "-", "@", "\t", "\r") and cell.startswith("'") else cell


def read_tags(cell: str) -> list[str]:
    return json.loads(cell) if cell.startswith("[") else [name for name in cell.split(";") if name.strip()]
