/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#ifndef NF_NAT_HASH_H
#define NF_NAT_HASH_H

#include <cstddef>
#include <cstdint>

namespace ns3
{

/**
 * Bob Jenkins' lookup3 over 32-bit words (Linux: jhash2()). Which address of a range a flow gets
 * depends on it.
 * @param words any number of words
 * @param count how many
 * @param seed start value
 * @return 32 mixed bits
 */
inline uint32_t
NfJenkinsHash(const uint32_t* words, size_t count, uint32_t seed)
{
    const auto rotate = [](uint32_t x, unsigned k) { return x << k | x >> (32 - k); };
    uint32_t a = 0xdeadbeef + static_cast<uint32_t>(count << 2) + seed;
    uint32_t b = a;
    uint32_t c = a;
    for (; count > 3; count -= 3, words += 3)
    {
        a += words[0];
        b += words[1];
        c += words[2];
        a = (a - c) ^ rotate(c, 4);
        c += b;
        b = (b - a) ^ rotate(a, 6);
        a += c;
        c = (c - b) ^ rotate(b, 8);
        b += a;
        a = (a - c) ^ rotate(c, 16);
        c += b;
        b = (b - a) ^ rotate(a, 19);
        a += c;
        c = (c - b) ^ rotate(b, 4);
        b += a;
    }
    if (count == 0)
    {
        return c;
    }
    a += words[0];
    b += count > 1 ? words[1] : 0;
    c += count > 2 ? words[2] : 0;
    c = (c ^ b) - rotate(b, 14);
    a = (a ^ c) - rotate(c, 11);
    b = (b ^ a) - rotate(a, 25);
    c = (c ^ b) - rotate(b, 16);
    a = (a ^ c) - rotate(c, 4);
    b = (b ^ a) - rotate(a, 14);
    c = (c ^ b) - rotate(b, 24);
    return c;
}

} // namespace ns3

#endif // NF_NAT_HASH_H
