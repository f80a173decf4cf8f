/* Search as a service of every node that hosts the catalogue. */
#pragma once

#include "actors/host/service.h"

extern const struct domain_service catalog_search_service;
