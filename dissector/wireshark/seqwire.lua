-- The seqwire dissector for Wireshark 4.0 and later, made by `seqwire wireshark generate`: the header catalogue
-- of the program that made it, and behind it the parts that are written by hand. docs/wireshark.md tells of it.
-- BSD-2-Clause, as all of seqwire.

local catalogue = {
  {name = "idp", octets = 30,
   documentation = "Internet Datagram Protocol header (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "checksum", bit_offset = 0, bits = 16, role = "checksum",
     documentation = "Rotating ones' complement sum of all that follows; 0xffff: not checked"},
    {name = "length", bit_offset = 16, bits = 16, role = "length",
     documentation = "Octets of header and data, without the garbage octet"},
    {name = "transport_control", bit_offset = 32, bits = 8, role = "hop_count",
     documentation = "Internetwork routers passed so far"},
    {name = "packet_type", bit_offset = 40, bits = 8, role = "next_header",
     documentation = "Which protocol the data belongs to",
     values = {[1] = "Routing Information", [2] = "Echo", [3] = "Error", [4] = "Packet Exchange", [5] = "Sequenced Packet"}},
    {name = "destination_network", bit_offset = 48, bits = 32, role = "destination_network",
     documentation = "Network of the receiver; 0: this one"},
    {name = "destination_host", bit_offset = 80, bits = 48, role = "destination_host",
     documentation = "Host of the receiver: its Ethernet address"},
    {name = "destination_socket", bit_offset = 128, bits = 16, role = "destination_socket",
     documentation = "Socket of the receiver"},
    {name = "source_network", bit_offset = 144, bits = 32, role = "source_network",
     documentation = "Network of the sender; 0: this one"},
    {name = "source_host", bit_offset = 176, bits = 48, role = "source_host",
     documentation = "Host of the sender: its Ethernet address"},
    {name = "source_socket", bit_offset = 224, bits = 16, role = "source_socket",
     documentation = "Socket of the sender"},
  }},
  {name = "xns_rip", octets = 2, behind = "idp", selector = 1,
   documentation = "Routing Information Protocol header (Internet Transport Protocols, XSIS 028112); entries follow",
   fields = {
    {name = "operation", bit_offset = 0, bits = 16, role = "none",
     documentation = "What this packet is",
     values = {[1] = "Request", [2] = "Response"}},
  }},
  {name = "xns_rip_entry", octets = 6, behind = "xns_rip", repeated = true,
   documentation = "Entry of a routing packet (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "network", bit_offset = 0, bits = 32, role = "none",
     documentation = "The network; 0xffffffff in a request: all of them"},
    {name = "metric", bit_offset = 32, bits = 16, role = "none",
     documentation = "Routers to pass on the way there; 16: it cannot be reached"},
  }},
  {name = "xns_echo", octets = 2, behind = "idp", selector = 2,
   documentation = "Echo protocol header (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "operation", bit_offset = 0, bits = 16, role = "none",
     documentation = "What is asked for",
     values = {[1] = "Request", [2] = "Reply"}},
  }},
  {name = "xns_error", octets = 4, behind = "idp", selector = 3,
   documentation = "Error protocol header (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "number", bit_offset = 0, bits = 16, role = "error_number",
     documentation = "What went wrong",
     values = {[0] = "Unspecified at Destination", [1] = "Bad Checksum at Destination", [2] = "No Such Socket", [3] = "Resource Limit", [4] = "Listener Rejects", [5] = "Invalid Packet Type", [6] = "Protocol Violation", [512] = "Unspecified En Route", [513] = "Bad Checksum En Route", [514] = "Destination Unreachable", [515] = "Too Many Hops", [516] = "Too Big", [517] = "Congestion Warning", [518] = "Congestion Discard"}},
    {name = "parameter", bit_offset = 16, bits = 16, role = "error_parameter",
     documentation = "Depends on the number; the largest size for Too Big"},
  }},
  {name = "xns_pex", octets = 6, behind = "idp", selector = 4,
   documentation = "Packet Exchange Protocol header (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "id", bit_offset = 0, bits = 32, role = "none",
     documentation = "Chosen by the requester, the same in the reply and in repeated requests"},
    {name = "client_type", bit_offset = 32, bits = 16, role = "next_header",
     documentation = "Which client protocol the data belongs to",
     values = {[0] = "Unspecified", [1] = "Time", [2] = "Clearinghouse", [8] = "Teledebug"}},
  }},
  {name = "xns_time", octets = 4, behind = "xns_pex", selector = 1,
   documentation = "Time Protocol header (Time Protocol, Xerox System Integration Standard)",
   fields = {
    {name = "version", bit_offset = 0, bits = 16, role = "none",
     documentation = "Of the protocol: 2"},
    {name = "operation", bit_offset = 16, bits = 16, role = "next_header",
     documentation = "Request or response; a response has the time behind it",
     values = {[1] = "Request", [2] = "Response"}},
  }},
  {name = "xns_time_of_day", octets = 20, behind = "xns_time", selector = 2,
   documentation = "Time of day in a Time response (Time Protocol, Xerox System Integration Standard)",
   fields = {
    {name = "seconds", bit_offset = 0, bits = 32, role = "none",
     documentation = "Since 1901-01-01 00:00 UTC"},
    {name = "direction", bit_offset = 32, bits = 16, role = "none",
     documentation = "Of the time zone from Greenwich",
     values = {[0] = "West", [1] = "East"}},
    {name = "offset_hours", bit_offset = 48, bits = 16, role = "none",
     documentation = "Of the time zone, hours"},
    {name = "offset_minutes", bit_offset = 64, bits = 16, role = "none",
     documentation = "Of the time zone, minutes"},
    {name = "summer_time_begin", bit_offset = 80, bits = 16, role = "none",
     documentation = "Day of the year before which summer time begins; 0: none"},
    {name = "summer_time_end", bit_offset = 96, bits = 16, role = "none",
     documentation = "Day of the year before which summer time ends; 0: none"},
    {name = "error_known", bit_offset = 112, bits = 16, role = "none",
     documentation = "1: the error is known"},
    {name = "error", bit_offset = 128, bits = 32, role = "none",
     documentation = "By how much the time may be wrong, milliseconds"},
  }},
  {name = "spp", octets = 12, behind = "idp", selector = 5,
   documentation = "Sequenced Packet Protocol header (Internet Transport Protocols, XSIS 028112)",
   fields = {
    {name = "system", bit_offset = 0, bits = 1, role = "system_packet",
     documentation = "System packet: carries no data and takes no sequence number"},
    {name = "send_acknowledgement", bit_offset = 1, bits = 1, role = "acknowledgement_request",
     documentation = "Asks for a prompt answer"},
    {name = "attention", bit_offset = 2, bits = 1, role = "attention",
     documentation = "Out of band: exactly one octet of data, told on arrival"},
    {name = "end_of_message", bit_offset = 3, bits = 1, role = "end_of_record",
     documentation = "Last packet of a message"},
    {name = "reserved", bit_offset = 4, bits = 4, role = "reserved",
     documentation = "Zero when sent, ignored when received"},
    {name = "datastream_type", bit_offset = 8, bits = 8, role = "datastream_type",
     documentation = "Chosen by the client; 254 asks to close, 255 answers",
     values = {[254] = "Close Request", [255] = "Close Reply"}},
    {name = "source_connection", bit_offset = 16, bits = 16, role = "source_connection",
     documentation = "Connection id given by the sender; never 0"},
    {name = "destination_connection", bit_offset = 32, bits = 16, role = "destination_connection",
     documentation = "Connection id given by the receiver; 0 while unknown"},
    {name = "sequence", bit_offset = 48, bits = 16, role = "sequence",
     documentation = "Number of this packet; in a system packet the next one to be sent"},
    {name = "acknowledge", bit_offset = 64, bits = 16, role = "acknowledgement",
     documentation = "First number not yet received"},
    {name = "allocation", bit_offset = 80, bits = 16, role = "allocation",
     documentation = "Highest number the peer may send"},
  }},
}

-- Installed, and named on the command line as well: once is enough, unless the two know other headers.
local known = {}
for at, layout in ipairs(catalogue) do known[at] = layout.name end
known = table.concat(known, " ")
if _G.seqwire_knows == known then return end
if _G.seqwire_knows then error("a seqwire dissector of other headers is loaded already: " .. _G.seqwire_knows, 0) end
_G.seqwire_knows = known

-- The analysis: connections of sequenced packets as one interface saw them. Owns what is remembered between packets;
-- knows headers only by the roles of their fields, and nothing of trees. docs/wireshark.md has each item's condition.
-- Numbers are absolute here: the field's 16 bits unwrapped around what was seen last.

-- Everything that is reported: {severity, group, words}. The name is the filter.
local items = {
  ["seqwire.checksum_bad"] = {"ERROR", "CHECKSUM", "Checksum is wrong"},
  ["seqwire.length_mismatch"] = {"ERROR", "MALFORMED", "Length is impossible"},
  ["seqwire.error_packet"] = {"NOTE", "RESPONSE_CODE", "Somebody refused a packet"},
  ["seqwire.spp.refused"] = {"ERROR", "PROTOCOL", "No receiver takes this packet"},
  ["seqwire.spp.retransmission"] = {"NOTE", "SEQUENCE", "Retransmission"},
  ["seqwire.spp.network_duplicate"] = {"NOTE", "SEQUENCE", "Copy made by the network"},
  ["seqwire.spp.repeated"] = {"NOTE", "SEQUENCE", "Retransmission or a copy made by the network"},
  ["seqwire.spp.spurious_retransmission"] = {"NOTE", "SEQUENCE", "Had been acknowledged before"},
  ["seqwire.spp.changed"] = {"ERROR", "SEQUENCE", "Same number, another packet"},
  ["seqwire.spp.out_of_order"] = {"WARN", "SEQUENCE", "Out of order"},
  ["seqwire.spp.gap"] = {"WARN", "SEQUENCE", "Packets before this one were not seen here"},
  ["seqwire.spp.duplicate_ack"] = {"NOTE", "SEQUENCE", "Duplicate acknowledgement"},
  ["seqwire.spp.ack_of_unsent"] = {"WARN", "SEQUENCE", "Acknowledges what was not seen here"},
  ["seqwire.spp.ack_regress"] = {"ERROR", "SEQUENCE", "Acknowledgement goes back"},
  ["seqwire.spp.allocation_full"] = {"NOTE", "SEQUENCE", "Last packet that is permitted"},
  ["seqwire.spp.zero_allocation"] = {"WARN", "SEQUENCE", "Permits nothing"},
  ["seqwire.spp.allocation_update"] = {"CHAT", "SEQUENCE", "Permits more"},
  ["seqwire.spp.allocation_shrunk"] = {"ERROR", "SEQUENCE", "Takes a permission back"},
  ["seqwire.spp.window_violation"] = {"ERROR", "SEQUENCE", "Beyond what is permitted"},
  ["seqwire.spp.probe"] = {"NOTE", "SEQUENCE", "Asks for an answer"},
  ["seqwire.spp.probe_answer"] = {"NOTE", "SEQUENCE", "Answers"},
  ["seqwire.spp.wrong_ids"] = {"WARN", "PROTOCOL", "Connection ids of no connection"},
  ["seqwire.spp.ids_reused"] = {"NOTE", "SEQUENCE", "Ids of a connection that has closed"},
  ["seqwire.spp.opening_again"] = {"NOTE", "SEQUENCE", "The opening once more"},
  ["seqwire.spp.attention"] = {"CHAT", "SEQUENCE", "Attention"},
  ["seqwire.spp.close_request"] = {"CHAT", "SEQUENCE", "Asks to close"},
  ["seqwire.spp.close_reply"] = {"CHAT", "SEQUENCE", "Answers the close"},
  ["seqwire.spp.after_close"] = {"WARN", "SEQUENCE", "Data after the close"},
}

local close_request_type, close_reply_type = 254, 255

local connections             -- how many there have been
local by_ends                 -- both ends, from one to the other -> side
local by_key                  -- the octets of a packet that say between which ends -> side: by_ends, remembered
local by_end                  -- one end and the other's host -> side: the latest
local openings                -- opener's end and the other's host -> side

-- What is found out about the packet at hand.
local values, value_count = {}, 0  -- name, number, name, number, ...
local nothing = {}                 -- shared by all that report nothing
local reports, records = nothing, nil
local function report(name, words)
  if reports == nothing then reports = {} end
  reports[#reports + 1], reports[#reports + 2] = name, words
end
local function value(name, number)
  values[value_count + 1], values[value_count + 2] = name, number
  value_count = value_count + 2
end

-- All of it in one table as small as can be, since each frame has one: the values, {name, words, ...}, the records that
-- it completes, and a summary. Begins anew for the next packet.
local unpack = table.unpack
local function take_result(summary)
  local result = {reports = reports, records = records, summary = summary, unpack(values, 1, value_count)}
  value_count, reports, records = 0, nothing, nil
  return result
end

local function forget_connections()
  connections, by_ends, by_key, by_end, openings = 0, {}, {}, {}, {}
end

-- The number nearest to `reference` that is `wire` on the wire.
local function unwrap(wire, reference, modulus)
  local distance = (wire - reference) % modulus
  if distance >= modulus / 2 then distance = distance - modulus end
  return reference + distance
end

-- A connection has two sides: `end_name` is host, socket and connection id as octets, nil while nobody has told it.
local function new_connection(end_1, end_2)
  local connection = {index = connections, views = {}}
  connections = connections + 1
  connection[1] = {connection = connection, number = 1, end_name = end_1}
  connection[2] = {connection = connection, number = 2, end_name = end_2}
  return connection
end

local function bind(connection)
  local one, two = connection[1], connection[2]
  by_ends[one.end_name .. two.end_name], by_ends[two.end_name .. one.end_name] = one, two
  by_end[one.end_name .. two.end_name:sub(1, 6)], by_end[two.end_name .. one.end_name:sub(1, 6)] = one, two
end

-- Its ids may come again.
local function unbind(connection)
  local one, two = connection[1].end_name, connection[2].end_name
  if two then by_ends[one .. two], by_ends[two .. one] = nil, nil end
  by_key = {}
end

local function view_of(connection, interface)
  local view = connection.views[interface]
  if not view then
    view = {{packets = {}, records = 0}, {packets = {}, records = 0}, seen = {}, completeness = 0}
    connection.views[interface] = view
  end
  return view
end

-- The sending side of a packet, and which item its ids are worth.
local function side_of(packet)
  local side = not packet.opening and by_key[packet.key]
  if side then return side end
  local own, peer = packet.both_ends()
  if packet.opening then
    local key = own .. peer:sub(1, 6)
    side = openings[key]
    local view = side and view_of(side.connection, packet.interface)
    if side and not view.closed then return side, view.seen.opening and "seqwire.spp.opening_again" end
    if side then unbind(side.connection) end
    openings[key] = new_connection(own, nil)[1]
    return openings[key], side and "seqwire.spp.ids_reused"
  end
  side = by_ends[own .. peer]
  by_key[packet.key] = side
  if side then return side end
  local opened = openings[peer .. own:sub(1, 6)]
  if opened and not opened.connection[2].end_name then
    opened.connection[2].end_name = own
    bind(opened.connection)
    return opened.connection[2]
  end
  local contradicted = by_end[own .. peer:sub(1, 6)]
  if contradicted then return contradicted, "seqwire.spp.wrong_ids" end
  contradicted = by_end[peer .. own:sub(1, 6)]
  if contradicted then
    return contradicted.connection[3 - contradicted.number], "seqwire.spp.wrong_ids"
  end
  local connection = new_connection(own, peer)
  bind(connection)
  return connection[1]
end

local completeness_bits = {opening = 1, answer = 2, open = 4, data = 8, close_request = 16, close_reply = 32,
                           closed = 64}

local function has_seen(view, what)
  if view.seen[what] then return end
  view.seen[what] = true
  view.completeness = view.completeness + completeness_bits[what]
end

local function state_of(view)
  if view.closed then return "closed" end
  if view.seen.close_request or view.seen.close_reply then return "closing" end
  if view.seen.open or not view.from_start then return "open" end
  return view.seen.answer and "answered" or "opening"
end

local function see_opening(packet, view, side)
  if packet.opening then
    if not view.seen.anything then
      view.from_start = true
      for each = 1, 2 do
        view[each].next, view[each].acknowledged, view[each].deliver, view[each].synced = 0, 0, 0, true
      end
    end
    has_seen(view, "opening")
  elseif view.from_start then
    has_seen(view, side.number == 2 and "answer" or "open")
  end
  view.seen.anything = true
end

-- Whether its place in time among the packets of its sender is certain: they are in order where they were emitted,
-- and a packet that carries the highest number yet was sent after all others.
local function is_newest(packet, own)
  return packet.emitted_here() or
         not packet.system and own.next and unwrap(packet.sequence, own.next, packet.modulus) >= own.next
end

-- What the packet acknowledges of the other direction. Returns the absolute number, and whether it was news.
local function see_acknowledgement(packet, own, other, answers)
  local before = other.acknowledged
  local number = unwrap(packet.acknowledge, before or other.next or packet.acknowledge, packet.modulus)
  if other.next and number > other.next then
    report("seqwire.spp.ack_of_unsent", "everything before " .. number .. "; " .. other.next .. " was not seen here")
    return number, false
  end
  local told = own.allocation_told
  own.allocation_told = packet.allocation
  if not before or number > before then
    local last = other.packets[number - 1]
    if last then
      value("seqwire.spp.acks_frame", last.frame)
      if not last.repeated then value("seqwire.spp.ack_rtt", packet.time - last.time) end
    end
    other.acknowledged = number
    own.acknowledging_frame, own.duplicates = packet.frame, 0
    return number, before ~= nil
  end
  if number < before then
    if is_newest(packet, own) then
      report("seqwire.spp.ack_regress", "everything before " .. before .. ", now before " .. number)
    end
  elseif packet.system and not packet.asks and not packet.opening and not answers and other.next and
         other.next > number and told == packet.allocation and own.acknowledging_frame then
    own.duplicates = own.duplicates + 1
    report("seqwire.spp.duplicate_ack", "number " .. own.duplicates)
    value("seqwire.spp.duplicate_ack_number", own.duplicates)
    value("seqwire.spp.duplicate_ack_frame", own.acknowledging_frame)
  end
  if not own.acknowledging_frame then own.acknowledging_frame, own.duplicates = packet.frame, 0 end
  return number, false
end

-- What the packet permits the other direction to send.
local function see_allocation(packet, own, other, acknowledged, news, open)
  local before = other.permitted
  local number = unwrap(packet.allocation, before or acknowledged, packet.modulus)
  if number < acknowledged then
    report("seqwire.spp.zero_allocation", "up to " .. number .. "; the next is " .. acknowledged)
  end
  if before and number < before then
    if news or is_newest(packet, own) then
      report("seqwire.spp.allocation_shrunk", "up to " .. before .. ", now up to " .. number)
    end
    return
  end
  if before and number > before and packet.system and not news and open then
    report("seqwire.spp.allocation_update", "by " .. number - before)
  end
  other.permitted = number
end

-- Which item a packet is worth whose number was seen before: who made the copy, its sender or the network?
local function kind_of_copy(packet, known)
  if packet.id and known.ids[packet.id] then return "seqwire.spp.network_duplicate" end
  if packet.emitted_here() or packet.id and known.ids[1] or known.header ~= packet.header then
    return "seqwire.spp.retransmission"
  end
  return "seqwire.spp.repeated"
end

local function see_repeated(packet, own, number, known)
  value("seqwire.spp.repeats", known.frame)
  value("seqwire.spp.repeated_after", packet.time - known.time)
  if known.length ~= packet.length or known.type ~= packet.type or known.ends ~= packet.ends or
     (known.attention or false) ~= packet.attention then
    report("seqwire.spp.changed", "frame " .. known.frame .. " has the same number")
  end
  known.ids = known.ids or {known.id, [known.id or 0] = true}
  local item = kind_of_copy(packet, known)
  report(item, "of frame " .. known.frame)
  if item ~= "seqwire.spp.network_duplicate" and own.acknowledged and number < own.acknowledged then
    report("seqwire.spp.spurious_retransmission", "of frame " .. known.frame)
  end
  known.repeated, known.time, known.header = true, packet.time, packet.header
  if packet.id then known.ids[packet.id] = true end
end

local function see_place(packet, own, number)
  local expected = own.next
  if not expected then
    own.first = number
  elseif number < expected then
    if own.first and number < own.first then
      return report("seqwire.spp.repeated", "sent first before the capture began")
    end
    report("seqwire.spp.out_of_order", "number " .. number .. " behind " .. expected - 1)
  elseif number > expected then
    report("seqwire.spp.gap", number - expected .. " missing")
    value("seqwire.spp.missing", number - expected)
  end
  if own.permitted and not packet.attention then
    if number > own.permitted then
      report("seqwire.spp.window_violation", "number " .. number .. ", permitted up to " .. own.permitted)
    elseif number == own.permitted then
      report("seqwire.spp.allocation_full", "number " .. number)
    end
  end
end

local function see_close(packet, view, own, other, number)
  if packet.type == close_request_type then
    report("seqwire.spp.close_request", "")
    has_seen(view, "close_request")
    own.close_request = own.close_request or packet.frame
  elseif packet.type == close_reply_type then
    report("seqwire.spp.close_reply", "")
    local answered = other.close_reply or other.close_request
    if answered then value("seqwire.spp.close_frame", answered) end
    own.close_reply = own.close_reply or packet.frame
    has_seen(view, "close_reply")
    if other.close_reply then
      has_seen(view, "closed")
      view.closed = true
    end
  elseif own.close_number and number > own.close_number then
    return report("seqwire.spp.after_close", "number " .. number .. "; the close was " .. own.close_number)
  else
    return
  end
  own.close_number = own.close_number or number
end

local function end_record(own, record)
  record.number = own.records
  own.records = own.records + 1
  records = records or {}
  records[#records + 1] = record
end

-- One packet more of the record that is being joined. A record ends with its mark, or where its datastream type does.
local function join(own, piece)
  local record = own.joining
  if record and record.type ~= piece.type then
    end_record(own, record)
    record = nil
  end
  if own.synced then
    record = record or {frames = {}, octets = 0, type = piece.type, data = {}}
    record.frames[#record.frames + 1] = piece.frame
    record.octets = record.octets + piece.length
    record.data[#record.data + 1] = piece.data
    if piece.ends then
      end_record(own, record)
      record = nil
    end
  elseif piece.ends then
    own.synced = true
  end
  own.joining = record
  piece.data = nil
end

-- Joins what has come in order to records, beginning where a record begins.
local function deliver(own)
  while own.deliver < own.next do
    local piece = own.packets[own.deliver]
    if piece then
      if not piece.attention and piece.type < close_request_type then join(own, piece) end
    elseif own.acknowledged and own.deliver < own.acknowledged then
      -- Acknowledged and never seen here: whatever record it was of has no whole copy in this capture.
      own.joining, own.synced = nil, false
    else
      return
    end
    own.deliver = own.deliver + 1
  end
end

local function see_data(packet, view, own, other)
  local number = unwrap(packet.sequence, own.next or own.acknowledged or packet.sequence, packet.modulus)
  value("seqwire.spp.number", number)
  if packet.attention then
    report("seqwire.spp.attention", packet.attention_octet and "octet " .. packet.attention_octet or "")
    if packet.attention_octet then value("seqwire.spp.attention_octet", packet.attention_octet) end
  end
  local known = own.packets[number]
  if known then return see_repeated(packet, own, number, known) end
  has_seen(view, "data")
  see_place(packet, own, number)
  see_close(packet, view, own, other, number)
  -- Eight members, for which Lua makes room exactly.
  local piece = {frame = packet.frame, time = packet.time, header = packet.header, length = packet.length,
                 type = packet.type, ends = packet.ends, id = packet.id, data = packet.data}
  if packet.attention then piece.attention = true end
  own.packets[number], own.packets[number - packet.modulus / 2] = piece, nil
  if not own.next or number >= own.next then own.next = number + 1 end
  own.deliver = own.deliver or number
  deliver(own)
  if own.acknowledged then value("seqwire.spp.packets_in_flight", own.next - own.acknowledged) end
end

local function see_probe(packet, own, other, was_open)
  if packet.asks and was_open then
    local stopped = own.permitted and own.next and own.next > own.permitted
    report("seqwire.spp.probe", stopped and "nothing is permitted" or "")
    own.probe = packet.frame
  elseif other.probe and not packet.asks then
    report("seqwire.spp.probe_answer", "the one in frame " .. other.probe)
    value("seqwire.spp.probe_frame", other.probe)
    other.probe = nil
  end
end

-- Why every receiver refuses the packet, or nil.
local function refusal(packet)
  if packet.nameless then return "its source connection is 0" end
  if packet.system and packet.length > 0 then return "a system packet with data" end
  if packet.attention and packet.length ~= 1 then return "an attention of " .. packet.length .. " octets" end
  if not packet.system and packet.type >= close_request_type and packet.length > 0 then return "a close with data" end
end

-- What the packet's interface can know of it: reports, values, and the records that it completes.
local function analyse(packet)
  local refused = refusal(packet)
  if refused then return report("seqwire.spp.refused", refused) end
  local side, item = side_of(packet)
  value("seqwire.spp.stream", side.connection.index)
  if item then report(item, "") end
  if item == "seqwire.spp.wrong_ids" then return end
  local view = view_of(side.connection, packet.interface)
  local own, other = view[side.number], view[3 - side.number]
  local was_open = view.seen.open or view.seen.anything and not view.from_start
  see_opening(packet, view, side)
  local answers = other.probe and packet.system and not packet.asks
  local acknowledged, news = see_acknowledgement(packet, own, other, answers)
  see_allocation(packet, own, other, acknowledged, news, was_open)
  if packet.system then see_probe(packet, own, other, was_open) else see_data(packet, view, own, other) end
  value("seqwire.spp.state", state_of(view))
  value("seqwire.spp.completeness", view.completeness)
end

-- Headers from the catalogue: their fields, their dissection, what is behind them; the carriers; what the analysis is
-- told and what it is asked. IDP itself, and SPP behind it, are left to Wireshark's own dissectors.

local protocol = Proto("seqwire", "seqwire analysis")
local layouts, behind = {}, {}  -- by name; by the name of the header in front
for _, layout in ipairs(catalogue) do
  layouts[layout.name] = layout
  if layout.behind then
    behind[layout.behind] = behind[layout.behind] or {}
    table.insert(behind[layout.behind], layout)
  end
  layout.by_role = {}
  for _, field in ipairs(layout.fields) do
    if field.role ~= "none" and not layout.by_role[field.role] then layout.by_role[field.role] = field end
  end
end

-- A function that reads these fields of a header in a string, `skip` octets from its beginning: one bit as a boolean,
-- all else as a number. It is compiled, because one that goes through the fields is much slower.
local function reader(fields, skip)
  local wanted, most, expressions = {}, 0, {}
  for _, field in ipairs(fields) do
    local at, below = math.floor(field.bit_offset / 8) + 1, 8 - field.bit_offset % 8 - field.bits
    local last = at + math.max(field.bits / 8, 1) - 1
    local text = string.format("o%d", at)
    if field.bits == 1 then
      text = string.format("o%d %% %d >= %d", at, 2 ^ (below + 1), 2 ^ below)
    elseif field.bits < 8 then
      text = string.format("floor(o%d / %d) %% %d", at, 2 ^ below, 2 ^ field.bits)
    end
    for octet = at + 1, last do text = string.format("(%s) * 256 + o%d", text, octet) end
    for octet = at, last do wanted[octet] = true end
    most, expressions[#expressions + 1] = math.max(most, last), text
  end
  local lines, run = {"local byte, floor = string.byte, math.floor", "return function(header)"}, {}
  for octet = 1, most + 1 do
    if wanted[octet] then
      run[#run + 1] = string.format("o%d", octet)
    elseif #run > 0 then
      lines[#lines + 1] = string.format("local %s = byte(header, %d, %d)", table.concat(run, ", "),
                                        skip + octet - #run, skip + octet - 1)
      run = {}
    end
  end
  lines[#lines + 1] = "return " .. table.concat(expressions, ", ") .. " end"
  return load(table.concat(lines, "\n"))()
end

-- A reader for the fields of a layout that have these roles, in that order.
local function reader_of(layout, skip, ...)
  local fields = {}
  for at, role in ipairs({...}) do fields[at] = layout.by_role[role] end
  return reader(fields, skip)
end

-- By role, the place of a field's octets.
for _, layout in ipairs(catalogue) do
  layout.first, layout.last = {}, {}
  for role, field in pairs(layout.by_role) do
    layout.first[role], layout.last[role] = field.bit_offset / 8 + 1, (field.bit_offset + field.bits) / 8
  end
  layout.read_selector = layout.by_role.next_header and reader_of(layout, 0, "next_header")
end

-- ---- fields ----

local hexadecimal = {checksum = true, destination_network = true, destination_socket = true, source_network = true,
                     source_socket = true, source_connection = true, destination_connection = true}

local function words_of(name)
  return (name:gsub("_", " "):gsub("^%l", string.upper))
end

local function make_field(prefix, field)
  local filter, words = prefix .. "." .. field.name, words_of(field.name)
  local base_of = hexadecimal[field.role] and base.HEX or base.DEC
  if field.role == "destination_host" or field.role == "source_host" then
    return ProtoField.ether(filter, words, field.documentation)
  elseif field.bits < 8 then
    local mask = (2 ^ field.bits - 1) * 2 ^ (8 - field.bit_offset % 8 - field.bits)
    if field.bits == 1 then return ProtoField.bool(filter, words, 8, nil, mask, field.documentation) end
    return ProtoField.uint8(filter, words, base_of, field.values, mask, field.documentation)
  elseif field.bits > 32 then
    return ProtoField.uint64(filter, words, base_of, field.values, nil, field.documentation)
  end
  return ProtoField["uint" .. field.bits](filter, words, base_of, field.values, nil, field.documentation)
end

-- Two sets for each header: its own, and one for its copy inside an Error packet. Idp and spp are Wireshark's own.
local quoting = "xns_error"
local protocols, own_fields, quoted_fields = {}, {}, {}
local function fields_of(layout, prefix)
  local set = {}
  for _, field in ipairs(layout.fields) do set[field.name] = make_field(prefix, field) end
  return set
end
for _, layout in ipairs(catalogue) do
  if layout.name ~= "idp" and layout.name ~= "spp" then
    protocols[layout.name] = Proto(layout.name, layout.documentation)
    own_fields[layout.name] = fields_of(layout, layout.name)
    protocols[layout.name].fields = own_fields[layout.name]
  end
end
for _, layout in ipairs(catalogue) do
  quoted_fields[layout.name] = fields_of(layout, quoting .. "." .. layout.name)
  protocols[quoting].fields = quoted_fields[layout.name]
end

-- ---- dissection ----

-- Adds a header at `offset` and what stands behind it; returns how far it came and what the named values say.
local function show(layout, tvb, offset, tree, sets, named)
  local there = tvb:len() - offset
  if there < layout.octets then
    if there > 0 then tree:add(tvb(offset, there), words_of(layout.name) .. ": cut off") end
    return tvb:len()
  end
  local branch = tree:add(tvb(offset, layout.octets), layout.documentation)
  for _, field in ipairs(layout.fields) do
    local width = math.max(1, field.bits / 8)
    local range = tvb(offset + math.floor(field.bit_offset / 8), width)
    branch:add(sets[layout.name][field.name], range)
    local name = field.values and field.bits >= 8 and field.values[range:uint64():tonumber()]
    if name then table.insert(named, name) end
  end
  local selector = layout.read_selector and layout.read_selector(tvb:raw(offset, layout.octets))
  offset = offset + layout.octets
  if layout.name == quoting then return show(layouts.idp, tvb, offset, branch, quoted_fields, {}) end
  for _, following in ipairs(behind[layout.name] or {}) do
    if not following.selector or following.selector == selector then
      repeat
        offset = show(following, tvb, offset, tree, sets, named)
      until not following.repeated or offset >= tvb:len()
      return offset
    end
  end
  if offset < tvb:len() then tree:add(tvb(offset), "Data (" .. tvb:len() - offset .. " octets)") end
  return tvb:len()
end

for _, layout in ipairs(behind.idp) do
  local own = protocols[layout.name]
  if own then
    function own.dissector(tvb, pinfo, tree)
      local named = {}
      pinfo.cols.protocol = layout.name:upper():gsub("_", " ")
      show(layout, tvb, 0, tree:add(own, tvb()), own_fields, named)
      pinfo.cols.info = table.concat(named, ", ")
      return tvb:len()
    end
    DissectorTable.get("idp.packet_type"):add(layout.selector, own)
  end
end

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
