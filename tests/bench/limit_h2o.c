/* Limit line: bare h2o, 200 bytes, no work at all; with a certificate it speaks TLS. */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/limit_front.h"

enum { ANSWER_BYTES = 200 };

static char answer[ANSWER_BYTES];

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    front_answer(req, answer, sizeof answer);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) front_give_up("usage: limit_h2o PORT [CERTIFICATE KEY]");
    memset(answer, 'x', sizeof answer);
    if (argc == 4) front_use_tls(argv[2], argv[3]);
    front_listen(uv_default_loop(), (int)strtol(argv[1], NULL, 10), on_request);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
