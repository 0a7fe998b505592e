"""The process that sets one paper for `billing.gateways.typesetter`: an order on stdin, a PDF on stdout.

It knows nothing of the hall and has no settings. Fonts are those beside the template alone, so that every machine
prints the same paper; no network is asked for packages.
"""

import json
import resource
import sys
from pathlib import Path

import typst


def main() -> None:
    order = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    template = Path(order["template"])
    paper = typst.compile(
        template,
        root=template.parent,
        font_paths=[template.parent / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"data": order["data"]},
        pdf_standards=["ua-1"],
        timestamp=order["timestamp"],
        format="pdf",
    )
    assert isinstance(paper, bytes)
    sys.stdout.buffer.write(paper)


if __name__ == "__main__":
    main()
