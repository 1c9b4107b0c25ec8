"""Write docs/review.png: the page to review, of the example site, as a browser shows it.

    python tools/review_picture.py

Needs Chromium or Chrome.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from browser import find_browser, screenshot
from PIL import Image

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "review.png"
SIZE, SCALE = (960, 900), 1.5


def main() -> None:
    """Draw it."""
    browser = find_browser()
    if browser is None:
        sys.exit("no browser; install Chromium, or name one in CAPTIONFIX_BROWSER")
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder, "review.html"), Path(folder, "review.png")
        command = [sys.executable, "-m", "captionfix", "check", "site", "--format", "html", "-o", str(page)]
        subprocess.run(command, cwd=ROOT / "fixtures", check=False, capture_output=True)
        screenshot(browser, page.as_uri(), picture, SIZE, SCALE)
        Image.open(picture).convert("RGB").quantize(128).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
