"""Pictures drawn by code, and files that pretend to be some."""
import struct
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, data, more=b""):
    """A PNG of 8-bit RGB whose compressed pixels are `data`."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png(width=60, height=40, seed=0, more=b""):
    """Stripes that differ by `seed`."""
    row = b"\0" + bytes((x * 3 + seed) % 256 for x in range(width * 3))
    return png_of(width, height, zlib.compress(row * height, 6), more)


def noise_png(size, seed=0):
    """About `size` bytes that nothing makes smaller: 1000 pixels across."""
    line, state, rows = 3000, seed + 1, []
    for _ in range(size // line):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        rows.append(b"\0" + (state.to_bytes(8, "big") * (line // 8 + 1))[:line])
    packer = zlib.compressobj(0)
    return png_of(1000, len(rows), packer.compress(b"".join(rows)) + packer.flush())


def bomb(side=50000):
    """A PNG of side x side pixels, all black, in a file that is a thousand times smaller than its rows."""
    packer = zlib.compressobj(9)
    row = bytes(side * 3 + 1)
    return png_of(side, side, b"".join(packer.compress(row) for _ in range(200)) + packer.flush())


def gif(width=2, height=2, tail=b""):
    """One red frame."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\xff\0\0\0\0\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 2, 0)
    return head + frame + b"\x02\x03\x84\x51\x00\x00\x3b" + tail
