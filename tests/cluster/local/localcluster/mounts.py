"""What is mounted below a folder."""

import subprocess
from pathlib import Path


def below(*folders: Path) -> list[Path]:
    """Mount points in or at these folders, innermost first."""
    lines = Path("/proc/mounts").read_text().splitlines()
    places = [Path(line.split()[1].encode().decode("unicode_escape")) for line in lines]
    ours = [place for place in places if any(place.is_relative_to(folder) for folder in folders)]
    return sorted(ours, key=lambda place: len(place.parts), reverse=True)


def unmount_below(*folders: Path) -> None:
    """Unmount everything in or at these folders."""
    for place in below(*folders):
        subprocess.run(["umount", str(place)], check=True)
