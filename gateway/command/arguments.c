/* argv shrinks with each argument that is found, and stays ended by NULL. */
#include "gateway/command/arguments.h"

#include <string.h>

#include "runtime/config.h"

static void remove_at(int *argc, char **argv, int position, int count)
{
    assert(position >= 1);
    assert(position + count <= *argc);
    for (int i = position; i + count <= *argc; i++)
        argv[i] = argv[i + count];
    *argc -= count;
}

enum status arguments_extract_first(int *argc, char **argv, const char *name,
                                    const char **ret_value)
{
    const size_t length = strlen(name);
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            if (i + 1 == *argc) return STATUS_MISSING_FIELD;
            *ret_value = argv[i + 1];
            remove_at(argc, argv, i, 2);
            return STATUS_OK;
        }
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            *ret_value = argv[i] + length + 1;
            remove_at(argc, argv, i, 1);
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

enum status arguments_extract_option(int *argc, char **argv, const char *name,
                                     const char **ret_value)
{
    const char *value = NULL;
    enum status status;
    do {
        status = arguments_extract_first(argc, argv, name, &value);
    } while (status == STATUS_OK);
    if (status != STATUS_NOT_FOUND) return status;
    if (value != NULL) *ret_value = value;
    return STATUS_OK;
}

bool arguments_extract_flag(int *argc, char **argv, const char *name)
{
    bool is_there = false;
    for (int i = 1; i < *argc;) {
        if (strcmp(argv[i], name) == 0) {
            is_there = true;
            remove_at(argc, argv, i, 1);
        } else {
            i++;
        }
    }
    return is_there;
}

/* In "--test-mode file" and "--port 80" only the table of settings knows whether a value follows,
 * so the reader of settings says where the first operand is. */
size_t arguments_extract_operands(int *argc, char **argv,
                                  const char *ret_operands[ARGUMENTS_OPERANDS_MAX])
{
    for (size_t count = 0;; count++) {
        int first = *argc;
        struct config *scratch = config_new();
        const enum status status = config_load_arguments(scratch, *argc, argv, &first);
        config_destroy(&scratch);
        if (status != STATUS_OK || first >= *argc) return count;
        if (count < ARGUMENTS_OPERANDS_MAX) ret_operands[count] = argv[first];
        remove_at(argc, argv, first, 1);
    }
}
