/* The page of ticks that a supervised loop shares with its supervisor. */
#include "runtime/watchdog.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WATCHDOG_PAGE_BYTES = 4096, WATCHDOG_PERIOD_US = 250000 };

struct watchdog {
    struct loop *loop;
    struct watchdog_page *page; /* NULL: nobody watches */
    struct timer timer;
};

static void watchdog_tick(void *context)
{
    struct watchdog *watchdog = context;
    if (watchdog->page != NULL)
        atomic_fetch_add_explicit(&watchdog->page->ticks, 1, memory_order_relaxed);
}

static void watchdog_start_timer(struct watchdog *watchdog)
{
    timer_start(loop_timers(watchdog->loop), &watchdog->timer,
                loop_now_us(watchdog->loop) + WATCHDOG_PERIOD_US);
}

static void watchdog_on_timer(struct timer *timer)
{
    /* The turn that this makes is what ticks. */
    watchdog_start_timer(CONTAINER_OF(timer, struct watchdog, timer));
}

static struct watchdog_page *page_map(int fd)
{
    void *page = mmap(NULL, WATCHDOG_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

static struct watchdog_page *page_of_environment(void)
{
    const char *text = getenv(WATCHDOG_VARIABLE);
    int64_t fd = -1;
    if (text == NULL || text_parse_int(text_of(text), &fd) != STATUS_OK) return NULL;
    if (fd < 3 || fd > INT32_MAX) return NULL;
    struct watchdog_page *page = page_map((int)fd);
    (void)close((int)fd);
    /* Our own children are not to tick in our place. */
    (void)unsetenv(WATCHDOG_VARIABLE);
    return page;
}

struct watchdog *watchdog_new(struct loop *loop)
{
    assert(loop != NULL);
    struct watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (watchdog == NULL) abort();
    watchdog->loop = loop;
    watchdog->page = page_of_environment();
    if (watchdog->page == NULL) return watchdog;
    watchdog->timer.on_fire = watchdog_on_timer;
    watchdog_start_timer(watchdog);
    loop_on_turn_end(loop, watchdog_tick, watchdog);
    return watchdog;
}

void watchdog_destroy(struct watchdog **watchdog_pointer)
{
    assert(watchdog_pointer != NULL);
    struct watchdog *watchdog = *watchdog_pointer;
    if (watchdog == NULL) return;
    if (watchdog->page != NULL) {
        timer_stop(loop_timers(watchdog->loop), &watchdog->timer);
        (void)munmap(watchdog->page, WATCHDOG_PAGE_BYTES);
    }
    free(watchdog);
    *watchdog_pointer = NULL;
}

struct watchdog_page *watchdog_page_new(int *ret_fd)
{
    const int fd = memfd_create("souk-watchdog", MFD_CLOEXEC);
    if (fd < 0) return NULL;
    struct watchdog_page *page = NULL;
    if (ftruncate(fd, WATCHDOG_PAGE_BYTES) == 0) page = page_map(fd);
    if (page == NULL) {
        (void)close(fd);
        return NULL;
    }
    *ret_fd = fd;
    return page;
}

void watchdog_page_destroy(struct watchdog_page **page, int fd)
{
    if (*page == NULL) return;
    (void)munmap(*page, WATCHDOG_PAGE_BYTES);
    (void)close(fd);
    *page = NULL;
}
