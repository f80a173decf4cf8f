/* souk: runs the program "souk-COMMAND" beside it, as git does. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOUK_PATH_MAX = 4096 - 512, COMMAND_MAX = 32, EXIT_USAGE = 2, COMMANDS_MAX = 64 };

/* The directory that holds this program. */
static bool find_directory(char ret_directory[SOUK_PATH_MAX])
{
    const ssize_t length = readlink("/proc/self/exe", ret_directory, SOUK_PATH_MAX - 1);
    if (length <= 0 || length >= SOUK_PATH_MAX - 1) return false;
    ret_directory[length] = '\0';
    char *slash = strrchr(ret_directory, '/');
    if (slash == NULL) return false;
    *slash = '\0';
    return true;
}

static bool command_is_valid(const char *command)
{
    const size_t length = strlen(command);
    return length > 0 && length <= COMMAND_MAX &&
           strspn(command, "abcdefghijklmnopqrstuvwxyz0123456789-") == length && command[0] != '-';
}

static int is_command(const struct dirent *entry)
{
    return strncmp(entry->d_name, "souk-", 5) == 0 && command_is_valid(entry->d_name + 5);
}

static void print_help(FILE *file, const char *directory)
{
    struct dirent **commands = NULL;
    (void)fputs("usage: souk COMMAND [ARGUMENT...]\n\ncommands:\n", file);
    const int count = scandir(directory, &commands, is_command, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < COMMANDS_MAX) (void)fprintf(file, "  %s\n", commands[i]->d_name + 5);
        free(commands[i]);
    }
    free(commands);
    (void)fputs("\n'souk COMMAND --help' tells more about one of them.\n", file);
}

int main(int argc, char **argv)
{
    char directory[SOUK_PATH_MAX];
    if (!find_directory(directory)) {
        (void)fputs("souk: cannot find its own directory\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout, directory);
        return argc < 2 ? EXIT_USAGE : EXIT_SUCCESS;
    }
    if (command_is_valid(argv[1])) {
        static char path[SOUK_PATH_MAX + COMMAND_MAX + 8];
        (void)snprintf(path, sizeof path, "%s/souk-%s", directory, argv[1]);
        argv[1] = path;
        (void)execv(path, argv + 1);
        if (errno != ENOENT) {
            (void)fprintf(stderr, "souk: %s: %s\n", path, strerror(errno));
            return EXIT_FAILURE;
        }
        (void)fprintf(stderr, "souk: '%s' is not a command; see 'souk --help'\n",
                      strrchr(path, '/') + 6);
        return EXIT_USAGE;
    }
    (void)fprintf(stderr, "souk: '%s' is not a command; see 'souk --help'\n", argv[1]);
    return EXIT_USAGE;
}
