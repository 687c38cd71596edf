/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spp_stream.h"

#include <string.h>
#include <wsutil/pint.h>

#define HOST_OCTETS 6
#define END_OCTETS 10

/* What one interface saw of a connection. */
struct spp_view {
  struct spp_view* next;
  guint64 interface_number;
  gboolean replied[2]; /* the side's close reply passed here */
};

typedef struct {
  spp_stream* stream;
  guint side;
} spp_side;

/* What a side is found by. */
enum { by_both_ends, by_end_and_host, by_opening };
typedef struct {
  guint8 octets[1 + 2 * END_OCTETS]; /* which of the above; an end; the other end, or its host and zeros */
} side_key;

static wmem_map_t* sides; /* side_key to spp_side */
static guint32 streams;

static guint hash_of_key(gconstpointer key) { return wmem_strong_hash(key, sizeof(side_key)); }
static gboolean same_key(gconstpointer one, gconstpointer other) { return memcmp(one, other, sizeof(side_key)) == 0; }

void spp_streams_forget(void) {
  sides = wmem_map_new(wmem_file_scope(), hash_of_key, same_key);
  streams = 0;
}

static side_key key_for(guint8 kind, const guint8* end, const guint8* other) {
  side_key key;
  memset(&key, 0, sizeof key);
  key.octets[0] = kind;
  memcpy(key.octets + 1, end, END_OCTETS);
  memcpy(key.octets + 1 + END_OCTETS, other, kind == by_both_ends ? END_OCTETS : HOST_OCTETS);
  return key;
}

static const spp_side* find_side(guint8 kind, const guint8* end, const guint8* other) {
  const side_key key = key_for(kind, end, other);
  return (const spp_side*)wmem_map_lookup(sides, &key);
}

static const spp_side* keep_side(guint8 kind, const guint8* end, const guint8* other, spp_stream* stream, guint side) {
  const side_key key = key_for(kind, end, other);
  spp_side* kept = wmem_new(wmem_file_scope(), spp_side);
  kept->stream = stream;
  kept->side = side;
  wmem_map_insert(sides, wmem_memdup(wmem_file_scope(), &key, sizeof key), kept);
  return kept;
}

static void bind_ends(spp_stream* stream) {
  guint side;
  stream->both_known = TRUE;
  for (side = 0; side < 2; ++side) {
    const guint8 *own = stream->ends[side], *other = stream->ends[1 - side];
    keep_side(by_both_ends, own, other, stream, side);
    keep_side(by_end_and_host, own, other, stream, side);
  }
}

/* Its ids may come again. */
static void unbind_ends(const spp_stream* stream) {
  guint side;
  if (!stream->both_known) return;
  for (side = 0; side < 2; ++side) {
    const side_key key = key_for(by_both_ends, stream->ends[side], stream->ends[1 - side]);
    wmem_map_remove(sides, &key);
  }
}

static spp_stream* new_stream(const guint8* own, gboolean opened) {
  spp_stream* stream = wmem_new0(wmem_file_scope(), spp_stream);
  guint side;
  stream->index = streams++;
  memcpy(stream->ends[0], own, END_OCTETS);
  for (side = 0; side < 2; ++side)
    stream->first[side] = stream->next[side] = stream->acknowledged[side] = opened ? 0 : -1;
  return stream;
}

static struct spp_view* view_of(spp_stream* stream, guint64 interface_number) {
  struct spp_view* view = stream->views;
  while (view != NULL && view->interface_number != interface_number) view = view->next;
  if (view != NULL) return view;
  view = wmem_new0(wmem_file_scope(), struct spp_view);
  view->interface_number = interface_number;
  view->next = stream->views;
  return stream->views = view;
}

static const spp_side* opened_side(const guint8* own, const guint8* peer, guint64 interface_number) {
  const spp_side* found = find_side(by_opening, own, peer);
  if (found != NULL) {
    const struct spp_view* view = view_of(found->stream, interface_number);
    if (!view->replied[0] || !view->replied[1]) return found;
    unbind_ends(found->stream);
  }
  return keep_side(by_opening, own, peer, new_stream(own, TRUE), 0);
}

/* The sending side. `contradicted`: one end is known, but the other is of no connection with it. */
static spp_side side_of(const guint8* own, const guint8* peer, guint64 interface_number, gboolean opening,
                        gboolean* contradicted) {
  const spp_side* found;
  spp_side other;
  *contradicted = FALSE;
  if (opening) return *opened_side(own, peer, interface_number);
  found = find_side(by_both_ends, own, peer);
  if (found != NULL) return *found;
  found = find_side(by_opening, peer, own);
  if (found != NULL && !found->stream->both_known) {
    memcpy(found->stream->ends[1], own, END_OCTETS);
    bind_ends(found->stream);
    other.stream = found->stream;
    other.side = 1;
    return other;
  }
  *contradicted = TRUE;
  found = find_side(by_end_and_host, own, peer);
  if (found != NULL) return *found;
  found = find_side(by_end_and_host, peer, own);
  if (found != NULL) {
    other.stream = found->stream;
    other.side = 1 - found->side;
    return other;
  }
  *contradicted = FALSE;
  other.stream = new_stream(own, FALSE);
  other.side = 0;
  memcpy(other.stream->ends[1], peer, END_OCTETS);
  bind_ends(other.stream);
  return other;
}

void spp_header_read(spp_header* header, const guint8* octets, guint32 data_octets) {
  header->control = octets[0];
  header->datastream_type = octets[1];
  header->source_id = pntoh16(octets + 2);
  header->destination_id = pntoh16(octets + 4);
  header->sequence = pntoh16(octets + 6);
  header->acknowledge = pntoh16(octets + 8);
  header->allocation = pntoh16(octets + 10);
  header->data_octets = data_octets;
}

gboolean spp_refused(const spp_header* header) {
  const gboolean system = (header->control & SPP_SYSTEM) != 0;
  if (header->source_id == 0) return TRUE;
  if (system && header->data_octets > 0) return TRUE;
  if ((header->control & SPP_ATTENTION) != 0 && header->data_octets != 1) return TRUE;
  return !system && header->datastream_type >= SPP_CLOSE_REQUEST && header->data_octets > 0;
}

/* The number nearest to `reference` that is `wire` on the wire. */
static gint64 unwrapped(guint16 wire, gint64 reference) { return reference + (gint16)(guint16)(wire - reference); }

static void end_of(guint8* end, const guint8* address, guint16 id) {
  memcpy(end, address, 8); /* host and socket, behind the network */
  end[8] = (guint8)(id >> 8);
  end[9] = (guint8)id;
}

spp_place* spp_streams_place(const guint8* idp, const spp_header* header, guint64 interface_number) {
  spp_place* place = wmem_new0(wmem_file_scope(), spp_place);
  guint8 own[END_OCTETS], peer[END_OCTETS];
  gboolean contradicted;
  spp_side side;
  spp_stream* stream;
  gint64 *next, *acknowledged;
  end_of(peer, idp + 10, header->destination_id);
  end_of(own, idp + 22, header->source_id);
  side = side_of(own, peer, interface_number, header->destination_id == 0, &contradicted);
  place->stream = stream = side.stream;
  place->side = side.side;
  if (contradicted) return place;
  place->numbered = TRUE;
  next = &stream->next[side.side];
  if (*next >= 0) place->number = unwrapped(header->sequence, *next);
  else if (stream->acknowledged[side.side] >= 0)
    place->number = unwrapped(header->sequence, stream->acknowledged[side.side]);
  else place->number = header->sequence;
  acknowledged = &stream->acknowledged[1 - side.side];
  if (*acknowledged >= 0) place->acknowledged = unwrapped(header->acknowledge, *acknowledged);
  else if (stream->next[1 - side.side] >= 0)
    place->acknowledged = unwrapped(header->acknowledge, stream->next[1 - side.side]);
  else place->acknowledged = header->acknowledge;
  /* What was never seen to be sent is not acknowledged by whoever says so. */
  if (stream->next[1 - side.side] >= 0 && place->acknowledged > stream->next[1 - side.side])
    place->acknowledged = *acknowledged;
  if (place->acknowledged > *acknowledged) *acknowledged = place->acknowledged;
  if ((header->control & SPP_SYSTEM) != 0) return place;
  if (stream->first[side.side] < 0) stream->first[side.side] = place->number;
  if (place->number >= *next) *next = place->number + 1;
  if (header->datastream_type == SPP_CLOSE_REPLY) view_of(stream, interface_number)->replied[side.side] = TRUE;
  return place;
}
