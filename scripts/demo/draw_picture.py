#!/usr/bin/python3
"""Draws a picture of a thing of the demo, as PNG to standard output: scripts/demo/draw_picture.py NAME
A thing is a few round and square shapes; who wants another one adds a line."""
import struct
import sys
import zlib

WIDTH, HEIGHT = 1200, 900
# Per thing: its ground, then shapes (kind, left, top, right, bottom, colour), later ones in front.
THINGS = {
    "lamp": ((236, 228, 214), [
        ("square", 560, 380, 640, 760, (120, 90, 60)), ("round", 380, 720, 820, 820, (90, 64, 40)),
        ("round", 330, 120, 870, 520, (246, 196, 84)), ("square", 330, 320, 870, 400, (214, 150, 50))]),
    "teapot": ((214, 228, 232), [
        ("round", 760, 330, 1010, 620, (40, 84, 120)), ("round", 800, 380, 960, 570, (214, 228, 232)),
        ("round", 330, 260, 870, 760, (52, 104, 148)), ("square", 180, 400, 360, 460, (52, 104, 148)),
        ("round", 540, 200, 660, 290, (40, 84, 120))]),
    "vase": ((232, 216, 220), [
        ("round", 420, 360, 780, 820, (150, 70, 90)), ("square", 520, 160, 680, 460, (150, 70, 90)),
        ("round", 480, 120, 720, 200, (120, 50, 70))]),
}


def is_inside(shape, x, y):
    kind, left, top, right, bottom, _ = shape
    if kind == "square":
        return left <= x < right and top <= y < bottom
    across, down = (2 * x - left - right) / (right - left), (2 * y - top - bottom) / (bottom - top)
    return across * across + down * down < 1


def row_of(ground, shapes, y):
    """One line of pixels; the ground is lighter at its top."""
    light = 1 + 0.08 * (1 - 2 * y / HEIGHT)
    row = bytearray(bytes(min(255, int(c * light)) for c in ground) * WIDTH)
    for shape in shapes:
        _, left, top, right, bottom, colour = shape
        if top <= y < bottom:
            for x in range(left, right):
                if is_inside(shape, x, y):
                    row[3 * x:3 * x + 3] = bytes(colour)
    return b"\0" + bytes(row)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    ground, shapes = THINGS[sys.argv[1]]
    pixels = zlib.compress(b"".join(row_of(ground, shapes, y) for y in range(HEIGHT)))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    sys.stdout.buffer.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
