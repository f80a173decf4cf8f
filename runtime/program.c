/* The common part of main(). */
#include "runtime/program.h"

#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "runtime/account.h"
#include "runtime/log.h"

/* Memory that a busy second needs again is not given back and asked for at every turn;
 * malloc_trim() gives it back in quiet ones. Blocks of less than this stay inside the heap. */
static void tune_malloc(void)
{
    enum { TRIM_BYTES = 256 << 20, MMAP_BYTES = 4 << 20, TOP_PAD_BYTES = 1 << 20 };
    (void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    (void)mallopt(M_TOP_PAD, TOP_PAD_BYTES);
}

int program_main(const char *name, const char *purpose, int argc, char **argv,
                 int (*run)(const struct config *config, void *context), void *context)
{
    extern char **environ;
    tune_malloc();
    /* What was started by a descriptor (supervisor.c) is called by its number until told. */
    (void)prctl(PR_SET_NAME, name);
    /* Whoever reads our log may end before we do. */
    (void)signal(SIGPIPE, SIG_IGN);
    log_reopen_at_hangup();
    log_own_stderr();
    if (sodium_init() < 0) return EXIT_FAILURE;
    struct config *config = config_new();
    int first = argc;
    int exit_code = PROGRAM_EXIT_USAGE;
    const enum status status = config_load(config, argc, argv, environ, &first);
    log_open(name, LOG_INFO);
    if (config_wants_help(config)) {
        (void)printf("%s: %s\n\n", name, purpose);
        config_help(stdout);
        exit_code = EXIT_SUCCESS;
    } else if (status != STATUS_OK || first < argc) {
        const char *problem = status != STATUS_OK ? config_problem(config) : "unexpected argument";
        log_error("configuration_refused", LOG_STRING("problem", problem));
    } else {
        log_open(name, (enum log_level)config_int(config, SETTING_LOG_LEVEL));
        exit_code = run(config, context);
    }
    config_destroy(&config);
    return exit_code;
}

enum status program_join(const char *data_dir, char ret_mesh_dir[PATHS_MAX])
{
    char mesh_dir[PATHS_MAX];
    TRY(account_become_owner(data_dir));
    TRY(paths_mesh_dir(data_dir, mesh_dir));
    TRY(account_become_owner(mesh_dir));
    memcpy(ret_mesh_dir, mesh_dir, sizeof mesh_dir);
    return STATUS_OK;
}

const struct config_member *program_member(const struct config *config, enum member_kind kind)
{
    size_t count;
    const struct config_member *members = config_members(config, &count);
    const char *wanted = config_text(config, SETTING_MEMBER);
    for (size_t i = 0; i < count; i++) {
        if (members[i].kind == kind && (wanted[0] == '\0' || strcmp(members[i].name, wanted) == 0))
            return &members[i];
    }
    log_error("member_unknown", LOG_STRING("member", wanted));
    return NULL;
}
