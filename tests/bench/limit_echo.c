/* Limit line: h2o -> ZeroMQ over ipc -> a process that sends 200 bytes back. */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/limit_front.h"
#include "tests/bench/limit_hop.h"

enum { ANSWER_BYTES = 200 };

static struct hop hop;
static char answer[ANSWER_BYTES];

static void echo(void *context, uint32_t number, const char *bytes, size_t length)
{
    (void)context;
    memcpy(answer, bytes, length < sizeof answer ? length : sizeof answer);
    hop_send(&hop, number, answer, sizeof answer);
}

static void back(void *endpoint)
{
    memset(answer, 'x', sizeof answer);
    hop_open(&hop, uv_default_loop(), endpoint, false, echo, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3) front_give_up("usage: limit_echo PORT ENDPOINT");
    front_fork_back(back, argv[2]);
    front_relay((int)strtol(argv[1], NULL, 10), argv[2]);
}
