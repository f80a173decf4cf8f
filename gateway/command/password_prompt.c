/* Reads byte by byte from the descriptor, so that no buffer of stdio keeps a copy. */
#include "gateway/command/password_prompt.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/secret.h"

static bool read_line(char ret_line[PASSWORD_PROMPT_MAX + 1])
{
    size_t length = 0;
    for (;;) {
        char byte;
        const ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0) return false;
        if (got == 0 || byte == '\n') break;
        if (length == PASSWORD_PROMPT_MAX || byte == '\0') return false;
        ret_line[length++] = byte;
    }
    if (length > 0 && ret_line[length - 1] == '\r') length--;
    ret_line[length] = '\0';
    return length > 0;
}

static bool ask(const char *prompt, char ret_line[PASSWORD_PROMPT_MAX + 1])
{
    (void)fputs(prompt, stderr);
    const bool is_read = read_line(ret_line);
    (void)fputc('\n', stderr);
    return is_read;
}

static bool ask_twice(const char *prompt, char ret_password[PASSWORD_PROMPT_MAX + 1])
{
    char again[PASSWORD_PROMPT_MAX + 1];
    const bool is_same =
        ask(prompt, ret_password) && ask("Once more: ", again) && strcmp(ret_password, again) == 0;
    secret_wipe(again, sizeof again);
    return is_same;
}

bool password_prompt(const char *prompt, char ret_password[PASSWORD_PROMPT_MAX + 1])
{
    struct termios shown;
    bool is_read;
    assert(prompt != NULL);
    if (tcgetattr(STDIN_FILENO, &shown) != 0) { /* not a terminal */
        is_read = read_line(ret_password);
    } else {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        is_read = ask_twice(prompt, ret_password);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    }
    if (!is_read) secret_wipe(ret_password, PASSWORD_PROMPT_MAX + 1);
    return is_read;
}
