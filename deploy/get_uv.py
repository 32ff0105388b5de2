"""Fetches the pinned uv from PyPI into a folder, with nothing but Python's own library.

A fresh Debian has Python without pip or venv, so a wheel is opened for what it is: a zip file.
Usage: python3 deploy/get_uv.py .tools
"""

import hashlib
import io
import json
import platform
import stat
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"
INDEX = "https://pypi.org/simple/uv/"
# file name -> SHA-256, as PyPI lists them
WHEELS = {
    ("Linux", "x86_64"): (
        f"uv-{VERSION}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("Linux", "aarch64"): (
        f"uv-{VERSION}-py3-none-manylinux_2_28_aarch64.whl",
        "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    ),
    ("Darwin", "x86_64"): (
        f"uv-{VERSION}-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("Darwin", "arm64"): (
        f"uv-{VERSION}-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}


def main(folder: Path) -> None:
    machine = (platform.system(), platform.machine())
    if machine not in WHEELS:
        sys.exit(f"uv: no build for {machine}. Install uv yourself: https://docs.astral.sh/uv/")
    name, digest = WHEELS[machine]
    try:
        wheel = fetch(name)
    except urllib.error.URLError as error:
        sys.exit(
            f"uv: PyPI cannot be reached ({error.reason}). Check the network, and that the "
            "package ca-certificates is installed."
        )
    if hashlib.sha256(wheel).hexdigest() != digest:
        sys.exit("uv: the download is not the one that is pinned. Try again; never skip this.")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        program = archive.read(f"uv-{VERSION}.data/scripts/uv")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "uv"
    target.write_bytes(program)
    target.chmod(target.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    print(f"uv {VERSION} is in {target}")  # noqa: T201


def fetch(name: str) -> bytes:
    """The wheel of this name, whose address the index knows."""
    asked = urllib.request.Request(INDEX, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    url = next(file["url"] for file in files if file["filename"] == name)
    with urllib.request.urlopen(url, timeout=300) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
