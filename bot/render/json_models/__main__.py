"""Write the JSON schemas into a folder: ``python -m bot.render.json_models docs/schema``."""

import argparse
import json
from pathlib import Path

from bot.render.json_models.contracts import schemas


def main() -> None:
    """Write one file a contract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for contract, schema in schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{contract}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
