"""Make docs/gallery: reports of a contract, of code and of a conversation, and pictures of them.

    python scripts/gallery.py              # about two minutes on two cores
    python scripts/gallery.py --pictures   # only the pictures, of the reports that are there

The reports are those of the examples in configs/, on the bundled models, and that of the demo, on
SmolLM2. Needs playwright and a Chromium.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery"
# A command, and the page that it writes.
EXAMPLES = {
    "legal": (["audit", "legal", "--config", "configs/audit_legal.yaml"], "report.html"),
    "code": (["audit", "code", "--config", "configs/audit_code.yaml"], "report.html"),
    "chat": (["flag", "--config", "configs/flag.yaml"], "report.html"),
    "page": (["demo"], "explanation.html"),
}
# Name, report, width, height, scheme, and what is done before the picture is taken.
TOP_SPAN = "document.querySelector('.spans a').click()"
BOTTOM = "scrollTo(0, document.querySelector('.trust:not([hidden])').offsetTop - 150)"
PICTURES = (
    ("legal", "legal", 1280, 860, "light", f"{TOP_SPAN}; {BOTTOM}"),
    ("legal-dark", "legal", 1280, 860, "dark", f"{TOP_SPAN}; {BOTTOM}"),
    ("legal-narrow", "legal", 420, 860, "light", f"{TOP_SPAN}"),
    ("code", "code", 1280, 860, "light", BOTTOM),
    ("page", "page", 1280, 860, "light", "scrollTo(0, 0)"),
    ("chat", "chat", 1280, 860, "light", BOTTOM),
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def reports() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (arguments, page) in EXAMPLES.items():
            out = Path(folder) / name
            command = [sys.executable, "-m", "focus_lime.cli.main", *arguments, "--out", str(out)]
            subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "COLUMNS": "100"})
            shutil.copy(out / page, GALLERY / f"{name}.html")


def pictures() -> None:
    own = next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        for name, report, width, height, scheme, before in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto((GALLERY / f"{report}.html").as_uri())
            page.evaluate(before)
            # Two frames: what is far from sight is laid out when it is come near to.
            page.evaluate("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
            page.screenshot(path=GALLERY / f"{name}.png")
            page.close()
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", action="store_true", help="Only the pictures.")
    only_pictures = parser.parse_args().pictures
    GALLERY.mkdir(exist_ok=True)
    if not only_pictures:
        reports()
    pictures()


if __name__ == "__main__":
    main()
