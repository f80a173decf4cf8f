/* Devices from which somebody has signed in before. The token that a sign-in hands out and takes
 * back, "dev_<id>.<43 characters>", proves it, so that failures of strangers, who have none, cannot
 * keep its owner out (OWASP, device cookies). It opens nothing by itself and is nowhere kept: its
 * secret part is a keyed digest of the domain, the address and the id. */
#pragma once

#include "actors/host/request.h"

/* The token of a device for an address in its normal form, in the request's arena. A zero id: of a
 * new device. */
struct text identity_device_make(struct request *request, struct text email, struct uuid id);
/* Whether a token is that of a device of the address; reads nothing. `ret_id` is set when it is. */
bool identity_device_read(struct request *request, struct text token, struct text email,
                          struct uuid *ret_id);
