/* Files in a folder: all of one or nothing, under names that are made here. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/picture/picture_store.h"
#include "tests/support/cmocka.h"

#define DIGEST "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"

static const struct picture_file file = { PICTURE_AREA_PUBLIC, { DIGEST, 64 }, 400 };

struct stage {
    struct loop *loop;
    struct fibers *fibers;
    struct offload *offload;
    struct picture_store *store;
    struct arena *arena;
    char folder[64];
    void (*story)(struct stage *stage);
    bool is_told;
};

static void run(void *argument)
{
    struct stage *stage = argument;
    stage->story(stage);
    stage->is_told = true;
}

/* Tells the story in a fiber, with the loop turning until its end. */
static void tell(void (*story)(struct stage *stage))
{
    struct stage stage = { .story = story };
    (void)snprintf(stage.folder, sizeof stage.folder, "/tmp/souk-pictures-XXXXXX");
    assert_non_null(mkdtemp(stage.folder));
    stage.loop = loop_new();
    stage.fibers = fibers_new(loop_timers(stage.loop), loop_clock(stage.loop));
    stage.offload = offload_new(stage.loop, stage.fibers, 16);
    stage.arena = arena_new(4096);
    assert_int_equal(picture_store_folder_new(stage.folder, stage.offload, &stage.store),
                     STATUS_OK);
    assert_int_equal(fiber_spawn(stage.fibers, run, &stage), STATUS_OK);
    while (!stage.is_told)
        (void)uv_run(loop_uv(stage.loop), UV_RUN_ONCE);
    picture_store_destroy(&stage.store);
    offload_finish(stage.offload);
    offload_destroy(&stage.offload);
    fibers_destroy(&stage.fibers);
    loop_destroy(&stage.loop);
    arena_destroy(&stage.arena);
    char command[96];
    (void)snprintf(command, sizeof command, "rm -r %s", stage.folder);
    FILE *removal = popen(command, "r");
    assert_int_equal(pclose(removal), 0);
}

static void keep_and_drop(struct stage *stage)
{
    struct text bytes;
    assert_int_equal(picture_store_get(stage->store, &file, stage->arena, &bytes),
                     STATUS_NOT_FOUND);
    assert_int_equal(picture_store_put(stage->store, &file, TEXT("RIFF\0one")), STATUS_OK);
    assert_int_equal(picture_store_put(stage->store, &file, TEXT("RIFF\0one")), STATUS_OK);
    assert_int_equal(picture_store_get(stage->store, &file, stage->arena, &bytes), STATUS_OK);
    assert_text_equal(bytes, TEXT("RIFF\0one"));
    assert_int_equal(picture_store_remove(stage->store, &file), STATUS_OK);
    assert_int_equal(picture_store_remove(stage->store, &file), STATUS_OK);
    assert_int_equal(picture_store_get(stage->store, &file, stage->arena, &bytes),
                     STATUS_NOT_FOUND);
}

static void what_is_put_is_got_until_it_is_removed(void **state)
{
    (void)state;
    tell(keep_and_drop);
}

static void look_into_the_folder(struct stage *stage)
{
    char path[192];
    struct stat about;
    assert_int_equal(picture_store_put(stage->store, &file, TEXT("RIFF")), STATUS_OK);
    (void)snprintf(path, sizeof path, "%s/public/ab/" DIGEST "-400.webp", stage->folder);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    (void)snprintf(path, sizeof path, "%s/unfinished", stage->folder);
    DIR *list = opendir(path);
    size_t count = 0;
    while (readdir(list) != NULL)
        count++;
    (void)closedir(list);
    assert_int_equal(count, 2); /* itself and its parent */
}

static void nothing_unfinished_is_left_and_only_its_owner_reads(void **state)
{
    (void)state;
    tell(look_into_the_folder);
}

static void lose_the_folder(struct stage *stage)
{
    char path[192], away[192];
    (void)snprintf(path, sizeof path, "%s/public/ab", stage->folder);
    (void)snprintf(away, sizeof away, "%s/public/away", stage->folder);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(picture_store_put(stage->store, &file, TEXT("RIFF")), STATUS_UNAVAILABLE);
}

static void a_disk_that_fails_is_an_outage(void **state)
{
    (void)state;
    tell(lose_the_folder);
}

static void areas_stand_apart(struct stage *stage)
{
    struct text bytes;
    const struct picture_file secret = { PICTURE_AREA_PRIVATE, { DIGEST, 64 }, 400 };
    assert_int_equal(picture_store_put(stage->store, &secret, TEXT("RIFF")), STATUS_OK);
    assert_int_equal(picture_store_get(stage->store, &file, stage->arena, &bytes),
                     STATUS_NOT_FOUND);
}

static void what_is_private_is_not_found_in_public(void **state)
{
    (void)state;
    tell(areas_stand_apart);
}

static void names_are_made_of_digits_alone(void **state)
{
    (void)state;
    assert_true(picture_is_digest(TEXT(DIGEST)));
    assert_false(picture_is_digest(TEXT("../../../../etc/passwd")));
    assert_false(picture_is_digest((struct text){ DIGEST, 63 }));
    assert_false(picture_is_digest(
        TEXT("ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789")));
    assert_true(picture_is_size(2048));
    assert_false(picture_is_size(0));
    assert_false(picture_is_size(401));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_got_until_it_is_removed),
        cmocka_unit_test(nothing_unfinished_is_left_and_only_its_owner_reads),
        cmocka_unit_test(a_disk_that_fails_is_an_outage),
        cmocka_unit_test(what_is_private_is_not_found_in_public),
        cmocka_unit_test(names_are_made_of_digits_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
