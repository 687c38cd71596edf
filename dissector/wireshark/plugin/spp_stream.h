/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which connection an SPP packet is of, and its absolute number there, for as long as a capture file is open. Knows
 * octets and what came before them; nothing of trees and taps. The same rules as in ../analysis.lua, so that a stream
 * has the same index in both.
 */
#ifndef SEQWIRE_SPP_STREAM_H
#define SEQWIRE_SPP_STREAM_H

#include <epan/packet.h>

#define IDP_HEADER_OCTETS 30
#define SPP_HEADER_OCTETS 12

/* The bits of the SPP header's connection control. */
#define SPP_SYSTEM 0x80
#define SPP_SEND_ACKNOWLEDGEMENT 0x40
#define SPP_ATTENTION 0x20
#define SPP_END_OF_MESSAGE 0x10

/* Datastream types of the close. */
#define SPP_CLOSE_REQUEST 254
#define SPP_CLOSE_REPLY 255

/* A header as it travelled. */
typedef struct {
  guint8 control;
  guint8 datastream_type;
  guint16 source_id;
  guint16 destination_id; /* 0: the sender does not know it yet */
  guint16 sequence;
  guint16 acknowledge; /* every number below has arrived */
  guint16 allocation;  /* the last number that may be sent */
  guint32 data_octets; /* behind the header, as the IDP length has it */
} spp_header;

/* One connection. Sides: 0 opened it, or was seen first. */
typedef struct {
  guint32 index;          /* from 0 */
  gint64 first[2];        /* the first number of each side: 0 if the opening was seen; -1: nothing was seen of it yet */
  gint64 next[2];         /* one beyond the highest number of each side; -1 as above */
  gint64 acknowledged[2]; /* of each side's numbers, those below; -1 as above */
  struct spp_view* views; /* one for each interface that saw it */
  guint8 ends[2][10];     /* host, socket, connection id of each side */
  gboolean both_known;    /* the second one's, too */
} spp_stream;

/* Where a packet belongs. */
typedef struct {
  const spp_stream* stream;
  guint side;          /* who sent it */
  gboolean numbered;   /* the two below are known; not so where its ids are of no connection */
  gint64 number;       /* its own; of a system packet the next one's */
  gint64 acknowledged; /* every number of the other side below this one has arrived */
} spp_place;

/* Forgets all streams: another capture file, or the same one again. Also to be called once before all. */
void spp_streams_forget(void);

/* Reads the 12 octets of a header. */
void spp_header_read(spp_header* header, const guint8* octets, guint32 data_octets);

/* Whether every receiver refuses the packet, so that it is of no stream. */
gboolean spp_refused(const spp_header* header);

/* The place of a packet that was not seen before; in the order of the file. `idp` has the 30 octets in front. */
spp_place* spp_streams_place(const guint8* idp, const spp_header* header, guint64 interface_number);

#endif
