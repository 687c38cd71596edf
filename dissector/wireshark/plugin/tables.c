/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables and trees of numbers: conversations, endpoints, kinds of packets. And Follow.
 */
#include "xns.h"

#include <epan/conversation_table.h>
#include <epan/follow.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <string.h>

/* ---- conversations and endpoints ---- */

static const char* field_of(conv_filter_type_e type) {
  switch (type) {
    case CONV_FT_SRC_ADDRESS: return "xns.src";
    case CONV_FT_DST_ADDRESS: return "xns.dst";
    case CONV_FT_ANY_ADDRESS: return "xns.addr";
    case CONV_FT_SRC_PORT: return "idp.src.socket";
    case CONV_FT_DST_PORT: return "idp.dst.socket";
    case CONV_FT_ANY_PORT: break; /* IDP has no field for either */
  }
  return CONV_FILTER_INVALID;
}
static const char* field_of_conversation(conv_item_t* item _U_, conv_filter_type_e type) { return field_of(type); }
static const char* field_of_endpoint(endpoint_item_t* item _U_, conv_filter_type_e type) { return field_of(type); }
static ct_dissector_info_t of_conversations = {field_of_conversation};
static et_dissector_info_t of_endpoints = {field_of_endpoint};

static tap_packet_status idp_conversation(void* table, packet_info* pinfo, epan_dissect_t* tree _U_, const void* given,
                                          tap_flags_t flags) {
  const xns_packet* packet = (const xns_packet*)given;
  conv_hash_t* hash = (conv_hash_t*)table;
  hash->flags = flags;
  add_conversation_table_data(hash, &packet->source, &packet->destination, 0, 0, 1, (int)pinfo->fd->pkt_len,
                              &pinfo->rel_ts, &pinfo->abs_ts, &of_conversations, CONVERSATION_NONE);
  return TAP_PACKET_REDRAW;
}

static tap_packet_status idp_endpoint(void* table, packet_info* pinfo, epan_dissect_t* tree _U_, const void* given,
                                      tap_flags_t flags) {
  const xns_packet* packet = (const xns_packet*)given;
  conv_hash_t* hash = (conv_hash_t*)table;
  hash->flags = flags;
  add_endpoint_table_data(hash, &packet->source, 0, TRUE, 1, (int)pinfo->fd->pkt_len, &of_endpoints, ENDPOINT_NONE);
  add_endpoint_table_data(hash, &packet->destination, 0, FALSE, 1, (int)pinfo->fd->pkt_len, &of_endpoints,
                          ENDPOINT_NONE);
  return TAP_PACKET_REDRAW;
}

static tap_packet_status spp_conversation(void* table, packet_info* pinfo, epan_dissect_t* tree _U_, const void* given,
                                          tap_flags_t flags) {
  const xns_packet* packet = (const xns_packet*)given;
  conv_hash_t* hash = (conv_hash_t*)table;
  hash->flags = flags;
  add_conversation_table_data_with_conv_id(hash, &packet->source, &packet->destination, packet->source_socket,
                                           packet->destination_socket, packet->place->stream->index, 1,
                                           (int)pinfo->fd->pkt_len, &pinfo->rel_ts, &pinfo->abs_ts, &of_conversations,
                                           CONVERSATION_IDP);
  return TAP_PACKET_REDRAW;
}

static tap_packet_status spp_endpoint(void* table, packet_info* pinfo, epan_dissect_t* tree _U_, const void* given,
                                      tap_flags_t flags) {
  const xns_packet* packet = (const xns_packet*)given;
  conv_hash_t* hash = (conv_hash_t*)table;
  hash->flags = flags;
  add_endpoint_table_data(hash, &packet->source, packet->source_socket, TRUE, 1, (int)pinfo->fd->pkt_len, &of_endpoints,
                          ENDPOINT_IDP);
  add_endpoint_table_data(hash, &packet->destination, packet->destination_socket, FALSE, 1, (int)pinfo->fd->pkt_len,
                          &of_endpoints, ENDPOINT_IDP);
  return TAP_PACKET_REDRAW;
}

/* ---- Follow ---- */

/* No packet can be overtaken by more: its number would be read as another one. What is behind by more is missing, also
 * where the capture does not have the direction that acknowledges. */
#define MOST_OVERTAKEN 32767

static gchar* filter_for_index(guint stream, guint sub_stream _U_) {
  return g_strdup_printf("xns.stream eq %u", stream);
}

static gchar* filter_for_packet(epan_dissect_t* tree _U_, packet_info* pinfo, guint* stream, guint* sub_stream) {
  const spp_place* place = xns_place_of(pinfo);
  if (place == NULL) return NULL;
  *stream = place->stream->index;
  *sub_stream = 0;
  return filter_for_index(*stream, 0);
}

static gchar* filter_for_addresses(address* one, address* other, int one_socket, int other_socket) {
  gchar *one_text = address_to_str(NULL, one), *other_text = address_to_str(NULL, other);
  gchar* filter = g_strdup_printf(
      "(xns.src == \"%s\" && idp.src.socket == %d && xns.dst == \"%s\" && "
      "idp.dst.socket == %d) || (xns.src == \"%s\" && idp.src.socket == %d && "
      "xns.dst == \"%s\" && idp.dst.socket == %d)",
      one_text, one_socket, other_text, other_socket, other_text, other_socket, one_text, one_socket);
  wmem_free(NULL, one_text);
  wmem_free(NULL, other_text);
  return filter;
}

static gchar* name_of_socket(wmem_allocator_t* allocator, guint socket) {
  return wmem_strdup_printf(allocator, "%u", socket);
}

static follow_record_t* new_record(const packet_info* pinfo, guint side, guint32 number) {
  follow_record_t* record = g_new0(follow_record_t, 1);
  record->is_server = side == 1;
  record->packet_num = pinfo->num;
  record->abs_ts = pinfo->abs_ts;
  record->seq = number;
  record->data = g_byte_array_new();
  return record;
}

static void forget_record(follow_record_t* record) {
  g_byte_array_free(record->data, TRUE);
  g_free(record);
}

static void show_record(follow_info_t* info, guint side, follow_record_t* record) {
  if (record->data->len == 0) { /* it has had its number, but no data of the stream's */
    forget_record(record);
    return;
  }
  info->bytes_written[side] += record->data->len;
  info->payload = g_list_prepend(info->payload, record); /* Wireshark turns it round */
}

static gint by_number(gconstpointer one, gconstpointer other) {
  const guint32 first = ((const follow_record_t*)one)->seq, second = ((const follow_record_t*)other)->seq;
  return first < second ? -1 : first > second;
}

/* Shows what waits and is next now. Numbers below `known_lost` that have not come are not in this capture. */
static void show_waiting(follow_info_t* info, const packet_info* pinfo, guint side, guint32 known_lost) {
  for (;;) {
    GList* waiting = info->fragments[side];
    follow_record_t* record = waiting != NULL ? (follow_record_t*)waiting->data : NULL;
    if (record != NULL && record->seq <= info->seq[side]) {
      info->fragments[side] = g_list_delete_link(waiting, waiting);
      if (record->seq == info->seq[side]) {
        ++info->seq[side];
        show_record(info, side, record);
      } else { /* came twice */
        forget_record(record);
      }
    } else if (info->seq[side] < known_lost) {
      const guint32 reached = record != NULL && record->seq < known_lost ? record->seq : known_lost;
      follow_record_t* note = new_record(pinfo, side, info->seq[side]);
      gchar* words = g_strdup_printf("[%u packets missing in capture file]", reached - info->seq[side]);
      g_byte_array_append(note->data, (const guint8*)words, (guint)strlen(words));
      g_free(words);
      info->seq[side] = reached;
      show_record(info, side, note);
    } else {
      return;
    }
  }
}

/* Numbers count from 1 at the first that is known, so that info->seq has 0 for "none yet". */
static guint32 counted(const spp_stream* stream, guint side, gint64 number) {
  const gint64 first = stream->first[side];
  return first < 0 || number < first ? 0 : (guint32)(number - first) + 1;
}

static tap_packet_status follow_stream(void* follow, packet_info* pinfo, epan_dissect_t* tree _U_, const void* given,
                                       tap_flags_t flags _U_) {
  follow_info_t* info = (follow_info_t*)follow;
  const xns_packet* packet = (const xns_packet*)given;
  const spp_place* place = packet->place;
  const guint side = place->side;
  const gboolean carries_data = (packet->header.control & (SPP_SYSTEM | SPP_ATTENTION)) == 0;
  guint each;
  guint32 number;
  if (!place->numbered) return TAP_PACKET_DONT_REDRAW;
  for (each = 0; each < 2; ++each)
    if (info->seq[each] == 0) info->seq[each] = 1;
  if (info->client_ip.type == AT_NONE) { /* the side that opened is the client, whoever is heard first */
    copy_address(&info->client_ip, side == 0 ? &packet->source : &packet->destination);
    copy_address(&info->server_ip, side == 0 ? &packet->destination : &packet->source);
    info->client_port = side == 0 ? packet->source_socket : packet->destination_socket;
    info->server_port = side == 0 ? packet->destination_socket : packet->source_socket;
  }
  number = counted(place->stream, side, place->number);
  if ((packet->header.control & SPP_SYSTEM) == 0 && number >= info->seq[side]) {
    follow_record_t* record = new_record(pinfo, side, number);
    if (carries_data && packet->data != NULL)
      g_byte_array_append(record->data, packet->data, packet->header.data_octets);
    info->fragments[side] = g_list_insert_sorted(info->fragments[side], record, by_number);
  }
  /* What it acknowledges came before it. */
  show_waiting(info, pinfo, 1 - side, counted(place->stream, 1 - side, place->acknowledged));
  show_waiting(info, pinfo, side, number > MOST_OVERTAKEN ? number - MOST_OVERTAKEN : 0);
  return TAP_PACKET_DONT_REDRAW;
}

void xns_register_tables(int idp, int spp) {
  if (idp >= 0) register_conversation_table(idp, TRUE, idp_conversation, idp_endpoint);
  if (spp < 0) return;
  register_conversation_table(spp, FALSE, spp_conversation, spp_endpoint);
  register_follow_stream(spp, "spp", filter_for_packet, filter_for_index, filter_for_addresses, name_of_socket,
                         follow_stream);
}

/* ---- kinds of packets ---- */

static const gchar *const packets = "SPP packets", *const types = "Datastream types", *const sizes = "Data octets";
static int packets_node, types_node;

static const gchar* kind_of(const spp_header* header) {
  if ((header->control & SPP_SYSTEM) != 0) {
    if (header->destination_id == 0) return "Opening";
    return (header->control & SPP_SEND_ACKNOWLEDGEMENT) != 0 ? "Probe" : "Acknowledgement";
  }
  if ((header->control & SPP_ATTENTION) != 0) return "Attention";
  if (header->datastream_type == SPP_CLOSE_REQUEST) return "Close request";
  if (header->datastream_type == SPP_CLOSE_REPLY) return "Close reply";
  return (header->control & SPP_END_OF_MESSAGE) != 0 ? "Data, end of message" : "Data";
}

static void begin_statistics(stats_tree* tree) {
  packets_node = stats_tree_create_node(tree, packets, 0, STAT_DT_INT, TRUE);
  types_node = stats_tree_create_pivot(tree, types, 0);
  stats_tree_create_range_node(tree, sizes, 0, "0-0", "1-1", "2-63", "64-255", "256-511", "512-1023", "1024-", NULL);
}

static tap_packet_status count_packet(stats_tree* tree, packet_info* pinfo _U_, epan_dissect_t* dissected _U_,
                                      const void* given, tap_flags_t flags _U_) {
  const xns_packet* packet = (const xns_packet*)given;
  gchar type[16];
  tick_stat_node(tree, packets, 0, TRUE);
  tick_stat_node(tree, kind_of(&packet->header), packets_node, FALSE);
  if ((packet->header.control & SPP_SYSTEM) != 0) return TAP_PACKET_REDRAW;
  g_snprintf(type, sizeof type, "%u", packet->header.datastream_type);
  stats_tree_tick_pivot(tree, types_node, type);
  tick_stat_node(tree, sizes, 0, TRUE);
  stats_tree_tick_range(tree, sizes, 0, (int)packet->header.data_octets);
  return TAP_PACKET_REDRAW;
}

void xns_register_statistics(void) {
  stats_tree_register_plugin("spp", "spp", "SPP/Packets", 0, count_packet, begin_statistics, NULL);
}
