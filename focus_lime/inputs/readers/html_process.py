"""The process that parses one page: its source in, its text, headings and notes out as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys

from focus_lime.inputs.readers.child import limit
from focus_lime.inputs.readers.html_page import read_page

_MEMORY = 1 << 30  # bytes


def main() -> None:
    limit(_MEMORY)
    source = sys.stdin.buffer.read().decode()
    page = read_page(source, is_xml=sys.argv[1:] == ["xml"])
    sys.stdout.buffer.write(json.dumps(dataclasses.asdict(page)).encode())


if __name__ == "__main__":
    main()
