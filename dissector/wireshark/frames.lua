-- What Wireshark calls for each IDP packet: its own dissector first, then checksum, length and the analysis, as a tree
-- under `seqwire`. Owns the preferences, what is shown, and where IDP is found: the carriers.

protocol.prefs.checksum = Pref.bool("Verify checksums", false, "A packet whose checksum is wrong is not analysed")
protocol.prefs.join = Pref.bool("Join the data of records", true, "Up to 1 MiB for each, 64 MiB for all")

local most_of_record, most_of_all = 2 ^ 20, 2 ^ 26  -- octets
local most_of_headers = 128  -- octets that are read of a packet whose data nobody wants
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

local results, joined  -- by frame; octets kept of records
local function forget()
  results, joined = {}, 0
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

local function interface_of_frame()
  return (value_of(section_number) or 0) * 65536 + (value_of(interface_id) or 0)
end

-- ---- checksum ----

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

-- The status, and what it should have been if that was asked.
-- The status, and what the checksum should have been if that was asked.
local function checksum_status(whole, length)
  local told = layouts.idp.read.checksum(whole)
  if told == 0xffff then return 3 end
  local on_wire = length + length % 2
  if not protocol.prefs.checksum or #whole < on_wire then return 2 end
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
local idp_octets, read_idp = layouts.idp.octets, layouts.idp.read
local first, last = layouts.idp.first, layouts.idp.last

local function emitted_here() return value_of(direction_flag) == 2 end

-- One for all packets, filled anew each time: `whole` begins with the IDP header and the header of `layout`.
local packet = {emitted_here = emitted_here}
local function take_facts(whole, pinfo, layout, length, keep)
  local header = whole:sub(idp_octets + 1, idp_octets + layout.octets)
  local read, front = layout.read, idp_octets + layout.octets
  local complete = #whole >= length
  packet.frame, packet.time, packet.interface = pinfo.number, pinfo.rel_ts, interface_of_frame()
  packet.source = whole:sub(first.source_host, last.source_socket)
  packet.destination = whole:sub(first.destination_host, last.destination_socket)
  packet.source_id = header:sub(layout.first.source_connection, layout.last.source_connection)
  packet.destination_id = header:sub(layout.first.destination_connection, layout.last.destination_connection)
  packet.opening = read.destination_connection(header) == 0
  packet.system, packet.asks = read.system_packet(header), read.acknowledgement_request(header)
  packet.attention, packet.ends = read.attention(header), read.end_of_record(header)
  packet.type, packet.sequence = read.datastream_type(header), read.sequence(header)
  packet.acknowledge, packet.allocation = read.acknowledgement(header), read.allocation(header)
  packet.modulus, packet.header, packet.length = layout.modulus, header, length - front
  packet.id, packet.attention_octet, packet.data = nil, nil, nil
  if packet.system then return end
  local id = packet_id()
  packet.id = id and tostring(id.value) or nil
  if not complete then return end
  if packet.attention and packet.length == 1 then packet.attention_octet = unpack_octets(whole, front + 1) end
  if keep and packet.length <= most_of_record and joined < most_of_all then
    packet.data = whole:sub(front + 1, length)
  end
end

local function keep_records(result, frame)
  for _, record in ipairs(result.records or {}) do
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

local function show_values(result, tree)
  local values = result.values
  for at = 1, #values, 2 do
    local name, number = values[at], values[at + 1]
    if times[name] then
      local whole = math.floor(number)
      number = NSTime.new(whole, math.floor((number - whole) * 1e9 + 0.5))
    end
    tree:add(fields[name], number):set_generated()
  end
  for _, record in ipairs(result.records or {}) do
    local branch = tree:add(fields["seqwire.spp.record"], record.number):set_generated()
    branch:add(fields["seqwire.spp.record_octets"], record.octets):set_generated()
    branch:add(fields["seqwire.spp.record_type"], record.type):set_generated()
    for _, piece in ipairs(record.frames) do
      branch:add(fields["seqwire.spp.record_frame"], piece):set_generated()
    end
    if record.data then
      branch:add(ByteArray.new(record.data, true):tvb("Record " .. record.number)(), "Data of the record")
    end
  end
  if result.record_in then tree:add(fields["seqwire.spp.record_in"], result.record_in):set_generated() end
end

local function show_result(result, pinfo, tree)
  local reports, info = result.reports, result.summary or ""
  for at = 1, #reports, 2 do
    local words, detail = words_of_item[reports[at]], reports[at + 1]
    tree:add_proto_expert_info(experts[reports[at]], words)
    info = info .. " [" .. words .. (detail ~= "" and ": " .. detail or "") .. "]"
  end
  if info ~= "" then pinfo.cols.info:append(info) end
end

local function judge(tvb, pinfo, there, reported, visible)
  local keep = protocol.prefs.join and (visible or gui_enabled())
  local whole = tvb:raw(0, (keep or protocol.prefs.checksum) and there or math.min(there, most_of_headers))
  local length, type = read_idp.length(whole), read_idp.next_header(whole)
  local result = {values = {}, reports = nothing}
  if length < idp_octets or length > reported then
    result.reports = {"seqwire.length_mismatch", "says " .. length .. " octets, " .. reported .. " are there"}
    return result
  end
  local status, right = checksum_status(whole, length)
  result.values = {"seqwire.checksum_status", status, right and "seqwire.checksum_calculated", right}
  local layout = sequenced[type]
  if status == 0 then
    result.reports = {"seqwire.checksum_bad", string.format("0x%04x would be right", right)}
  elseif type == layouts[quoting].selector then
    result.reports = {"seqwire.error_packet", ""}
  elseif layout and length < idp_octets + layout.octets then
    result.reports = {"seqwire.spp.refused", "no room for the header"}
  elseif layout and #whole >= idp_octets + layout.octets then
    take_facts(whole, pinfo, layout, length, keep)
    analyse(packet, result)
    keep_records(result, pinfo.number)
    result.summary = string.format(" seq %d ack %d alloc %d len %d", packet.sequence, packet.acknowledge,
                                   packet.allocation, packet.length)
  end
  return result
end

local stock = DissectorTable.get("ethertype"):get_dissector(0x0600)
local registered  -- this dissector, as Wireshark knows it once all scripts are loaded

function protocol.dissector(tvb, pinfo, tree)
  local there = tvb:len()
  local result = results[pinfo.number]
  if there >= idp_octets and (not result or not pinfo.visited) then
    -- Without a tree nobody can say which interface saw it; then this pass is not the one that is looked at.
    result = (interface_id() or frame_number()) and judge(tvb, pinfo, there, tvb:reported_len(), tree.visible)
    results[pinfo.number] = result or nil
  end
  -- This cuts the buffer to IDP's length; what it makes of a packet that is cut off stands in the tree.
  pcall(stock.call, stock, tvb, pinfo, tree)
  if not result then return there end
  registered = registered or Dissector.get("seqwire")
  local wanted = tree:referenced(registered)
  if wanted or #result.reports > 0 then tree = tree:add(protocol, tvb(0, math.min(idp_octets, tvb:len()))) end
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
  local length, told = read_idp.length(whole), read_idp.checksum(whole)
  local on_wire = length + length % 2
  if length < idp_octets or on_wire ~= tvb:reported_len() or read_idp.hop_count(whole) > 16 then return false end
  if told ~= 0xffff and there == on_wire and checksum_of(whole) ~= told then return false end
  pinfo.conversation = protocol
  protocol.dissector(tvb, pinfo, tree)
  return true
end)
