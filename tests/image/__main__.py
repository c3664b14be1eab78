"""Tries an image and prints the report: `python -m tests.image --image NAME --base NAME --build-seconds N`."""

import argparse

from tests.image.container import opened
from tests.image.trial import trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--image", "--base", "--build-seconds"):
        parser.add_argument(option, required=True)
    chosen = parser.parse_args()
    print(f"| {chosen.image} on {chosen.base} | found |\n| --- | --- |")
    print(f"| build | {chosen.build_seconds} s |")
    with opened(chosen.image) as image, opened(chosen.base) as base:
        for name, found in trials(image, base):
            print(f"| {name} | {found} |", flush=True)


if __name__ == "__main__":
    main()
