/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the plugin's taps "idp" and "spp" are given of a packet.
 */
#ifndef SEQWIRE_XNS_H
#define SEQWIRE_XNS_H

#include <epan/address.h>

#include "spp_stream.h"

/* For each IDP packet; "spp" is given those that have a place in a stream. */
typedef struct {
  address source; /* network and host: 10 octets, of a type of its own */
  address destination;
  guint16 source_socket;
  guint16 destination_socket;
  guint8 packet_type;
  guint32 octets;         /* as the header says */
  guint16 right_checksum; /* what it should be, where that was asked; else what it is */
  const spp_place* place; /* NULL: no packet of a stream */
  spp_header header;      /* with a place only */
  const guint8* data;     /* behind the SPP header; NULL where the capture has cut it */
} xns_packet;

/* The stream of the packet that was dissected last, or NULL. */
const spp_place* xns_place_of(packet_info* pinfo);

/* Conversations, endpoints and Follow: to be called once the fields are registered. */
void xns_register_tables(int idp, int spp);

/* The tree of statistics. */
void xns_register_statistics(void);

#endif
