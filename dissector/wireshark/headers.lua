-- Headers from the catalogue: their fields, their dissection, what is behind them; the carriers; what the analysis is
-- told and what it is asked. IDP itself, and SPP behind it, are left to Wireshark's own dissectors.

local unpack_octets = string.byte
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

-- How to read a field of a header that stands in a string: one bit as a boolean, all else as a number.
local function reader(field)
  local at, below = math.floor(field.bit_offset / 8) + 1, 8 - field.bit_offset % 8 - field.bits
  if field.bits == 1 then
    return function(header) return unpack_octets(header, at) % 2 ^ (below + 1) >= 2 ^ below end
  elseif field.bits < 8 then
    return function(header) return math.floor(unpack_octets(header, at) / 2 ^ below) % 2 ^ field.bits end
  elseif field.bits == 16 then
    return function(header)
      local high, low = unpack_octets(header, at, at + 1)
      return high * 256 + low
    end
  end
  local last = at + field.bits / 8 - 1
  return function(header)
    local number = 0
    for each = at, last do number = number * 256 + unpack_octets(header, each) end
    return number
  end
end

-- By the name of a layout and a role: how to read the field, and its octets' place.
for _, layout in ipairs(catalogue) do
  layout.read, layout.first, layout.last = {}, {}, {}
  for role, field in pairs(layout.by_role) do
    layout.read[role] = reader(field)
    layout.first[role], layout.last[role] = field.bit_offset / 8 + 1, (field.bit_offset + field.bits) / 8
  end
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
  local read_selector = layout.read.next_header
  local selector = read_selector and read_selector(tvb:raw(offset, layout.octets))
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
