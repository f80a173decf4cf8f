/* The program that decodes pictures stands beside this one; where they are kept is a folder of the
 * market, or a bucket. */
#include "gateway/picture_home.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/log.h"
#include "runtime/paths.h"
#include "runtime/secret.h"

enum { ARENA_BLOCK_BYTES = 1024, POOL_QUEUE_MAX = 256, PROGRAM_MAX = 4096 };

struct picture_home {
    struct pictures pictures;
    struct offload *offload;
    struct transfers *transfers;
    char program[PROGRAM_MAX];
    struct arena *arena; /* of the secret */
    struct text secret;
};

static bool find_program(char ret_path[PROGRAM_MAX])
{
    static const char name[] = "/souk-picture";
    const ssize_t length = readlink("/proc/self/exe", ret_path, PROGRAM_MAX - sizeof name);
    if (length <= 0) return false;
    ret_path[length] = '\0';
    char *slash = strrchr(ret_path, '/');
    if (slash == NULL) return false;
    memcpy(slash, name, sizeof name);
    return true;
}

static enum status read_secret(struct picture_home *home, const char *path)
{
    const enum status status = secret_read_line(home->arena, path, &home->secret);
    if (status != STATUS_OK) log_error("picture_secret_not_read", LOG_STRING("path", path));
    return status == STATUS_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum status open_bucket(struct picture_home *home, const struct config *config,
                               struct loop *loop)
{
    TRY(read_secret(home, config_text(config, SETTING_PICTURES_S3_SECRET_FILE)));
    const struct picture_s3 s3 = {
        .transfers = home->transfers,
        .loop = loop,
        .endpoint = text_of(config_text(config, SETTING_PICTURES_S3_ENDPOINT)),
        .bucket = text_of(config_text(config, SETTING_PICTURES_S3_BUCKET)),
        .region = text_of(config_text(config, SETTING_PICTURES_S3_REGION)),
        .key_id = text_of(config_text(config, SETTING_PICTURES_S3_KEY_ID)),
        .secret = home->secret,
        .time_max_us = config_duration_us(config, SETTING_PICTURES_S3_TIMEOUT),
    };
    home->pictures.public_url = text_of(config_text(config, SETTING_PICTURES_S3_PUBLIC_URL));
    const enum status status = picture_store_s3_new(&s3, &home->pictures.store);
    if (status != STATUS_OK) log_error("picture_bucket_wrong", LOG_TEXT("endpoint", s3.endpoint));
    return status;
}

static enum status open_store(struct picture_home *home, const struct config *config,
                              struct loop *loop)
{
    if (config_text(config, SETTING_PICTURES_S3_ENDPOINT)[0] != '\0')
        return open_bucket(home, config, loop);
    char path[PATHS_MAX + 16];
    const char *folder = config_text(config, SETTING_PICTURES_FOLDER);
    (void)snprintf(path, sizeof path, "%s/pictures", config_text(config, SETTING_PATHS_DATA_DIR));
    return picture_store_folder_new(folder[0] != '\0' ? folder : path, home->offload,
                                    &home->pictures.store);
}

enum status picture_home_open(const struct config *config, struct loop *loop, struct fibers *fibers,
                              struct picture_home **ret_home)
{
    struct picture_home *home = calloc(1, sizeof *home);
    if (home == NULL) abort();
    home->arena = arena_new(ARENA_BLOCK_BYTES);
    home->offload = offload_new(loop, fibers, POOL_QUEUE_MAX);
    home->transfers = transfers_new(loop, fibers);
    home->pictures.sweep_every_us = config_duration_us(config, SETTING_PICTURES_SWEEP_EVERY);
    enum status status = find_program(home->program) ? STATUS_OK : STATUS_UNAVAILABLE;
    if (status == STATUS_OK) status = open_store(home, config, loop);
    if (status != STATUS_OK) {
        picture_home_close(&home);
        return status;
    }
    const struct picture_decoder_options options = {
        .loop = loop,
        .fibers = fibers,
        .program = home->program,
        .at_once_max = (size_t)config_int(config, SETTING_PICTURES_DECODERS),
        .queue_max = (size_t)config_int(config, SETTING_PICTURES_QUEUE),
        .time_max_us = config_duration_us(config, SETTING_PICTURES_TIME),
    };
    home->pictures.decoder = picture_decoder_new(&options);
    *ret_home = home;
    return STATUS_OK;
}

const struct pictures *picture_home_pictures(const struct picture_home *home)
{
    return &home->pictures;
}

void picture_home_stop(struct picture_home *home)
{
    if (home != NULL) transfers_stop(home->transfers);
}

void picture_home_close(struct picture_home **home)
{
    struct picture_home *gone = *home;
    if (gone == NULL) return;
    picture_decoder_destroy(&gone->pictures.decoder);
    picture_store_destroy(&gone->pictures.store);
    transfers_destroy(&gone->transfers);
    offload_finish(gone->offload);
    offload_destroy(&gone->offload);
    sodium_memzero((void *)(uintptr_t)gone->secret.data, gone->secret.length);
    arena_destroy(&gone->arena);
    free(gone);
    *home = NULL;
}
