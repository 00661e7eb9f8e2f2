"""The process that parses one page: its source in, its text, headings and notes out as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys

from focus_lime.inputs.readers.html_page import read_page

_MEMORY = 1 << 30  # bytes


def main() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; that of time holds there too
        pass
    else:
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        least = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (least, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = sys.stdin.buffer.read().decode()
    page = read_page(source, is_xml=sys.argv[1:] == ["xml"])
    sys.stdout.buffer.write(json.dumps(dataclasses.asdict(page)).encode())


if __name__ == "__main__":
    main()
