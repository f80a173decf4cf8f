/* souk-picture: reads one picture from its standard input, writes it in the sizes that are shown to
 * its standard output, and ends. Pictures come from strangers and their decoders have had bugs that
 * ran foreign code, so it gives away everything before it looks at a byte: it can allocate, write
 * to what is open, and end (gateway/picture/README.md, Decisions). */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/picture/picture_kind.h"
#include "gateway/picture/picture_show.h"

enum { CPU_SECONDS = 20, EXIT_USAGE = 64 };
#define MEMORY_BYTES ((rlim_t)768 << 20)

static bool limit(__rlimit_resource_t resource, rlim_t most)
{
    const struct rlimit limit = { .rlim_cur = most, .rlim_max = most };
    return setrlimit(resource, &limit) == 0;
}

static bool set_limits(void)
{
#ifndef SOUK_SANITIZED /* whose shadow is larger than any memory */
    if (!limit(RLIMIT_AS, MEMORY_BYTES)) return false;
#endif
    return limit(RLIMIT_CPU, CPU_SECONDS) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0) &&
           limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0);
}

/* What is left: memory that holds no code, writing, the end. Everything else ends the process. */
static bool enter_sandbox(void)
{
    static const int allowed[] = { SCMP_SYS(write),  SCMP_SYS(brk),     SCMP_SYS(munmap),
                                   SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(exit_group) };
    static const int mapping[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
#ifdef SOUK_SANITIZED
    return true; /* the sanitizers ask the kernel for much */
#endif
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) return false;
    bool is_good = true;
    for (size_t i = 0; i < ARRAY_LENGTH(allowed); i++)
        is_good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    for (size_t i = 0; i < ARRAY_LENGTH(mapping); i++)
        is_good &= seccomp_rule_add(filter, SCMP_ACT_ALLOW, mapping[i], 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    is_good &= seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_good;
}

/* All of it, and nothing beyond what is taken. */
static struct text read_input(void)
{
    char *bytes = malloc(PICTURE_INPUT_MAX + 1);
    if (bytes == NULL) picture_end(PICTURE_END_FAULT);
    size_t length = 0;
    while (length <= PICTURE_INPUT_MAX) {
        const ssize_t got = read(STDIN_FILENO, bytes + length, PICTURE_INPUT_MAX + 1 - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) picture_end(PICTURE_END_FAULT);
        if (got == 0) return (struct text){ bytes, length };
        length += (size_t)got;
    }
    picture_end(PICTURE_END_TOO_LARGE);
}

static void write_all(const void *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        const ssize_t written = write(STDOUT_FILENO, (const char *)data + done, length - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) picture_end(PICTURE_END_FAULT);
        done += (size_t)written;
    }
}

static struct picture_pixels decode(struct text bytes)
{
    switch (picture_kind_of(bytes)) {
    case PICTURE_JPEG:
        return picture_decode_jpeg(bytes);
    case PICTURE_PNG:
        return picture_decode_png(bytes);
    case PICTURE_WEBP:
        return picture_decode_webp(bytes);
    case PICTURE_GIF:
        return picture_decode_gif(bytes);
    case PICTURE_NONE:
        break;
    }
    picture_end(PICTURE_END_UNKNOWN);
}

static void write_frame(const struct picture_pixels *pixels)
{
    const bool is_on_its_side = pixels->orientation >= 5;
    const struct picture_frame frame = {
        .width = is_on_its_side ? pixels->full_height : pixels->full_width,
        .height = is_on_its_side ? pixels->full_width : pixels->full_height,
    };
    uint8_t head[PICTURE_FRAME_HEAD], output_head[PICTURE_OUTPUT_HEAD];
    picture_frame_write_head(&frame, head);
    write_all(head, sizeof head);
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        const struct picture_output output = picture_show(pixels, picture_sizes[i]);
        picture_frame_write_output_head(&output, output_head);
        write_all(output_head, sizeof output_head);
        write_all(output.webp.data, output.webp.length);
    }
}

static const char usage[] = "usage: souk picture <FILE >FRAMES\n"
                            "\n"
                            "Reads one picture (JPEG, PNG, WebP or GIF) and writes it as WebP in "
                            "the sizes that are shown.\n"
                            "Gateways start it, one for each upload.\n";

int main(int argc, char **argv)
{
    if (argc > 1) {
        const bool wants_help = strcmp(argv[1], "--help") == 0;
        (void)fputs(usage, wants_help ? stdout : stderr);
        return wants_help ? EXIT_SUCCESS : EXIT_USAGE;
    }
    if (!set_limits()) picture_end(PICTURE_END_FAULT);
    const struct text bytes = read_input();
    if (!enter_sandbox()) picture_end(PICTURE_END_FAULT);
    const struct picture_pixels pixels = decode(bytes);
    write_frame(&pixels);
    picture_end(PICTURE_END_DONE);
}
