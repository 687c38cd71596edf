/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Lua cannot register for IDP and SPP: conversation and endpoint tables, Follow, statistics and the taps that they
 * need, and checksums at the speed of C. Stands in front of Wireshark's own dissector of IDP, which it calls for
 * everything else; ../seqwire.lua calls this one as if it were that, and neither needs the other.
 */
#include "xns.h"

#include <epan/address_types.h>
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <string.h>
#include <ws_version.h>
#include <wsutil/pint.h>

#define IDP_ETHERTYPE 0x0600
#define SPP_PACKET_TYPE 5
#define ADDRESS_OCTETS 10
#define NO_CHECKSUM 0xffff

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = XNS_PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);

static int proto_xns = -1;
static int hf_source = -1, hf_destination = -1, hf_address = -1;
static int hf_checksum = -1, hf_checksum_status = -1;
static int hf_stream = -1, hf_number = -1;
static gint ett_xns = -1;
static expert_field ei_checksum_bad = EI_INIT;
static gboolean verify_checksums = TRUE;

static int xns_address_type;
static dissector_handle_t stock_idp;
static int idp_tap, spp_tap;

/* ---- addresses ---- */

/* "1.02000000000a": network and host, hexadecimal, as seqwire writes them. */
static int address_to_text(const address* of, gchar* text, int room) {
  const guint8* octets = (const guint8*)of->data;
  return g_snprintf(text, (gulong)room, "%x.%02x%02x%02x%02x%02x%02x", pntoh32(octets), octets[4], octets[5], octets[6],
                    octets[7], octets[8], octets[9]) +
         1;
}
static int length_of_text(const address* of _U_) { return 8 + 1 + 12 + 1; }
static int length_of_address(void) { return ADDRESS_OCTETS; }
static const char* filter_of_address(const address* of _U_, gboolean source) { return source ? "xns.src" : "xns.dst"; }

/* ---- one packet ---- */

/* IDP checksum: the ones' complement sum of all words behind it, rotated left by a bit after each; 0xffff becomes 0. */
static guint16 checksum_of(const guint8* octets, guint length) {
  guint32 sum = 0;
  guint at;
  for (at = 2; at + 1 < length; at += 2) {
    sum += pntoh16(octets + at);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ((sum << 1) | (sum >> 15)) & 0xffff;
  }
  return sum == 0xffff ? 0 : (guint16)sum;
}

/* Nothing to verify, or right. */
static gboolean checksum_passes(tvbuff_t* tvb, guint length, guint16* right) {
  const guint on_wire = length + length % 2;
  *right = tvb_get_ntohs(tvb, 0);
  if (!verify_checksums || *right == NO_CHECKSUM || tvb_captured_length(tvb) < on_wire) return TRUE;
  *right = checksum_of(tvb_get_ptr(tvb, 0, (gint)on_wire), on_wire);
  return *right == tvb_get_ntohs(tvb, 0);
}

static guint64 interface_of(const packet_info* pinfo) {
  const wtap_rec* record = pinfo->rec;
  if (record == NULL || record->rec_type != REC_TYPE_PACKET || (record->presence_flags & WTAP_HAS_INTERFACE_ID) == 0)
    return 0;
  return ((guint64)record->section_number << 32) | record->rec_header.packet_header.interface_id;
}

const spp_place* xns_place_of(packet_info* pinfo) {
  return (const spp_place*)p_get_proto_data(wmem_file_scope(), pinfo, proto_xns, 0);
}

static void read_sequenced(xns_packet* packet, tvbuff_t* tvb, packet_info* pinfo) {
  const guint headers = IDP_HEADER_OCTETS + SPP_HEADER_OCTETS;
  if (packet->octets < headers || tvb_captured_length(tvb) < headers) return;
  spp_header_read(&packet->header, tvb_get_ptr(tvb, IDP_HEADER_OCTETS, SPP_HEADER_OCTETS), packet->octets - headers);
  if (spp_refused(&packet->header)) return;
  packet->place = xns_place_of(pinfo);
  if (packet->place == NULL && !pinfo->fd->visited) {
    spp_place* placed = spp_streams_place(tvb_get_ptr(tvb, 0, IDP_HEADER_OCTETS), &packet->header, interface_of(pinfo));
    p_add_proto_data(wmem_file_scope(), pinfo, proto_xns, 0, placed);
    packet->place = placed;
  }
  if (tvb_captured_length(tvb) >= packet->octets && packet->header.data_octets > 0)
    packet->data = tvb_get_ptr(tvb, (gint)headers, (gint)packet->header.data_octets);
}

/* NULL: no IDP packet. */
static xns_packet* read_packet(tvbuff_t* tvb, packet_info* pinfo) {
  xns_packet* packet;
  const guint length = tvb_get_ntohs(tvb, 2);
  if (length < IDP_HEADER_OCTETS || length > tvb_reported_length(tvb)) return NULL;
  packet = wmem_new0(pinfo->pool, xns_packet);
  packet->octets = length;
  packet->packet_type = tvb_get_guint8(tvb, 5);
  set_address(&packet->destination, xns_address_type, ADDRESS_OCTETS, tvb_get_ptr(tvb, 6, ADDRESS_OCTETS));
  set_address(&packet->source, xns_address_type, ADDRESS_OCTETS, tvb_get_ptr(tvb, 18, ADDRESS_OCTETS));
  packet->destination_socket = tvb_get_ntohs(tvb, 16);
  packet->source_socket = tvb_get_ntohs(tvb, 28);
  if (checksum_passes(tvb, length, &packet->right_checksum) && packet->packet_type == SPP_PACKET_TYPE)
    read_sequenced(packet, tvb, pinfo);
  return packet;
}

static void show_address(proto_tree* tree, tvbuff_t* tvb, int own, gint at, const gchar* text) {
  proto_item_set_generated(proto_tree_add_string(tree, own, tvb, at, ADDRESS_OCTETS, text));
  proto_item_set_hidden(proto_tree_add_string(tree, hf_address, tvb, at, ADDRESS_OCTETS, text));
}

static void show_packet(const xns_packet* packet, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  proto_item* item = proto_tree_add_item(tree, proto_xns, tvb, 0, IDP_HEADER_OCTETS, ENC_NA);
  proto_tree* branch = proto_item_add_subtree(item, ett_xns);
  const guint told = tvb_get_ntohs(tvb, 0);
  const guint verifiable = verify_checksums && tvb_captured_length(tvb) >= packet->octets + packet->octets % 2;
  guint flags = PROTO_CHECKSUM_NO_FLAGS;
  if (told == NO_CHECKSUM) flags = PROTO_CHECKSUM_NOT_PRESENT;
  else if (verifiable) flags = PROTO_CHECKSUM_VERIFY;
  proto_tree_add_checksum(branch, tvb, 0, hf_checksum, hf_checksum_status, &ei_checksum_bad, pinfo,
                          packet->right_checksum, ENC_BIG_ENDIAN, flags);
  show_address(branch, tvb, hf_source, 18, address_to_str(pinfo->pool, &packet->source));
  show_address(branch, tvb, hf_destination, 6, address_to_str(pinfo->pool, &packet->destination));
  if (packet->place == NULL) return;
  item = proto_tree_add_uint(branch, hf_stream, tvb, 0, 0, packet->place->stream->index);
  proto_item_set_generated(item);
  if (!packet->place->numbered) return;
  item = proto_tree_add_int64(branch, hf_number, tvb, IDP_HEADER_OCTETS + 6, 2, packet->place->number);
  proto_item_set_generated(item);
}

/* Wireshark's own dissector may throw; what was found out is shown all the same. */
static int dissect_by_stock(const xns_packet* packet, tvbuff_t* whole, tvbuff_t* tvb, packet_info* pinfo,
                            proto_tree* tree, void* data) {
  volatile int taken = 0;
  TRY { taken = call_dissector_only(stock_idp, tvb, pinfo, tree, data); }
  FINALLY {
    if (packet != NULL) show_packet(packet, whole, pinfo, tree);
  }
  ENDTRY;
  return taken;
}

static int dissect_xns(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  xns_packet* packet = NULL;
  tvbuff_t* whole = tvb_new_subset_remaining(tvb, 0); /* stock cuts its own to the header's length */
  if (tvb_captured_length(tvb) >= IDP_HEADER_OCTETS) packet = read_packet(whole, pinfo);
  if (packet != NULL) {
    tap_queue_packet(idp_tap, pinfo, packet);
    if (packet->place != NULL) tap_queue_packet(spp_tap, pinfo, packet);
  }
  return dissect_by_stock(packet, whole, tvb, pinfo, tree, data);
}

/* ---- registration ---- */

static void register_fields(void) {
  static hf_register_info fields[] = {
      {&hf_source, {"Source", "xns.src", FT_STRING, BASE_NONE, NULL, 0, "Network and host: 1.02000000000a", HFILL}},
      {&hf_destination,
       {"Destination", "xns.dst", FT_STRING, BASE_NONE, NULL, 0, "Network and host: 1.02000000000a", HFILL}},
      {&hf_address,
       {"Address", "xns.addr", FT_STRING, BASE_NONE, NULL, 0, "Source or destination: 1.02000000000a", HFILL}},
      {&hf_checksum, {"Checksum", "xns.checksum", FT_UINT16, BASE_HEX, NULL, 0, NULL, HFILL}},
      {&hf_checksum_status,
       {"Checksum status", "xns.checksum.status", FT_UINT8, BASE_NONE, VALS(proto_checksum_vals), 0, NULL, HFILL}},
      {&hf_stream, {"Stream index", "xns.stream", FT_UINT32, BASE_DEC, NULL, 0, "Connection, from 0", HFILL}},
      {&hf_number,
       {"Absolute number", "xns.number", FT_INT64, BASE_DEC, NULL, 0,
        "Of a data packet; of a system packet the next one's", HFILL}},
  };
  static ei_register_info items[] = {
      {&ei_checksum_bad, {"xns.checksum.bad", PI_CHECKSUM, PI_ERROR, "Checksum is wrong", EXPFILL}},
  };
  static gint* trees[] = {&ett_xns};
  proto_register_field_array(proto_xns, fields, array_length(fields));
  proto_register_subtree_array(trees, array_length(trees));
  expert_register_field_array(expert_register_protocol(proto_xns), items, array_length(items));
}

static int tap_named(const char* name) {
  const int known = find_tap_id(name);
  return known != 0 ? known : register_tap(name);
}

static void register_xns(void) {
  module_t* preferences;
  proto_xns = proto_register_protocol("Xerox NS: streams and checksums", "XNS", "xns");
  proto_set_cant_toggle(proto_xns); /* IDP would go with it */
  register_fields();
  preferences = prefs_register_protocol(proto_xns, NULL);
  prefs_register_bool_preference(preferences, "checksum", "Verify checksums",
                                 "A packet whose checksum is wrong is of no stream", &verify_checksums);
  xns_address_type = address_type_dissector_register("AT_XNS", "Xerox NS address", address_to_text, length_of_text,
                                                     NULL, filter_of_address, length_of_address, NULL, NULL);
  idp_tap = tap_named("idp");
  spp_tap = tap_named("spp");
  xns_register_tables(proto_get_id_by_filter_name("idp"), proto_get_id_by_filter_name("spp"));
  register_init_routine(spp_streams_forget);
}

static void stand_in_front(void) {
  static const char* const tables[] = {"ethertype", "chdlc.protocol", "sll.ltype"};
  dissector_handle_t own = create_dissector_handle(dissect_xns, proto_xns);
  guint i;
  stock_idp = dissector_get_uint_handle(find_dissector_table("ethertype"), IDP_ETHERTYPE);
  if (stock_idp == NULL) return;
  for (i = 0; i < array_length(tables); ++i) dissector_add_uint(tables[i], IDP_ETHERTYPE, own);
  dissector_add_uint("ip.proto", 22, own);
}

void plugin_register(void) {
  static proto_plugin dissector = {register_xns, stand_in_front};
  static tap_plugin statistics = {xns_register_statistics};
  proto_register_plugin(&dissector);
  tap_register_plugin(&statistics);
}
