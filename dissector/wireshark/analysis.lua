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
