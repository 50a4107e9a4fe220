/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef REPLAY_RUNNER_H
#define REPLAY_RUNNER_H

#include <cstdint>
#include <nlohmann/json.hpp>

namespace replay
{

using Json = nlohmann::ordered_json;

/**
 * Replays a scenario on a simulated router.
 * @param scenario of format nf-oracle/1
 * @param seed of the random numbers
 * @return a result of format nf-oracle/1-result; "error" in it says why there are no steps
 */
Json ReplayScenario(const Json& scenario, uint32_t seed);

} // namespace replay

#endif // REPLAY_RUNNER_H
