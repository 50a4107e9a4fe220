/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
/**
 * @file
 * The same flows as nf-bench-core's udp4 through the userspace connection tracking of Open vSwitch,
 * for comparison in one run: bench.py --ovs FOLDER builds and runs it with a built Open vSwitch tree
 * (Debian: openvswitch-source). Neither the module nor its tests use it.
 *
 * ovs-anchor established|new harness|conntrack FLOWS PACKETS
 */
#include <config.h>

#include "conntrack.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "packets.h"
#include "timeval.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum
{
    PAYLOAD = 22,
    ROUNDS = 3,
    IP_AT = 14,
    UDP_AT = IP_AT + 20,
    PACKET_SIZE = UDP_AT + 8 + PAYLOAD
};

static struct conntrack* table;
static long long started; /* ms: its collector goes by the clock of the machine */
static struct dp_packet* packet;
static struct dp_packet_batch batch;
static ovs_be16 etherType;
static uint32_t randomState = 2463534242U;

static uint32_t
RandomBelow(uint32_t bound)
{
    randomState ^= randomState << 13;
    randomState ^= randomState >> 17;
    randomState ^= randomState << 5;
    return (uint32_t)((uint64_t)randomState * bound >> 32);
}

static void
MakePacket(void)
{
    static const uint8_t ip[] = {0x45, 0, 0, PACKET_SIZE - IP_AT, 0, 0, 0, 0, 64, 17};
    uint8_t bytes[PACKET_SIZE] = {0};
    struct flow flow;
    bytes[12] = 0x08;
    memcpy(bytes + IP_AT, ip, sizeof ip);
    bytes[UDP_AT + 5] = 8 + PAYLOAD;
    packet = dp_packet_new(PACKET_SIZE);
    dp_packet_put(packet, bytes, sizeof bytes);
    flow_extract(packet, &flow);
    etherType = flow.dl_type;
    dp_packet_batch_init_packet(&batch, packet);
}

/* A packet of a flow, with the addresses that nf-bench-core gives it. */
static void
Send(uint32_t flow, bool reply, bool track)
{
    const ovs_be32 client = htonl(0x0a000002 + (flow & 0xffff));
    const ovs_be32 server = htonl(0xc6336400 + (flow >> 8 & 0xff));
    const ovs_be16 clientPort = htons((uint16_t)(1024 + flow % 60000));
    const ovs_be16 serverPort = htons((uint16_t)(53 + (flow >> 16)));
    struct ip_header* ip = dp_packet_l3(packet);
    struct udp_header* udp = dp_packet_l4(packet);
    put_16aligned_be32(&ip->ip_src, reply ? server : client);
    put_16aligned_be32(&ip->ip_dst, reply ? client : server);
    udp->udp_src = reply ? serverPort : clientPort;
    udp->udp_dst = reply ? clientPort : serverPort;
    ip->ip_csum = 0;
    ip->ip_csum = csum(ip, sizeof *ip);
    pkt_metadata_init_conn(&packet->md);
    if (track)
    {
        conntrack_execute(table, &batch, etherType, false, true, 0, NULL, NULL, 0, 0, NULL, NULL,
                          started, 0);
    }
}

static double
Now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double
Established(uint32_t flows, uint32_t packets, bool track)
{
    const double start = Now();
    for (uint32_t i = 0; i < packets; ++i)
    {
        Send(RandomBelow(flows), false, track);
    }
    return (Now() - start) / packets;
}

static double
New(uint32_t first, uint32_t packets, bool track)
{
    const double start = Now();
    for (uint32_t flow = first; flow < first + packets; ++flow)
    {
        Send(flow, false, track);
    }
    return (Now() - start) / packets;
}

int
main(int argc, char* argv[])
{
    if (argc != 5)
    {
        fprintf(stderr, "usage: ovs-anchor established|new harness|conntrack FLOWS PACKETS\n");
        return 2;
    }
    const bool isNew = strcmp(argv[1], "new") == 0;
    const bool track = strcmp(argv[2], "conntrack") == 0;
    const uint32_t flows = (uint32_t)strtoul(argv[3], NULL, 10);
    const uint32_t packets = (uint32_t)strtoul(argv[4], NULL, 10);
    started = time_msec();
    table = conntrack_init();
    conntrack_set_maxconns(table, UINT32_MAX);
    MakePacket();
    for (uint32_t flow = 0; flow < flows; ++flow)
    {
        Send(flow, false, track);
        if (!isNew)
        {
            Send(flow, true, track);
        }
    }
    double best = 0;
    const int rounds = isNew ? 1 : ROUNDS;
    for (int round = 0; round < rounds; ++round)
    {
        const double took =
            isNew ? New(flows, packets, track) - New(flows, packets, false)
                  : Established(flows, packets, track) - Established(flows, packets, false);
        best = round == 0 || took < best ? took : best;
    }
    uint32_t connections = 0;
    conntrack_get_nconns(table, &connections);
    printf("ns %.1f\nrounds %d\nconnections %u\n", best, rounds, connections);
    fflush(stdout);
    /* Its threads need not end in order. */
    _exit(0);
}
