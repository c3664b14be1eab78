"""An import of new customers beside the load, by the command line."""

import json
import tempfile
import uuid

from soak.house import House

_ROWS = 200


def import_some(house: House) -> tuple[str, bool]:
    """What it said, and whether it did all."""
    business = str(uuid.uuid4())
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for number in range(_ROWS):
            file.write(json.dumps({"user_id": str(uuid.uuid4()), "full_name": f"Ion {number}"}) + "\n")
        file.flush()
        done = house.command("import", "customers", file.name, "--business", business)
    return f"{_ROWS} rows, exit code {done.returncode}", done.returncode == 0
