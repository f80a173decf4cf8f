/* Opens and closes the stage of each claim. */
#include "tests/storage/committer_stage.h"

#include "tests/support/cmocka.h"

static const struct statement some_statement = { .name = "some", .sql = "SELECT 1" };

struct entry {
    struct arena *arena;
    struct unit *unit;
};

struct fake_store fake;
struct fibers *fibers;
struct committer *committer;
static int64_t epochs[SHARD_COUNT];
static struct entry entries[STAGE_UNITS_MAX];
static size_t entries_count;
unsigned fenced_count, fenced_shard;
struct hint told;

static void on_fenced(void *context, unsigned shard)
{
    (void)context;
    fenced_count++;
    fenced_shard = shard;
}

static void on_outbox(void *context, struct hint *hint)
{
    (void)context;
    told = *hint;
}

int committer_stage_open(void **state)
{
    (void)state;
    fake_store_init(&fake);
    fibers = fibers_new(&fake.timers, &fake.clock);
    entries_count = fenced_count = 0;
    told = (struct hint){ .sequence = 0 };
    committer = committer_new(&(struct committer_options){ .store = &fake.store,
                                                           .timers = &fake.timers,
                                                           .clock = &fake.clock,
                                                           .batch_max = UNITS_BATCH_MAX,
                                                           .epochs = epochs,
                                                           .on_fenced = on_fenced,
                                                           .on_outbox = on_outbox });
    committer_set_up(committer, true);
    fake_store_pass(&fake, 0);
    return 0;
}

int committer_stage_close(void **state)
{
    (void)state;
    if (committer != NULL) committer_stop(committer);
    while (fake.segments_count > 0)
        fake_store_lose(&fake, true);
    committer_destroy(&committer);
    for (size_t i = 0; i < entries_count; i++)
        arena_destroy(&entries[i].arena);
    fibers_destroy(&fibers);
    return 0;
}

struct unit *queue_in(unsigned shard, size_t writes)
{
    struct entry *entry = &entries[entries_count++];
    entry->arena = arena_new(4096);
    const struct uuid id = { { 0xAA, (uint8_t)entries_count } };
    entry->unit = unit_new(entry->arena, fibers, shard, id, 5001, 1000);
    for (size_t i = 0; i < writes; i++)
        (void)unit_write(entry->unit, &some_statement);
    assert_int_equal(committer_enqueue(committer, entry->unit), STATUS_OK);
    return entry->unit;
}

struct unit *queue(size_t writes)
{
    return queue_in(STAGE_SHARD, writes);
}

struct unit *queue_keyed(uint8_t key, int64_t deadline_us)
{
    struct entry *entry = &entries[entries_count++];
    entry->arena = arena_new(4096);
    const struct uuid id = { { 0xAA, (uint8_t)entries_count } };
    entry->unit = unit_new(entry->arena, fibers, STAGE_SHARD, id, 5001, 1000);
    unit_set_order(entry->unit, (struct uuid){ { key } }, deadline_us);
    (void)unit_write(entry->unit, &some_statement);
    assert_int_equal(committer_enqueue(committer, entry->unit), STATUS_OK);
    return entry->unit;
}

bool is_settled(const struct unit *unit, enum status status)
{
    return unit->completion.is_done && unit->completion.status == status;
}

size_t own_call(size_t index)
{
    return 2 + index;
}
