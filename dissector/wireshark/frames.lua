-- What Wireshark calls for each IDP packet: its own dissector first, then checksum, length and the analysis, as a tree
-- under `seqwire`. Owns the preferences, what is shown, and where IDP is found: the carriers.

protocol.prefs.checksum = Pref.bool("Verify checksums", false, "A packet whose checksum is wrong is not analysed")
protocol.prefs.join = Pref.bool("Join the data of records", true, "Up to 1 MiB for each, 64 MiB for all")

local most_of_record, most_of_all = 2 ^ 20, 2 ^ 26  -- octets
local checksum_words = {[0] = "Bad", [1] = "Good", [2] = "Unverified", [3] = "Not present"}
local fields = {
  ["seqwire.checksum_status"] = ProtoField.uint8("seqwire.checksum_status", "Checksum status", base.DEC,
    checksum_words),
  ["seqwire.checksum_calculated"] = ProtoField.uint16("seqwire.checksum_calculated", "Calculated checksum", base.HEX),
  ["seqwire.spp.stream"] = ProtoField.uint32("seqwire.spp.stream", "Stream index"),
  ["seqwire.spp.state"] = ProtoField.string("seqwire.spp.state", "State seen here"),
  ["seqwire.spp.completeness"] = ProtoField.uint8("seqwire.spp.completeness", "Completeness", base.DEC, nil, nil,
    "1 opening, 2 answer, 4 open, 8 data, 16 close request, 32 close reply, 64 closed"),
  ["seqwire.spp.number"] = ProtoField.int32("seqwire.spp.number", "Absolute number"),
  ["seqwire.spp.packets_in_flight"] = ProtoField.uint32("seqwire.spp.packets_in_flight", "Packets in flight"),
  ["seqwire.spp.missing"] = ProtoField.uint32("seqwire.spp.missing", "Packets not seen before this one"),
  ["seqwire.spp.acks_frame"] = ProtoField.framenum("seqwire.spp.acks_frame", "Acknowledges the packet in frame",
    base.NONE, frametype.ACK),
  ["seqwire.spp.ack_rtt"] = ProtoField.relative_time("seqwire.spp.ack_rtt", "Round-trip time"),
  ["seqwire.spp.duplicate_ack_number"] = ProtoField.uint32("seqwire.spp.duplicate_ack_number", "Duplicate number"),
  ["seqwire.spp.duplicate_ack_frame"] = ProtoField.framenum("seqwire.spp.duplicate_ack_frame",
    "Duplicate of the acknowledgement in frame", base.NONE, frametype.DUP_ACK),
  ["seqwire.spp.repeats"] = ProtoField.framenum("seqwire.spp.repeats", "Repeats frame", base.NONE,
    frametype.RETRANS_PREV),
  ["seqwire.spp.repeated_after"] = ProtoField.relative_time("seqwire.spp.repeated_after",
    "Time since it was last seen"),
  ["seqwire.spp.probe_frame"] = ProtoField.framenum("seqwire.spp.probe_frame", "Answers the probe in frame",
    base.NONE, frametype.REQUEST),
  ["seqwire.spp.close_frame"] = ProtoField.framenum("seqwire.spp.close_frame", "Answers the close in frame",
    base.NONE, frametype.REQUEST),
  ["seqwire.spp.attention_octet"] = ProtoField.uint8("seqwire.spp.attention_octet", "Attention octet", base.HEX),
  ["seqwire.spp.record"] = ProtoField.uint32("seqwire.spp.record", "Record"),
  ["seqwire.spp.record_octets"] = ProtoField.uint32("seqwire.spp.record_octets", "Octets of the record"),
  ["seqwire.spp.record_type"] = ProtoField.uint8("seqwire.spp.record_type", "Datastream type of the record"),
  ["seqwire.spp.record_frame"] = ProtoField.framenum("seqwire.spp.record_frame", "Piece in frame"),
  ["seqwire.spp.record_in"] = ProtoField.framenum("seqwire.spp.record_in", "Record complete in frame"),
}
local experts, words_of_item = {}, {}
for name, item in pairs(items) do
  experts[name] = ProtoExpert.new(name, item[3], expert.group[item[2]], expert.severity[item[1]])
  words_of_item[name] = item[3]
end
protocol.fields = fields
protocol.experts = experts
local times = {["seqwire.spp.ack_rtt"] = true, ["seqwire.spp.repeated_after"] = true}

-- ---- what is asked of the frame ----

local function extractor(name)
  local known, field = pcall(Field.new, name)
  return known and field or function() end
end
local frame_number, section_number = extractor("frame.number"), extractor("frame.section_number")
local interface_id, packet_id = extractor("frame.interface_id"), extractor("frame.packet_id")
local direction_flag = extractor("frame.packet_flags_direction")

-- Nearly everything that is made for a packet is kept for as long as the file is open: looking for what may go takes
-- longer than it frees.
collectgarbage("setpause", 500)

local results, joined        -- by frame; octets kept of records
local verifies, joins        -- preferences, asked once: whoever changes one has all frames dissected anew
local function forget()
  results, joined = {}, 0
  verifies, joins = protocol.prefs.checksum, protocol.prefs.join
  forget_connections()
end
protocol.init = forget
forget()

-- Fields exist only in a tree. Where Wireshark itself would load a file without one, an idle listener asks for it.
if gui_enabled() then seqwire_listener = Listener.new("frame", "frame.interface_id") end

local function value_of(extract)
  local found = extract()  -- nothing: the frame does not say
  return found and found.value
end

-- Where the file names no interfaces they are all 0.
local function interface_of_frame(id)
  return (value_of(section_number) or 0) * 65536 + (id and id.value or 0)
end
local function emitted_here() return value_of(direction_flag) == 2 end

-- ---- checksum ----

local unpack_octets = string.byte
local function checksum_of(octets)
  local sum = 0
  for at = 3, #octets, 2 do
    local high, low = unpack_octets(octets, at, at + 1)
    sum = sum + high * 256 + low
    if sum > 65535 then sum = sum - 65535 end
    sum = sum * 2
    if sum > 65535 then sum = sum - 65535 end
  end
  return sum == 65535 and 0 or sum
end

-- The status, and what the checksum should have been if that was asked.
local function checksum_status(whole, told, length)
  if told == 0xffff then return 3 end
  local on_wire = length + length % 2
  if not verifies or #whole < on_wire then return 2 end
  local right = checksum_of(whole:sub(1, on_wire))
  return right == told and 1 or 0, right
end

-- ---- what the analysis is told ----

local needed = {"source_connection", "destination_connection", "sequence", "acknowledgement", "allocation",
                "system_packet", "acknowledgement_request", "attention", "end_of_record", "datastream_type"}
local sequenced = {}  -- by packet type: the layouts that can be analysed
for _, layout in ipairs(behind.idp) do
  local fit = layout.selector ~= nil
  for _, role in ipairs(needed) do fit = fit and layout.by_role[role] ~= nil end
  if fit and layout.by_role.sequence.bits <= 32 then
    layout.modulus = 2 ^ layout.by_role.sequence.bits
    sequenced[layout.selector] = layout
  end
end
local idp, idp_octets = layouts.idp, layouts.idp.octets
local cut = string.sub
local read_front = reader_of(idp, 0, "checksum", "length", "hop_count", "next_header")
local first_end, last_end = idp.first.destination_host, idp.last.source_socket  -- both addresses stand in between
local most_of_headers = idp_octets
for _, layout in pairs(sequenced) do
  layout.read_facts = reader_of(layout, idp_octets, unpack(needed))
  most_of_headers = math.max(most_of_headers, idp_octets + layout.octets)
end

local function octets_of(whole, layout, role)
  local front = layout == idp and 0 or idp_octets
  return cut(whole, front + layout.first[role], front + layout.last[role])
end

-- One for all packets, filled anew each time: `whole` begins with the IDP header and the header of `layout`.
local packet = {emitted_here = emitted_here}
local function take_facts(whole, frame, time, interface, layout, length)
  local source_id, destination_id
  source_id, destination_id, packet.sequence, packet.acknowledge, packet.allocation, packet.system, packet.asks,
    packet.attention, packet.ends, packet.type = layout.read_facts(whole)
  packet.frame, packet.time, packet.interface = frame, time, interface
  packet.nameless, packet.opening = source_id == 0, destination_id == 0
  packet.key = cut(whole, first_end, last_end) .. octets_of(whole, layout, "source_connection") ..
               octets_of(whole, layout, "destination_connection")
  packet.whole, packet.layout, packet.modulus = whole, layout, layout.modulus
  packet.length, packet.id, packet.attention_octet, packet.data = length - idp_octets - layout.octets, nil, nil, nil
  if packet.system then return end
  packet.header = cut(whole, idp_octets + 1, idp_octets + layout.octets)
  local id = packet_id()
  packet.id = id and tostring(id)
end

-- The source and the destination: host, socket and connection id as octets.
function packet.both_ends()
  local whole, layout = packet.whole, packet.layout
  return octets_of(whole, idp, "source_host") .. octets_of(whole, idp, "source_socket") ..
           octets_of(whole, layout, "source_connection"),
         octets_of(whole, idp, "destination_host") .. octets_of(whole, idp, "destination_socket") ..
           octets_of(whole, layout, "destination_connection")
end

-- The data, where somebody wants it and it is whole.
local function take_data(tvb, there, length, keep)
  if packet.system or there < length then return end
  local front = length - packet.length
  if packet.attention and packet.length == 1 then packet.attention_octet = unpack_octets(tvb:raw(front, 1)) end
  if keep and packet.length > 0 and packet.length <= most_of_record and joined < most_of_all then
    packet.data = tvb:raw(front, packet.length)
  elseif keep and packet.length == 0 then
    packet.data = ""
  end
end

local function keep_records(result, frame)
  for _, record in ipairs(result.records) do
    local text = #record.data == #record.frames and table.concat(record.data) or ""
    local kept = text ~= "" and #text == record.octets and #text <= most_of_record and joined + #text <= most_of_all
    record.data = kept and #record.frames > 1 and text or nil
    if record.data then joined = joined + #text end
    for _, piece in ipairs(record.frames) do
      if piece ~= frame and results[piece] then results[piece].record_in = frame end
    end
  end
end

-- ---- what is shown ----

local add, set_generated = TreeItem.add, TreeItem.set_generated  -- looked up once
local function show_values(result, tree)
  for at = 1, #result, 2 do
    local name, number = result[at], result[at + 1]
    if times[name] then
      local whole = math.floor(number)
      number = NSTime.new(whole, math.floor((number - whole) * 1e9 + 0.5))
    end
    set_generated(add(tree, fields[name], number))
  end
  if result.record_in then set_generated(add(tree, fields["seqwire.spp.record_in"], result.record_in)) end
  if not result.records then return end
  for _, record in ipairs(result.records) do
    local branch = set_generated(add(tree, fields["seqwire.spp.record"], record.number))
    set_generated(add(branch, fields["seqwire.spp.record_octets"], record.octets))
    set_generated(add(branch, fields["seqwire.spp.record_type"], record.type))
    for _, piece in ipairs(record.frames) do
      set_generated(add(branch, fields["seqwire.spp.record_frame"], piece))
    end
    if record.data then
      add(branch, ByteArray.new(record.data, true):tvb("Record " .. record.number)(), "Data of the record")
    end
  end
end

local function show_result(result, pinfo, tree)
  local found, info = result.reports, result.summary or ""
  for at = 1, #found, 2 do
    local words, detail = words_of_item[found[at]], found[at + 1]
    tree:add_proto_expert_info(experts[found[at]], words)
    info = info .. " [" .. words .. (detail ~= "" and ": " .. detail or "") .. "]"
  end
  if info ~= "" then pinfo.cols.info:append(info) end
end

local function judge(tvb, pinfo, frame, there, interface, tree)
  local reported = tvb:reported_len()
  local whole = tvb:raw(0, verifies and there or math.min(there, most_of_headers))
  local told, length, _, type = read_front(whole)
  if length < idp_octets or length > reported then
    report("seqwire.length_mismatch", "says " .. length .. " octets, " .. reported .. " are there")
    return take_result()
  end
  local status, right = checksum_status(whole, told, length)
  value("seqwire.checksum_status", status)
  if right then value("seqwire.checksum_calculated", right) end
  local layout = sequenced[type]
  if status == 0 then
    report("seqwire.checksum_bad", string.format("0x%04x would be right", right))
  elseif type == layouts[quoting].selector then
    report("seqwire.error_packet", "")
  elseif layout and length < idp_octets + layout.octets then
    report("seqwire.spp.refused", "no room for the header")
  elseif layout and there >= idp_octets + layout.octets then
    take_facts(whole, frame, pinfo.rel_ts, interface_of_frame(interface), layout, length)
    take_data(tvb, there, length, joins and (tree.visible or gui_enabled()))
    analyse(packet)
    local result = take_result(string.format(" seq %d ack %d alloc %d len %d", packet.sequence, packet.acknowledge,
                                             packet.allocation, packet.length))
    if result.records then keep_records(result, frame) end
    return result
  end
  return take_result()
end

local stock = DissectorTable.get("ethertype"):get_dissector(0x0600)
local registered  -- this dissector, as Wireshark knows it once all scripts are loaded

function protocol.dissector(tvb, pinfo, tree)
  local there, frame = tvb:len(), pinfo.number
  local result = results[frame]
  if there >= idp_octets and (not result or not pinfo.visited) then
    -- Without a tree nobody can say which interface saw it; then this pass is not the one that is looked at.
    local interface = interface_id()
    result = (interface or frame_number()) and judge(tvb, pinfo, frame, there, interface, tree)
    results[frame] = result or nil
  end
  -- This cuts the buffer to IDP's length; what it makes of a packet that is cut off stands in the tree.
  pcall(stock.call, stock, tvb, pinfo, tree)
  if not result then return there end
  registered = registered or Dissector.get("seqwire")
  local wanted = tree:referenced(registered)
  if wanted or result.reports ~= nothing then
    tree = tree:add(protocol, tvb(0, math.min(idp_octets, tvb:len())))
  end
  show_result(result, pinfo, tree)
  if wanted then show_values(result, tree) end
  return there
end

-- ---- carriers ----

-- Ethernet and IPv4 protocol 22, bare IDP, Linux cooked captures, HDLC as Cisco has it.
for name, selector in pairs({["ethertype"] = 0x0600, ["ip.proto"] = 22, ["wtap_encap"] = wtap.USER0,
                             ["sll.ltype"] = 0x0600, ["chdlc.protocol"] = 0x0600}) do
  DissectorTable.get(name):set(selector, protocol)
end
DissectorTable.get("udp.port"):add_for_decode_as(protocol)

-- UDP has no port of ours: a packet is IDP if its length is the datagram's, one port is from the range of
-- docs/carriers.md, and the checksum is right or absent. The rest of its conversation then is, too.
protocol:register_heuristic("udp", function(tvb, pinfo, tree)
  local there = tvb:len()
  if there < idp_octets or math.max(pinfo.src_port, pinfo.dst_port) < 49152 then return false end
  local whole = tvb:raw(0, there)
  local told, length, hops = read_front(whole)
  local on_wire = length + length % 2
  if length < idp_octets or on_wire ~= tvb:reported_len() or hops > 16 then return false end
  if told ~= 0xffff and there == on_wire and checksum_of(whole) ~= told then return false end
  pinfo.conversation = protocol
  protocol.dissector(tvb, pinfo, tree)
  return true
end)
