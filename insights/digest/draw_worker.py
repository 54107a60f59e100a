"""The program that draws: one Vega-Lite specification a line on stdin, one PNG in base64 a line on stdout.

It runs as a process of its own (insights/digest/draw.py) and imports nothing of insights.
"""

from __future__ import annotations

import base64
import json
import sys

import vl_convert as vlc

if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        png = vlc.vegalite_to_png(asked["spec"], scale=asked["scale"])
        sys.stdout.write(base64.b64encode(bytes(png)).decode() + "\n")
        sys.stdout.flush()
