"""gdb command `fiber-bt FIBERS`: the stacks of all sleeping fibers of a pool (an expression of type struct fibers *).

Frames are walked by their frame pointers (the build keeps them), so it works on core files too.
Use: gdb -x scripts/gdb/fiber_bt.py build/bin/souk-node core, then: fiber-bt fibers
"""
import gdb

FRAMES_MAX = 64


def describe(pc):
    """"function at file:line" of a return address: the call is just before it."""
    block = gdb.block_for_pc(pc - 1)
    while block is not None and block.function is None:
        block = block.superblock
    line = gdb.find_pc_line(pc - 1)
    function = block.function.name if block is not None else "??"
    place = f" at {line.symtab.filename}:{line.line}" if line.symtab is not None else ""
    return f"{pc:#x} in {function}{place}"


def frames(frame, lowest, highest):
    """Return addresses from the innermost frame outwards, while frame pointers stay on the stack."""
    word = gdb.lookup_type("unsigned long").pointer()
    for _ in range(FRAMES_MAX):
        if not lowest <= frame <= highest - 16:
            return
        pointer = gdb.Value(frame).cast(word)
        outer, pc = int(pointer[0]), int(pointer[1])
        if pc == 0:
            return
        yield pc
        if outer <= frame:
            return
        frame = outer


class FiberBacktrace(gdb.Command):
    """fiber-bt FIBERS: prints the stacks of the sleeping fibers of a pool."""

    def __init__(self):
        super().__init__("fiber-bt", gdb.COMMAND_STACK, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("fiber-bt wants an expression of type struct fibers *")
        running = gdb.parse_and_eval("fiber_running")
        fiber = gdb.parse_and_eval(argument)["all"]
        while fiber != 0:
            if not fiber["is_ended"]:
                self.print_fiber(fiber, fiber == running)
            fiber = fiber["next_of_all"]

    @staticmethod
    def print_fiber(fiber, is_running):
        state = "runs" if is_running else "sleeps"
        print(f"fiber {int(fiber):#x} {state}, entry {fiber['entry']}")
        if is_running:
            return
        lowest = int(fiber["stack"])
        size = int(gdb.parse_and_eval("(long)FIBER_STACK_BYTES"))
        for number, pc in enumerate(frames(int(fiber["context"]["frame"]), lowest, lowest + size)):
            print(f"  #{number:<2} {describe(pc)}")


FiberBacktrace()
